"""Who belongs to which organization, and who hears of it."""

from __future__ import annotations

import pytest

from tests.support.people import person
from zendesk_orm import (
    Comment,
    FieldError,
    InvalidValue,
    NotFound,
    Organization,
    OrganizationMembership,
    OrganizationSubscription,
    Ticket,
    ValidationError,
)


@pytest.fixture
def account(emulator):
    """An account of the emulator."""
    return emulator.connect()


@pytest.fixture
def acme(account):
    """An organization."""
    return Organization.objects.create(name="Acme")


@pytest.fixture
def globex(account):
    """Another organization."""
    return Organization.objects.create(name="Globex")


@pytest.fixture
def ann(account):
    """A user who is in no organization."""
    return person("Ann")


def test_a_membership_joins_user_and_organization(account, acme, ann, count_requests):
    """It can be read from both sides, in a request each; the first is the default one."""
    with count_requests(account, 1):
        made = acme.memberships.create(user=ann)
    assert (ann, acme, True, "Acme") == (
        made.user,
        made.organization,
        made.default,
        made.organization_name,
    )

    with count_requests(account, 3):
        assert [made] == list(acme.memberships.all())
        assert [made] == list(ann.organization_memberships.all())
        assert [ann] == list(acme.users)
    ann.refresh_from_db()
    assert acme == ann.organization


def test_who_was_made_with_an_organization_is_a_member(account, acme, count_requests):
    """Nobody has to say so; users and organizations come along."""
    user = person("Bob", organization=acme)
    rows = OrganizationMembership.objects.select_related("user", "organization")
    with count_requests(account, 1):
        (membership,) = rows
        assert ("Bob", "Acme") == (membership.user.name, membership.organization.name)
    assert user == membership.user


def test_another_organization_becomes_the_default(account, acme, globex, ann, count_requests):
    """All memberships at hand know, and so does the user."""
    first = acme.memberships.create(user=ann)
    second = globex.memberships.create(user=ann)
    assert (True, None) == (first.default, second.default)

    with count_requests(account, 1):
        assert second is second.make_default()
        assert (None, True) == (first.default, second.default)
    with count_requests(account, 1):
        assert globex.pk == ann.organization_id


def test_a_user_and_an_organization_tell_the_membership(account, acme, globex, ann, count_requests):
    """Nobody has to look for it first."""
    acme.memberships.create(user=ann)
    globex.memberships.create(user=ann)
    members = OrganizationMembership.objects
    with count_requests(account, 2):
        assert members.set_default(user=ann, organization=globex).default
        members.remove(user=ann.pk, organization=globex.pk)

    assert [acme] == list(ann.organizations)
    assert acme.pk == ann.organization_id
    with pytest.raises(NotFound):
        members.remove(user=ann, organization=globex)


@pytest.mark.parametrize("wrong", [None, Organization(name="New"), "Acme"])
def test_a_pair_has_to_be_known(account, ann, count_requests, wrong):
    """What has no id is refused before anything is sent."""
    with count_requests(account, 0), pytest.raises(InvalidValue):
        OrganizationMembership.objects.remove(user=ann, organization=wrong)


def test_nobody_is_a_member_twice(account, acme, ann):
    """Zendesk says so."""
    acme.memberships.create(user=ann)

    with pytest.raises(ValidationError, match="taken"):
        acme.memberships.create(user=ann)


def test_a_membership_cannot_be_changed(account, acme, globex, ann, count_requests):
    """It is deleted, and another is made."""
    made = acme.memberships.create(user=ann)
    made.organization = globex
    with count_requests(account, 0), pytest.raises(FieldError, match="no update"):
        made.save()


def test_who_leaves_takes_tickets_along(account, acme, ann, count_requests):
    """Those in work have no organization any more, the solved ones keep it."""
    made = acme.memberships.create(user=ann)
    told = {"subject": "x", "requester": ann, "organization": acme}
    ticket, solved = (
        Ticket.objects.create(**told, comment=Comment(body="y"), status=status)
        for status in ("open", "solved")
    )
    with count_requests(account, 1):
        made.delete()

    ticket.refresh_from_db()
    solved.refresh_from_db()
    ann.refresh_from_db()
    assert (None, acme, None) == (ticket.organization, solved.organization, ann.organization)


def test_many_memberships_are_made_and_deleted(account, acme):
    """In jobs."""
    people = [person(name) for name in ("Bob", "Carol", "Dan")]
    made = [OrganizationMembership(user=each, organization=acme) for each in people]

    OrganizationMembership.objects.bulk_create(made)

    assert set(people) == set(acme.users)
    assert 3 == int(acme.memberships.all().delete())
    assert [] == list(acme.users)


def test_somebody_subscribes_to_an_organization(account, acme, ann, count_requests):
    """Which can be read from both sides, and taken back."""
    with count_requests(account, 3):
        made = acme.subscriptions.create(user=ann)
        assert [made] == list(acme.subscriptions.all())
        assert [made] == list(ann.organization_subscriptions.all())
    assert (ann, acme) == (made.user, made.organization)

    made.delete()
    assert [] == list(OrganizationSubscription.objects.all())
