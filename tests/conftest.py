"""What every test has: no network, no account of the user's, and nothing left of the last test."""

from __future__ import annotations

import ipaddress
import os
import socket
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
    connect,
    connections,
    receiver,
    request_finished,
    request_started,
    signals,
)
from zendesk_orm.emulator import Emulator
from zendesk_orm.http.request import Request
from zendesk_orm.queryset.reading import Reading
from zendesk_orm.schema import registry
from zendesk_orm.session import pages


CountRequests = Callable[[Account, int], AbstractContextManager[None]]

SIGNALS = [value for value in vars(signals).values() if isinstance(value, Signal)]

settings.register_profile(
    "default",
    max_examples=50,
    deadline=None,
    derandomize=True,  # The same examples each time: a failure is the change's.
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
    """Mark the property-based tests that need no server, for scripts/fuzz to run for longer."""
    pure = [Path(__file__).parent / layer for layer in ("schema", "query", "plan")]
    for item in items:
        property_based = getattr(getattr(item, "obj", None), "is_hypothesis_test", False)
        if property_based and not set(pure).isdisjoint(item.path.parents):
            item.add_marker(pytest.mark.fuzz)


# -- no network --------------------------------------------------------------


@pytest.fixture(scope="session", autouse=True)
def no_network() -> Iterator[None]:
    """Let sockets connect to this machine only; the failure is one that no `except` catches."""
    connect_, connect_ex, getaddrinfo = (
        socket.socket.connect,
        socket.socket.connect_ex,
        socket.getaddrinfo,
    )

    def guarded_connect(self: socket.socket, address: Any) -> None:
        _refuse_unless_local(address)
        connect_(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        _refuse_unless_local(address)
        return connect_ex(self, address)

    def guarded_getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        _refuse_unless_local((host,))
        return getaddrinfo(host, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded_connect)
        patch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
        patch.setattr(socket, "getaddrinfo", guarded_getaddrinfo)
        yield


def _refuse_unless_local(address: Any) -> None:
    """Fail the test if the address is another machine's; names of files are this one's."""
    if not isinstance(address, tuple) or address[0] in {None, "", "localhost"}:
        return
    host = address[0].decode() if isinstance(address[0], bytes) else str(address[0])
    try:
        local = ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        local = False
    if not local:
        pytest.fail(f"a test must not use the network, and this one asked for {host}")


# -- a strict emulator -------------------------------------------------------


@pytest.fixture(scope="session", autouse=True)
def strict_oauth() -> Iterator[None]:
    """With EMULATOR_OAUTH=strict, make emulators strict unless a test says otherwise.

    `scripts/strict` runs the suite in this way: whatever a test does, it does with tokens that
    expire, and with the scopes that its requests need.
    """
    if os.environ.get("EMULATOR_OAUTH") != "strict":
        yield
        return
    plain, connect_plainly = Emulator.__init__, Emulator.connect

    def make(self: Emulator, path: str | None = None, **given: Any) -> None:
        if "token" not in given and "oauth" not in given:
            given["oauth"] = "strict"
            self.signs_in_at_once = True
        plain(self, path, **given)

    def connect_signed_in(self: Emulator, *args: Any, **given: Any) -> Account:
        # Tests count requests, and look at those that go out: signing in is none of theirs.
        account = connect_plainly(self, *args, **given)
        if getattr(self, "signs_in_at_once", False):
            with request_started.muted(), request_finished.muted():
                account.transport.credentials.authorization()
        return account

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Emulator, "__init__", make)
        patch.setattr(Emulator, "connect", connect_signed_in)
        yield


# -- nothing left behind -----------------------------------------------------


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the account that the environment may name."""
    for name in list(os.environ):
        if name.startswith("ZENDESK_"):
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def own_connections() -> Iterator[None]:
    """Close and forget the accounts that the test made."""
    yield
    for alias in list(connections):
        connections.remove(alias)


@pytest.fixture(autouse=True)
def own_receivers() -> Iterator[None]:
    """Disconnect the receivers that the test connected."""
    before = [dict(signal.receivers) for signal in SIGNALS]
    yield
    for signal, known in zip(SIGNALS, before, strict=True):
        signal.receivers.clear()
        signal.receivers.update(known)


@pytest.fixture(autouse=True)
def own_models() -> Iterator[None]:
    """Forget the models that the test declared."""
    registry.load("support")
    before = dict(registry._models)
    yield
    registry._models.clear()
    registry._models.update(before)


# -- explain() is right ------------------------------------------------------


@pytest.fixture(scope="session", autouse=True)
def explained_is_sent() -> Iterator[None]:
    """Compare the first request of every query that is read with the text of its `explain()`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pages, "send", explained.checked_send(pages.send))
        patch.setattr(Reading, "_fetched", explained.checked_fetched(Reading._fetched))
        yield


# -- what tests ask for ------------------------------------------------------


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of recordings and specifications beside the repository, or skip."""
    folder = Path(__file__).resolve().parents[2] / "shared"
    if not folder.is_dir():
        pytest.skip("needs ../shared, which is not beside this repository")
    return folder


@pytest.fixture
def account() -> Account:
    """Return the default account: an embedded Zendesk with nothing in it."""
    return connect("emulator://")


@pytest.fixture
def demo() -> Account:
    """Return the default account: an embedded Zendesk with the demonstration's rows in it."""
    return connect("emulator://?seed=demo")


@pytest.fixture
def count_requests() -> CountRequests:
    """Return what asserts how many requests go out: `with count_requests(account, 3): ...`."""

    @contextmanager
    def counted(account: Account, expected: int) -> Iterator[None]:
        before = account.requests_sent
        yield
        sent = account.requests_sent - before
        assert sent == expected, f"{sent} requests went out, not {expected}"

    return counted


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """Return an empty emulator, connected as the default account."""
    with Emulator() as emulator:
        emulator.connect()
        yield emulator


@pytest.fixture
def demo_emulator() -> Iterator[Emulator]:
    """Return an emulator with the demonstration's rows, connected as the default account."""
    with Emulator(seed="demo") as emulator:
        emulator.connect()
        yield emulator


@pytest.fixture(scope="session")
def seeded() -> Iterator[Emulator]:
    """Return an emulator with the demonstration's rows, for tests that change none of them."""
    with Emulator(seed="demo") as emulator:
        yield emulator


@pytest.fixture
def sent() -> list[Request]:
    """Return the requests that go out from now on, filled as they do."""
    requests: list[Request] = []

    @receiver(request_started)
    def started(sender, request, **kwargs):
        requests.append(request)

    return requests
