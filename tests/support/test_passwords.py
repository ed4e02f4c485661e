"""Passwords: set and changed, and never shown."""

from __future__ import annotations

import json

import pytest

from tests.support.people import create_user
from zendesk_orm import InvalidValue, PermissionDenied, User, ValidationError
from zendesk_orm.support.users.passwords import Secret, secret


SECRET = "S3CR3T-do-not-show"


def test_an_administrator_sets_a_password(account, count_requests):
    """An administrator sets the password of a user in one request."""
    ada = create_user("Ada")
    with count_requests(account, 1):
        assert ada.set_password(SECRET) is None


def test_setting_passwords_requires_an_account_setting(emulator, account):
    """Unless the account allows it, setting a password raises `PermissionDenied`."""
    emulator.switches.admins_set_passwords = False

    with pytest.raises(PermissionDenied):
        create_user("Ada").set_password(SECRET)


def test_a_password_must_meet_the_requirements(account, count_requests):
    """The requirements of Zendesk can be listed, and a password that violates them is rejected."""
    ada = create_user("Ada")
    with count_requests(account, 1):
        requirements = ada.password_requirements()
    assert "must be at least 5 characters" in requirements

    with pytest.raises(ValidationError) as caught:
        ada.set_password("shrt")
    assert list(caught.value.details) == ["password"]


def test_a_change_requires_the_previous_password(account, count_requests):
    """Changing a password requires the previous one; the error shows neither."""
    me, ada = User.objects.me(), create_user("Ada")
    with count_requests(account, 1):
        me.change_password("anything", SECRET)
    me.change_password(SECRET, f"{SECRET}2")

    for user, previous in ((me, SECRET), (ada, SECRET)):
        with pytest.raises(PermissionDenied) as caught:
            user.change_password(previous, "another")
        assert SECRET not in f"{caught.value}{caught.value!r}"


def test_an_invalid_password_is_rejected(account, count_requests):
    """An empty or non-string password raises before any request; the message hides the value."""
    ada = create_user("Ada")
    with count_requests(account, 0):
        for wrong in ("", None, 17):
            with pytest.raises(InvalidValue, match="password must be") as caught:
                ada.set_password(wrong)
            assert "17" not in str(caught.value)
        with pytest.raises(InvalidValue, match="previous must be"):
            ada.change_password("", SECRET)
        with pytest.raises(InvalidValue, match="new must be"):
            ada.change_password(SECRET, "")


def test_requests_hide_the_password(account, sent):
    """The repr of a request hides the password, its serialized body contains it."""
    create_user("Ada").set_password(SECRET)
    request = sent[-1]

    assert SECRET not in f"{request} {request!r} {request.json} {request.json['password']}"
    assert json.loads(json.dumps(request.json)) == {"password": SECRET}


def test_a_dry_run_hides_the_password(account, capsys):
    """A dry run describes the call without the password."""
    ada = create_user("Ada")
    with account.dry_run() as diff:
        ada.set_password(SECRET)

    output = f"{diff}{capsys.readouterr().out}"
    assert "set_password" in output
    assert SECRET not in output


def test_a_secret_is_hidden_in_any_format():
    """A secret equals its value, and no formatting of it shows the value."""
    password = secret(SECRET)

    for text in (
        repr(password),
        str(password),
        f"{password:>30}",
        f"{[password]}",
        "%s" % password,  # noqa: UP031 - one more way to show it
    ):
        assert SECRET not in text
    assert isinstance(password, Secret)
    assert password == SECRET
