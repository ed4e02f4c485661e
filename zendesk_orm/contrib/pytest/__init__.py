"""The pytest plugin: an embedded Zendesk for each test, and checks of what tests send.

pytest loads it by its entry point. It imports the library when a test uses one of its fixtures.

* `zendesk`: a new emulator, connected as the default account
* `assert_requests`: `with assert_requests(2): ...`
* `query_snapshot`: compares the requests of a query with a file
* `--zendesk-strict`: tests fail if parts of their requests were ignored

See docs/testing.md.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import pytest


if TYPE_CHECKING:
    from zendesk_orm.emulator import Emulator

_GUARD_CHOICES = ("fixture", "always", "never")


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Declare the options of the command line and of the configuration file."""
    _leave_out_of_rewriting(pluginmanager)
    group = parser.getgroup("zendesk", "zendesk_orm")
    group.addoption(
        "--zendesk-strict",
        action="store_true",
        help="fail tests whose requests to the fixture zendesk contain ignored search keywords, "
        "side-loads or keys",
    )
    group.addoption(
        "--zendesk-update-queries",
        action="store_true",
        help="write the files of query_snapshot",
    )
    parser.addini(
        "zendesk_network_guard",
        "when connections to other hosts fail: in tests with the fixture zendesk (fixture), in all "
        "tests (always), or never",
        default="fixture",
    )
    parser.addini(
        "zendesk_allowed_hosts",
        "hosts to which tests may connect: names, addresses or networks",
        type="args",
        default=[],
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, and the network guard of all tests if it is configured.

    Raises:
        pytest.UsageError: a value of the configuration is invalid.
    """
    config.addinivalue_line(
        "markers", "zendesk(**options): the arguments of the emulator of the fixture zendesk"
    )
    guard = config.getini("zendesk_network_guard")
    if guard not in _GUARD_CHOICES:
        raise pytest.UsageError(
            f"zendesk_network_guard must be one of {', '.join(_GUARD_CHOICES)}, not {guard}"
        )
    hosts = config.getini("zendesk_allowed_hosts")
    try:
        if hosts:
            _load_network().parse_hosts(hosts)
    except ValueError as error:
        raise pytest.UsageError(f"zendesk_allowed_hosts: {error}") from None
    if guard == "always":
        config.pluginmanager.register(_NetworkGuard(config), "zendesk network guard")


def _leave_out_of_rewriting(pluginmanager: pytest.PytestPluginManager) -> None:
    """Let Python load the library from its compiled files.

    To rewrite assertions, pytest would compile each module of a package with a plugin again, which
    takes a second for the emulator. The library has no assertions, and pytest no option for this.
    """
    names = getattr(pluginmanager.rewrite_hook, "_must_rewrite", None)
    if isinstance(names, set):
        names.discard("zendesk_orm")


class _NetworkGuard:
    """Blocks the network in all tests, including their fixtures."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self) -> Iterator[None]:
        """Run a test without the network."""
        with _guard_network(self._config):
            yield


@pytest.fixture
def zendesk(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    """Return a new emulator, connected as the default account.

    Other accounts are out of reach, and the network is blocked. Afterwards, accounts and receivers
    of signals are as before. The marker `zendesk(seed="demo")` passes arguments to the emulator.
    """
    config = request.config
    marker = request.node.get_closest_marker("zendesk")
    if marker and marker.args:
        pytest.fail(
            'the marker zendesk needs the names of its arguments, as in zendesk(seed="demo")',
            pytrace=False,
        )
    # Seam: only tests with the fixture load the emulator.
    isolation: Any = importlib.import_module("zendesk_orm.testing.isolation")
    guarded = config.getini("zendesk_network_guard") == "fixture"
    with isolation.open_emulator(marker.kwargs if marker else {}) as emulator:
        if guarded:
            with _guard_network(config):
                yield emulator
        else:
            yield emulator
        if config.getoption("zendesk_strict") and emulator.ignored:
            pytest.fail(
                f"Zendesk ignores parts of the requests:\n{emulator.ignored.describe()}\nCorrect "
                "their names, or call zendesk.ignored.clear() if they are intended",
                pytrace=False,
            )


@pytest.fixture
def assert_requests() -> Callable[[int], AbstractContextManager[Any]]:
    """Return a context manager that asserts the number of requests: `assert_requests(2)`.

    It counts the requests of all accounts, including retries, without those of the sign-in. A
    failure lists them.
    """
    requests: Any = importlib.import_module("zendesk_orm.testing.requests")
    assertion: Callable[[int], AbstractContextManager[Any]] = requests.expect_requests
    return assertion


@pytest.fixture
def query_snapshot(request: pytest.FixtureRequest) -> Callable[[Any], None]:
    """Return a function that compares the requests of a query with a file.

    `query_snapshot(Ticket.objects.filter(status="new"))` reads `__queries__/`, next to the test.
    `pytest --zendesk-update-queries` writes the files.
    """
    snapshots: Any = importlib.import_module("zendesk_orm.contrib.pytest.query_snapshots")
    classes = [node.name for node in request.node.listchain() if isinstance(node, pytest.Class)]
    compare: Callable[[Any], None] = snapshots.QuerySnapshot(
        request.path,
        ".".join((*classes, request.node.name)),
        update=request.config.getoption("zendesk_update_queries"),
    )
    return compare


def _guard_network(config: pytest.Config) -> AbstractContextManager[None]:
    """Return a context manager that blocks connections to hosts that are not allowed."""
    hosts = config.getini("zendesk_allowed_hosts")
    guard: AbstractContextManager[None] = _load_network().block_network(hosts)
    return guard


def _load_network() -> Any:
    # Seam: pytest loads this plugin in projects that do not use it.
    return importlib.import_module("zendesk_orm.contrib.pytest.network")
