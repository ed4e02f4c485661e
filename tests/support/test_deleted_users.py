"""Users who were deleted: shown for a while, and forgotten for good."""

from __future__ import annotations

import pytest

from tests.support.people import person
from zendesk_orm import DeletedUser, NotFound, User


@pytest.fixture
def account(emulator):
    """An account of the emulator."""
    return emulator.connect()


def test_a_deleted_user_is_shown(account, count_requests):
    """Among the deleted ones, with what was known."""
    ada = person("Ada")
    with count_requests(account, 1):
        assert (1, {"support.User": 1}) == ada.delete()
    with count_requests(account, 2):
        (deleted,) = User.deleted.all()
        assert 1 == User.deleted.count()
    assert (ada.pk, "Ada", "ada@example.com", False) == (
        deleted.pk,
        deleted.name,
        deleted.email,
        deleted.active,
    )
    with count_requests(account, 1):
        assert deleted is User.deleted.get(ada.pk)


def test_a_user_is_deleted_for_good(account, count_requests):
    """In two steps, of which the second cannot be taken back."""
    ada = person("Ada")
    with count_requests(account, 2):
        assert (1, {"support.User": 1}) == ada.delete(permanent=True)

    (left,) = User.deleted.all()
    assert ("Permanently Deleted User", None) == (left.name, left.email)
    with pytest.raises(DeletedUser.DoesNotExist):
        User.deleted.get(ada.pk)


def test_a_deleted_user_is_forgotten_later(account, count_requests):
    """By deleting what is left; once."""
    person("Ada").delete()
    (deleted,) = User.deleted.all()
    with count_requests(account, 1):
        assert (1, {"support.DeletedUser": 1}) == deleted.delete()
    with pytest.raises(NotFound):
        deleted.delete()


def test_products_tell_how_far_they_are(account, count_requests):
    """In forgetting a user, and of one product alone where that is asked."""
    ada = person("Ada")
    with count_requests(account, 1):
        assert [] == list(ada.compliance_deletion_statuses.all())
    ada.delete(permanent=True)
    statuses = ada.compliance_deletion_statuses
    with count_requests(account, 2):
        steps = [(each.application, each.action) for each in statuses.all()]
        support = list(statuses.filter(application="support"))

    assert [("all", "request_deletion"), ("support", "started"), ("support", "complete")] == steps
    assert ["started", "complete"] == [each.action for each in support]
    assert User.objects.me() == next(iter(statuses.all())).executer
