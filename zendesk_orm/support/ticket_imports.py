"""Imported tickets: what happened elsewhere, with the dates of then.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_import/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Union

from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.values import dump_datetime
from zendesk_orm.schema.accounts import require_relations
from zendesk_orm.schema.values import KINDS
from zendesk_orm.session.session import Session
from zendesk_orm.support.comments import Comment
from zendesk_orm.write import by_action, settling
from zendesk_orm.write.batches import Item, Way
from zendesk_orm.write.operation import Manner
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
        FieldError, InvalidValue: a name or a value that is none; or nothing is said.
    """
    values = {} if isinstance(given, model) else dict(given)
    past = {name: values.pop(name) for name in _PAST & values.keys()}
    ticket = given if isinstance(given, model) else model(**values)
    if ticket.pk is not None:
        raise InvalidValue(f"{ticket!r} exists already; an import makes new tickets")
    ticket.attach_to(session)
    if session.outbox is None:
        ticket.settle_relations()
    payload = {**ticket.to_payload(), **_told(session, past)}
    if not payload.keys() & {"comment", "comments", "description"}:
        raise InvalidValue(
            "an import wants what was said: comments=[{'body': ..., 'created_at': ...}], "
            "comment, or description"
        )
    return ticket, payload


def run(
    session: Session, model: Any, given: Iterable[Imported], manner: Manner, *, archive: bool
) -> BulkResult:
    """Import tickets, a hundred to a job.

    Raises:
        BulkError: some failed; it carries the result of all.
        FieldError, InvalidValue: before anything of it is sent.
    """
    bodies: dict[int, dict[str, Any]] = {}

    def tickets() -> Iterator[Any]:
        for each in given:
            ticket, payload = prepared(session, model, each)
            bodies[id(ticket)] = payload
            yield ticket

    def body(items: list[Item]) -> Any:
        return {"tickets": [item.payload for item in items]}

    params = {"archive_immediately": archive or None}
    carrier = by_action.carrier(model, "import_many", body, params)
    way = Way("create", lambda ticket: bodies[id(ticket)], carrier, settling.created)
    return by_action.run(session, model, "import_many", way, tickets(), manner)


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
