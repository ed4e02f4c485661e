"""Imports of tickets from other systems, with their original dates and comments.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_import/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Union

from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.values import dump_datetime
from zendesk_orm.messages import display
from zendesk_orm.schema.accounts import require_many, require_relations
from zendesk_orm.schema.arguments import require_values
from zendesk_orm.schema.values import KINDS
from zendesk_orm.session.session import Session
from zendesk_orm.support.tickets.comments import Comment
from zendesk_orm.write.bulk.creation import Creation, create
from zendesk_orm.write.bulk.requests import Entry, ResolvedOptions, action_bodies
from zendesk_orm.write.bulk.results import BulkResult
from zendesk_orm.write.bulk.upserts import Conflicts


if TYPE_CHECKING:
    from zendesk_orm.support.tickets.tickets import Ticket

#: A new ticket, or its values, including those that only imports accept.
TicketImport = Union["Ticket", Mapping[str, Any]]

_DATES = ("created_at", "updated_at", "solved_at")
#: Values of a ticket that only imports accept.
_IMPORT_ONLY = frozenset({*_DATES, "comments", "description", "via"})


def prepare(session: Session, model: Any, source: TicketImport) -> tuple[Any, dict[str, Any]]:
    """Return a new ticket, and the payload that imports it.

    Raises:
        FieldError, InvalidValue: a name or value is invalid, or the comment is missing.
    """
    ticket, history = _split(session, model, source)
    session.sender.resolve_relations(ticket)
    return ticket, _payload(session, ticket, history)


def import_tickets(
    session: Session,
    model: Any,
    sources: Iterable[TicketImport],
    conflicts: Conflicts,
    options: ResolvedOptions,
    *,
    archive: bool,
) -> BulkResult:
    """Import tickets in jobs of a hundred.

    Raises:
        BulkError: some tickets failed; `.result` contains all outcomes.
        FieldError, InvalidValue: a ticket is invalid; its request was not sent.
    """
    # The result references the tickets, so their `id()` cannot be reused.
    histories: dict[int, Mapping[str, Any]] = {}

    def split(source: Any) -> Any:
        ticket, histories[id(ticket)] = _split(session, model, source)
        return ticket

    def body(entries: list[Entry]) -> Any:
        return {"tickets": [entry.payload for entry in entries]}

    params = {"archive_immediately": archive or None}
    creation = Creation(
        "import_many",
        action_bodies(model, "import_many", body, params),
        lambda ticket: _payload(session, ticket, histories[id(ticket)]),
        backdated=True,
    )
    tickets = map(split, require_many(sources, "import_many"))
    objects = list(tickets) if isinstance(sources, Sequence) else tickets
    return create(session, model, objects, conflicts, options, creation=creation)


def _split(session: Session, model: Any, source: Any) -> tuple[Any, dict[str, Any]]:
    """Return a new ticket, and those of its values that only imports accept.

    Raises:
        FieldError, InvalidValue: a name or value is invalid.
    """
    values = {} if isinstance(source, model) else require_values("a ticket to import", source)
    history = {name: values.pop(name) for name in _IMPORT_ONLY & values.keys()}
    ticket = source if isinstance(source, model) else model(**values)
    if ticket.pk is not None:
        raise InvalidValue(f"{display(ticket)} exists already; only new tickets can be imported")
    ticket.attach_to(session)
    return ticket, history


def _payload(session: Session, ticket: Any, history: Mapping[str, Any]) -> dict[str, Any]:
    """Return the payload that imports a ticket.

    Raises:
        InvalidValue: a value is invalid, or the comment is missing.
    """
    payload = {**ticket.to_payload(), **_dump_history(session, history)}
    if not payload.keys() & {"comment", "comments", "description"}:
        raise InvalidValue(
            "an import needs comments=[{'body': ..., 'created_at': ...}], comment, or description"
        )
    return payload


def _dump_history(session: Session, history: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that only imports accept, as they are sent."""
    payload = dict(history)
    for name in _DATES:
        if name in payload:
            payload[name] = _dump_date(name, payload[name])
    if "comments" in payload:
        payload["comments"] = [_dump_comment(session, item) for item in payload["comments"]]
    return payload


def _dump_comment(session: Session, source: Any) -> dict[str, Any]:
    """Return the payload of an imported comment, with its original date."""
    if isinstance(source, str):
        return {"body": source}
    if isinstance(source, Comment):
        require_relations(source, session)
        source.resolve_unsaved_relations()
        return source.to_payload()
    values = dict(source)
    created_at = values.pop("created_at", None)
    comment = Comment(**values)
    require_relations(comment, session)
    comment.resolve_unsaved_relations()
    payload = comment.to_payload()
    if created_at is not None:
        payload["created_at"] = _dump_date("created_at", created_at)
    return payload


def _dump_date(name: str, value: Any) -> str:
    """Return a datetime as it is sent.

    Raises:
        InvalidValue: `value` is not a datetime, or has no time zone.
    """
    if not isinstance(value, datetime):
        raise InvalidValue(f"{name} must be a datetime, not {display(value)}")
    return dump_datetime(KINDS["datetime"].accept(value))
