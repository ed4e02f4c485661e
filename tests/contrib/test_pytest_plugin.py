"""The pytest plugin, tested by runs of pytest."""

from __future__ import annotations

import subprocess
import sys

import pytest

from zendesk_orm.contrib.pytest import network, query_snapshots
from zendesk_orm.emulator import Emulator
from zendesk_orm.testing import isolation, requests


pytest_plugins = ["pytester"]

HEADER = "import pytest\nfrom zendesk_orm import *\nfrom zendesk_orm.emulator import *\n"


#: Modules that are imported before the runs; pytester unloads others after each run.
LOADED = (isolation, network, query_snapshots, requests)


@pytest.fixture(scope="module", autouse=True)
def _load_emulator():
    """Load all modules of the emulator before pytester unloads other modules."""
    Emulator().close()


@pytest.fixture
def run(pytester):
    """Return a function that runs the source of tests with options, and returns the result."""

    def run_tests(text, *options):
        pytester.makepyfile(HEADER + text)
        return pytester.runpytest_inprocess("-p", "no:cacheprovider", *options)

    return run_tests


# The fixture `zendesk`


def test_every_test_has_an_account(run):
    """Each test starts with an empty account, which is the default one."""
    result = run("""
@pytest.mark.parametrize("number", [1, 2])
def test_one(zendesk, number):
    assert Ticket.objects.count() == 0
    zendesk.make(Ticket)
    assert Ticket.objects.count() == 1
""")

    result.assert_outcomes(passed=2)


def test_accounts_are_restored(run):
    """Accounts of the program are not available in a test, and work after it."""
    result = run("""
before = Emulator()
before.connect()
other = before.connect("other")

def test_inside(zendesk):
    assert list(connections) == ["default"]
    zendesk.connect("second")

def test_afterwards():
    assert list(connections) == ["default", "other"]
    assert connections["other"] is other
    assert User.objects.count() == 1
    before.close()
""")

    result.assert_outcomes(passed=2)


def test_receivers_are_restored(run):
    """Receivers that a test connects or disconnects are restored after the test."""
    result = run("""
log = []

@receiver(post_save, sender=Group)
def first(sender, **kwargs):
    log.append("first")

def test_inside(zendesk):
    post_save.disconnect(first, sender=Group)

    @receiver(post_save)
    def second(sender, **kwargs):
        log.append("second")

    test_inside.second = second
    Group.objects.create(name="a")

def test_afterwards(zendesk):
    Group.objects.create(name="b")
    assert log == ["second", "first"]
    post_save.disconnect(first, sender=Group)
""")

    result.assert_outcomes(passed=2)


def test_the_marker_passes_arguments(run):
    """The registered marker sets seed and switches of the emulator."""
    result = run(
        """
@pytest.mark.zendesk(seed="demo", index_lag=60)
def test_marked(zendesk):
    assert Ticket.objects.count() == 3000
    assert zendesk.switches.index_lag == 60

@pytest.mark.zendesk(sed="demo")
def test_wrong(zendesk):
    pass

@pytest.mark.zendesk("demo")
def test_unnamed(zendesk):
    pass
""",
        "--strict-markers",
    )

    result.assert_outcomes(passed=1, errors=2)
    result.stdout.fnmatch_lines(["*ConfigurationError*sed*", "*the marker zendesk needs*"])


# The fixture `assert_requests`


def test_assert_requests_checks_the_number_of_requests(run):
    """`assert_requests` fails if the number of requests differs, and lists the requests."""
    result = run("""
def test_right(zendesk, assert_requests):
    with assert_requests(1):
        Group.objects.create(name="a")
    with assert_requests(0):
        Group.objects.all()

def test_wrong(zendesk, assert_requests):
    with assert_requests(1):
        list(Ticket.objects.fresh())
        Group.objects.create(name="a")

def test_invalid(assert_requests):
    for number in (-1, "1", 1.5, None, True):
        with pytest.raises(InvalidValue), assert_requests(number):
            pass
""")

    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["*2 requests*", "*GET /api/v2/tickets?*", "*POST /api/v2/groups"])


