"""`account.acting_as(user)` sends requests as an end user."""

from __future__ import annotations

import contextvars
import gc
import threading

import pytest

from tests.oauth.conftest import HOME, connect_to
from zendesk_orm import (
    AuthenticationFailed,
    Brand,
    ConfigurationError,
    Group,
    InvalidValue,
    MissingScope,
    Request,
    Ticket,
    User,
    connect,
)
from zendesk_orm.emulator import Emulator
from zendesk_orm.session.connection import Connection
from zendesk_orm.session.session import Session


ANNA, BEN = "anna@example.com", "ben@example.com"


@pytest.fixture
def account(impersonator):
    """Return an account with two customers, whose token can impersonate users."""
    for email in (ANNA, BEN):
        User.objects.create(name=email.partition("@")[0], email=email, role="end-user")
    return impersonator


def test_the_user_is_the_author(account):
    """A request that is created in the block has the user as requester and author."""
    with account.acting_as(ANNA):
        created = Request.objects.create(subject="Broken", comment={"body": "It is broken."})

    anna = User.objects.get(email=ANNA)
    ticket = Ticket.objects.fresh().get(created.pk)
    assert ticket.requester_id == anna.pk
    assert [comment.author_id for comment in ticket.comments.all()] == [anna.pk]


@pytest.mark.parametrize("by", ["e-mail", "upper case", "id", "text id", "object"])
def test_the_user_is_an_address_an_id_or_an_object(account, by, headers):
    """The user can be given as an e-mail address, an id or an object."""
    anna = User.objects.get(email=ANNA)
    values = {
        "e-mail": ANNA,
        "upper case": ANNA.upper(),
        "id": anna.pk,
        "text id": str(anna.pk),
        "object": anna,
    }[by]
    headers.clear()

    with account.acting_as(values):
        assert list(Request.objects.all()) == []

    assert set(headers) <= {ANNA, str(anna.pk)}
    assert len(headers) == 1


@pytest.mark.parametrize(
    "user", [None, "", " ", "anna", True, 0, -1, 1.5, User(name="new"), b"a@b.c", "a@b.c\nX: 1"]
)
def test_an_invalid_user_is_rejected(account, user, count_requests):
    """Anything other than an address, an id or a saved user raises before any request."""
    with (
        count_requests(account, 0),
        pytest.raises(InvalidValue, match="acting_as"),
        account.acting_as(user),
    ):
        pass


def test_acting_ends_with_the_block(account, headers):
    """The account acts as itself after the block, also after an exception; blocks can be nested."""
    headers.clear()

    with account.acting_as(ANNA):
        list(Request.objects.all())
        with account.acting_as(BEN):
            list(Request.objects.all())
        list(Request.objects.all())
    with pytest.raises(ZeroDivisionError), account.acting_as(BEN):
        raise ZeroDivisionError
    User.objects.count()

    assert headers == [ANNA, BEN, ANNA, None]


def test_caches_are_not_shared(account):
    """Rows that the agent has read are not visible to the user, and vice versa."""
    with account.session():
        anna = User.objects.get(email=ANNA)
        with account.acting_as(ANNA) as acting:
            assert account.current().identity.get(User, anna.pk) is None
            assert account.current().account is acting
            assert acting.cache is not account.cache
            inside = account.current()
        assert account.current().identity.get(User, anna.pk) is anna
        with account.acting_as(BEN):
            assert account.current() is not inside


def test_an_object_read_in_the_block_belongs_to_the_user(account, headers):
    """An object that was read in the block sends its later requests as the user."""
    with account.acting_as(ANNA):
        created = Request.objects.create(subject="Broken", comment={"body": "It is broken."})
    headers.clear()

    created.refresh_from_db()

    assert headers == [ANNA]


