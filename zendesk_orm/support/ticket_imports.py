"""Imported tickets: what happened elsewhere, with the dates of then.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_import/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Union

from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.values import dump_datetime
from zendesk_orm.schema.accounts import require_many, require_relations
from zendesk_orm.schema.arguments import require_values
from zendesk_orm.schema.values import KINDS
from zendesk_orm.session.session import Session
from zendesk_orm.support.comments import Comment
from zendesk_orm.write import bulk, by_action
from zendesk_orm.write.batches import Item
from zendesk_orm.write.bulk import Conflicts, Creation
from zendesk_orm.write.manner import Manner
from zendesk_orm.write.outcomes import BulkResult


if TYPE_CHECKING:
    from zendesk_orm.support.tickets import Ticket

#: A new ticket; or its values, and those of its past.
Imported = Union["Ticket", Mapping[str, Any]]

#: What only an import may say of a ticket.
_MOMENTS = ("created_at", "updated_at", "solved_at")
_PAST = frozenset({*_MOMENTS, "comments", "description", "via"})


def prepared(session: Session, model: Any, given: Any) -> tuple[Any, dict[str, Any]]:
    """Return a new ticket, and what is sent to import it.

    Raises:
        FieldError, InvalidValue: a name or a value that is invalid; or nothing is said.
    """
    ticket, past = _split(session, model, given)
    if session.outbox is None:
        ticket.settle_relations()
    return ticket, _payload(session, ticket, past)


def run(
    session: Session,
    model: Any,
    given: Iterable[Imported],
    conflicts: Conflicts,
    manner: Manner,
    *,
    archive: bool,
) -> BulkResult:
    """Import tickets, a hundred to a job.

    Raises:
        BulkError: some failed; it carries the result of all.
        FieldError, InvalidValue: before anything of it is sent.
    """
    # The result holds the tickets, so that no other object has the id of one of them.
    pasts: dict[int, Mapping[str, Any]] = {}

    def split(each: Any) -> Any:
        ticket, pasts[id(ticket)] = _split(session, model, each)
        return ticket

    def body(items: list[Item]) -> Any:
        return {"tickets": [item.payload for item in items]}

    params = {"archive_immediately": archive or None}
    creation = Creation(
        "import_many",
        by_action.carrier(model, "import_many", body, params),
        lambda ticket: _payload(session, ticket, pasts[id(ticket)]),
        backdated=True,
    )
    found = require_many(given, "import_many")
    tickets = map(split, found)
    objects = list(tickets) if isinstance(given, Sequence) else tickets
    return bulk.create(session, model, objects, conflicts, manner, creation=creation)


def _split(session: Session, model: Any, given: Any) -> tuple[Any, dict[str, Any]]:
    """Return a new ticket, and those of its values that only an import takes.

    Raises:
        FieldError, InvalidValue: a name or a value that is invalid.
    """
    values = {} if isinstance(given, model) else require_values("a ticket to import", given)
    past = {name: values.pop(name) for name in _PAST & values.keys()}
    ticket = given if isinstance(given, model) else model(**values)
    if ticket.pk is not None:
        raise InvalidValue(f"{ticket!r} exists already; an import makes new tickets")
    ticket.attach_to(session)
    return ticket, past


def _payload(session: Session, ticket: Any, past: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is sent to import a ticket.

    Raises:
        InvalidValue: a value is invalid, or nothing is said.
    """
    payload = {**ticket.to_payload(), **_told(session, past)}
    if not payload.keys() & {"comment", "comments", "description"}:
        raise InvalidValue(
            "an import needs comments=[{'body': ..., 'created_at': ...}], comment, or description"
        )
    return payload


def _told(session: Session, past: Mapping[str, Any]) -> dict[str, Any]:
    told = dict(past)
    for name in _MOMENTS:
        if name in told:
            told[name] = _moment(name, told[name])
    if "comments" in told:
        told["comments"] = [_comment(session, each) for each in told["comments"]]
    return told


def _comment(session: Session, given: Any) -> dict[str, Any]:
    """Return a comment of an import, which may be dated back."""
    if isinstance(given, str):
        return {"body": given}
    if isinstance(given, Comment):
        require_relations(given, session)
        return given.to_payload()
    values = dict(given)
    at = values.pop("created_at", None)
    comment = Comment(**values)
    require_relations(comment, session)
    payload = comment.to_payload()
    return payload if at is None else {**payload, "created_at": _moment("created_at", at)}


def _moment(name: str, value: Any) -> str:
    """Return a moment as it is sent.

    Raises:
        InvalidValue: it is none, or has no time zone.
    """
    if not isinstance(value, datetime):
        raise InvalidValue(f"{name}: wants a datetime, not {value!r}")
    return dump_datetime(KINDS["datetime"].accept(value))
