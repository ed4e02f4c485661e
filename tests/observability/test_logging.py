"""Log lines: one for each request, waits before they begin, and no secret in any of them."""

from __future__ import annotations

import contextlib
import logging
import re
import sys

import pytest

from tests.recordings.replay import list_names, needs_recordings, play, read_exchanges
from zendesk_orm import (
    Comment,
    Group,
    RetryPolicy,
    Ticket,
    User,
    ZendeskError,
    connect,
)
from zendesk_orm.emulator import Emulator
from zendesk_orm.http import auth
from zendesk_orm.http.request import Request
from zendesk_orm.http.secret import Secret, reveal


SECRET, EMAIL = "S3CR3T-do-not-show", "owner@example.com"
CREDENTIALS = [
    {"email": EMAIL, "token": SECRET},
    {"email": EMAIL, "password": SECRET},
    {"oauth_token": SECRET},
]
ENCODED = [
    reveal(credentials.authorization()).partition(" ")[2]
    for credentials in (
        auth.api_token(EMAIL, Secret(SECRET)),
        auth.password(EMAIL, Secret(SECRET)),
    )
]


@pytest.fixture
def lines(caplog):
    """Return a function that returns the lines of a logger and its children from now on."""
    caplog.set_level(logging.DEBUG, "zendesk_orm")
    caplog.clear()

    def get(name="zendesk_orm"):
        return [
            (record.levelname, record.getMessage())
            for record in caplog.records
            if f"{record.name}.".startswith(f"{name}.") and "/oauth/" not in record.getMessage()
        ]

    return get


def test_one_line_for_each_request(demo, lines):
    """A DEBUG line has account, method, path, status, milliseconds and attempt."""
    before = demo.requests_sent

    list(Ticket.objects.fresh()[:250])
    Group.objects.create(name="Night shift")

    requests = lines("zendesk_orm.http")
    assert len(requests) == demo.requests_sent - before == 4
    assert {level for level, _ in requests} == {"DEBUG"}
    pattern = r"default: (GET|POST) /api/v2/[\w.]+: (200|201) in \d+ ms, attempt 1"
    assert all(re.fullmatch(pattern, text) for _, text in requests)


def test_a_request_without_a_response_names_the_error(emulator, lines):
    """The class of the exception stands in the place of the status."""
    emulator.connect(retry=RetryPolicy(attempts=1))
    emulator.fail_next(None)

    with pytest.raises(ZendeskError):
        Ticket.objects.fresh().count()

    (request,) = lines("zendesk_orm.http")
    assert ": ConnectionLost in " in request[1]


@pytest.mark.parametrize(
    ("status", "seconds", "level", "name"),
    [
        (429, "3", "INFO", "RateLimited"),
        (429, "120", "WARNING", "RateLimited"),
        (503, "3", "WARNING", "ServerError"),
    ],
)
def test_a_wait_is_logged_before_it_begins(emulator, lines, status, seconds, level, name):
    """Short waits for a rate limit are INFO, long ones and failures WARNING."""
    moments = []
    start = emulator.clock.now()

    class Handler(logging.Handler):
        def emit(self, record):
            if "the next one begins" in record.getMessage():
                moments.append(emulator.clock.now() - start)

    handler = Handler()
    logging.getLogger("zendesk_orm.http").addHandler(handler)
    emulator.fail_next(status, headers={"Retry-After": seconds})
    try:
        Ticket.objects.fresh().count()
    finally:
        logging.getLogger("zendesk_orm.http").removeHandler(handler)

    first, wait, second = lines("zendesk_orm.http")
    path = "default: GET /api/v2/tickets/count"
    assert first[1].endswith("attempt 1")
    problem = f"attempt 1 failed ({status} {name})"
    assert wait == (level, f"{path}: {problem}, and the next one begins in {int(seconds)}.0 s")
    assert second[1].endswith("attempt 2")
    assert moments == [0.0]
    assert emulator.clock.now() - start >= float(seconds)


def test_a_line_for_each_look_into_the_cache(demo, lines):
    """A miss, and then a hit."""
    pk = User.objects.fresh()[0].pk
    demo.cache.clear()

    User.objects.get(pk)
    User.objects.get(pk)

    assert lines("zendesk_orm.cache") == [
        ("DEBUG", f"default: User {pk} is not cached"),
        ("DEBUG", f"default: User {pk} is cached"),
    ]


