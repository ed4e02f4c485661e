"""Cached rows that processes share in Redis; each account represents a process."""

from __future__ import annotations

import json
import threading

import pytest
from redis import Redis

from zendesk_orm import Group, Organization, Ticket, User, connect
from zendesk_orm.contrib.redis import RedisState
from zendesk_orm.emulator import Emulator
from zendesk_orm.emulator.messages import BASE_URL


@pytest.fixture
def processes(emulator, make_state):
    """Return two accounts that share their rows, as two processes do."""
    return [emulator.connect(alias, shared=make_state()) for alias in ("one", "two")]


def _name(account, pk):
    """Return the name of a user, read in a new session."""
    with account.session():
        return User.objects.using(account.alias).get(pk).name


def test_damaged_entries_are_ignored(processes, pk, redis_url):
    """A row, a time or a counter that another program has replaced is as good as missing."""
    one, two = processes
    shared = one.cache.shared
    values = ("", "x", "null", "[]", "5", "[" * 100_000, b"\xff", "1e400", "9" * 30, "-1")
    with Redis.from_url(redis_url) as client:
        for value in values:
            name = _name(one, pk)
            for field in ("row", "stored"):
                client.hset(shared._row_key(User, pk), field, value)
                assert _name(two, pk) == name
            client.set(shared._counter, value)
            assert _name(two, pk) == name
            user = User.objects.using("one").get(pk)
            user.name = f"{name}x"
            user.save()
            assert _name(two, pk) == f"{name}x"


def test_a_row_is_requested_once_for_all_processes(processes, pk, count_requests):
    """A row that one process has read is read from Redis by the other."""
    one, two = processes
    name = _name(one, pk)

    with count_requests(two, 0):
        assert _name(two, pk) == name


def test_rows_of_a_list_are_shared(processes, count_requests):
    """Lists cache their rows for other processes, too."""
    _, two = processes
    group = Group.objects.using("one").first()

    with count_requests(two, 0):
        assert Group.objects.using("two").get(group.pk).name == group.name
    assert two.cache[Group].hits == 1


def test_a_write_discards_the_row_in_all_processes(processes, pk, count_requests):
    """After a save, the other process fetches the row again, with one request."""
    one, two = processes
    _name(two, pk)
    user = User.objects.using("one").get(pk)
    user.name = "Changed"
    user.save()

    with count_requests(two, 1):
        assert _name(two, pk) == "Changed"
    with count_requests(one, 0):
        assert _name(one, pk) == "Changed"


def test_a_response_that_is_older_than_a_write_is_not_used(processes, pk):
    """A row that was requested before another process changed it is not cached."""
    _, two = processes
    version = two.changes.version()
    user = User.objects.using("two").get(pk)
    key, row = user._key, user._row
    other = User.objects.using("one").get(pk)
    other.name = "Changed"
    other.save()

    two.cache.put(User, [row], version)

    assert two.cache.get(User, key) is None
    assert _name(two, pk) == "Changed"


def test_a_deleted_row_is_discarded_in_all_processes(processes, count_requests):
    """A deletion discards the row and the rows that refer to it in all processes."""
    _, two = processes
    organization = Organization.objects.using("one").create(name="Short-lived")
    user = User.objects.using("one").create(
        name="Member", email="member@example.com", organization_id=organization.pk
    )
    with two.session():
        assert User.objects.using("two").get(user.pk).organization_id == organization.pk
    Organization.objects.using("one").get(organization.pk).delete()

    with two.session(), count_requests(two, 1):
        assert User.objects.using("two").get(user.pk).organization_id is None


def test_a_bulk_write_discards_rows_in_all_processes(processes, pk, count_requests):
    """Jobs discard the rows that they change, as saves do."""
    _, two = processes
    _name(two, pk)
    User.objects.using("one").filter(id__in=[pk]).update(name="By a job")

    with count_requests(two, 1):
        assert _name(two, pk) == "By a job"


