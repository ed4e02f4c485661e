"""Sessions: who is signed in, and signing out."""

from __future__ import annotations

import pytest

from tests.support.people import person, signed_in
from zendesk_orm import InvalidValue, NotFound, User, UserSession


@pytest.fixture
def account(emulator):
    """An account of the emulator."""
    return emulator.connect()


@pytest.fixture
def ada(emulator, account):
    """An end user who is signed in."""
    user = person("Ada")
    with signed_in(emulator, user):
        UserSession.objects.using("other").current()
    return user


def test_ones_own_session(account, count_requests):
    """Is shown, renewed, and ended."""
    with count_requests(account, 3):
        session = UserSession.objects.current()
        assert session is UserSession.objects.current()
        assert "emulated" == UserSession.objects.renew()
    assert User.objects.me() == session.user

    with count_requests(account, 1):
        assert UserSession.objects.logout() is None
    assert [] == list(UserSession.objects.all())


def test_without_a_session_there_is_none(emulator, account):
    """As where a token is asking."""
    emulator.switches.token_sessions = False

    with pytest.raises(NotFound):
        UserSession.objects.current()


def test_an_administrator_is_told_the_sessions_of_all(account, ada, count_requests):
    """And of one user; others are told their own."""
    mine = UserSession.objects.current()
    with count_requests(account, 2):
        assert 2 == len(list(UserSession.objects.all()))
        (hers,) = ada.sessions.all()
    assert ada == hers.user
    assert [hers.pk] == [each.pk for each in UserSession.objects.using("other").all()]
    with count_requests(account, 1):
        assert hers is UserSession.objects.get(user=ada, id=hers.pk)
    assert mine != hers


def test_one_session_is_ended(account, ada, count_requests):
    """By deleting it."""
    (hers,) = ada.sessions.all()
    with count_requests(account, 1):
        hers.delete()

    assert [] == list(ada.sessions.all())


def test_all_sessions_of_a_user_are_ended(account, ada, count_requests):
    """In one request."""
    with count_requests(account, 1):
        assert ada.logout() is None

    assert [] == list(ada.sessions.all())


def test_many_users_are_signed_out(account, ada, count_requests, sent):
    """A hundred a request, each once."""
    with count_requests(account, 2):
        User.objects.logout_many([ada, ada.pk, *range(1, 151)])

    assert [100, 51] == [len(dict(request.params)["ids"].split(",")) for request in sent]
    assert [] == list(ada.sessions.all())


def test_nobody_unknown_is_signed_out(account, ada, count_requests):
    """Which is said before anything is sent."""
    with count_requests(account, 0), pytest.raises(InvalidValue, match="save it first"):
        User.objects.logout_many([ada, User(name="x")])
