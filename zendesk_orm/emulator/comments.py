"""Comments after they were written: made private, or redacted.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_comments/
"""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

from zendesk_orm.emulator import audits, plain, tickets
from zendesk_orm.emulator.refusals import complaint, invalid_record, missing_parameter
from zendesk_orm.emulator.store import Where, dumped
from zendesk_orm.emulator.world import Answer, Call, Target, World
from zendesk_orm.support import Audit, Comment, Ticket


#: What every character of a redacted text becomes.
BLOCK = "▇"

_TEXTS = ("body", "html_body", "plain_body")


def make_private(world: World, call: Call, target: Target) -> Answer:
    """Answer with nothing much: the comment is a note between agents now."""
    ticket, pk = target.places
    change(world, ticket, pk, lambda row: {**row, "public": False})
    return Answer(text="{}")


def redact(world: World, call: Call, target: Target) -> Answer:
    """Answer with the comment, in which a text is blacked out for good.

    Raises:
        Refusal: no text is given, or the ticket is closed.
    """
    ticket, pk = target.places
    text = call.body.get("text")
    if not text:
        raise missing_parameter("text")
    stored = plain.stored(world, Ticket._meta, ticket)
    if stored.doc["status"] == "closed":
        raise invalid_record({"status": [complaint("closed prevents ticket update")]})

    def blacked(row: dict[str, Any]) -> dict[str, Any]:
        return {**row, **{key: _blacked(row[key], str(text)) for key in _TEXTS if row.get(key)}}

    comment = change(world, ticket, pk, blacked)
    respeak(world, ticket, pk, comment)
    return Answer(text=dumped({"comment": comment}))


def change(
    world: World, ticket: Any, pk: Any, change: Callable[[dict[str, Any]], dict[str, Any]]
) -> dict[str, Any]:
    """Change a comment, and what the audit tells of it."""
    stored = plain.stored(world, Comment._meta, pk, {"ticket": ticket})
    row = change(stored.doc)
    words = audits.words(row)
    world.write(Comment._meta, row, parent=stored.parent, state=stored.state, words=words)
    audit = world.store.row(Audit._meta.label, row["audit_id"])
    if audit is not None:
        events = [change(each) if each["id"] == pk else each for each in audit.doc["events"]]
        world.write(Audit._meta, {**audit.doc, "events": events}, parent=audit.parent, words="")
    return row


def respeak(world: World, ticket: Any, pk: Any, comment: dict[str, Any]) -> None:
    """Let a ticket say what its comments say now: the first of them is its description."""
    stored = plain.stored(world, Ticket._meta, ticket)
    first = world.store.texts(Comment._meta.label, Where("parent = ?", (ticket,)), most=1)[0][1]
    row = {**stored.doc, **({"description": comment["body"]} if first == pk else {})}
    world.write(Ticket._meta, row, state=stored.state, words=tickets.spoken(world, row))


def _blacked(text: str, secret: str) -> str:
    for form in dict.fromkeys((secret, html.escape(secret, quote=False))):
        text = text.replace(form, BLOCK * len(secret))
    return text
