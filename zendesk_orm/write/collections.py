"""Additions to collections and removals from them, which keep the changes of others.

Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/tags/
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, cast

from attrs import frozen

from zendesk_orm import signals
from zendesk_orm.api.endpoint import Verb
from zendesk_orm.errors import FieldError
from zendesk_orm.http.request import Request
from zendesk_orm.messages import display
from zendesk_orm.schema.members import Members
from zendesk_orm.schema.options import Options
from zendesk_orm.schema.record import Record
from zendesk_orm.session.action_bodies import request_of
from zendesk_orm.session.responses import malformed, object_in
from zendesk_orm.session.session import Session
from zendesk_orm.signals import announce, report
from zendesk_orm.write.calls import call_for
from zendesk_orm.write.change import Change, path_of
from zendesk_orm.write.conflicts import ADD_TAGS, REMOVE_TAGS
from zendesk_orm.write.member_changes import TagEffect


#: The actions that change tags.
_TAG_ACTIONS = {"add": "add_tags", "remove": "remove_tags", "set": "set_tags"}


class TagChange(Protocol):
    """The value of `F("tags") + ["a"] - ["b"]`."""

    @property
    def name(self) -> str:
        """The field."""
        ...

    @property
    def added(self) -> Sequence[str]:
        """The values that are added."""
        ...

    @property
    def removed(self) -> Sequence[str]:
        """The values that are removed."""
        ...


def split_tag_changes(
    meta: Options, values: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """Return the values to be set, and the payload of tags that are added or removed.

    Args:
        meta: the options of the model.
        values: the arguments of `update()`.

    Raises:
        FieldError: values are added to another field than the tags of tickets.

    Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#updating-tag-lists
    """
    changes = {name: value for name, value in values.items() if _is_tag_change(value)}
    payload: dict[str, list[str]] = {}
    for name, value in changes.items():
        change = cast("TagChange", value)
        meta.get_field(name)
        if meta.singular != "ticket" or name != "tags" or change.name != name:
            raise FieldError(
                f"{name}=F({display(change.name)}) + [...] must be tags=F('tags') + [...] of "
                "tickets, the "
                "only field that Zendesk adds to in bulk; read the objects, edit them and use "
                "bulk_update()"
            )
        meta.fields[name].clean(change.added)
        if change.added:
            payload[ADD_TAGS] = list(change.added)
        if change.removed:
            payload[REMOVE_TAGS] = list(change.removed)
    return {name: value for name, value in values.items() if name not in changes}, payload


def _is_tag_change(value: Any) -> bool:
    """Return True for a value of the form `F("tags") + ["a"]`."""
    return all(hasattr(value, part) for part in ("name", "added", "removed"))


def change_members(
    session: Session, record: Record, name: str, action: str, values: list[Any]
) -> None:
    """Add members to a field of an object, remove members, or set them; sends `m2m_changed`.

    Args:
        session: the session to send with.
        record: the object.
        name: the field.
        action: `add`, `remove` or `set`.
        values: the members.

    Raises:
        ApiError, TransportError.
    """
    record.attach_if_bare(session)
    steps = _steps(record, name, action, values)
    for step, members in steps:
        _announce(session, record, name, f"pre_{step}", members)
    change = _TagUpdate if name == "tags" else _MemberUpdate
    session.sender.submit(change(session, record, name, action, values))
    first: Exception | None = None
    for step, members in steps:
        try:
            _announce(session, record, name, f"post_{step}", members)
        except Exception as error:  # noqa: BLE001, PERF203 - the first is raised after all signals
            if first is not None:
                report(error, "raised by a receiver of m2m_changed")
            first = first or error
    if first is not None:
        raise first


def _steps(
    record: Record, name: str, action: str, values: list[Any]
) -> list[tuple[str, list[Any]]]:
    """Return the additions and removals that signals report."""
    if action != "set":
        return [(action, values)]
    before = record._meta.fields[name].peek(record) or []
    removed = [value for value in before if value not in values]
    added = [value for value in values if value not in before]
    steps = (("remove", removed), ("add", added))
    return [(step, members) for step, members in steps if members]


def _announce(session: Session, record: Record, name: str, action: str, members: list[Any]) -> None:
    """Send `m2m_changed`."""
    field: Any = record._meta.fields[name]
    announce(
        signals.m2m_changed,
        type(record),
        instance=record,
        action=action,
        field=name,
        model=getattr(field, "target", None),
        pk_set=[str(member) if isinstance(member, dict) else member for member in members],
        reverse=False,
        using=session.alias,
    )


@frozen(eq=False)
class _TagUpdate:
    """A change of the tags of an object, ready to be sent."""

    session: Session
    record: Record
    name: str
    action: str
    values: list[str]

    def send(self) -> None:
        """Send the tags, and update the row from the response."""
        session, record = self.session, self.record
        data = call_for(session, record, _TAG_ACTIONS[self.action], {"tags": self.values})
        # The row keeps its version stamp, so that a save checks for other changes first.
        self._update_row(self.values if data is None else _tags_in(data))

    def defer(self, unit: Any) -> None:
        """Add the tags to a batch or a dry run."""
        values = tuple(self.values)
        effect = {
            "add": TagEffect(added=values),
            "remove": TagEffect(removed=values),
            "set": TagEffect(replacement=values),
        }[self.action]
        change = Change(
            "update",
            self.record,
            names=frozenset({"tags"}),
            bulk_values=frozenset({"tags"}),
            tags=effect,
        )
        unit.add(change, self.session)

    def _update_row(self, tags: list[str]) -> None:
        """Put tags into the row; unsaved edits of the tags stay."""
        record = self.record
        row = type(record._row)({**record._row, "tags": tags})
        self.session.store(record, row, written=("tags",), has_time=False)


@frozen(eq=False)
class _MemberUpdate:
    """A change of the members of an object, such as followers, ready to be sent."""

    session: Session
    record: Record
    name: str
    action: str
    values: list[Any]

    def _payload(self) -> dict[str, Any]:
        """Return the payload."""
        field: Any = self.record._meta.fields[self.name]
        members: Members[Any] = field
        return members.payload(self.record, self.action, self.values)

    def send(self) -> None:
        """Send the members, and update the object from the response."""
        session, record = self.session, self.record
        meta = record._meta
        endpoint = meta.endpoint(Verb.UPDATE)
        body = {meta.envelope: self._payload()}
        request = Request(endpoint.method, path_of(endpoint, record), json=body)
        response = session.transport.send(request)
        session.store(record, object_in(request, response, meta.envelope))

    def defer(self, unit: Any) -> None:
        """Add the members to a batch or a dry run."""
        members = tuple((self.name, self.action, value) for value in self.values)
        change = Change("update", self.record, names=frozenset(), members=members)
        unit.add(change, self.session)


def _tags_in(data: Any) -> list[str]:
    """Return the tags in the response to a change of tags.

    Raises:
        MalformedResponse: it contains no list of texts.
    """
    tags = data.get("tags") if isinstance(data, dict) else None
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise malformed(request_of(data), f"the body has no list of tags: {display(data)}")
    return tags
