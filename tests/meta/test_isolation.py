"""What tests/conftest.py promises to all others."""

from __future__ import annotations

import os
import socket

import pytest

from zendesk_orm import Model, connect, connections, post_save, receiver
from zendesk_orm.schema import registry


def _receive(sender, **kwargs):
    """Do nothing."""


def test_another_machine_cannot_be_reached():
    """A test that opens a connection to elsewhere fails, whatever it catches."""
    with socket.socket() as one, pytest.raises(pytest.fail.Exception, match="network"):
        one.connect(("192.0.2.1", 443))


def test_another_machine_cannot_be_looked_up():
    """Neither is a name asked for."""
    with pytest.raises(pytest.fail.Exception, match="network"):
        socket.getaddrinfo("acme.zendesk.com", 443)


def test_this_machine_can_be_reached():
    """A server of the test's own may be spoken to."""
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as one:
        one.connect(server.getsockname())


@pytest.mark.parametrize("run", [1, 2])
def test_accounts_are_forgotten(run):
    """Each test starts without accounts."""
    assert list(connections) == []

    connect(subdomain="acme", anonymous=True)


@pytest.mark.parametrize("run", [1, 2])
def test_receivers_are_disconnected(run):
    """Each test starts without the receivers of the last."""
    assert not post_save.receivers

    receiver(post_save)(_receive)


@pytest.mark.parametrize("run", [1, 2])
def test_models_are_forgotten(run):
    """Each test starts without the models that the last one declared."""
    assert "Fleeting" not in {model.__name__ for model in registry.models()}

    type("Fleeting", (Model,), {"__module__": __name__})


def test_the_environment_names_no_account():
    """An account of whoever runs the tests is out of reach."""
    assert [name for name in os.environ if name.startswith("ZENDESK_")] == []


def test_requests_are_counted(count_requests):
    """A wrong number of requests fails, and the message tells the right one."""
    account = connect(subdomain="acme", anonymous=True)

    with pytest.raises(AssertionError, match="0 requests"):  # noqa: SIM117 - one in the other is what is tested
        with count_requests(account, 1):
            pass
