"""Deadlines of a request with its retries, and timeouts of a block of code."""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import closing

import pytest
import requests

from zendesk_orm import (
    ConfigurationError,
    Group,
    InvalidValue,
    RateLimited,
    RequestTimeout,
    RetryPolicy,
    ServerError,
    Ticket,
    User,
    connect,
    connections,
)
from zendesk_orm.emulator import Emulator
from zendesk_orm.emulator.server.adapter import EmulatorAdapter
from zendesk_orm.http.waits import BLOCKS


#: The default timeouts of an account: to connect, and for each read.
DEFAULT = (10.0, 60.0)


class TimeoutRecorder(EmulatorAdapter):
    """An adapter to an emulator that records the timeouts of requests."""

    def __init__(self, emulator: Emulator) -> None:
        super().__init__(emulator.wsgi)
        self.timeouts: list[tuple[float, float]] = []

    def send(self, request: requests.PreparedRequest, *args, **kwargs) -> requests.Response:
        """Record the timeouts, and pass the request to the emulator."""
        self.timeouts.append(kwargs["timeout"])
        return super().send(request, *args, **kwargs)


@pytest.fixture
def recorder(emulator):
    """Return the recorder of the default account, which is signed in."""
    account = emulator.connect()
    User.objects.count()
    recorder = TimeoutRecorder(emulator)
    account.transport._session.mount("https://", recorder)
    recorder.account = account
    return recorder


# Deadlines


def test_a_deadline_ends_the_attempts(emulator):
    """A failure is raised if the next attempt would begin after the deadline."""
    account = emulator.connect(retry=RetryPolicy(attempts=100, deadline=10))
    emulator.fail_next(429, times=100, headers={"Retry-After": "4"})
    before = emulator.clock.now()

    with pytest.raises(RateLimited):
        Ticket.objects.fresh().count()

    assert (emulator.clock.now() - before, account.stats.retries) == (8.0, 2)


def test_each_request_has_its_own_deadline(emulator):
    """A deadline applies to one request with its retries, not to all requests."""
    emulator.connect(retry=RetryPolicy(attempts=100, deadline=10))
    counts = []

    for _ in range(3):
        emulator.fail_next(429, times=2, headers={"Retry-After": "4"})
        counts.append(Ticket.objects.fresh().count())

    assert counts == [0, 0, 0]


def test_without_a_deadline_only_attempts_are_limited(emulator):
    """The default policy has no deadline."""
    emulator.connect(retry=RetryPolicy(attempts=4))
    emulator.fail_next(429, times=3, headers={"Retry-After": "200"})

    assert (Ticket.objects.fresh().count(), RetryPolicy().deadline) == (0, None)


def test_a_policy_is_immutable():
    """A retry policy, which accounts can share, is immutable."""
    with pytest.raises(AttributeError):
        RetryPolicy(deadline=3).deadline = 4


@pytest.mark.parametrize("value", [0, -1, "1", True, float("inf"), float("nan"), [], 1e99])
def test_an_invalid_deadline_is_rejected(value):
    """A deadline is a number of seconds above 0."""
    with pytest.raises(ConfigurationError, match="deadline"):
        RetryPolicy(deadline=value)


# Timeouts of a block


def test_a_block_has_its_own_timeouts(recorder):
    """A block replaces the timeouts that it names until it ends."""
    account = recorder.account
    Group.objects.count()
    with account.timeouts(connect=2, read=7):
        Group.objects.count()
    with account.timeouts(read=5):
        Group.objects.count()
    Group.objects.count()

    assert recorder.timeouts == [DEFAULT, (2, 7), (10.0, 5), DEFAULT]


def test_an_inner_block_changes_the_timeouts_it_names(recorder):
    """An inner block inherits the timeouts that it does not name from the outer block."""
    account = recorder.account
    with account.timeouts(connect=2):
        with account.timeouts(read=3):
            Group.objects.count()
        Group.objects.count()

    assert recorder.timeouts == [(2, 3), (2, 60.0)]


def test_a_block_ends_after_an_error(recorder):
    """An exception in a block restores the timeouts."""
    with pytest.raises(ZeroDivisionError), recorder.account.timeouts(read=3):
        raise ZeroDivisionError
    Group.objects.count()

    assert recorder.timeouts == [DEFAULT]


def test_a_block_is_for_one_account(recorder):
    """A block of one account does not change the timeouts of another."""
    with Emulator() as other:
        other.connect("other")
        with connect_block("other"):
            Group.objects.count()

    assert recorder.timeouts == [DEFAULT]


def connect_block(alias):
    """Return a block with timeouts for an account."""
    return connections[alias].timeouts(read=3)


def test_a_block_includes_end_users(recorder):
    """Requests on behalf of an end user have the timeouts of the account."""
    user = User.objects.create(name="Ann", email="ann@example.com", role="end-user")
    recorder.timeouts.clear()

    with recorder.account.timeouts(read=3), recorder.account.acting_as(user):
        Group.objects.count()

    assert recorder.timeouts == [(10.0, 3)]


