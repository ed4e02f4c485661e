"""Fixtures that record the events of signals."""

from __future__ import annotations

import pytest

from zendesk_orm import Comment, Ticket, receiver


@pytest.fixture
def listen():
    """Return a function that connects a receiver to a signal and returns the list of its events."""

    def connect(signal, **options):
        events = []

        @receiver(signal, **options)
        def record(sender, **arguments):
            events.append({"sender": sender, **arguments})

        return events

    return connect


@pytest.fixture
def ticket(emulator):
    """Return a new ticket in an emulator whose list of requests is empty."""
    ticket = Ticket.objects.create(subject="Printer", comment=Comment(body="Help"))
    del emulator.requests[:]
    return ticket
