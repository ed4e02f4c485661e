"""The fixtures of tests/conftest.py that isolate tests."""

from __future__ import annotations

import os
import socket

import pytest

from zendesk_orm import Model, connect, connections, post_save, receiver
from zendesk_orm.schema import registry


def _receive(sender, **kwargs):
    """Do nothing."""


def test_other_hosts_cannot_be_reached():
    """A test that connects to another host fails, even if it catches `Exception`."""
    with socket.socket() as one, pytest.raises(pytest.fail.Exception, match="network"):
        one.connect(("192.0.2.1", 443))


def test_other_host_names_cannot_be_resolved():
    """A test that resolves the name of another host fails."""
    with pytest.raises(pytest.fail.Exception, match="network"):
        socket.getaddrinfo("acme.zendesk.com", 443)


def test_servers_on_this_host_can_be_reached():
    """A test can connect to a server that it has started."""
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as one:
        one.connect(server.getsockname())


@pytest.mark.parametrize("run", [1, 2])
def test_accounts_are_removed(run):
    """Each test begins without accounts."""
    assert list(connections) == []

    connect(subdomain="acme", anonymous=True)


@pytest.mark.parametrize("run", [1, 2])
def test_receivers_are_disconnected(run):
    """Each test begins without receivers of earlier tests."""
    assert not post_save.receivers

    receiver(post_save)(_receive)


@pytest.mark.parametrize("run", [1, 2])
def test_models_are_unregistered(run):
    """Each test begins without models that earlier tests declared."""
    assert "Fleeting" not in {model.__name__ for model in registry.models()}

    type("Fleeting", (Model,), {"__module__": __name__})


def test_environment_variables_are_removed():
    """The environment contains no ZENDESK_* variables of the developer."""
    assert [name for name in os.environ if name.startswith("ZENDESK_")] == []


def test_a_wrong_number_of_requests_fails(count_requests):
    """`count_requests` raises an error with the number of requests."""
    account = connect(subdomain="acme", anonymous=True)

    with pytest.raises(AssertionError, match="0"):  # noqa: SIM117 - the inner block must raise
        with count_requests(account, 1):
            pass
