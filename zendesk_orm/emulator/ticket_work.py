"""Lists of tickets that no field tells, and what a ticket is connected with.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from attrs import evolve

from zendesk_orm.api.paging import ONCE
from zendesk_orm.emulator import plain, reads, ticket_redactions, ticket_suspended
from zendesk_orm.emulator.paging import page
from zendesk_orm.emulator.refusals import not_found
from zendesk_orm.emulator.store import ALIVE, ARCHIVED, Where, dumped, value_of
from zendesk_orm.emulator.world import Answer, Call, Target, World
from zendesk_orm.support import JiraLink, Ticket, User


_TICKET, _USER = Ticket._meta.label, User._meta.label
_ALIVE = Where("state = ?", (ALIVE,))
_PROBLEM = _ALIVE & Where(f"{value_of('type')} = 'problem'")
#: How many tickets are the recent ones.
_RECENT = 5


def problems(world: World, call: Call, target: Target) -> Answer:
    """Answer with a page of the problems, those changed last first."""
    found = page(world, call, target, _PROBLEM)
    return Answer(text=reads.listing(target, found.texts, "", found.about))


def autocomplete_problems(world: World, call: Call, target: Target) -> Answer:
    """Answer with the problems whose subject contains a text."""
    text = str(call.body.get("text") or call.params.get("text", ""))
    named = Where(f"instr(lower({value_of('subject')}), ?) > 0", (text.lower(),))
    rows = world.store.docs(_TICKET, _PROBLEM & named) if text else []
    return Answer(text=dumped({"tickets": rows}))


def recent(world: World, call: Call, target: Target) -> Answer:
    """Answer with the tickets of whoever is asking that changed last: nobody looks at any."""
    mine = Where(
        f"{value_of('submitter_id')} = ? OR {value_of('assignee_id')} = ?",
        (world.author, world.author),
    )
    order = f"{value_of('updated_at')} DESC, id DESC"
    rows = world.store.docs(_TICKET, _ALIVE & mine, order)[:_RECENT]
    return Answer(text=dumped({"tickets": rows, "count": len(rows)}))


def of_conversation(world: World, call: Call, target: Target) -> Answer:
    """Answer with the open ticket that a conversation leads to.

    Raises:
        Refusal: there is none.
    """
    place = "json_extract(doc, '$.via.source.from.conversation_id') = ?"
    open_ = Where(f"{value_of('status')} NOT IN ('solved', 'closed')")
    said = Where(place, (str(target.places[0]),))
    rows = world.store.docs(_TICKET, _ALIVE & open_ & said)
    if not rows:
        raise not_found()
    return Answer(text=dumped({"ticket": rows[-1]}))


def related(world: World, call: Call, target: Target) -> Answer:
    """Answer with what a ticket is connected with."""
    pk = target.places[0]
    ticket = plain.stored(world, Ticket._meta, pk)
    incidents = Where(f"state <= ? AND {value_of('problem_id')} = ?", (ARCHIVED, pk))
    sources = Where(
        "EXISTS (SELECT 1 FROM json_each(doc, '$.followup_ids') WHERE value = ?)", (pk,)
    )
    links = world.store.docs(
        JiraLink._meta.label, Where(f"{value_of('ticket_id')} = ?", (str(pk),))
    )
    told = {
        "topic_id": None,
        "followup_source_ids": [str(row["id"]) for row in world.store.docs(_TICKET, sources)],
        "from_archive": ticket.state == ARCHIVED,
        "incidents": world.store.count(_TICKET, incidents),
        "jira_issue_ids": [str(row["issue_id"]) for row in links],
    }
    return Answer(text=dumped(told))


def collaborators(world: World, call: Call, target: Target) -> Answer:
    """Answer with the users who are copied in on a ticket."""
    return _people(world, call, target, "collaborator_ids")


def email_ccs(world: World, call: Call, target: Target) -> Answer:
    """Answer with the users who get copies of its e-mails."""
    return _people(world, call, target, "email_cc_ids")


def followers(world: World, call: Call, target: Target) -> Answer:
    """Answer with the agents who follow it."""
    return _people(world, call, target, "follower_ids")


def _people(world: World, call: Call, target: Target, wire: str) -> Answer:
    ids = plain.stored(world, Ticket._meta, target.places[0]).doc[wire]
    rows = [row for row in (world.store.get(_USER, pk) for pk in ids) if row is not None]
    whole = evolve(target, endpoints=(evolve(target.endpoint, paging=ONCE),))
    about: dict[str, Any] = {"next_page": None, "previous_page": None, "count": len(rows)}
    return Answer(text=reads.listing(whole, map(dumped, rows), "", about))


ROUTES: Mapping[tuple[str, str, str], Callable[[World, Call, Target], Answer]] = {
    **ticket_redactions.ROUTES,
    **ticket_suspended.ROUTES,
    ("GET", "problems", _TICKET): problems,
    ("POST", "problems/autocomplete", _TICKET): autocomplete_problems,
    ("GET", "tickets/recent", _TICKET): recent,
    ("GET", "tickets/messaging/conversations/{}/ticket", _TICKET): of_conversation,
    ("GET", "tickets/{}/related", _TICKET): related,
    ("GET", "tickets/{}/collaborators", _USER): collaborators,
    ("GET", "tickets/{}/email_ccs", _USER): email_ccs,
    ("GET", "tickets/{}/followers", _USER): followers,
}
