"""The change of one object: computed before it is sent, applied to the object afterwards."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import Any, Literal

from attrs import Factory, evolve, frozen

from zendesk_orm.api.endpoint import Endpoint
from zendesk_orm.errors import InvalidValue
from zendesk_orm.schema import custom
from zendesk_orm.schema.arguments import require_names
from zendesk_orm.schema.fields import Attribute, Ref, column
from zendesk_orm.schema.merging import forget_bases, row_with_bases
from zendesk_orm.schema.record import Record
from zendesk_orm.schema.row import Row, copy_json


Action = Literal["create", "update", "delete"]
#: The old and the new value of fields.
Edits = Mapping[str, tuple[Any, Any]]


@frozen(eq=False)
class Change:
    """A change of one object.

    Attributes:
        action: `create`, `update` or `delete`.
        record: the object.
        edits: the changed fields, each with the old and the new value, as signals report them.
        body: the values to send, by wire name, without ids that are not known yet.
        unsaved: wire name -> an object without an id, whose id is to be sent.
        unsaved_custom: custom field -> an object without an id that it refers to.
        names: the fields that may be sent; None for all.
        unknown: the edited fields whose old value is unknown: only the id of the row was known.
        diff: all unsaved edits of the object, including those that are not sent.
        bulk_values: fields whose new values were passed to a bulk method, and are not edits of
            the object.
        sends_signals: whether `post_save` or `post_delete` is sent.
        safe: whether changes of others are not overwritten; None for the default of the model.
        root_keys: keys of the request body next to the object.
        session: the session to send with; None for that of the batch.
        tags: in a batch, the `TagEffect` of the calls and saves.
        members: in a batch, the calls that add and remove members.
    """

    action: Action
    record: Record
    edits: Edits = Factory(dict)
    body: Mapping[str, Any] = Factory(dict)
    unsaved: Mapping[str, Record] = Factory(dict)
    unsaved_custom: Mapping[str, Record] = Factory(dict)
    names: frozenset[str] | None = None
    unknown: frozenset[str] = frozenset()
    diff: Edits = Factory(dict)
    bulk_values: frozenset[str] = frozenset()
    sends_signals: bool = True
    safe: bool | None = None
    root_keys: Mapping[str, Any] = Factory(dict)
    session: Any = None
    tags: Any = None
    members: tuple[tuple[str, str, Any], ...] = ()

    def with_tags(self, effect: Any) -> Change:
        """Return the change with an effect on tags."""
        return evolve(self, tags=effect)

    def with_edits(self, edits: Edits) -> Change:
        """Return the change with other values for some fields; the others stay as they are.

        Of custom fields the payload contains only those that were edited, so it stays.
        """
        fields = [self.record._meta.fields[name] for name in edits]
        values = {
            field.wire: field.serialize(edits[field.name][1])
            for field in fields
            if field.kind.part is None or field.wire not in self.body
        }
        return evolve(self, edits={**self.edits, **edits}, body={**self.body, **values})

    def without(self, names: Container[str]) -> Change:
        """Return the change without some fields, which need not be sent any more."""
        fields = self.record._meta.fields
        dropped = {
            fields[name].wire if name in fields else name for name in self.edits if name in names
        }
        return evolve(
            self,
            edits={name: edit for name, edit in self.edits.items() if name not in names},
            body={wire: value for wire, value in self.body.items() if wire not in dropped},
            unsaved={
                wire: related for wire, related in self.unsaved.items() if wire not in dropped
            },
        )

    def copy_for(self, session: Any) -> Change:
        """Return the change for a session, with copies of lists that the object may edit."""
        edits = {
            name: (old, copy_json(new) if isinstance(new, (list, dict)) else new)
            for name, (old, new) in self.edits.items()
        }
        body = {
            wire: copy_json(value) if isinstance(value, (list, dict)) else value
            for wire, value in self.body.items()
        }
        return evolve(self, edits=edits, body=body, session=session)

    @property
    def payload(self) -> dict[str, Any]:
        """The values to send, with the present ids of related objects."""
        payload = {
            **self.body,
            **{wire: related.pk for wire, related in self.unsaved.items()},
            **{field.wire: field.serialize(part) for field, part in self._related_parts()},
        }
        for relation, related in self._inline_relations() if self.unsaved else ():
            del payload[relation.id.wire]
            payload[self.record._meta.fields[relation.new].wire] = relation.inline(related)
        if self.unsaved_custom:
            payload |= self.record.to_payload([custom.holder(self.record._meta).name])
        return payload

    @property
    def dependencies(self) -> tuple[Record, ...]:
        """The objects that have to be saved first."""
        parts = (part.__dict__[n] for _, part in self._related_parts() for n in part.unsaved)
        return (*self.unsaved.values(), *self.unsaved_custom.values(), *parts)

    def _related_parts(self) -> list[tuple[Attribute[Any], Record]]:
        """Return the nested records, such as a comment, to which related objects were assigned."""
        fields = self.record._meta.fields
        return [
            (fields[name], new)
            for name, (_, new) in self.edits.items()
            if isinstance(new, Record)
            and any(
                isinstance(new.__dict__.get(relation), Record) for relation in new._meta.relations
            )
        ]

    def is_inline(self, related: Record) -> bool:
        """Return True if Zendesk can create a related object together with this one."""
        try:
            return any(new is related for _, new in self._inline_relations())
        except InvalidValue:
            return False

    def _inline_relations(self) -> list[tuple[Ref[Any], Record]]:
        """Return the relations to objects that are created together with this one.

        Raises:
            InvalidValue: a related object has values that Zendesk does not accept.
        """
        unsaved = self.unsaved
        return [
            (relation, unsaved[relation.id.wire])
            for relation in self.record._meta.relations.values()
            if relation.id.wire in unsaved
            and unsaved[relation.id.wire].pk is None
            and relation.inline(unsaved[relation.id.wire]) is not None
        ]

    @property
    def creates(self) -> bool:
        """Whether the object is created."""
        return self.action == "create"

    @property
    def is_empty(self) -> bool:
        """Whether nothing is to be sent."""
        return self.action == "update" and not self.edits

    @property
    def write_only(self) -> list[str]:
        """The fields of which every request adds another value, such as a comment."""
        fields = self.record._meta.fields
        return [
            name
            for name in self.edits
            if name in fields and not fields[name].readable and name not in self.bulk_values
        ]

    @property
    def checked_fields(self) -> list[str]:
        """The edits that must not overwrite changes of others, unless their model allows it."""
        safe = self.record._meta.safe if self.safe is None else self.safe
        unchecked = self.bulk_values | self.unknown
        return [name for name in self.edits if name not in unchecked] if safe else []

    @property
    def sent_fields(self) -> list[str]:
        """The fields whose present value is the one that was sent.

        Fields that were edited since the change was computed are still edits.
        """
        record, payload, fields = self.record, self.payload, self.record._meta.fields
        inline = self._inline_relations() if self.unsaved else ()
        return [
            name
            for name in (*self.edits, *(relation.new for relation, _ in inline))
            if name in fields
            and name in record.__dict__
            and fields[name].serialize_changes(record._row, record.__dict__[name])
            == payload.get(fields[name].wire)
        ]


def compute_change(
    record: Record, names: frozenset[str] | None = None, *, force_insert: bool = False
) -> Change:
    """Return the change that a save of an object would send.

    Args:
        record: the object; without an id it is created.
        names: the fields that may be sent; None for all.
        force_insert: whether the object is created although it has an id, with all its values.
    """
    fields, diff = record._meta.fields, record.changes()
    forget_bases(record, diff)
    creates = record.pk is None or force_insert
    edits: dict[str, tuple[Any, Any]] = dict(diff)
    if force_insert and record.pk is not None:
        edits = {**_all_values(record), **edits}
    relations = record._meta.relations
    related = {relations[name].id.name: record.__dict__[name] for name in record.unsaved}
    # The id is not known yet, so that it may be equal to that of the row: None.
    edits.update((name, (None, None)) for name in related if name not in edits)
    row = row_with_bases(record)
    payload = _payload_of(record, diff, names, row)
    if names is not None:
        edits = {n: edit for n, edit in edits.items() if n in names or fields[n].wire in payload}
    for name, (_, new) in edits.items():
        payload.setdefault(fields[name].wire, fields[name].serialize(new))
    unsaved = {fields[name].wire: value for name, value in related.items() if name in edits}
    unsaved_custom = custom.get_unsaved_objects(record)
    if unsaved_custom:
        holder = custom.holder(record._meta)
        edits.setdefault(holder.name, (holder.peek(record), dict(unsaved_custom)))
    action: Action = "create" if creates else "update"
    unknown = _unknown_fields(record, edits, row)
    return Change(action, record, edits, payload, unsaved, unsaved_custom, names, unknown, diff)


def _unknown_fields(record: Record, names: Iterable[str], row: Row) -> frozenset[str]:
    """Return the fields with some names whose old value is not in the row of an object."""
    fields = record._meta.fields
    return frozenset([n for n in names if fields[n].wire not in row and fields[n].readable])


def _payload_of(
    record: Record, diff: Edits, names: Iterable[str] | None, row: Row
) -> dict[str, Any]:
    """Return edits by wire name; of declared custom fields, only those in `names`."""
    fields = record._meta.fields
    chosen = diff if names is None else [name for name in names if name in diff]
    payload = {
        fields[name].wire: fields[name].serialize_changes(row, diff[name][1]) for name in chosen
    }
    declared = [name for name in names or () if name in record._meta.declared]
    payload = {**custom.parts(record, declared), **payload} if declared else payload
    return record._complete_payload(payload)


def bulk_change(action: Any, record: Record, payload: Any) -> Change:
    """Return the change that a bulk operation makes to one object; it sends no signals.

    Args:
        action: `create`, `update` or `delete`.
        record: the object.
        payload: the values to send, with related objects that have no id yet.
    """
    if action == "delete":
        return Change("delete", record, sends_signals=False)
    fields = {field.wire: field for field in record._meta.fields.values()}
    unsaved = {wire: value for wire, value in payload.items() if isinstance(value, Record)}
    body = {wire: value for wire, value in payload.items() if wire != "id"}
    body |= dict.fromkeys(unsaved)
    diff = record.changes()
    own_edits = {
        name: edit
        for name, edit in diff.items()
        if (wire := record._meta.fields[name].wire) in body
        and record._meta.fields[name].serialize(edit[1]) == body[wire]
    }
    edits = {
        fields[wire].name if wire in fields else wire: (
            fields[wire].read(record._row) if wire in fields else None,
            value,
        )
        for wire, value in body.items()
    }
    return Change(
        action,
        record,
        {**edits, **own_edits},
        body,
        unsaved,
        names=frozenset(edits),
        unknown=_unknown_fields(record, own_edits, row_with_bases(record)),
        bulk_values=frozenset(edits.keys() - own_edits.keys()),
        sends_signals=False,
    )


def with_unsaved_objects(record: Record, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return a payload with related objects without an id in place of their ids.

    In a batch they are saved before the payload is sent.
    """
    relations = record._meta.relations
    wires = {relations[name].id.wire: record.__dict__[name] for name in record.unsaved}
    return {wire: wires.get(wire, value) for wire, value in payload.items()}


def field_names(record: Record, names: Iterable[str] | None) -> frozenset[str] | None:
    """Return the fields with some names, with a relation replaced by its id.

    Raises:
        FieldError: a field does not exist.
        InvalidValue: the names are not a list.
    """
    if names is None:
        return None
    return frozenset(
        record._meta.updated_names("update_fields", require_names("update_fields", names))
    )


def _all_values(record: Record) -> dict[str, tuple[Any, Any]]:
    """Return all editable values of an object as edits of a new one."""
    edits = {}
    for name, field in record._meta.fields.items():
        value = field.peek(record) if field.editable and field.readable else None
        if value is not None and value != []:
            edits[name] = (None, value)
    return edits


def path_of(endpoint: Endpoint, record: Record) -> str:
    """Return the path of an endpoint, with placeholders filled in from the row of an object."""
    meta, row = type(record)._meta, record._row
    values = {name: row.get(column(meta.get_field(name)).wire) for name in endpoint.placeholders}
    return endpoint.fill_path(values)
