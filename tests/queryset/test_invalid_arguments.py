"""Arguments of wrong types, lists that contain themselves, and numbers that cannot be written."""

from __future__ import annotations

import pytest

from zendesk_orm import (
    Comment,
    FileTokenStore,
    RetryPolicy,
    Ticket,
    ZendeskError,
    connect,
    connections,
    prefetch_related_objects,
)


LONG_NUMBER = 10**5000
RECURSIVE_LIST = []
RECURSIVE_LIST.append(RECURSIVE_LIST)


def _unsaved_tickets():
    return [Ticket(subject="x", comment=Comment(body="y"))]


CALLS = {
    "save(using=5)": lambda ticket: ticket.save(using=5),
    "delete(using=[])": lambda ticket: ticket.delete(using=["x"]),
    "refresh_from_db(using=5)": lambda ticket: ticket.refresh_from_db(using=5),
    "connections[5]": lambda ticket: connections[5],
    "save(update_fields=5)": lambda ticket: ticket.save(update_fields=5),
    "save(update_fields=[[]])": lambda ticket: ticket.save(update_fields=[["subject"]]),
    "clean_fields([[]])": lambda ticket: ticket.clean_fields([[1]]),
    "redact_chat(text=5)": lambda ticket: ticket.redact_chat("c", 5, chat_index=0),
    "bulk_create(batch_size=1.5)": lambda _: Ticket.objects.bulk_create(
        _unsaved_tickets(), batch_size=1.5
    ),
    "raw(surrogate)": lambda _: Ticket.objects.raw("\ud800").explain(),
    "raw.get(5)": lambda _: connections["default"].raw.get(5),
    "raw.post(loop)": lambda _: connections["default"].raw.post(
        "/api/v2/tickets", json=RECURSIVE_LIST
    ),
    "on_commit(5)": lambda _: connections["default"].on_commit(5),
    "prefetch_related_objects(5)": lambda _: prefetch_related_objects(5, "comments"),
    "prefetch_related_objects([5])": lambda _: prefetch_related_objects([5], "comments"),
    "FileTokenStore(5)": lambda _: FileTokenStore(5),
    "FileTokenStore('')": lambda _: FileTokenStore(""),
    "FileTokenStore('a\\0b')": lambda _: FileTokenStore("a\0b"),
    "RetryPolicy(attempts=10**5000)": lambda _: RetryPolicy(attempts=10**5000),
    "get(loop)": lambda _: Ticket.objects.get(RECURSIVE_LIST),
    "in_bulk(loop)": lambda _: Ticket.objects.in_bulk([RECURSIVE_LIST]),
    "tags.add(loop)": lambda ticket: ticket.tags.add(RECURSIVE_LIST),
    "get(long)": lambda _: Ticket.objects.get(LONG_NUMBER),
    "filter(id=long)": lambda _: list(Ticket.objects.filter(id=LONG_NUMBER)),
    "filter(id__in=long)": lambda _: list(Ticket.objects.filter(id__in=[LONG_NUMBER])),
    "Ticket(priority=long)": lambda _: Ticket(priority=LONG_NUMBER),
    "search(long)": lambda _: Ticket.objects.search(LONG_NUMBER),
    "update(timeout=long)": lambda _: Ticket.objects.filter(id=1).update(
        timeout=LONG_NUMBER, status="open"
    ),
    "connect(timeout=long)": lambda _: connect("emulator://", timeout=LONG_NUMBER),
    "connect(alias=long)": lambda _: connect("emulator://", alias=LONG_NUMBER),
    "tags.add(long)": lambda ticket: ticket.tags.add(LONG_NUMBER),
    "raw.post(long)": lambda _: connections["default"].raw.post(
        "/api/v2/x", json={"a": LONG_NUMBER}
    ),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=list(CALLS))
def test_invalid_arguments_raise_errors_of_the_library(emulator, call):
    """An invalid argument raises a ZendeskError that can be displayed; nothing is sent."""
    ticket = Ticket.objects.create(subject="x", comment=Comment(body="y"))
    emulator.requests.clear()

    with pytest.raises(ZendeskError) as caught:
        call(ticket)

    assert str(caught.value)
    assert emulator.requests == []


def test_the_end_of_a_slice_can_be_any_number(emulator):
    """As in Python, the end of a slice can be far greater than the number of rows."""
    Ticket.objects.create(subject="x", comment=Comment(body="y"))

    assert len(Ticket.objects.all()[0:LONG_NUMBER]) == 1
    assert "rows 0:" in str(Ticket.objects.all()[0:LONG_NUMBER].query)
