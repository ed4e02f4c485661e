"""Deleted users: listed for a while, then deleted permanently."""

from __future__ import annotations

import pytest

from tests.support.people import create_user
from zendesk_orm import DeletedUser, NotFound, User


def test_a_deleted_user_is_listed(account, count_requests):
    """A deleted user is listed by `User.deleted` with its values."""
    ada = create_user("Ada")
    with count_requests(account, 1):
        assert ada.delete() == (1, {"support.User": 1})
    with count_requests(account, 2):
        (deleted,) = User.deleted.all()
        assert User.deleted.count() == 1
    assert (deleted.pk, deleted.name, deleted.email, deleted.active) == (
        ada.pk,
        "Ada",
        "ada@example.com",
        False,
    )
    with count_requests(account, 1):
        assert User.deleted.get(ada.pk) is deleted


def test_a_deleted_user_is_shown_by_id(emulator, account):
    """A deleted user is returned by id, not active; a switch of the emulator changes that."""
    ada = create_user("Ada")
    ada.delete()

    assert (User.objects.get(ada.pk).active, ada in list(User.objects.all())) == (False, False)
    emulator.switches.deleted_users_shown = False
    account.cache.clear()
    with pytest.raises(User.DoesNotExist):
        User.objects.get(ada.pk)
    emulator.switches.deleted_users_shown = True
    User.deleted.get(ada.pk).delete()
    account.cache.clear()
    with pytest.raises(User.DoesNotExist):
        User.objects.get(ada.pk)


def test_a_permanent_deletion_removes_personal_data(account, count_requests):
    """`delete(permanent=True)` deletes a user and its personal data in two requests."""
    ada = create_user("Ada")
    with count_requests(account, 2):
        assert ada.delete(permanent=True) == (1, {"support.User": 1})

    (remaining,) = User.deleted.all()
    assert (remaining.name, remaining.email) == ("Permanently Deleted User", None)
    with pytest.raises(DeletedUser.DoesNotExist):
        User.deleted.get(ada.pk)


def test_a_deleted_user_is_deleted_permanently(account, count_requests):
    """Deleting a deleted user is permanent and succeeds once."""
    create_user("Ada").delete()
    (deleted,) = User.deleted.all()
    with count_requests(account, 1):
        assert deleted.delete() == (1, {"support.DeletedUser": 1})
    with pytest.raises(NotFound):
        deleted.delete()


def test_deletion_statuses_are_listed_by_product(account, count_requests):
    """The progress of a permanent deletion is listed for all products or for one."""
    ada = create_user("Ada")
    with count_requests(account, 1):
        assert list(ada.compliance_deletion_statuses.all()) == []
    ada.delete(permanent=True)
    statuses = ada.compliance_deletion_statuses
    with count_requests(account, 2):
        steps = [(status.application, status.action) for status in statuses.all()]
        support = list(statuses.filter(application="support"))

    assert steps == [("all", "request_deletion"), ("support", "started"), ("support", "complete")]
    assert [row.action for row in support] == ["started", "complete"]
    assert next(iter(statuses.all())).executer == User.objects.me()