def test_a_total_shortens_the_other_timeouts(recorder):
    """The other timeouts are at most as long as `total`."""
    with recorder.account.timeouts(total=4):
        Group.objects.count()

    assert recorder.timeouts == [(4.0, 4.0)]


def test_a_total_includes_retries_and_waits(emulator):
    """A wait that would end after `total` is not begun."""
    account = emulator.connect()
    emulator.fail_next(429, times=10, headers={"Retry-After": "4"})
    before = emulator.clock.now()

    with pytest.raises(RateLimited), account.timeouts(total=10):
        Ticket.objects.fresh().count()

    assert emulator.clock.now() - before == 8.0


def test_a_block_applies_to_threads_that_read_ahead(emulator):
    """Pages that are fetched in advance have the timeouts of the block."""
    for number in range(25):
        Group.objects.create(name=f"Group {number}")
    account = emulator.connect(read_ahead=2)
    recorder = TimeoutRecorder(emulator)
    account.transport._session.mount("https://", recorder)

    with account.timeouts(read=3):
        rows = list(Group.objects.page_size(5))

    assert len(rows) >= 25
    assert {timeout for timeout in recorder.timeouts if timeout != DEFAULT} == {(10.0, 3)}


def test_a_block_applies_to_its_task_only(recorder):
    """Tasks that run at the same time have different timeouts."""

    async def count(seconds):
        with recorder.account.timeouts(read=seconds):
            await asyncio.sleep(0)
            await Group.objects.acount()

    async def count_all():
        await asyncio.gather(*(count(seconds) for seconds in (3, 4, 5)))

    asyncio.run(count_all())

    assert sorted(recorder.timeouts) == [(10.0, 3), (10.0, 4), (10.0, 5)]


def _read_slowly(account, total):
    """Yield once in a block with a timeout."""
    with account.timeouts(total=total):
        yield
        Group.objects.fresh().count()
        yield


def test_suspended_generators_leave_their_blocks_in_any_order(recorder):
    """The end of one block neither ends nor restores another block."""
    first, second = _read_slowly(recorder.account, 5), _read_slowly(recorder.account, 7)
    next(first)
    next(second)

    first.close()
    next(second)
    second.close()
    Group.objects.fresh().count()

    assert recorder.timeouts == [(7.0, 7.0), DEFAULT]


@pytest.mark.parametrize("is_closed", [True, False], ids=["closed", "exhausted"])
def test_an_async_generator_may_end_in_another_task(recorder, is_closed):
    """An async generator can be closed in another task, which ends its block."""
    account = recorder.account

    async def read():
        with account.timeouts(total=5), account.rate_limit(max_wait=0):
            yield

    async def end(generator):
        if is_closed:
            await generator.aclose()
        else:
            assert [row async for row in generator] == []

    async def run():
        generator = read()
        await generator.__anext__()
        await asyncio.create_task(end(generator))
        await Group.objects.fresh().acount()
        return BLOCKS.find(account.transport.throttle)

    limits = asyncio.run(run())

    assert (recorder.timeouts, limits) == ([DEFAULT], [])


@pytest.mark.parametrize("name", ["connect", "read", "total"])
@pytest.mark.parametrize("value", [0, -1, "1", True, float("inf"), float("nan"), (1, 2)])
def test_an_invalid_timeout_is_rejected(emulator, name, value):
    """An invalid timeout raises before any request, and the message names the timeout."""
    account = emulator.connect()

    with pytest.raises(InvalidValue, match=name):
        account.timeouts(**{name: value})


@pytest.mark.parametrize(
    ("deadline", "timeouts"),
    [(None, {"total": 0.3}), (0.3, {})],
    ids=["timeout of a block", "deadline of the policy"],
)
def test_a_request_to_a_silent_server_ends(deadline, timeouts):
    """A request to a server that sends nothing ends in time, and is sent once."""
    server, accepted = socket.create_server(("127.0.0.1", 0)), []
    with closing(server):
        threading.Thread(target=lambda: accepted.append(server.accept()), daemon=True).start()
        account = connect(
            base_url=f"http://127.0.0.1:{server.getsockname()[1]}",
            oauth_token="token",
            retry=RetryPolicy(attempts=5, deadline=deadline),
        )

        with pytest.raises(RequestTimeout), account.timeouts(**timeouts):
            Ticket.objects.get(1)

    assert account.requests_sent == 1
    for connection, _ in accepted:
        connection.close()


def test_a_write_within_a_deadline_is_not_repeated_after_it(emulator):
    """A POST that failed with 503 and a long `Retry-After` is raised at once."""
    emulator.connect(retry=RetryPolicy(deadline=5))
    emulator.fail_next(503, headers={"Retry-After": "6"})

    with pytest.raises(ServerError):
        Group.objects.create(name="a")

    assert [request for request in emulator.requests if request.startswith("POST groups")] == [
        "POST groups"
    ]