def test_queries_and_their_plans(demo, lines):
    """The plan is logged before the requests, the rows after them."""
    list(Ticket.objects.fresh()[:250])

    everything = [text for _, text in lines()]
    assert everything[0] == "default: Ticket query by list (cursor), 3 requests planned"
    assert re.fullmatch(r"default: Ticket query ended: 250 rows in \d+ ms", everything[-1])


def test_jobs_and_bulk_operations(emulator, lines):
    """The ends of jobs and operations are INFO, polls are DEBUG."""
    Ticket.objects.bulk_create([Ticket(subject="a", comment=Comment(body="b")) for _ in range(3)])

    writes = lines("zendesk_orm.write")
    assert {level for level, text in writes if "completed" in text or "bulk" in text} == {"INFO"}
    assert writes[-1][1] == "default: Ticket bulk create: 3 succeeded, 0 failed, 0 pending"


def test_nothing_is_formatted_if_logging_is_off(demo, caplog, monkeypatch):
    """Without DEBUG, no line is written and no signal is announced."""
    caplog.set_level(logging.WARNING, "zendesk_orm")
    logger = logging.getLogger("zendesk_orm.http")
    monkeypatch.setattr(type(logger), "_log", lambda *args, **kwargs: pytest.fail("logged"))

    list(Ticket.objects.fresh()[:5])
    User.objects.count()


def test_a_program_without_logging_prints_nothing():
    """The logger of the package has a handler that writes nothing."""
    handlers = logging.getLogger("zendesk_orm").handlers

    assert any(isinstance(handler, logging.NullHandler) for handler in handlers)


@pytest.mark.lenient  # Its secrets are credentials of each kind.
@pytest.mark.parametrize("credentials", CREDENTIALS, ids=lambda way: list(way)[-1])
@pytest.mark.parametrize("fault", [None, 200, 401, 403, 429, 500])
def test_no_line_contains_credentials(credentials, fault, caplog):
    """Neither as text nor as they are sent, whatever the response is."""
    caplog.set_level(logging.DEBUG)
    with Emulator() as emulator:
        connect(
            base_url="https://acme.zendesk.com",
            session=emulator.session(),
            retry=RetryPolicy(attempts=2),
            clock=emulator.clock,
            **credentials,
        )
        emulator.fail_next(fault, times=2)
        with contextlib.suppress(ZendeskError):
            Ticket.objects.filter(text=SECRET).count()
            Ticket.objects.create(subject=SECRET, comment=Comment(body=SECRET))

    ours = [record for record in caplog.records if record.name.startswith("zendesk_orm.http")]
    text = "\n".join(f"{record.getMessage()} {record.args}" for record in ours)
    assert ours
    assert not [secret for secret in (SECRET, EMAIL, *ENCODED) if secret in text]


@needs_recordings
def test_no_line_of_recorded_traffic_contains_a_query_or_a_body(lines):
    """Each recorded request is sent once; its line has neither parameters nor a key of a file."""
    sent = 0
    for name in list_names()[:: max(1, len(list_names()) // 40)]:
        recorded = read_exchanges(name)
        with play(recorded, name) as (account, _):
            for exchange in recorded:
                request = Request(exchange.method, exchange.path, exchange.query)
                with contextlib.suppress(ZendeskError):
                    account.transport.send(request)
            sent += account.requests_sent
            assert account.stats.requests == account.requests_sent

    requests = [text for _, text in lines("zendesk_orm.http") if " ms, attempt " in text]
    assert len(requests) == sent > 0
    assert not [text for text in requests if re.search(r"[?=]|/token/(?!\.\.\.)", text)]


def test_receivers_and_logging_are_one_mechanism(emulator):
    """A signal is observed if it has receivers or its line is enabled."""
    signals = sys.modules["zendesk_orm.signals"]

    assert not signals.request_finished.is_observed
    logging.getLogger("zendesk_orm.http").setLevel(logging.DEBUG)
    try:
        assert signals.request_finished.is_observed
    finally:
        logging.getLogger("zendesk_orm.http").setLevel(logging.NOTSET)