def test_an_exception_of_the_block_is_reported(run):
    """An exception in a block of `assert_requests` is raised instead of a wrong number."""
    result = run("""
def test_one(zendesk, assert_requests):
    with pytest.raises(ZeroDivisionError), assert_requests(5):
        1 / 0
""")

    result.assert_outcomes(passed=1)


def test_retries_are_counted_and_sign_ins_are_not(run):
    """`assert_requests` counts retries, and does not count token requests."""
    result = run("""
@pytest.mark.zendesk(oauth="strict")
def test_one(zendesk, assert_requests):
    zendesk.faults.add(Fault("GET /api/v2/*", status=503, times=1))
    with assert_requests(2) as requests:
        User.objects.get(zendesk.make_ids(User)[0])
    assert [request.method for request in requests] == ["GET", "GET"]
""")

    result.assert_outcomes(passed=1)


# The network guard

CONNECT = """
import socket

def connect(host):
    with socket.socket() as own:
        own.settimeout(0.01)
        own.connect((host, 9))
"""


def test_the_fixture_blocks_the_network(run):
    """With the fixture, requests to other hosts raise with the remedy; this machine is allowed."""
    result = run(
        CONNECT
        + """
def test_address(zendesk):
    connect("192.0.2.1")

def test_name(zendesk):
    socket.create_connection(("api.example.com", 443), 0.01)

def test_library(zendesk):
    connect_ = __import__("zendesk_orm").connect
    connect_(subdomain="acme", oauth_token="x", alias="real")
    User.objects.using("real").get(1)

def test_swallowed(zendesk):
    try:
        connect("192.0.2.1")
    except Exception:
        pass

def test_datagram(zendesk):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as own:
        own.sendto(b"x", ("192.0.2.1", 9))

def test_message(zendesk):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as own:
        own.sendmsg([b"x"], [], 0, ("192.0.2.1", 9))

def test_lookup(zendesk):
    socket.gethostbyname("api.example.com")

def test_local(zendesk):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as own:
        own.sendto(b"x", ("127.0.0.1", 9))
    with zendesk.serve(port=0) as server, socket.create_connection(
        ("localhost", int(server.url.rpartition(":")[2]))
    ):
        pass
"""
    )

    result.assert_outcomes(passed=1, failed=7)
    result.stdout.fnmatch_lines(
        ["*192.0.2.1*zendesk_allowed_hosts*", "*api.example.com*zendesk_allowed_hosts*"]
    )


def test_errors_of_other_threads_are_reported(run):
    """A test fails if a thread of it connects to another host."""
    result = run(
        CONNECT
        + """
import contextlib, threading

def work():
    with contextlib.suppress(BaseException):
        connect("192.0.2.1")

def test_thread(zendesk):
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
"""
    )

    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*192.0.2.1*"])


@pytest.mark.parametrize(
    ("lines", "with_fixture", "without_fixture"),
    [
        ("", True, False),
        ("zendesk_network_guard = always", True, True),
        ("zendesk_network_guard = never", False, False),
        ("zendesk_network_guard = always\nzendesk_allowed_hosts = 192.0.2.0/24", False, False),
    ],
)
def test_the_network_guard_is_configurable(pytester, run, lines, with_fixture, without_fixture):
    """The network guard can be set for all tests or none, and can allow hosts."""
    pytester.makeini(f"[pytest]\n{lines}\n")

    # The tests of the library themselves block other hosts, with another message.
    result = run(
        CONNECT
        + """
def is_blocked():
    try:
        connect("192.0.2.1")
    except BaseException as error:
        return "zendesk_allowed_hosts" in str(error)

def test_with(zendesk):
    print("with", is_blocked())

def test_without():
    print("without", is_blocked())
""",
        "-s",
    )

    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines([f"*with {with_fixture}*", f"*without {without_fixture}*"])


