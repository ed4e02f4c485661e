"""Satisfaction ratings, which those give who asked, and the reasons of bad ones.

Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/satisfaction_ratings/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from zendesk_orm.emulator import plain, reads
from zendesk_orm.emulator.measures_history import SOLVED, histories
from zendesk_orm.emulator.paging import page
from zendesk_orm.emulator.refusals import UNCONFIRMED, Refusal, complaint, invalid_record, not_found
from zendesk_orm.emulator.store import DELETED, Where, dumped, value_of
from zendesk_orm.emulator.world import Answer, Call, Target, World, is_number, stamp
from zendesk_orm.support import SatisfactionRating, SatisfactionReason, Ticket, User


_RATING, _REASON = SatisfactionRating._meta, SatisfactionReason._meta
_SCORES = ("good", "bad")
#: The reasons of a new account, by code.
_REASONS = {
    0: "No reason provided",
    100: "Some other reason",
    1000: "The issue took too long to resolve",
    1001: "The issue was not resolved",
    1002: "The agent's knowledge is unsatisfactory",
    1003: "The agent's attitude is unsatisfactory",
}
_COMMENTED = f"ifnull({value_of('comment')}, '') != ''"

Handler = Callable[[World, Call, Target], Answer]


def create(world: World, call: Call, target: Target) -> Answer:
    """Answer with the rating of a ticket; another one takes its place.

    Raises:
        Refusal: somebody else asked for the ticket, it was never solved, or the score is none.
    """
    ticket = plain.stored(world, Ticket._meta, target.places[0])
    person = plain.stored(world, User._meta, world.author).doc
    if ticket.doc["requester_id"] != world.author or not person.get("verified", True):
        body = {"error": "Forbidden", "description": "Only the requester can rate"}
        raise Refusal(403, body, UNCONFIRMED)
    given = call.envelope("satisfaction_rating")
    if given.get("score") not in _SCORES:
        raise invalid_record({"score": [complaint("Score: is not valid", "InvalidValue")]})
    (history,) = histories(world, [ticket.doc])
    if ticket.doc["status"] not in SOLVED and not history.solved():
        text = "Ticket: has never been solved"
        raise invalid_record({"base": [complaint(text, "InvalidValue")]})
    row = _made(world, ticket.doc, given)
    rated = {"id": row["id"], "score": row["score"], "comment": row["comment"]}
    doc = {**ticket.doc, "satisfaction_rating": rated, "updated_at": world.stamp()}
    world.write(Ticket._meta, doc, state=ticket.state, words=ticket.words)
    return Answer(text=dumped({"satisfaction_rating": row}))


def _made(world: World, ticket: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    said: dict[str, Any] = {"score": given["score"], "comment": given.get("comment")}
    told: dict[str, Any] = dict.fromkeys(("reason", "reason_code", "reason_id"))
    if given["score"] == "bad":
        code = given.get("reason_code") or 0
        reason = next((each for each in _reasons(world) if each["reason_code"] == code), {})
        told = {"reason": reason.get("value"), "reason_code": code, "reason_id": reason.get("id")}
    before = world.store.find(_RATING.label, "ticket_id", ticket["id"])
    if before:
        row = {**before[0], **said, **told, "updated_at": world.stamp()}
        world.write(_RATING, row)
        return row
    of: dict[str, Any] = {
        name: ticket[name] for name in ("requester_id", "assignee_id", "group_id")
    }
    also = {**of, **told, "ticket_id": ticket["id"]}
    return plain.create(world, _RATING, said, {}, also).row


def list_rows(world: World, call: Call, target: Target) -> Answer:
    """Answer with a page of the ratings that a score and two moments leave.

    Raises:
        Refusal: the parameters of its paging are none.
    """
    found = page(world, call, target, _asked(call))
    return Answer(text=reads.listing(target, found.texts, "", found.about))


def _asked(call: Call) -> Where:
    where = Where("state < ?", (DELETED,))
    for score in call.params.getlist("score"):
        where &= _scored(score)
    for name, sign in (("start_time", ">="), ("end_time", "<=")):
        if is_number(call.params.get(name, "")):
            moment = stamp(int(call.params[name]))
            where &= Where(f"{value_of('created_at')} {sign} ?", (moment,))
    return where


def _scored(score: str) -> Where:
    kind, _, comment = score.partition("_")
    wanted = _SCORES if kind == "received" else (kind,)
    marks = ", ".join("?" * len(wanted))
    where = Where(f"{value_of('score')} IN ({marks})", wanted)
    if comment:
        said = Where(_COMMENTED)
        where &= said if comment == "with_comment" else ~said
    return where


def list_reasons(world: World, call: Call, target: Target) -> Answer:
    """Answer with all reasons."""
    return Answer(text=dumped({"reasons": _reasons(world)}))


def show_reason(world: World, call: Call, target: Target) -> Answer:
    """Answer with one reason.

    Raises:
        Refusal: there is none.
    """
    pk = target.places[0]
    found = next((each for each in _reasons(world) if each["id"] == pk), None)
    if found is None:
        raise not_found()
    return Answer(text=dumped({"reason": found}))


def _reasons(world: World) -> list[dict[str, Any]]:
    """Return the reasons; they come to be when they are first asked for."""
    found: list[dict[str, Any]] = world.store.docs(_REASON.label, Where())
    if not found:
        for code, value in _REASONS.items():
            also = {"reason_code": code, "value": value, "raw_value": value}
            row = plain.create(world, _REASON, {}, {}, also).row
            found.append(row)
    return found


ROUTES: Mapping[tuple[str, str, str], Handler] = {
    ("GET", "satisfaction_ratings", _RATING.label): list_rows,
    ("POST", "tickets/{}/satisfaction_rating", _RATING.label): create,
    ("GET", "satisfaction_reasons", _REASON.label): list_reasons,
    ("GET", "satisfaction_reasons/{}", _REASON.label): show_reason,
}
