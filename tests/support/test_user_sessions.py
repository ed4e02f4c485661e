"""User sessions: signed-in users, and signing out."""

from __future__ import annotations

import pytest

from tests.support.people import connect_as, create_user
from zendesk_orm import InvalidValue, NotFound, User, UserSession


@pytest.fixture
def ada(emulator, account):
    """Create a signed-in end user."""
    user = create_user("Ada")
    with connect_as(emulator, user):
        UserSession.objects.using("other").current()
    return user


def test_the_session_of_the_caller_is_managed(account, count_requests):
    """The session of the authenticated user is fetched, renewed and ended."""
    with count_requests(account, 3):
        session = UserSession.objects.current()
        assert UserSession.objects.current() is session
        assert UserSession.objects.renew() == "emulated"
    assert session.user == User.objects.me()

    with count_requests(account, 1):
        assert UserSession.objects.logout() is None
    assert list(UserSession.objects.all()) == []


def test_a_request_without_a_session_raises(emulator, account):
    """`current()` raises `NotFound` for a caller without a session."""
    emulator.switches.token_sessions = False

    with pytest.raises(NotFound):
        UserSession.objects.current()


def test_an_administrator_lists_all_sessions(account, ada, count_requests):
    """An administrator lists the sessions of all users, other users only their own."""
    mine = UserSession.objects.current()
    with count_requests(account, 2):
        assert len(list(UserSession.objects.all())) == 2
        (hers,) = ada.sessions.all()
    assert hers.user == ada
    assert [session.pk for session in UserSession.objects.using("other").all()] == [hers.pk]
    with count_requests(account, 1):
        assert UserSession.objects.get(user=ada, id=hers.pk) is hers
    assert mine != hers


def test_deleting_a_session_signs_out(account, ada, count_requests):
    """Deleting a session ends it."""
    (hers,) = ada.sessions.all()
    with count_requests(account, 1):
        hers.delete()

    assert list(ada.sessions.all()) == []


def test_logout_ends_all_sessions_of_a_user(account, ada, count_requests):
    """`logout()` ends all sessions of a user in one request."""
    with count_requests(account, 1):
        assert ada.logout() is None

    assert list(ada.sessions.all()) == []


def test_logout_many_sends_chunks_without_duplicates(account, ada, count_requests, sent):
    """`logout_many()` signs out a hundred users per request, each once."""
    with count_requests(account, 2):
        User.objects.logout_many([ada, ada.pk, *range(1, 151)])

    assert [len(dict(request.params)["ids"].split(",")) for request in sent] == [100, 51]
    assert list(ada.sessions.all()) == []


def test_logout_many_requires_saved_users(account, ada, count_requests):
    """`logout_many()` with an unsaved user raises `InvalidValue` before any request."""
    with count_requests(account, 0), pytest.raises(InvalidValue, match="save it first"):
        User.objects.logout_many([ada, User(name="x")])
