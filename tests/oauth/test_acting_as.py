"""`account.acting_as(user)`: requests as an end user."""

from __future__ import annotations

import contextvars
import gc
import threading

import pytest

from tests.oauth.conftest import HOME, connect_to
from zendesk_orm import (
    AuthenticationFailed,
    Brand,
    ClientCredentials,
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
from zendesk_orm.session.account import Sessions
from zendesk_orm.session.session import Session


ANNA, BEN = "anna@example.com", "ben@example.com"


@pytest.fixture
def account(strict, client):
    """Return an account with two customers, whose token may impersonate."""
    scope = "read write impersonate"
    made = connect_to(
        strict, oauth=ClientCredentials("zendesk_orm", client.client_secret, scope=scope)
    )
    for email in (ANNA, BEN):
        User.objects.create(name=email.partition("@")[0], email=email, role="end-user")
    return made


def test_what_is_created_counts_as_the_user_s(account):
    """The requester and the author of the comment are the user."""
    with account.acting_as(ANNA):
        made = Request.objects.create(subject="Broken", comment={"body": "It is broken."})

    anna = User.objects.get(email=ANNA)
    ticket = Ticket.objects.fresh().get(made.pk)
    assert ticket.requester_id == anna.pk
    assert [comment.author_id for comment in ticket.comments.all()] == [anna.pk]


@pytest.mark.parametrize("by", ["e-mail", "upper case", "id", "text id", "object"])
def test_the_user_is_an_address_an_id_or_an_object(account, by, headers):
    """All of them name the same user."""
    anna = User.objects.get(email=ANNA)
    named = {
        "e-mail": ANNA,
        "upper case": ANNA.upper(),
        "id": anna.pk,
        "text id": str(anna.pk),
        "object": anna,
    }[by]
    headers.clear()

    with account.acting_as(named):
        assert list(Request.objects.all()) == []

    assert set(headers) <= {ANNA, str(anna.pk)}
    assert len(headers) == 1


@pytest.mark.parametrize(
    "user", [None, "", " ", "anna", True, 0, -1, 1.5, User(name="new"), b"a@b.c", "a@b.c\nX: 1"]
)
def test_anything_else_is_rejected(account, user, count_requests):
    """Before anything is sent."""
    with (
        count_requests(account, 0),
        pytest.raises(InvalidValue, match="e-mail address or the id"),
        account.acting_as(user),
    ):
        pass


def test_it_ends_with_the_block(account, headers):
    """Also after an exception; blocks can be nested."""
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
    """What the agent has read is not shown to the user, and the other way round."""
    with account.session():
        anna = User.objects.get(email=ANNA)
        with account.acting_as(ANNA) as acting:
            assert account.current().identity.get(User, anna.pk) is None
            assert account.current().account is acting
            assert acting.rows is not account.rows
            inside = account.current()
        assert account.current().identity.get(User, anna.pk) is anna
        with account.acting_as(BEN):
            assert account.current() is not inside


def test_an_object_read_in_the_block_stays_the_user_s(account, headers):
    """What it loads later is requested as the user, too."""
    with account.acting_as(ANNA):
        made = Request.objects.create(subject="Broken", comment={"body": "It is broken."})
    headers.clear()

    made.refresh_from_db()

    assert headers == [ANNA]


def test_calls_through_the_account_act_as_the_user(account, headers):
    """`raw`, `search()` and `session()` of the account from outside."""
    headers.clear()

    with account.acting_as(ANNA) as acting:
        account.raw.get("/api/v2/users/me")
        acting.raw.get("/api/v2/users/me")
        with account.session():
            list(Request.objects.all())

    assert headers == [ANNA] * 3
    assert "anna@example.com" in repr(acting)


def test_what_was_made_before_the_block_acts_as_the_user_inside(account, headers):
    """A way to make calls, a query and a batch belong to whom they are used as."""
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


def test_brands_act_as_the_user_too(account, headers):
    """A brand's host belongs to the account; listing brands is done as the agent."""
    Brand.objects.create(name="Outdoor", subdomain="outdoor")
    headers.clear()

    with account.acting_as(ANNA):
        outdoor = account.brand("outdoor")
        list(Request.objects.using(outdoor.alias))
    list(Request.objects.using(outdoor.alias))

    assert headers == [None, ANNA, None]


def test_other_threads_act_as_themselves(account, headers):
    """The block belongs to the thread that opened it."""
    headers.clear()

    with account.acting_as(ANNA):
        thread = threading.Thread(target=lambda: User.objects.count())
        thread.start()
        thread.join()

    assert headers == [None]


def test_requests_are_counted_with_the_account_s(account, count_requests):
    """Whoever they act as."""
    with count_requests(account, 1), account.acting_as(ANNA):
        list(Request.objects.all())


def test_it_cannot_begin_inside_a_batch(account):
    """The changes of the batch would be sent as somebody else."""
    with (
        account.batch(),
        pytest.raises(ConfigurationError, match="open the batch inside"),
        account.acting_as(ANNA),
    ):
        pass


def test_a_dry_run_sends_nothing_as_the_user_either(account, count_requests):
    """Neither inside nor around the block."""
    with count_requests(account, 0):
        with account.dry_run(quiet=True) as diff, account.acting_as(ANNA):
            Request.objects.create(subject="x", comment={"body": "y"})
        with account.acting_as(ANNA), account.dry_run(quiet=True) as inner:
            Request.objects.create(subject="x", comment={"body": "y"})

    assert (len(diff), len(inner)) == (1, 1)


def test_an_unknown_user_is_named_and_spends_no_token(strict, account):
    """Zendesk answers as to an expired token; the token is asked about, and kept."""
    before = len(strict.token_requests)

    for user in ("nobody@example.com", "999999", "owner@example.com"):
        with pytest.raises(AuthenticationFailed, match=user), account.acting_as(user):
            list(Request.objects.all())

    assert len(strict.token_requests) == before


def test_an_expired_token_is_renewed_while_acting(strict, account):
    """As without it."""
    with account.acting_as(ANNA):
        list(Request.objects.all())
        session = strict.session()
        token = account.transport.credentials.authorization()
        session.delete(f"{HOME}/api/v2/oauth/tokens/current", headers={"Authorization": token})

        assert list(Request.objects.all()) == []


def test_a_token_without_the_scope_is_told(strict, client):
    """The error names the scope."""
    account = connect_to(strict, oauth=client)

    with pytest.raises(MissingScope) as caught, account.acting_as(ANNA):
        list(Request.objects.all())

    assert "impersonate" in caught.value.scopes


def test_many_users_take_a_bounded_amount_of_memory(account):
    """The rows of a user who was not acted as for long are dropped."""
    for number in range(200):
        with account.acting_as(number + 1):
            account.current()

    assert len(account._views) <= 64


def test_nothing_is_left_of_many_users(account):
    """Their sessions end with the blocks, in a thread that lives on."""
    Brand.objects.create(name="Outdoor", subdomain="outdoor")
    outdoor = account.brand("outdoor")
    for number in range(200):
        with account.acting_as(number + 1):
            account.current()
            outdoor.current()
    gc.collect()

    sessions = [each for each in gc.get_objects() if issubclass(type(each), Session)]
    assert len([each for each in sessions if each.transport.on_behalf_of]) == 0
    accounts = [each for each in gc.get_objects() if issubclass(type(each), Sessions)]
    assert len([each for each in accounts if each.transport.on_behalf_of]) <= 2 * 64


def test_a_block_keeps_its_caches_however_many_users_others_act_as(account):
    """A server with a hundred threads would lose own writes otherwise."""

    def act():
        for number in range(100):
            with account.acting_as(number + 1):
                account.current()

    with account.acting_as(ANNA) as acting:
        session = account.current()
        thread = threading.Thread(target=act)
        thread.start()
        thread.join()

        assert account.effective() is acting
        assert account.current() is session


def test_views_of_views_are_those_of_the_account(account):
    """Acting as a user is the same wherever it begins, so that caches are the same, too."""
    with account.acting_as(BEN) as ben:
        pass
    with account.acting_as(ANNA) as anna, anna.acting_as(BEN) as nested:
        assert nested is ben


def test_generators_may_end_their_blocks_in_any_order(account):
    """Nobody is acted as when all of them have ended."""

    def act(user):
        with account.acting_as(user):
            yield account.effective().transport.on_behalf_of

    first, second = act(ANNA), act(BEN)
    assert [next(first), next(second)] == [ANNA, BEN]
    first.close()
    assert account.effective().transport.on_behalf_of == BEN
    second.close()

    assert account.effective() is account


def test_a_block_may_end_in_another_context(account):
    """As an asynchronous generator that is closed by the event loop."""

    def act():
        with account.acting_as(ANNA):
            yield

    generator = act()
    contextvars.copy_context().run(next, generator)
    generator.close()

    assert account.effective() is account


def test_an_iteration_belongs_to_whom_it_was_begun_as(account, headers):
    """It goes on as the user after the block, and as the agent inside one."""
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


def test_an_object_that_is_no_user_is_rejected(account):
    """The id of a group is not taken for that of a user."""
    group = Group.objects.first()

    with pytest.raises(InvalidValue, match="e-mail address or the id"), account.acting_as(group):
        pass


def test_other_credentials_can_act_as_a_user():
    """The emulator knows the header whatever the credentials are."""
    with Emulator() as emulator:
        account = emulator.connect()
        User.objects.create(name="Anna", email=ANNA, role="end-user")

        with account.acting_as(ANNA):
            me = account.raw.get("/api/v2/users/me")

        assert me["user"]["email"] == ANNA


def test_the_header_does_not_leave_the_account_s_host(account, headers):
    """A download that is redirected to another host does not take it along."""
    assert account.transport.acting_as(ANNA).on_behalf_of == ANNA
    assert connect(subdomain="other", anonymous=True, alias="o").transport.on_behalf_of is None
