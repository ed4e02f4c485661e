"""Pairs of writes to one object: a batch leaves the same state as separate requests."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from itertools import product
from typing import Any

import pytest

from zendesk_orm import Comment, F, Ticket, ZendeskError
from zendesk_orm.emulator import Emulator


Write = Callable[[Ticket], Any]


def _save(**values: Any) -> Write:
    def write(ticket: Ticket) -> None:
        for name, value in values.items():
            setattr(ticket, name, value)
        ticket.save()

    return write


def _reply(text: str, *, public: bool) -> Write:
    return lambda ticket: _save(comment=Comment(body=text, public=public))(ticket)


def _partial_save(ticket: Ticket) -> None:
    ticket.subject, ticket.priority = "partly", "urgent"
    ticket.save(update_fields=["subject"])


def _rows(ticket: Ticket) -> Any:
    return Ticket.objects.filter(id__in=[ticket.pk])


BULK = ["bulk"]

#: Functions that change a ticket, which may have unsaved or earlier changes.
WRITES: dict[str, Write] = {
    "save status": _save(status="pending"),
    "save subject": _save(subject="new"),
    "save a part": _partial_save,
    "set tags": _save(tags=["x"]),
    "add a tag": lambda ticket: (ticket.tags.add("added"), ticket.save()),
    "remove a tag": lambda ticket: (ticket.tags.remove("old"), ticket.save()),
    "reply": _reply("reply", public=True),
    "note": _reply("note", public=False),
    "reply and solve": lambda ticket: _save(
        comment=Comment(body="bye"), status="solved", priority="low"
    )(ticket),
    "update": lambda ticket: _rows(ticket).update(priority="high"),
    "update tags": lambda ticket: _rows(ticket).update(tags=F("tags") - ["old"] + BULK),
    "bulk update": lambda ticket: (
        setattr(ticket, "type", "problem"),
        Ticket.objects.bulk_update([ticket]),
    ),
    "delete": lambda ticket: ticket.delete(),
    "delete rows": lambda ticket: _rows(ticket).delete(),
}


def _state(emulator: Emulator, pk: int) -> dict[str, Any]:
    """Return the ticket with its comments as a new client sees it; a deleted one is restored."""
    reader = emulator.connect(alias="reader")
    deleted = not Ticket.objects.using("reader").fresh().filter(id=pk).exists()
    if deleted:
        Ticket.deleted.using("reader").restore([pk])
    ticket = Ticket.objects.using("reader").get(pk)
    values = {name: getattr(ticket, name) for name in ("status", "subject", "priority", "type")}
    comments = [(comment.body, comment.public) for comment in ticket.comments.all()]
    tags = sorted(ticket.tags)
    reader.close()
    return {"deleted": deleted, "comments": comments, "tags": tags, **values}


def _state_after(writes: tuple[Write, ...], *, batch: bool) -> Any:
    """Return the state after the writes, or "raised" if they raised."""
    with Emulator() as emulator:
        account = emulator.connect()
        ticket = Ticket.objects.create(
            subject="T", tags=["old", "kept"], type="task", comment=Comment(body="first")
        )
        try:
            with account.batch() if batch else nullcontext():
                for write in writes:
                    write(ticket)
        except ZendeskError:
            return "raised"
        return _state(emulator, ticket.pk)


@pytest.mark.slow
@pytest.mark.parametrize(
    "pair",
    [*product(WRITES, repeat=2)],
    ids=[" then ".join(pair) for pair in product(WRITES, repeat=2)],
)
def test_a_batch_leaves_the_same_state_as_no_batch(pair):
    """Changes to one object are merged only if none of them is lost."""
    writes = tuple(WRITES[name] for name in pair)
    after_deletion = pair[0].startswith("delete")

    state = _state_after(writes, batch=True)

    # A batch rejects a change after a deletion before it sends anything.
    assert (after_deletion and state == "raised") or state == _state_after(writes, batch=False)
