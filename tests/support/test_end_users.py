"""End users as they see and change themselves."""

from __future__ import annotations

import pytest

from tests.support.people import person, signed_in
from zendesk_orm import EndUser, EndUserIdentity, FieldError, PermissionDenied, ValidationError


@pytest.fixture
def ada(emulator):
    """An end user, as she sees herself, at an account of her own."""
    emulator.connect()
    user = person("Ada", notes="Difficult.")
    with signed_in(emulator, user) as account:
        yield account, EndUser.objects.using(account.alias).get(user.pk)


def test_an_end_user_sees_herself(ada, count_requests):
    """Without what agents keep to themselves."""
    account, me = ada
    with count_requests(account, 1):
        me.refresh_from_db()

    assert ("Ada", "ada@example.com", "end-user") == (me.name, me.email, me.role)
    assert "notes" not in me.to_dict()


def test_an_end_user_changes_herself(ada, count_requests):
    """In one request; nobody else's."""
    account, me = ada
    me.name = "Ada Lovelace"
    with count_requests(account, 1):
        me.save()

    other = EndUser.objects.using("default")
    assert "Ada Lovelace" == other.get(me.pk).name


def test_nobody_else_is_shown(emulator, ada):
    """Not even as an end user."""
    account, _ = ada
    ben = person("Ben")

    with pytest.raises(PermissionDenied):
        EndUser.objects.using(account.alias).get(ben.pk)


def test_an_end_user_manages_her_identities(ada, count_requests):
    """Of some types: made, read, made primary, and deleted."""
    account, me = ada
    with count_requests(account, 1):
        home = me.identities.create(type="email", value="ada@home.example")
    with count_requests(account, 2):
        home.request_verification()
        assert home is home.make_primary()
    with count_requests(account, 1):
        known = {each.value: each.primary for each in me.identities.all()}
    assert {"ada@example.com": False, "ada@home.example": True} == known
    with count_requests(account, 1):
        home.delete()

    me.refresh_from_db()
    assert "ada@example.com" == me.email


def test_what_end_users_cannot_do(ada):
    """They verify no address without mail, and are known by no account elsewhere."""
    account, me = ada
    (only,) = me.identities.all()

    with pytest.raises(FieldError, match="no verify"):
        only.verify()
    with pytest.raises(ValidationError):
        EndUserIdentity.objects.using(account.alias).create(
            user=me.pk, type="google", value="ada@gmail.example"
        )
