"""Processes that were forked share the stores of their parent."""

from __future__ import annotations

import os

import pytest

from zendesk_orm import (
    RemoteChange,
    SQLiteAnnounced,
    SQLiteDeadLetters,
    Ticket,
    configure_delivery,
    deliver,
    receiver,
    remote_changed,
)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork()")
def test_forked_processes_announce_each_change_once(account, emulator, tmp_path):
    """Of the processes of a server, one announces a change."""
    path, lines = tmp_path / "hooks.db", tmp_path / "lines.txt"
    configure_delivery(announced=SQLiteAnnounced(path), dead_letters=SQLiteDeadLetters(path))
    ticket = emulator.make(Ticket, 1)[0]
    output = os.open(lines, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    @receiver(remote_changed, sender=Ticket)
    def write(sender, change, **kwargs):
        os.write(output, f"{change.key}\n".encode())

    def deliver_all():
        for number in range(20):
            values = {"subject": (None, str(number))}
            deliver(
                account,
                RemoteChange(str(number), Ticket, ticket.pk, "changed", "webhook", changes=values),
            )

    children = []
    for _ in range(3):
        child = os.fork()
        if not child:
            try:
                deliver_all()
            finally:
                os._exit(0)
        children.append(child)
    deliver_all()
    for child in children:
        os.waitpid(child, 0)

    assert sorted(map(int, lines.read_text().split())) == list(range(20))
