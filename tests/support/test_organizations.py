"""Organizations: searched, merged, created or updated, and tagged."""

from __future__ import annotations

import pytest

from tests.support.people import create_user
from zendesk_orm import (
    BulkError,
    Comment,
    InvalidValue,
    NotFound,
    Organization,
    OrganizationMerge,
    Ticket,
    User,
)


@pytest.fixture
def acme(account):
    """Create an organization."""
    return Organization.objects.create(name="Acme", domain_names=["acme.com"])


@pytest.fixture
def globex(account):
    """Create another organization."""
    return Organization.objects.create(name="Globex", domain_names=["globex.com"])


def test_related_objects_are_counted(account, acme, count_requests):
    """`count_related_objects()` returns the numbers of tickets and users in one request."""
    user = create_user("Ann", organization=acme)
    Ticket.objects.create(subject="x", comment=Comment(body="y"), requester=user, organization=acme)
    with count_requests(account, 1):
        assert acme.count_related_objects() == {"tickets_count": 1, "users_count": 1}


def test_organizations_are_found_by_name(account, acme, globex, count_requests):
    """`autocomplete` finds organizations by the beginning of a name, `called` by the whole name."""
    with count_requests(account, 2):
        assert list(Organization.objects.filter(autocomplete="ac")) == [acme]
        assert Organization.objects.get(called="gloBEX") == globex

    with pytest.raises(Organization.DoesNotExist):
        Organization.objects.get(called="Glob")


def test_organizations_of_a_user_are_listed(account, acme, count_requests):
    """Organizations of a user are listed and counted from the user or by a filter."""
    user = create_user("Ann", organization=acme)
    with count_requests(account, 3):
        assert list(user.organizations) == [acme]
        assert list(Organization.objects.filter(user=user)) == [acme]
        assert user.organizations.count() == 1
    assert list(acme.users) == [user]


def test_a_merge_moves_users_tickets_and_domains(emulator, account, acme, globex):
    """A merge moves users, tickets and domains, deletes the source and refreshes the target."""
    user = create_user("Ann", organization=acme)
    ticket = Ticket.objects.create(
        subject="x", comment=Comment(body="y"), requester=user, organization=acme
    )

    before = len(emulator.requests)
    winner = acme.merge(into=globex)

    assert winner is globex
    merging = emulator.requests[before:]
    assert merging[0] == f"POST organizations/{acme.pk}/merge"
    assert {line.startswith("GET organization_merges/") for line in merging[1:]} == {True}
    assert globex.domain_names == ["globex.com", "acme.com"]
    user.refresh_from_db()
    ticket.refresh_from_db()
    assert (user.organization, ticket.organization) == (globex, globex)
    with pytest.raises(Organization.DoesNotExist):
        acme.refresh_from_db()


def test_merges_are_listed(account, acme, globex, count_requests):
    """A merge is listed for both of its organizations."""
    loser = acme.pk
    acme.merge(into=globex.pk)
    with count_requests(account, 2):
        (merge,) = globex.merges
        assert list(OrganizationMerge.objects.filter(organization=loser)) == [merge]

    assert (merge.status, merge.loser_id, merge.winner) == ("complete", loser, globex)
    assert merge.ended
    with count_requests(account, 0):
        assert merge.wait() is merge


def test_a_merge_that_takes_too_long_times_out(emulator, account, acme, globex):
    """A merge that is not complete within `timeout` raises `TimeoutError`, and continues."""
    emulator.switches.job_seconds = 60
    with pytest.raises(TimeoutError, match="in_progress"):
        acme.merge(into=globex, timeout=5)

    (merge,) = globex.merges
    assert not merge.ended
    assert merge.wait().status == "complete"


def test_a_failed_merge_raises(account, acme, globex):
    """A failed merge raises `BulkError`, which suggests another attempt."""
    row = {"id": "01", "loser_id": acme.pk, "winner_id": globex.pk, "status": "error"}
    merge = OrganizationMerge.from_row(row, account.current())

    with pytest.raises(BulkError, match="tried again") as caught:
        merge.wait()
    assert [outcome.id for outcome in caught.value.result] == [acme.pk]


