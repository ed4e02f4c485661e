"""What is to be changed of one object, as it was when `save()` or `delete()` was called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from attrs import field, frozen

from zendesk_orm.schema import custom
from zendesk_orm.schema.record import Record


Action = Literal["create", "update", "delete"]


@frozen(eq=False)
class Change:
    """What is to be done to one object.

    Attributes:
        action: `create`, `update` or `delete`.
        record: the object.
        edits: field -> (old, new), as the signals tell.
        body: the same as it is sent, by wire name, without the ids that it needs.
        needs: wire name -> an object that has no id yet, and whose id is to be sent.
        given: fields whose new values were given to a bulk method, and are no edits of the object.
        pending: custom field -> an object that has no id yet, to which it leads.
        wanted: the fields that may be sent; None for all.
        announced: whether `post_save` or `post_delete` tells of it.
        beside: what the body says beside the object.
        session: where to; None for the session of the batch that it waits in.
    """

    action: Action
    record: Record
    edits: Mapping[str, tuple[Any, Any]] = field(factory=dict)
    body: Mapping[str, Any] = field(factory=dict)
    needs: Mapping[str, Record] = field(factory=dict)
    wanted: frozenset[str] | None = None
    announced: bool = True
    beside: Mapping[str, Any] = field(factory=dict)
    session: Any = None
    pending: Mapping[str, Record] = field(factory=dict)
    given: frozenset[str] = frozenset()

    @property
    def payload(self) -> dict[str, Any]:
        """What is sent, with the ids that the objects have that it needs."""
        sent = {**self.body, **{wire: each.pk for wire, each in self.needs.items()}}
        if self.pending:
            sent |= self.record.to_payload([custom.holder(self.record._meta).name])
        return sent

    @property
    def waits_for(self) -> tuple[Record, ...]:
        """The objects that have to be saved before it."""
        return (*self.needs.values(), *self.pending.values())

    @property
    def created(self) -> bool:
        """Whether the object is made by it."""
        return self.action == "create"

    @property
    def empty(self) -> bool:
        """Whether there is nothing to send."""
        return self.action == "update" and not self.edits

    @property
    def adds(self) -> bool:
        """Whether it sends what never comes back, and would be there twice if sent twice."""
        fields = self.record._meta.fields
        return any(name in fields and not fields[name].readable for name in self.edits)


def change_of(
    record: Record, wanted: frozenset[str] | None = None, *, force_insert: bool = False
) -> Change:
    """Return what a save of an object would send.

    Args:
        record: the object; without an id it is created.
        wanted: the fields that may be sent; None for all.
        force_insert: whether it is created although it has an id, with all that is known of it.
    """
    fields = record._meta.fields
    edits = record.changes()
    if force_insert and record.pk is not None:
        edits = {**_known(record), **edits}
    payload = record.to_payload(edits if wanted is None else wanted)
    if wanted is not None:
        edits = {n: edit for n, edit in edits.items() if n in wanted or fields[n].wire in payload}
    for name, (_, new) in edits.items():
        payload.setdefault(fields[name].wire, fields[name].dumped(new))
    relations = record._meta.relations
    needs = {
        relations[name].id.wire: record.__dict__[name]
        for name in record.unsaved
        if relations[name].id.name in edits
    }
    action: Action = "create" if record.pk is None or force_insert else "update"
    pending = custom.unsaved(record)
    if pending:
        held = custom.holder(record._meta)
        edits = {**edits, held.name: edits.get(held.name, (held.known(record), dict(pending)))}
    return Change(action, record, edits, payload, needs, wanted, pending=pending)


def prepared_change(action: Any, record: Record, payload: Any) -> Change:
    """Return what a bulk operation would do to one object; no signal tells of each.

    Args:
        action: `create`, `update` or `delete`.
        record: the object.
        payload: what would be sent of it.
    """
    if action == "delete":
        return Change("delete", record, announced=False)
    fields = {each.wire: each for each in record._meta.fields.values()}
    body = {wire: value for wire, value in payload.items() if wire != "id"}
    own = _own_edits(record, body)
    edits = {
        fields[wire].name if wire in fields else wire: (
            fields[wire].loaded(record._row) if wire in fields else None,
            value,
        )
        for wire, value in body.items()
    }
    wanted = frozenset(edits)
    return Change(
        action,
        record,
        {**edits, **own},
        body,
        wanted=wanted,
        announced=False,
        given=wanted - own.keys(),
    )


def _own_edits(record: Record, body: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return the edits of an object that a body sends."""
    fields = record._meta.fields
    return {
        name: edit
        for name, edit in record.changes().items()
        if fields[name].wire in body and fields[name].dumped(edit[1]) == body[fields[name].wire]
    }


def checked(record: Record, names: Iterable[str] | None) -> frozenset[str] | None:
    """Return field names for the given names, where a relation stands for its id.

    Raises:
        FieldError: there is no such field.
    """
    meta = record._meta
    return None if names is None else frozenset(meta.stored(n) for n in names)


def unedited(change: Change) -> list[str]:
    """Return the fields whose edits went out; what was edited since is still an edit."""
    record = change.record
    now, sent, fields = record.to_payload(), change.payload, record._meta.fields
    wires = {name: fields[name].wire for name in change.edits if name in fields}
    return [name for name, wire in wires.items() if wire in now and now[wire] == sent.get(wire)]


def _known(record: Record) -> dict[str, tuple[Any, Any]]:
    """Return all that can be written of a row, as if it were new."""
    found = {}
    for name, each in record._meta.fields.items():
        value = each.known(record) if each.editable and each.readable else None
        if value is not None and value != []:
            found[name] = (None, value)
    return found
