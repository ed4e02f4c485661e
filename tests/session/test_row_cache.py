"""`account.cache`: policies that can be changed at run time, counters, and isolation."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from cachetools import (
    FIFOCache,
    LFUCache,
    LRUCache,
    RRCache,
    TLRUCache,
    TTLCache,
)

from tests.queryset.stored import emulator_with_tickets, person
from tests.threads import Worker
from zendesk_orm import (
    ConfigurationError,
    FieldError,
    Group,
    InvalidValue,
    Ticket,
    User,
    WebhookInvocation,
)


@pytest.fixture
def emulator():
    """Return an emulator with ten users and 20 tickets, connected as the default account."""
    with emulator_with_tickets(20) as emulator:
        emulator.connect()
        yield emulator


def read(*pks: int) -> list[Any]:
    """Get tickets by id, one by one."""
    return [Ticket.objects.get(pk).pk for pk in pks]


def test_models_are_cached_as_they_declare(account):
    """Without a setting, tickets are not cached, and reference data is for minutes."""
    assert Ticket not in account.cache
    assert User in account.cache
    assert {User, Group} <= set(account.cache)
    assert account.cache[User].seconds == User._meta.cache_seconds
    assert account.cache[User].maxsize == 10_000
    with pytest.raises(KeyError, match="Ticket"):
        account.cache[Ticket]


CLASSES = {
    "LRUCache": (LRUCache, {}),
    "LFUCache": (LFUCache, {}),
    "FIFOCache": (FIFOCache, {}),
    "RRCache": (RRCache, {}),
    "TTLCache": (TTLCache, {"ttl": 60}),
    "TLRUCache": (TLRUCache, {"ttu": lambda key, row, now: now + (60 if row["id"] else 0)}),
}


@pytest.mark.parametrize("name", CLASSES)
def test_rows_are_held_by_a_class_of_cachetools(account, count_requests, name):
    """Rows are used again while the class holds them, and no more rows than its size."""
    implementation, options = CLASSES[name]
    account.cache.add(Ticket, implementation, 5, **options)
    with count_requests(account, 1):
        assert read(1, 1, 1) == [1, 1, 1]
    read(*range(1, 10))
    status = account.cache[Ticket]

    assert (status.implementation, status.maxsize, status.size) == (name, 5, 5)
    assert status.hits == 3


@pytest.mark.parametrize("name", ["TTLCache", "TLRUCache"])
def test_rows_expire_by_the_account_clock(emulator, account, count_requests, name):
    """A class that drops rows by their age measures it by the clock of the account."""
    implementation, options = CLASSES[name]
    account.cache.add(Ticket, implementation, 5, **options)
    read(1)
    emulator.clock.sleep(59)
    with count_requests(account, 0):
        read(1)
    emulator.clock.sleep(2)
    with count_requests(account, 1):
        read(1)


def test_the_least_recently_used_row_is_dropped(account, count_requests):
    """A LRU cache of two rows drops the one that was used first; a LFU the one used least."""
    account.cache.add(Ticket, LRUCache, 2)
    read(1, 2, 1, 3)
    with count_requests(account, 1):
        read(1, 3, 2)
    account.cache.add(Ticket, LFUCache, 2)
    read(1, 1, 1, 2, 2, 3)
    with count_requests(account, 0):
        read(1, 3)


def test_sizes_are_those_of_rows(account, count_requests):
    """`getsizeof` gets a row; a row that is larger than the cache is not cached."""
    account.cache.add(Ticket, LRUCache, 10, getsizeof=lambda row: row["id"])
    read(1, 2, 3, 12)

    assert account.cache[Ticket].size == 6
    with count_requests(account, 1):
        read(1, 2, 3, 12)


def test_a_policy_can_be_deleted_and_added_again(account, count_requests):
    """After `delete()`, each read is a request; after `add()`, the first one."""
    pk = person(1)
    User.objects.get(pk)
    account.cache.delete(User)
    with count_requests(account, 2):
        assert [User.objects.get(pk).pk for _ in range(2)] == [pk] * 2
    account.cache.add(User)
    with count_requests(account, 1):
        assert [User.objects.get(pk).pk for _ in range(3)] == [pk] * 3


def test_a_policy_can_be_resized(account):
    """`resize()` keeps the class and the age, and drops the rows."""
    users = list(User.objects.all())
    account.cache.resize(User, 3)

    assert account.cache[User].size == 0
    assert account.cache[User].seconds == User._meta.cache_seconds
    list(User.objects.all())
    assert account.cache[User].size == 3 < len(users)
    with pytest.raises(KeyError):
        account.cache.resize(Ticket, 3)


def test_rows_of_one_model_can_be_cleared(account, count_requests):
    """`clear(model)` discards its rows only, `clear()` all."""
    group, user = Group.objects.create(name="A"), User.objects.get(person(1))
    account.cache.clear(User)
    with count_requests(account, 1):
        User.objects.get(user.pk)
        Group.objects.get(group.pk)
    account.cache.clear()
    with count_requests(account, 2):
        User.objects.get(user.pk)
        Group.objects.get(group.pk)


def test_caching_can_be_disabled(account, count_requests):
    """A disabled cache holds no rows; enabling it again begins with an empty one."""
    user = User.objects.get(person(1))
    account.cache.disable()
    assert not account.cache.enabled
    assert list(account.cache) == []
    with count_requests(account, 2):
        User.objects.get(user.pk)
        User.objects.get(user.pk)
    account.cache.enable()
    with count_requests(account, 1):
        User.objects.get(user.pk)
        User.objects.get(user.pk)


def test_caching_can_be_disabled_for_a_block(account, count_requests):
    """In the block, rows are requested; after it, none is older than those of the block."""
    user = User.objects.get(person(1))
    with count_requests(account, 2), account.cache.disable():
        User.objects.get(user.pk)
        User.objects.get(user.pk)
    assert account.cache.enabled
    with count_requests(account, 1):
        User.objects.get(user.pk)
        User.objects.get(user.pk)


def test_a_disabled_cache_of_an_end_user_begins_empty(account, count_requests):
    """Rows of end users that were cached before `disable()` are not used after `enable()`."""
    anna = account.for_user("user1@example.com")
    row = {"id": person(1), "name": "Before"}
    anna.cache.put(User, [row])
    assert anna.cache.get(User, person(1)) == row
    account.cache.disable()
    account.cache.enable()

    assert anna.cache.get(User, person(1)) is None
    anna.cache.put(User, [row])
    account.cache.delete(User)
    account.cache.add(User)
    assert anna.cache.get(User, person(1)) is None


def test_hits_and_misses_are_counted(account):
    """Counters are those of a model and of all its proxies, and remain after `clear()`."""
    pks = [person(number) for number in range(3)]
    [User.objects.get(pk) for pk in pks]
    account.cache.clear()
    [User.objects.get(pk) for pk in (*pks, *pks)]

    assert (account.cache[User].hits, account.cache[User].misses) == (3, 6)


def test_users_have_rows_of_their_own_and_the_same_policies(emulator, account, count_requests):
    """An end user sees no cached row of another identity, and policies apply to all of them."""
    anna = account.for_user("user1@example.com")
    other = emulator.connect(alias="other")
    User.objects.get(person(1))
    assert account.cache[User].size == 1
    assert anna.cache[User].size == 0
    assert other.cache[User].size == 0
    account.cache.add(Ticket, TTLCache, 50, ttl=5)

    assert anna.cache[Ticket].implementation == "TTLCache"
    assert Ticket not in other.cache
    account.cache.disable()
    assert not anna.cache.enabled
    assert other.cache.enabled


@pytest.mark.parametrize("implementation", [LRUCache, LFUCache])
def test_own_writes_and_jobs_replace_rows(account, implementation):
    """A row that this account changes, alone or in a job, is never returned as it was."""
    account.cache.add(Ticket, implementation)
    tickets = [Ticket.objects.get(pk) for pk in (1, 2, 3)]
    tickets[0].subject = "Saved"
    tickets[0].save()
    assert Ticket.objects.get(1).subject == "Saved"
    for ticket in tickets[1:]:
        ticket.subject = "In a job"
    Ticket.objects.bulk_update(tickets[1:])
    assert [Ticket.objects.get(pk).subject for pk in (2, 3)] == ["In a job"] * 2
    Ticket.objects.filter(id__in=[1, 2]).update(priority="urgent")
    assert [Ticket.objects.get(pk).priority for pk in (1, 2)] == ["urgent"] * 2
    tickets[2].delete()
    with pytest.raises(Ticket.DoesNotExist):
        Ticket.objects.get(3)


def test_fresh_rows_are_never_those_of_the_cache(emulator, account):
    """`fresh()` and `refresh_from_db()` request a row that another client changed."""
    account.cache.add(Ticket)
    ticket = Ticket.objects.get(1)
    emulator.connect(alias="other")
    Ticket(id=1, subject="Changed").save(using="other", safe=False)

    assert Ticket.objects.get(1).subject == ticket.subject != "Changed"
    assert Ticket.objects.fresh().get(1).subject == "Changed"
    ticket.refresh_from_db()
    assert ticket.subject == "Changed"


def test_partial_rows_are_not_cached(account, count_requests):
    """A row of which only the id is known does not replace a request for the others."""
    account.cache.add(Ticket)
    reference = account.current().refer(Ticket, 5)
    assert account.cache[Ticket].size == 0
    with count_requests(account, 1):
        assert reference.subject == Ticket.objects.get(5).subject


def test_missing_rows_are_not_cached(account, count_requests):
    """A row that does not exist is requested again each time."""
    account.cache.add(Ticket)
    with count_requests(account, 2):
        for _ in range(2):
            with pytest.raises(Ticket.DoesNotExist):
                Ticket.objects.get(999)


def test_unsaved_edits_do_not_reach_the_cache(account):
    """An edit of an object is not visible to the next reader of its row."""
    account.cache.add(Ticket)
    ticket = Worker(lambda: Ticket.objects.get(1)).get()
    subject = ticket.subject
    ticket.subject = "Edited"
    ticket.tags.append("edited")

    assert Ticket.objects.get(1).subject == subject
    assert "edited" not in Ticket.objects.get(1).tags


WRONG = {
    "no model": (lambda cache: cache.add("ticket"), (InvalidValue, FieldError, ConfigurationError)),
    "no class": (lambda cache: cache.add(Ticket, dict), ConfigurationError),
    "an instance": (lambda cache: cache.add(Ticket, LRUCache(5)), ConfigurationError),
    "size 0": (lambda cache: cache.add(Ticket, LRUCache, 0), ConfigurationError),
    "size of text": (lambda cache: cache.add(Ticket, LRUCache, "5"), ConfigurationError),
    "no ttl": (lambda cache: cache.add(Ticket, TTLCache, 5), ConfigurationError),
    "unknown option": (lambda cache: cache.add(Ticket, LRUCache, 5, ttl=3), ConfigurationError),
    "no ids": (lambda cache: cache.add(WebhookInvocation, LRUCache), ConfigurationError),
    "delete text": (lambda cache: cache.delete("x"), (InvalidValue, FieldError)),
    "resize text": (lambda cache: cache.resize(User, "x"), ConfigurationError),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_settings_are_rejected(account, name):
    """A setting that cannot be meant raises an error, and changes nothing."""
    call, error = WRONG[name]
    with pytest.raises(error):
        call(account.cache)

    assert Ticket not in account.cache
    assert account.cache[User].maxsize == 10_000


def test_policies_change_while_threads_read(account):
    """Threads that read while the policy changes get their rows."""
    stop: list[int] = []

    def read_until() -> int:
        number = 0
        while not stop:
            assert User.objects.get(person(number % 10)).pk
            number += 1
        return number

    workers = [Worker(read_until) for _ in range(3)]
    for number in range(60):
        account.cache.add(User, (LRUCache, LFUCache, RRCache)[number % 3], 1 + number % 5)
        account.cache.disable()
        account.cache.enable()
        account.cache.clear(User)
    stop.append(1)

    assert all(worker.get() for worker in workers)


def test_objects_can_be_pickled_with_any_policy(account):
    """A policy with functions is not part of an object."""
    account.cache.add(Ticket, LRUCache, 10, getsizeof=lambda row: 1)

    assert pickle.loads(pickle.dumps(Ticket.objects.get(1))).pk == 1
