"""End users as they see and change themselves."""

from __future__ import annotations

import pytest

from tests.support.people import connect_as, create_user
from zendesk_orm import EndUser, EndUserIdentity, FieldError, PermissionDenied, ValidationError


@pytest.fixture
def ada(emulator):
    """Connect an account as an end user, and fetch her own row."""
    emulator.connect()
    user = create_user("Ada", notes="Difficult.")
    with connect_as(emulator, user) as account:
        yield account, EndUser.objects.using(account.alias).get(user.pk)


def test_an_end_user_reads_her_own_row(ada, count_requests):
    """An end user reads her own row, without the notes of agents."""
    account, me = ada
    with count_requests(account, 1):
        me.refresh_from_db()

    assert (me.name, me.email, me.role) == ("Ada", "ada@example.com", "end-user")
    assert "notes" not in me.to_dict()


def test_an_end_user_changes_her_own_row(ada, count_requests):
    """An end user changes her name in one request."""
    account, me = ada
    me.name = "Ada Lovelace"
    with count_requests(account, 1):
        me.save()

    other = EndUser.objects.using("default")
    assert other.get(me.pk).name == "Ada Lovelace"


def test_an_end_user_cannot_read_others(emulator, ada):
    """Fetching another end user raises `PermissionDenied`."""
    account, _ = ada
    ben = create_user("Ben")

    with pytest.raises(PermissionDenied):
        EndUser.objects.using(account.alias).get(ben.pk)


def test_an_end_user_manages_her_identities(ada, count_requests):
    """An end user creates, verifies and deletes identities, and makes one primary."""
    account, me = ada
    with count_requests(account, 1):
        home = me.identities.create(type="email", value="ada@home.example")
    with count_requests(account, 2):
        home.request_verification()
        assert home.make_primary() is home
    with count_requests(account, 1):
        is_primary = {identity.value: identity.primary for identity in me.identities.all()}
    assert is_primary == {"ada@example.com": False, "ada@home.example": True}
    with count_requests(account, 1):
        home.delete()

    me.refresh_from_db()
    assert me.email == "ada@example.com"


def test_end_users_have_limited_identities(ada):
    """End users cannot verify an address directly, or add identities of other services."""
    account, me = ada
    (only,) = me.identities.all()

    with pytest.raises(FieldError, match="does not support verify"):
        only.verify()
    with pytest.raises(ValidationError):
        EndUserIdentity.objects.using(account.alias).create(
            user=me.pk, type="google", value="ada@gmail.example"
        )
