"""Passwords: set, changed, and shown to nobody."""

from __future__ import annotations

import json

import pytest

from tests.support.people import person
from zendesk_orm import InvalidValue, PermissionDenied, User, ValidationError
from zendesk_orm.support.passwords import Secret, secret


SECRET = "S3CR3T-do-not-show"


@pytest.fixture
def account(emulator):
    """An account of the emulator."""
    return emulator.connect()


def test_a_password_is_set(account, count_requests):
    """By an administrator, in one request, where the account allows it."""
    ada = person("Ada")
    with count_requests(account, 1):
        assert ada.set_password(SECRET) is None


def test_an_account_has_to_allow_it(emulator, account):
    """As long as it does not, nobody's password is set."""
    emulator.switches.admins_set_passwords = False

    with pytest.raises(PermissionDenied):
        person("Ada").set_password(SECRET)


def test_a_password_has_to_be_like_something(account, count_requests):
    """Zendesk tells what like, and refuses any other."""
    ada = person("Ada")
    with count_requests(account, 1):
        requirements = ada.password_requirements()
    assert "must be at least 5 characters" in requirements

    with pytest.raises(ValidationError) as caught:
        ada.set_password("shrt")
    assert ["password"] == list(caught.value.details)


def test_ones_own_password_is_changed(account, count_requests):
    """By whoever knows the one before; nobody else's."""
    me, ada = User.objects.me(), person("Ada")
    with count_requests(account, 1):
        me.change_password("anything", SECRET)
    me.change_password(SECRET, f"{SECRET}2")

    for user, previous in ((me, SECRET), (ada, SECRET)):
        with pytest.raises(PermissionDenied) as caught:
            user.change_password(previous, "another")
        assert SECRET not in f"{caught.value}{caught.value!r}"


def test_no_empty_password_is_sent(account, count_requests):
    """It is refused here, without showing what was given."""
    ada = person("Ada")
    with count_requests(account, 0):
        for wrong in ("", None, 17):
            with pytest.raises(InvalidValue, match="password wants a text") as caught:
                ada.set_password(wrong)
            assert "17" not in str(caught.value)
        with pytest.raises(InvalidValue, match="previous wants"):
            ada.change_password("", SECRET)
        with pytest.raises(InvalidValue, match="new wants"):
            ada.change_password(SECRET, "")


def test_no_request_shows_it(account, sent):
    """Not the request that a receiver or a log is given; what goes out is the password."""
    person("Ada").set_password(SECRET)
    request = sent[-1]

    assert SECRET not in f"{request} {request!r} {request.json} {request.json['password']}"
    assert {"password": SECRET} == json.loads(json.dumps(request.json))


def test_no_dry_run_shows_it(account, capsys):
    """It tells of the call, and not what is sent with it."""
    ada = person("Ada")
    with account.dry_run() as diff:
        ada.set_password(SECRET)

    told = f"{diff}{capsys.readouterr().out}"
    assert "set_password" in told
    assert SECRET not in told


def test_a_secret_shows_nothing_of_itself():
    """Whatever it is put into; and is a text all the same."""
    given = secret(SECRET)

    for shown in (repr(given), str(given), f"{given:>30}", f"{[given]}", "%s" % given):  # noqa: UP031 - one more way to show it
        assert SECRET not in shown
    assert isinstance(given, Secret)
    assert given == SECRET
