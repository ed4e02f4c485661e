"""Rows that are read after own writes of objects by their id, deletions, and memberships."""

from __future__ import annotations

import pytest

from zendesk_orm import Comment, Organization, OrganizationMembership, Ticket, User, connections


WRITES = {
    "save": lambda model, pk: model(id=pk, **CHANGED[model]).save(),
    "bulk_update": lambda model, pk: model.objects.bulk_update([model(id=pk, **CHANGED[model])]),
    "update": lambda model, pk: model.objects.filter(id=pk).update(**CHANGED[model]),
    "batch": lambda model, pk: _save_in_batch(model, pk),
    "add tags": lambda model, pk: model(id=pk).tags.add("new"),
    "remove tags": lambda model, pk: model(id=pk).tags.remove("old"),
    "set tags": lambda model, pk: model(id=pk).tags.set(["new"]),
    "add tags in a batch": lambda model, pk: _add_tags_in_batch(model, pk),
    "delete": lambda model, pk: model(id=pk).delete(),
    "delete rows": lambda model, pk: model.objects.filter(id__in=[pk]).delete(),
}
CHANGED = {Ticket: {"priority": "low"}, User: {"notes": "n"}, Organization: {"notes": "n"}}


def _save_in_batch(model, pk):
    with connections["default"].batch():
        model(id=pk, **CHANGED[model]).save()


def _add_tags_in_batch(model, pk):
    with connections["default"].batch():
        model(id=pk).tags.add("new")


def _created(model):
    values = {"subject": "s", "comment": Comment(body="x")} if model is Ticket else {"name": "x"}
    return model.objects.create(tags=["old"], **values)


def _state(model, pk, *, using="default"):
    """Return what a read by id gives; None for no row or a deactivated one."""
    row = model.objects.using(using).filter(id__in=[pk]).first()
    if row is None or (model is User and not row.active):
        return None
    return {name: getattr(row, name) for name in CHANGED[model]}, sorted(row.tags)


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
@pytest.mark.parametrize("model", list(CHANGED), ids=lambda model: model.__name__)
def test_a_session_shows_own_writes_of_objects_by_id(emulator, model, write):
    """An explicit session, which reads no row twice, reads rows that it has written since."""
    account, pk = emulator.connect(), _created(model).pk
    emulator.connect(alias="reader")
    with account.session():
        record = model.objects.get(pk)
        write(model, pk)
        shown = _state(model, pk)
        by_id = model.objects.filter(id=pk).first()

    assert record.pk == pk
    assert shown == _state(model, pk, using="reader")
    assert model is User or (by_id is None) == (shown is None)


def test_a_session_shows_followers_of_a_ticket_by_id(emulator):
    """Members that were added to an object of a known id are shown by the object that is held."""
    account, pk = emulator.connect(), _created(Ticket).pk
    agent = User.objects.create(name="a", email="agent@example.com", role="agent")
    with account.session():
        assert Ticket.objects.get(pk).follower_ids == []
        Ticket(id=pk).followers.add(agent)
        assert len(Ticket.objects.get(pk).follower_ids) == 1


DELETIONS = {
    "delete": lambda pk: Ticket.objects.get(pk).delete(),
    "delete by id": lambda pk: Ticket(id=pk).delete(),
    "delete rows": lambda pk: Ticket.objects.filter(id__in=[pk]).delete(),
    "delete the row": lambda pk: Ticket.objects.filter(id=pk).delete(),
    "mark as spam": lambda pk: Ticket.objects.get(pk).mark_as_spam(),
}


@pytest.mark.parametrize("delete", DELETIONS.values(), ids=DELETIONS)
def test_rows_that_were_deleted_are_not_listed_while_the_index_lags(emulator, delete):
    """Lists, counts and filters omit rows that this account deleted, however it did so."""
    requester = User.objects.create(name="r", email="r@example.com")
    tickets = [
        Ticket.objects.create(subject="s", comment=Comment(body="b"), requester=requester)
        for _ in range(3)
    ]
    emulator.clock.sleep(3600)
    emulator.switches.index_lag = 60
    emulator.connect()
    delete(tickets[0].pk)

    expected = [ticket.pk for ticket in tickets[1:]]
    assert sorted(row.pk for row in Ticket.objects.all()) == expected
    assert sorted(row.pk for row in Ticket.objects.filter(status="new")) == expected
    assert Ticket.objects.count() == 2
    assert Ticket.objects.filter(subject="s").count() == 2


@pytest.mark.parametrize("in_session", [False, True])
@pytest.mark.parametrize(
    "delete",
    [
        lambda organization: organization.delete(),
        lambda organization: Organization(id=organization.pk).delete(),
        lambda organization: Organization.objects.filter(id__in=[organization.pk]).delete(),
    ],
    ids=["delete", "delete by id", "delete rows"],
)
def test_users_of_a_deleted_organization_are_read_again(emulator, delete, in_session):
    """Cached and held rows that refer to a deleted row are outdated."""
    account = emulator.connect()
    organization = Organization.objects.create(name="o")
    pk = User.objects.create(name="u", email="u@example.com", organization=organization).pk

    def check():
        assert User.objects.get(pk).organization_id == organization.pk
        delete(organization)
        assert User.objects.get(pk).organization_id is None
        assert User.objects.filter(id__in=[pk], organization=None).count() == 1

    if in_session:
        with account.session():
            check()
    else:
        check()


def test_memberships_change_the_user(emulator):
    """Rows of users are read again after memberships were created and deleted."""
    account = emulator.connect()
    organization = Organization.objects.create(name="o")
    user = User.objects.create(name="u", email="u@example.com")
    with account.session():
        assert User.objects.get(user.pk).organization_id is None
        user.organizations.add(organization)
        assert User.objects.get(user.pk).organization_id == organization.pk
        user.organizations.remove(organization)
        assert User.objects.get(user.pk).organization_id is None
    OrganizationMembership.objects.bulk_create(
        [OrganizationMembership(user=user, organization=organization)]
    )
    assert User.objects.get(user.pk).organization_id == organization.pk
    membership = OrganizationMembership.objects.filter(user=user)[0]
    OrganizationMembership(id=membership.pk).delete()
    assert User.objects.get(user.pk).organization_id is None


def test_other_cached_rows_stay_cached_after_a_deletion(emulator, count_requests):
    """Only rows that refer to the deleted row are read again, each once."""
    account = emulator.connect()
    first, second = (Organization.objects.create(name=name) for name in "ab")
    users = [
        User.objects.create(
            name="u", email=f"{organization.pk}@example.com", organization=organization
        ).pk
        for organization in (first, second)
    ]
    first.delete()
    with count_requests(account, 1):
        for _ in range(2):
            for pk in users:
                User.objects.get(pk)