def test_clear_applies_to_all_processes(processes, pk, count_requests):
    """`cache.clear()` discards rows for all processes; closing an account does not."""
    one, two = processes
    _name(one, pk)
    one.close()
    with count_requests(two, 0):
        _name(two, pk)

    one.cache.clear(User)

    with count_requests(two, 1):
        _name(two, pk)
    two.cache.clear()
    with count_requests(one, 1):
        _name(one, pk)


def test_reading_again_reads_zendesk(processes, pk, count_requests):
    """`fresh()` and `refresh_from_db()` send a request although the row is shared."""
    one, _ = processes
    user = User.objects.using("one").get(pk)

    with count_requests(one, 2):
        user.refresh_from_db()
        User.objects.using("one").fresh().get(pk)


def test_partial_rows_are_not_shared(processes, pk, count_requests):
    """An object with a partial row is not cached."""
    one, two = processes
    assert one.current().refer(User, pk).pk == pk

    with count_requests(two, 1):
        _name(two, pk)


@pytest.mark.lenient
def test_rows_of_other_users_are_not_used(emulator, make_state, pk):
    """Rows are not shared with other credentials, scopes or end users."""

    def join(alias, **options):
        return connect(
            base_url=BASE_URL,
            session=emulator.session(),
            clock=emulator.clock,
            alias=alias,
            shared=make_state(),
            **options,
        )

    agent = join("agent", email="owner@example.com", token="emulated")
    _name(agent, pk)
    same = join("same", email="owner@example.com", token="another-token-of-the-same-user")
    others = [
        join("other", email="agent@example.com", token="emulated"),
        join("fixed", oauth_token="emulated"),
        join("called", oauth_token=lambda: "emulated"),
        join("nobody"),
    ]

    assert same.cache.has(User, pk)
    assert not any(other.cache.has(User, pk) for other in others)
    assert not agent.for_user("someone@example.com").cache.has(User, pk)


def test_rows_of_other_accounts_are_not_used(emulator, make_state, pk):
    """Accounts in the same server share no rows."""
    one = emulator.connect("one", shared=make_state())
    _name(one, pk)

    with Emulator() as another:
        other = another.connect("other", shared=make_state())
        assert one.cache.has(User, pk)
        assert not other.cache.has(User, pk)


def test_rows_are_json(processes, pk, redis_url):
    """The server stores the JSON of a row, which any program can read, with an expiry."""
    one, _ = processes
    _name(one, pk)

    with Redis.from_url(redis_url) as client:
        name = one.cache.shared._row_key(User, pk)
        row, seconds = client.hget(name, "row"), client.ttl(name)

    assert json.loads(row) == User.objects.using("one").get(pk)._row
    assert 0 < seconds <= 300


def test_models_without_a_policy_are_not_shared(processes, count_requests):
    """Tickets are requested each time, unless the policy of the process differs."""
    _, two = processes
    pk = Ticket.objects.using("one").create(subject="Printer", comment={"body": "It burns."}).pk

    with two.session(), count_requests(two, 1):
        Ticket.objects.using("two").get(pk)


def test_threads_and_processes_see_the_latest_row(processes, pk):
    """After a save in one process, no thread of another process reads an earlier row."""
    _, two = processes
    user = User.objects.using("one").get(pk)
    saved, wrong = [0], []

    def read():
        while saved[0] < 20:
            least = saved[0]
            name = _name(two, pk)
            if name.startswith("Number") and int(name.split()[1]) < least:
                wrong.append((name, least))

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(1, 21):
        user.name = f"Number {number}"
        user.save()
        saved[0] = number
    for thread in threads:
        thread.join()

    assert wrong == []


def test_the_state_shows_no_secrets():
    """The repr of the state contains the address without user and password."""
    assert repr(RedisState("redis://me:s3cret@example.com:6379/1")) == (
        "RedisState('redis://example.com:6379/1')"
    )