def test_an_invalid_setting_of_the_guard_is_a_usage_error(pytester, run):
    """An unknown setting of the network guard, or a malformed network, is a usage error."""
    for setting in ("zendesk_network_guard = sometimes", "zendesk_allowed_hosts = db 10.0.0.0/99"):
        pytester.makeini(f"[pytest]\n{setting}\n")

        result = run("")

        assert result.ret == pytest.ExitCode.USAGE_ERROR
        result.stderr.fnmatch_lines([f"ERROR: {setting.split()[0]}*"])


# The fixture `query_snapshot`

QUERIES = """
def test_query(zendesk, query_snapshot):
    query_snapshot(Ticket.objects.filter(status="new"))
    query_snapshot(User.objects.filter(role={role!r}))
"""


def test_query_snapshots_are_written_and_compared(pytester, run):
    """Snapshots are written with the option, and compared without it."""
    missing = run(QUERIES.format(role="agent"))
    written = run(QUERIES.format(role="agent"), "--zendesk-update-queries")
    same = run(QUERIES.format(role="agent"))
    other = run(QUERIES.format(role="admin"))

    missing.assert_outcomes(failed=1)
    missing.stdout.fnmatch_lines(["*--zendesk-update-queries*"])
    written.assert_outcomes(passed=1)
    same.assert_outcomes(passed=1)
    other.assert_outcomes(failed=1)
    other.stdout.fnmatch_lines(["*-GET /api/v2/users?role=agent*", "*+GET*role=admin*"])
    folder = pytester.path / "__queries__" / "test_query_snapshots_are_written_and_compared"
    assert sorted(path.name for path in folder.iterdir()) == ["test_query-2.txt", "test_query.txt"]
    assert "GET /api/v2/search" in (folder / "test_query.txt").read_text()


def test_every_test_has_its_own_query_snapshots(run):
    """No two tests share a file, whatever their classes and parameters."""
    source = """
class TestNew:
    def test_query(self, zendesk, query_snapshot):
        query_snapshot(Ticket.objects.filter(status="new"))

class TestOpen:
    def test_query(self, zendesk, query_snapshot):
        query_snapshot(Ticket.objects.filter(status="open"))

@pytest.mark.parametrize("subject", ["a b", "a-b", "a/b", "x" * 300, "x" * 301])
def test_subject(zendesk, query_snapshot, subject):
    query_snapshot(Ticket.objects.filter(subject=subject))
"""

    run(source, "--zendesk-update-queries").assert_outcomes(passed=7)
    run(source).assert_outcomes(passed=7)


# The option `--zendesk-strict`

MISSPELT = """
def test_misspelt(zendesk):
    account = connections["default"]
    account.raw.get("/api/v2/users", include="organisations")

def test_correct(zendesk):
    list(User.objects.select_related("organization"))

def test_intended(zendesk):
    test_misspelt(zendesk)
    zendesk.ignored.clear()
"""


@pytest.mark.slow
def test_the_strict_option_fails_for_ignored_parameters(run):
    """With `--zendesk-strict`, tests fail if parts of their requests were ignored."""
    lenient, strict = run(MISSPELT), run(MISSPELT, "--zendesk-strict")

    lenient.assert_outcomes(passed=3)
    strict.assert_outcomes(passed=3, errors=1)
    strict.stdout.fnmatch_lines(["*GET users: include organisations*"])


# Loading the plugin


def test_pytest_loads_the_plugin(pytester):
    """pytest loads the plugin by the entry point of the package."""
    result = pytester.runpytest_inprocess("--fixtures", "-q")

    for name in ("assert_requests", "query_snapshot", "zendesk"):
        result.stdout.fnmatch_lines([f"{name} -- *"])


@pytest.mark.parametrize("module", ["attrs", "requests", "werkzeug", "sqlite3"])
def test_loading_the_plugin_imports_no_fixture_modules(module):
    """A run without fixtures of the plugin imports none of the modules they need."""
    code = f"import sys, zendesk_orm.contrib.pytest; sys.exit({module!r} in sys.modules)"

    result = subprocess.run([sys.executable, "-c", code], check=False)

    assert result.returncode == 0
