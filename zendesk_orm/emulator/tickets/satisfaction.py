"""Satisfaction ratings by requesters, and reasons for bad ratings.

Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/satisfaction_ratings/
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any

from zendesk_orm.emulator.context import Context, format_timestamp
from zendesk_orm.emulator.crud import reads, resources
from zendesk_orm.emulator.crud.paging import select_page
from zendesk_orm.emulator.messages import Request, Response, Target, is_number
from zendesk_orm.emulator.server.errors import (
    UNCONFIRMED,
    HTTPError,
    field_error,
    invalid_record,
    not_found,
)
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.sql import Where, json_value, where_in
from zendesk_orm.emulator.storage.store import DELETED, StoredRow, dump_json
from zendesk_orm.emulator.tickets import audits, tickets
from zendesk_orm.emulator.tickets.history import SOLVED, load_histories
from zendesk_orm.support import SatisfactionRating, SatisfactionReason, Ticket, User


_RATING, _REASON = SatisfactionRating._meta, SatisfactionReason._meta
_SCORES = ("good", "bad")
#: The reasons of a new account, by code.
_DEFAULT_REASONS = {
    0: "No reason provided",
    100: "Some other reason",
    1000: "The issue took too long to resolve",
    1001: "The issue was not resolved",
    1002: "The agent's knowledge is unsatisfactory",
    1003: "The agent's attitude is unsatisfactory",
}
_HAS_COMMENT = Where(f"ifnull({json_value('comment')}, '') != ''")


@route("POST", "tickets/{ticket}/satisfaction_rating", SatisfactionRating)
def create(context: Context, request: Request, target: Target) -> Response:
    """Create the rating of a ticket, or replace it.

    Raises:
        HTTPError: 403, if the caller is not the verified requester; 422, if the ticket was never
            solved or the score is invalid.
    """
    ticket = resources.get(context, Ticket._meta, target.args[0])
    user = resources.get(context, User._meta, context.user_id).doc
    if ticket.doc["requester_id"] != context.user_id or not user.get("verified", True):
        body = {"error": "Forbidden", "description": "Only the requester can rate"}
        raise HTTPError(403, body, UNCONFIRMED)
    payload = request.get_object("satisfaction_rating")
    if payload.get("score") not in _SCORES:
        raise invalid_record({"score": [field_error("Score: is not valid", "InvalidValue")]})
    (history,) = load_histories(context, [ticket.doc])
    if ticket.doc["status"] not in SOLVED and not history.solve_times():
        text = "Ticket: has never been solved"
        raise invalid_record({"base": [field_error(text, "InvalidValue")]})
    row = _save(context, ticket.doc, payload)
    _update_ticket(context, ticket, row)
    return Response(text=dump_json({"satisfaction_rating": row}))


def _update_ticket(context: Context, stored: StoredRow, rating: Mapping[str, Any]) -> None:
    """Add a rating to its ticket, which is an update with an audit. No triggers run if closed."""
    context.advance_past(stored.doc["updated_at"])
    update = tickets.open_update(context, stored, context.user_id, context.now())
    value = {name: rating[name] for name in ("id", "score", "comment")}
    before = stored.doc["satisfaction_rating"]
    audits.add_event(context, update.audit, "Change", "satisfaction_rating", value, previous=before)
    update.row |= {
        "satisfaction_rating": value,
        "updated_at": context.timestamp(),
        "generated_timestamp": int(context.now()),
    }
    is_closed = stored.doc["status"] == "closed"
    with context.without_rules() if is_closed else nullcontext():
        tickets.finish_update(context, stored, update)


def _save(
    context: Context, ticket: Mapping[str, Any], payload: Mapping[str, Any]
) -> dict[str, Any]:
    """Create or update the rating of a ticket, and return its row."""
    values: dict[str, Any] = {"score": payload["score"], "comment": payload.get("comment")}
    reason_values: dict[str, Any] = dict.fromkeys(("reason", "reason_code", "reason_id"))
    if payload["score"] == "bad":
        code = payload.get("reason_code") or 0
        reason = _find_reason(context, "reason_code", code) or {}
        reason_values = {
            "reason": reason.get("value"),
            "reason_code": code,
            "reason_id": reason.get("id"),
        }
    ratings = context.store.find(_RATING.label, "ticket_id", ticket["id"])
    if ratings:
        row = {**ratings[0], **values, **reason_values, "updated_at": context.timestamp()}
        context.write(_RATING, row)
        return row
    extra: dict[str, Any] = {
        name: ticket[name] for name in ("requester_id", "assignee_id", "group_id")
    }
    extra |= {**reason_values, "ticket_id": ticket["id"]}
    return resources.create(context, _RATING, values, {}, extra).row


@route("GET", "satisfaction_ratings", SatisfactionRating)
def list_rows(context: Context, request: Request, target: Target) -> Response:
    """List ratings, filtered by score and time.

    Raises:
        HTTPError: 400, if the parameters of paging are invalid.
    """
    page = select_page(context, request, target, _build_filter(request))
    return Response(text=reads.render_list(target, page.texts, "", page.metadata))


def _build_filter(request: Request) -> Where:
    """Return the condition of the parameters `score`, `start_time` and `end_time`."""
    where = Where("state < ?", (DELETED,))
    for score in request.params.getlist("score"):
        where &= _where_score(score)
    for name, sign in (("start_time", ">="), ("end_time", "<=")):
        if is_number(request.params.get(name, "")):
            timestamp = format_timestamp(int(request.params[name]))
            where &= Where(f"{json_value('created_at')} {sign} ?", (timestamp,))
    return where


def _where_score(score: str) -> Where:
    """Return the condition of a score such as `good`, `received` or `bad_with_comment`."""
    kind, _, comment = score.partition("_")
    where = where_in(json_value("score"), _SCORES if kind == "received" else (kind,))
    if comment:
        where &= _HAS_COMMENT if comment == "with_comment" else ~_HAS_COMMENT
    return where


@route("GET", "satisfaction_reasons", SatisfactionReason)
def list_reasons(context: Context, request: Request, target: Target) -> Response:
    """List the reasons for bad ratings."""
    return Response(text=dump_json({"reasons": _materialize_reasons(context)}))


@route("GET", "satisfaction_reasons/{id}", SatisfactionReason)
def show_reason(context: Context, request: Request, target: Target) -> Response:
    """Return a reason.

    Raises:
        HTTPError: 404, if the reason does not exist.
    """
    reason = _find_reason(context, "id", target.args[0])
    if reason is None:
        raise not_found()
    return Response(text=dump_json({"reason": reason}))


def _find_reason(context: Context, key: str, value: Any) -> dict[str, Any] | None:
    """Return the reason that has a value under a key, or None if it does not exist."""
    return next((row for row in _materialize_reasons(context) if row[key] == value), None)


def _materialize_reasons(context: Context) -> list[dict[str, Any]]:
    """Return all reasons. The first call creates those of a new account."""
    rows: list[dict[str, Any]] = context.store.select(_REASON.label, Where())
    if not rows:
        for code, value in _DEFAULT_REASONS.items():
            values = {"reason_code": code, "value": value, "raw_value": value}
            rows.append(resources.create(context, _REASON, {}, {}, values).row)
    return rows