def test_calls_through_the_account_act_as_the_user(account, headers):
    """`raw`, `search()` and `session()` of the account act as the user inside the block."""
    headers.clear()

    with account.acting_as(ANNA) as acting:
        account.raw.get("/api/v2/users/me")
        acting.raw.get("/api/v2/users/me")
        with account.session():
            list(Request.objects.all())

    assert headers == [ANNA] * 3
    assert "anna@example.com" in repr(acting)


def test_querysets_created_before_the_block_act_as_the_user(account, headers):
    """A manager, a QuerySet and a batch act as the user if they are used in the block."""
    raw, query, batch = account.raw, Request.objects.all(), account.batch()
    headers.clear()

    with account.acting_as(ANNA):
        raw.get("/api/v2/users/me")
        list(query)
        with batch:
            pass
        within = account.raw
    raw.get("/api/v2/users/me")
    within.get("/api/v2/users/me")

    assert headers == [ANNA, ANNA, None, ANNA]


def test_brands_act_as_the_user(account, headers):
    """In the block, hosts of brands are requested as the user; brands are listed as the agent."""
    Brand.objects.create(name="Outdoor", subdomain="outdoor")
    headers.clear()

    with account.acting_as(ANNA):
        outdoor = account.brand("outdoor")
        list(Request.objects.using(outdoor.alias))
    list(Request.objects.using(outdoor.alias))

    assert headers == [None, ANNA, None]


def test_a_block_belongs_to_its_thread(account, headers):
    """Other threads act as the account while a block is active."""
    headers.clear()

    with account.acting_as(ANNA):
        thread = threading.Thread(target=lambda: User.objects.count())
        thread.start()
        thread.join()

    assert headers == [None]


def test_requests_of_users_are_counted(account, count_requests):
    """`requests_sent` includes requests that were sent as other users."""
    with count_requests(account, 1), account.acting_as(ANNA):
        list(Request.objects.all())


def test_acting_as_is_rejected_inside_a_batch(account):
    """`acting_as()` inside a batch raises, because the batch would be sent as another user."""
    with (
        account.batch(),
        pytest.raises(ConfigurationError, match="open the batch inside"),
        account.acting_as(ANNA),
    ):
        pass


def test_a_dry_run_includes_requests_as_the_user(account, count_requests):
    """A dry run inside or around the block includes the requests as the user."""
    with count_requests(account, 0):
        with account.dry_run(quiet=True) as diff, account.acting_as(ANNA):
            Request.objects.create(subject="x", comment={"body": "y"})
        with account.acting_as(ANNA), account.dry_run(quiet=True) as inner:
            Request.objects.create(subject="x", comment={"body": "y"})

    assert (len(diff), len(inner)) == (1, 1)


def test_an_unknown_user_is_reported_without_a_renewal(strict, account):
    """A 401 for an unknown user causes a check of the token, which is valid and not renewed."""
    before = len(strict.token_requests)

    for user in ("nobody@example.com", "999999", "owner@example.com"):
        with pytest.raises(AuthenticationFailed, match=user), account.acting_as(user):
            list(Request.objects.all())

    assert len(strict.token_requests) == before


def test_an_expired_token_is_renewed_while_acting(strict, account):
    """An expired token is renewed inside the block as outside."""
    with account.acting_as(ANNA):
        list(Request.objects.all())
        session = strict.session()
        token = account.transport.credentials.authorization()
        session.delete(f"{HOME}/api/v2/oauth/tokens/current", headers={"Authorization": token})

        assert list(Request.objects.all()) == []


def test_a_token_without_the_scope_raises(strict, client):
    """A token without the scope `impersonate` raises an error that contains the scope."""
    account = connect_to(strict, oauth=client)

    with pytest.raises(MissingScope) as caught, account.acting_as(ANNA):
        list(Request.objects.all())

    assert "impersonate" in caught.value.scopes


def test_many_users_take_a_bounded_amount_of_memory(account):
    """The cached rows of the least recently used users are dropped."""
    for number in range(200):
        with account.acting_as(number + 1):
            account.current()

    assert len(account._views) <= 64


