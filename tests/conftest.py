"""Fixtures for all tests: accounts, an emulator without a network, and isolation of tests."""

from __future__ import annotations

import gc
import ipaddress
import math
import os
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from blinker import Signal
from hypothesis import HealthCheck, settings

from tests import explained
from zendesk_orm import (
    Account,
    Comment,
    Ticket,
    User,
    connect,
    connections,
    receiver,
    request_finished,
    request_started,
    signals,
)
from zendesk_orm.emulator import Emulator
from zendesk_orm.http.request import Request
from zendesk_orm.queryset.queryset import QuerySet
from zendesk_orm.schema import registry
from zendesk_orm.session.lists import pages


CountRequests = Callable[[Account, int], AbstractContextManager[None]]

SIGNALS = [value for value in vars(signals).values() if isinstance(value, Signal)]

settings.register_profile(
    "default",
    max_examples=50,
    deadline=None,
    derandomize=True,  # The same examples each time, so that a failure is caused by the change.
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "fuzz",
    max_examples=int(os.environ.get("HYPOTHESIS_EXAMPLES", "1000")),
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the property-based tests that need no server, which scripts/fuzz runs for longer."""
    pure = [Path(__file__).parent / layer for layer in ("schema", "query", "plan")]
    for item in items:
        property_based = getattr(getattr(item, "obj", None), "is_hypothesis_test", False)
        if property_based and not set(pure).isdisjoint(item.path.parents):
            item.add_marker(pytest.mark.fuzz)


def pytest_collection_finish() -> None:
    """Exclude the objects of the collected tests from garbage collections, which take seconds."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def block_network() -> Iterator[None]:
    """Fail a test that connects to another machine; the failure is not an `Exception`."""
    connect_, connect_ex, getaddrinfo = (
        socket.socket.connect,
        socket.socket.connect_ex,
        socket.getaddrinfo,
    )

    def guarded_connect(self: socket.socket, address: Any) -> None:
        _require_local(address)
        connect_(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        _require_local(address)
        return connect_ex(self, address)

    def guarded_getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        _require_local((host,))
        return getaddrinfo(host, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded_connect)
        patch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
        patch.setattr(socket, "getaddrinfo", guarded_getaddrinfo)
        yield


def _require_local(address: Any) -> None:
    """Fail the test if the address belongs to another machine."""
    if not isinstance(address, tuple) or address[0] in {None, "", "localhost"}:
        return
    host = address[0].decode() if isinstance(address[0], bytes) else str(address[0])
    try:
        local = ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        local = False
    if not local:
        pytest.fail(f"a test must not use the network, and this one asked for {host}")


@pytest.fixture(scope="session", autouse=True)
def use_own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Store the copies of seeded accounts in a folder that the workers of this run share."""
    base = tmp_path_factory.getbasetemp()
    folder = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        yield


@pytest.fixture(scope="session", autouse=True)
def use_strict_oauth() -> Iterator[None]:
    """With EMULATOR_OAUTH=strict, make emulators strict unless a test configures its own.

    `scripts/strict` runs the tests in this way: their tokens expire, and need the scopes of their
    requests.
    """
    if os.environ.get("EMULATOR_OAUTH") != "strict":
        yield
        return
    initialize, connect_emulator = Emulator.__init__, Emulator.connect

    def initialize_strict(self: Emulator, path: str | None = None, **options: Any) -> None:
        if "token" not in options and "oauth" not in options:
            options["oauth"] = "strict"
            self.signs_in_at_once = True
        initialize(self, path, **options)

    def connect_and_sign_in(self: Emulator, *args: Any, **options: Any) -> Account:
        account = connect_emulator(self, *args, **options)
        if getattr(self, "signs_in_at_once", False):
            # The requests of the sign-in are not among those that a test counts and inspects.
            with request_started.muted(), request_finished.muted():
                account.transport.credentials.authorization()
        return account

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Emulator, "__init__", initialize_strict)
        patch.setattr(Emulator, "connect", connect_and_sign_in)
        yield


@pytest.fixture(autouse=True)
def hide_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the environment variables that configure an account."""
    for name in list(os.environ):
        if name.startswith("ZENDESK_"):
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def remove_connections() -> Iterator[None]:
    """Close and remove the accounts that the test connected."""
    yield
    for alias in list(connections):
        connections.remove(alias)


@pytest.fixture(autouse=True)
def disconnect_receivers() -> Iterator[None]:
    """Disconnect the receivers that the test connected."""
    before = [dict(signal.receivers) for signal in SIGNALS]
    yield
    for signal, receivers in zip(SIGNALS, before, strict=True):
        signal.receivers.clear()
        signal.receivers.update(receivers)


@pytest.fixture(autouse=True)
def unregister_models() -> Iterator[None]:
    """Unregister the models that the test declared."""
    registry.load("support")
    before = dict(registry._models)
    yield
    if registry._models == before:
        return
    # A product that the test was the first to import registers its models only once.
    imported = {
        key: model
        for key, model in registry._models.items()
        if model.__module__.startswith("zendesk_orm.")
        and getattr(sys.modules.get(model.__module__), model.__name__, None) is model
    }
    registry._models.clear()
    registry._models.update(imported | before)
    registry.version += 1


@pytest.fixture(scope="session", autouse=True)
def compare_with_explain() -> Iterator[None]:
    """Compare the first request of every query with the text of its `explain()`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pages, "send", explained.wrap_send(pages.send))
        patch.setattr(QuerySet, "_fetch_pages", explained.wrap_fetch_pages(QuerySet._fetch_pages))
        yield


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of recordings and specifications beside the repository, or skip."""
    folder = Path(__file__).resolve().parents[2] / "shared"
    if not folder.is_dir():
        pytest.skip("needs ../shared, which is not beside this repository")
    return folder


@pytest.fixture
def account(emulator: Emulator) -> Account:
    """Return the default account, whose Zendesk is `emulator` and whose clock is virtual."""
    return connections["default"] if "default" in connections else emulator.connect()


@pytest.fixture
def ticket(account: Account) -> Ticket:
    """Return a ticket with tags and a priority, loaded by the default account."""
    return Ticket.objects.create(
        subject="Printer", comment=Comment(body="Help!"), tags=["a", "b"], priority="low"
    )


@pytest.fixture
def people(account: Account) -> list[User]:
    """Return two agents."""
    return [
        User.objects.create(name=name, email=f"{name}@example.com", role="agent")
        for name in ("ada", "ben")
    ]


@pytest.fixture
def demo() -> Account:
    """Return the default account: an emulator with the demo data."""
    return connect("emulator://?seed=demo")


@pytest.fixture
def count_requests() -> CountRequests:
    """Return a context manager that asserts a number of requests: `count_requests(account, 3)`."""

    @contextmanager
    def assert_requests(account: Account, expected: int) -> Iterator[None]:
        before = account.requests_sent
        yield
        sent = account.requests_sent - before
        assert sent == expected, f"{sent} requests were sent instead of {expected}"

    return assert_requests


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """Return an empty emulator, connected as the default account."""
    with Emulator() as emulator:
        emulator.connect()
        yield emulator


@pytest.fixture
def demo_emulator() -> Iterator[Emulator]:
    """Return an emulator with the demo data, connected as the default account."""
    with Emulator(seed="demo") as emulator:
        emulator.connect()
        yield emulator


@pytest.fixture(scope="session")
def seeded() -> Iterator[Emulator]:
    """Return an emulator with the demo data, for tests that do not change it."""
    with Emulator(seed="demo") as emulator:
        # The waits of the tests take no time at which solved tickets would be closed.
        emulator._context.automations_due_at = math.inf
        yield emulator


@pytest.fixture
def sent() -> list[Request]:
    """Return the list of requests that are sent from now on."""
    requests: list[Request] = []

    @receiver(request_started)
    def record(sender, request, **kwargs):
        requests.append(request)

    return requests