@pytest.mark.parametrize("into", ["itself", "nothing", "new"])
def test_invalid_merges_are_rejected(account, acme, count_requests, into):
    """Merging into itself, None or an unsaved organization raises before any request."""
    other = {"itself": acme, "nothing": None, "new": Organization(name="New")}[into]
    with (
        count_requests(account, 0),
        pytest.raises(InvalidValue, match=r"another|saved Organization|save it first"),
    ):
        acme.merge(into=other)


def test_a_dry_run_describes_a_merge(account, acme, globex, count_requests):
    """A dry run describes the merge and sends nothing."""
    with count_requests(account, 0), account.dry_run(quiet=True) as diff:
        assert acme.merge(into=globex) is globex
    assert "merge" in str(diff)


def test_create_or_update_finds_the_organization(account, count_requests):
    """`create_or_update()` finds an organization by id or external id in one request."""
    with count_requests(account, 3):
        created = Organization.objects.create_or_update(external_id="a-1", name="Acme")
        updated = Organization.objects.create_or_update(external_id="a-1", notes="VIP")
        again = Organization.objects.create_or_update(id=created.pk, name="Acme Inc")

    assert created is updated is again
    assert (created.name, created.notes) == ("Acme Inc", "VIP")


def test_create_or_update_requires_an_id(account, count_requests):
    """`create_or_update()` by name raises `InvalidValue`, because names do not identify."""
    with count_requests(account, 0), pytest.raises(InvalidValue, match="external_id"):
        Organization.objects.create_or_update(name="Acme")


def test_tags_are_changed_without_a_save(account, acme, count_requests):
    """Tags are added, removed and set in one request each, and unsaved edits are preserved."""
    acme.notes = "unsaved"
    with count_requests(account, 4):
        assert sorted(acme.add_tags("vip", "gold")) == ["gold", "vip"]
        assert acme.remove_tags("gold") == ["vip"]
        assert acme.set_tags("new") == ["new"]
        assert acme.set_tags() == []
        assert acme.tags == []
    assert acme.notes == "unsaved"
    with count_requests(account, 1):
        assert acme.name == "Acme"


def test_fetch_tags_updates_the_tags_only(account, acme, count_requests):
    """`fetch_tags()` fetches the tags, and no other values, in one request."""
    stale = Organization.from_row(acme.to_dict(), account.current())
    acme.add_tags("theirs")
    with count_requests(account, 1):
        assert stale.fetch_tags() == ["theirs"]
        assert (stale.name, stale.tags) == ("Acme", ["theirs"])


def test_tickets_and_users_have_tag_methods(account, count_requests):
    """Tickets and users have the same methods for tags."""
    ticket = Ticket.objects.create(subject="x", comment=Comment(body="y"))
    user = User.objects.me()
    with count_requests(account, 2):
        assert ticket.add_tags("vip") == ["vip"]
        assert user.set_tags("vip") == ["vip"]


@pytest.mark.parametrize("tags", [(), ("",), (1,), (["a", "b"],)])
def test_invalid_tags_are_rejected(account, acme, count_requests, tags):
    """Tags that are empty, missing or not strings raise `InvalidValue` before any request."""
    with count_requests(account, 0), pytest.raises(InvalidValue, match="separate arguments"):
        acme.add_tags(*tags)


def test_a_deleted_organization_is_not_found(account, acme):
    """Counting the related objects of a deleted organization raises `NotFound`."""
    acme.delete()
    deleted = Organization(id=acme.pk)
    deleted.attach_to(account.current())

    with pytest.raises(NotFound):
        deleted.count_related_objects()


def test_users_of_an_organization_have_it_as_default(account, emulator, acme, globex):
    """`organization.users` omits other members, whatever its filters or order."""
    employee = create_user("Eve", organization=acme)
    create_user("Max", organization=globex).organizations.add(acme)
    emulator.clock.sleep(100)

    users = acme.users.all()
    for query in (users, users.scan().order_by("phone"), users.order_by("name"), users.scan()):
        assert list(query) == [employee]
        assert query.all().count() == 1
    assert not users.filter(name="Max")
    assert len(acme.memberships.all()) == 2
