"""Accounts that are defined, and connected when they are first used."""

from __future__ import annotations

import os
import threading

import pytest

from zendesk_orm import ConfigurationError, InvalidValue, Ticket, connect, connections


def test_a_defined_account_is_connected_on_first_use():
    """The function is called once, by the first query, and the account is kept."""
    calls = []

    def connect_emea():
        calls.append(1)
        return connect("emulator://", alias="emea")

    connections.define("emea", connect_emea)
    assert (list(connections), "emea" in connections, len(connections)) == (["emea"], True, 1)
    assert (calls, connections.get_connected("emea")) == ([], None)

    assert Ticket.objects.using("emea").count() == 0
    assert connections["emea"] is connections.get_connected("emea")
    assert calls == [1]


def test_a_defined_account_can_act_as_a_user():
    """An alias with a user connects the account first."""
    connections.define("emea", lambda: connect("emulator://", alias="emea"))

    account = connections["emea as anna@example.com"]

    assert account.alias == "emea as anna@example.com"
    assert connections.get_connected("emea") is not None


def test_a_failed_connection_is_tried_again():
    """If the function raises, the next use calls it again."""
    urls = ["zendesk://acme?token", "emulator://"]
    connections.define("default", lambda: connect(urls.pop(0)))

    with pytest.raises(ConfigurationError, match="parameter"):
        Ticket.objects.count()

    assert Ticket.objects.count() == 0


def test_a_closed_account_is_connected_again_unless_it_is_removed():
    """`disconnect()` keeps the definition, and `remove()` removes it."""
    connections.define("emea", lambda: connect("emulator://", alias="emea"))
    first = connections["emea"]

    connections.disconnect("emea")
    second = connections["emea"]
    connections.remove("emea")

    assert first is not second
    assert list(connections) == []
    with pytest.raises(ConfigurationError, match="emea"):
        connections["emea"]


def test_an_account_of_connect_wins_over_a_definition():
    """`connect()` replaces the definition until the account is closed."""
    connections.define("default", lambda: pytest.fail("it must not be called"))
    account = connect("emulator://")

    assert connections["default"] is account


def test_many_threads_connect_a_defined_account_once():
    """Threads that use an account at the same time share one connection."""
    calls = []
    barrier = threading.Barrier(8)

    def connect_slowly():
        calls.append(1)
        return connect("emulator://")

    def use():
        barrier.wait()
        accounts.append(connections["default"])

    connections.define("default", connect_slowly)
    accounts = []
    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(calls), len(accounts), len(set(map(id, accounts)))) == (1, 8, 1)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork()")
def test_a_forked_child_connects_although_a_thread_was_connecting():
    """The lock of a thread that connects does not block a process that is forked meanwhile."""
    inside, finish = threading.Event(), threading.Event()

    def connect_slowly():
        if os.getpid() == parent:
            inside.set()
            finish.wait(10)
        return connect("emulator://")

    parent = os.getpid()
    connections.define("default", connect_slowly)
    thread = threading.Thread(target=lambda: connections["default"])
    thread.start()
    inside.wait(10)
    child = os.fork()
    if child == 0:
        os._exit(0 if connections["default"].alias == "default" else 1)
    _, status = os.waitpid(child, 0)
    finish.set()
    thread.join()

    assert os.waitstatus_to_exitcode(status) == 0


def test_definitions_are_checked():
    """The alias must be text, and the function must be callable."""
    with pytest.raises(InvalidValue, match="alias"):
        connections.define(7, connect)
    with pytest.raises(ConfigurationError, match="function"):
        connections.define("default", "emulator://")
