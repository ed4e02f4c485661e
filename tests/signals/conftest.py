"""What the tests of signals listen with."""

from __future__ import annotations

import pytest

from zendesk_orm import Comment, Ticket, receiver


@pytest.fixture
def heard():
    """Return a function that listens to a signal and gives the list of what was told."""

    def listen(signal, **options):
        told = []

        @receiver(signal, **options)
        def hear(sender, **arguments):
            told.append({"sender": sender, **arguments})

        return told

    return listen


@pytest.fixture
def ticket(emulator):
    """Return a ticket that was just created, in an emulator that has heard of nothing else."""
    ticket = Ticket.objects.create(subject="Printer", comment=Comment(body="Help"))
    del emulator.requests[:]
    return ticket