@pytest.mark.slow
def test_sessions_of_users_end_with_the_blocks(account):
    """The session of a user ends with the block, even if its thread continues."""
    Brand.objects.create(name="Outdoor", subdomain="outdoor")
    outdoor = account.brand("outdoor")
    for number in range(200):
        with account.acting_as(number + 1):
            account.current()
            outdoor.current()
    gc.collect()

    sessions = [obj for obj in gc.get_objects() if issubclass(type(obj), Session)]
    assert len([session for session in sessions if session.transport.on_behalf_of]) == 0
    accounts = [obj for obj in gc.get_objects() if issubclass(type(obj), Connection)]
    assert len([item for item in accounts if item.transport.on_behalf_of]) <= 2 * 64


def test_an_open_block_keeps_its_caches(account):
    """An open block keeps its caches while many other threads open blocks."""

    def act_as_user():
        for number in range(100):
            with account.acting_as(number + 1):
                account.current()

    with account.acting_as(ANNA) as acting:
        session = account.current()
        thread = threading.Thread(target=act_as_user)
        thread.start()
        thread.join()

        assert account.for_current_user() is acting
        assert account.current() is session


def test_nested_blocks_of_one_user_share_caches(account):
    """Nested `acting_as()` of the same user uses the same caches."""
    with account.acting_as(BEN) as ben:
        pass
    with account.acting_as(ANNA) as anna, anna.acting_as(BEN) as nested:
        assert nested is ben


def test_blocks_of_generators_can_end_in_any_order(account):
    """After blocks of generators have ended in any order, the account acts as itself."""

    def act_as_user(user):
        with account.acting_as(user):
            yield account.for_current_user().transport.on_behalf_of

    first, second = act_as_user(ANNA), act_as_user(BEN)
    assert [next(first), next(second)] == [ANNA, BEN]
    first.close()
    assert account.for_current_user().transport.on_behalf_of == BEN
    second.close()

    assert account.for_current_user() is account


def test_a_block_can_end_in_another_context(account):
    """A block of an asynchronous generator can be ended by the event loop."""

    def act_as_user():
        with account.acting_as(ANNA):
            yield

    generator = act_as_user()
    contextvars.copy_context().run(next, generator)
    generator.close()

    assert account.for_current_user() is account


def test_an_iteration_keeps_its_user(account, headers):
    """An iteration continues as the identity that began it, inside and after a block."""
    with account.acting_as(ANNA):
        for number in range(3):
            Request.objects.create(subject=str(number), comment={"body": "x"})
        inside = Request.objects.all().page_size(1).iterator()
        next(inside)
    outside = User.objects.all().page_size(1).iterator()
    next(outside)
    headers.clear()

    list(inside)
    assert set(headers) == {ANNA}
    headers.clear()
    with account.acting_as(ANNA):
        list(outside)

    assert set(headers) == {None}


def test_an_object_of_another_model_is_rejected(account):
    """A group is rejected as a user, although it has an id."""
    group = Group.objects.first()

    with pytest.raises(InvalidValue, match="acting_as"), account.acting_as(group):
        pass


def test_other_credentials_can_act_as_a_user():
    """The emulator accepts the header `On-Behalf-Of` with all kinds of credentials."""
    with Emulator() as emulator:
        account = emulator.connect()
        User.objects.create(name="Anna", email=ANNA, role="end-user")

        with account.acting_as(ANNA):
            me = account.raw.get("/api/v2/users/me")

        assert me["user"]["email"] == ANNA


def test_the_header_is_sent_only_to_the_account(account, headers):
    """A download that is redirected to another host is sent there without `On-Behalf-Of`."""
    assert account.transport.acting_as(ANNA).on_behalf_of == ANNA
    assert connect(subdomain="other", anonymous=True, alias="o").transport.on_behalf_of is None
