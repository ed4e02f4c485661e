"""Organizations: looked up, counted, merged, and made or changed."""

from __future__ import annotations

import pytest

from tests.support.people import person
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
def account(emulator):
    """An account of the emulator."""
    return emulator.connect()


@pytest.fixture
def acme(account):
    """An organization."""
    return Organization.objects.create(name="Acme", domain_names=["acme.com"])


@pytest.fixture
def globex(account):
    """Another organization."""
    return Organization.objects.create(name="Globex", domain_names=["globex.com"])


def test_the_related_are_counted(account, acme, count_requests):
    """Tickets and users, in one request."""
    user = person("Ann", organization=acme)
    Ticket.objects.create(subject="x", comment=Comment(body="y"), requester=user, organization=acme)
    with count_requests(account, 1):
        assert {"tickets_count": 1, "users_count": 1} == acme.related()


def test_the_beginning_of_a_name_finds(account, acme, globex, count_requests):
    """And the whole name does, whatever its case."""
    with count_requests(account, 2):
        assert [acme] == list(Organization.objects.filter(autocomplete="ac"))
        assert globex == Organization.objects.get(called="gloBEX")

    with pytest.raises(Organization.DoesNotExist):
        Organization.objects.get(called="Glob")


def test_the_organizations_of_a_user_are_listed_and_counted(account, acme, count_requests):
    """Of the user, and by the lookup."""
    user = person("Ann", organization=acme)
    with count_requests(account, 3):
        assert [acme] == list(user.organizations)
        assert [acme] == list(Organization.objects.filter(user=user))
        assert 1 == user.organizations.count()
    assert [user] == list(acme.users)


def test_an_organization_is_merged_into_another(emulator, account, acme, globex):
    """Its users, tickets and domains move, and it is gone; the other is brought up to date."""
    user = person("Ann", organization=acme)
    ticket = Ticket.objects.create(
        subject="x", comment=Comment(body="y"), requester=user, organization=acme
    )

    before = len(emulator.requests)
    kept = acme.merge(into=globex)

    assert kept is globex
    merging = emulator.requests[before:]
    assert f"POST organizations/{acme.pk}/merge" == merging[0]
    assert {True} == {each.startswith("GET organization_merges/") for each in merging[1:]}
    assert ["globex.com", "acme.com"] == globex.domain_names
    user.refresh_from_db()
    ticket.refresh_from_db()
    assert (globex, globex) == (user.organization, ticket.organization)
    with pytest.raises(Organization.DoesNotExist):
        acme.refresh_from_db()


def test_merges_are_remembered(account, acme, globex, count_requests):
    """Both organizations had a part in it."""
    loser = acme.pk
    acme.merge(into=globex.pk)
    with count_requests(account, 2):
        (merge,) = globex.merges
        assert [merge] == list(OrganizationMerge.objects.filter(organization=loser))

    assert ("complete", loser, globex) == (merge.status, merge.loser_id, merge.winner)
    assert merge.ended
    with count_requests(account, 0):
        assert merge is merge.wait()


def test_a_merge_takes_its_time(emulator, account, acme, globex):
    """Nobody waits longer than is allowed, and it goes on."""
    emulator.switches.job_seconds = 60
    with pytest.raises(TimeoutError, match="in_progress"):
        acme.merge(into=globex, timeout=5)

    (merge,) = globex.merges
    assert not merge.ended
    assert "complete" == merge.wait().status


def test_a_merge_that_fails_is_an_error(account, acme, globex):
    """Which says that it can be tried again."""
    row = {"id": "01", "loser_id": acme.pk, "winner_id": globex.pk, "status": "error"}
    merge = OrganizationMerge.from_row(row, account.current())

    with pytest.raises(BulkError, match="tried again") as caught:
        merge.wait()
    assert [acme.pk] == [outcome.id for outcome in caught.value.result]


@pytest.mark.parametrize("into", ["itself", "nothing", "new"])
def test_what_cannot_be_merged_is_refused(account, acme, count_requests, into):
    """Before anything is sent."""
    other = {"itself": acme, "nothing": None, "new": Organization(name="New")}[into]
    with (
        count_requests(account, 0),
        pytest.raises(InvalidValue, match=r"another|saved Organization|save it first"),
    ):
        acme.merge(into=other)


def test_a_dry_run_merges_nothing(account, acme, globex, count_requests):
    """It is told, and the other organization is given."""
    with count_requests(account, 0), account.dry_run(quiet=True) as diff:
        assert globex is acme.merge(into=globex)
    assert "merge" in str(diff)


def test_an_organization_is_made_or_changed(account, count_requests):
    """By its external id, or its id, in one request; the same object comes back."""
    with count_requests(account, 3):
        made = Organization.objects.create_or_update(external_id="a-1", name="Acme")
        changed = Organization.objects.create_or_update(external_id="a-1", notes="VIP")
        again = Organization.objects.create_or_update(id=made.pk, name="Acme Inc")

    assert made is changed is again
    assert ("Acme Inc", "VIP") == (made.name, made.notes)


def test_no_name_tells_which_organization_is_meant(account, count_requests):
    """Zendesk would make a second one, or refuse."""
    with count_requests(account, 0), pytest.raises(InvalidValue, match="external_id"):
        Organization.objects.create_or_update(name="Acme")


def test_tags_are_changed_by_themselves(account, acme, count_requests):
    """Added, removed and set, in a request each; what else has changed is fetched when read."""
    acme.notes = "unsaved"
    with count_requests(account, 4):
        assert ["gold", "vip"] == sorted(acme.add_tags("vip", "gold"))
        assert ["vip"] == acme.remove_tags("gold")
        assert ["new"] == acme.set_tags("new")
        assert [] == acme.set_tags()
        assert [] == acme.tags
    assert "unsaved" == acme.notes
    with count_requests(account, 1):
        assert "Acme" == acme.name


def test_tags_are_fetched_alone(account, acme, count_requests):
    """What others did to them is seen, and nothing else is asked."""
    stale = Organization.from_row(acme.to_dict(), account.current())
    acme.add_tags("theirs")
    with count_requests(account, 1):
        assert ["theirs"] == stale.fetch_tags()
        assert ("Acme", ["theirs"]) == (stale.name, stale.tags)


def test_tags_of_tickets_and_users_change_alike(account, count_requests):
    """They have the same methods."""
    ticket = Ticket.objects.create(subject="x", comment=Comment(body="y"))
    user = User.objects.me()
    with count_requests(account, 2):
        assert ["vip"] == ticket.add_tags("vip")
        assert ["vip"] == user.set_tags("vip")


@pytest.mark.parametrize("tags", [(), ("",), (1,), (["a", "b"],)])
def test_what_is_no_tag_is_refused(account, acme, count_requests, tags):
    """Before anything is sent."""
    with count_requests(account, 0), pytest.raises(InvalidValue, match="one by one"):
        acme.add_tags(*tags)


def test_an_organization_that_is_gone_is_not_found(account, acme):
    """It cannot be counted, nor merged."""
    acme.delete()
    gone = Organization(id=acme.pk)
    gone.attach_to(account.current())

    with pytest.raises(NotFound):
        gone.related()
