"""Many-to-many relations: users of a group, and organizations of a user."""

from __future__ import annotations

import pytest

from zendesk_orm import (
    FieldError,
    Group,
    GroupMembership,
    InvalidValue,
    Organization,
    User,
    m2m_changed,
    receiver,
)


@pytest.fixture
def group(account):
    """Return a group without members."""
    return Group.objects.create(name="Crew")


@pytest.fixture
def agents(account):
    """Return three agents."""
    return [
        User.objects.create(name=name, email=f"{name}@example.com", role="agent")
        for name in ("ada", "ben", "cid")
    ]


def test_add_creates_a_membership(account, group, agents, count_requests):
    """`add()` creates a membership, unless the object is already a member."""
    with count_requests(account, 2):
        group.users.add(agents[0])
    with count_requests(account, 1):
        group.users.add(agents[0].pk)

    assert list(group.users) == [agents[0]]
    assert group in list(agents[0].groups)
    assert group.users.count() == 1


def test_several_objects_are_added_and_removed_in_a_job(account, group, agents, emulator):
    """Several objects are added, or removed, by one job."""
    emulator.requests.clear()
    group.users.add(*agents)
    assert "POST group_memberships/create_many" in emulator.requests
    assert {*group.users} == {*agents}
    group.users.remove(*agents[:2])

    assert "DELETE group_memberships/destroy_many" in emulator.requests
    assert list(group.users) == [agents[2]]


def test_set_and_clear_replace_the_members(group, agents):
    """`set()` adds missing members and removes others, and `clear()` removes all."""
    ada, ben, cid = agents
    group.users.set([ada, ben])
    group.users.set([ben, cid])
    assert {*group.users} == {ben, cid}
    group.users.clear()

    assert list(group.users) == []


def test_a_user_has_several_organizations(account):
    """Organizations can be added to a user, and removed."""
    user = User.objects.create(name="Ada")
    first, second = (Organization.objects.create(name=name) for name in ("One", "Two"))
    user.organizations.add(first, second)
    user.organizations.remove(first)

    assert list(user.organizations) == [second]


def test_through_managers_have_the_methods_of_the_model_manager(group, agents):
    """A many-to-many relation has the methods of its model's manager."""
    group.users.add(*agents)

    assert {*group.users.filter(role="agent")} == {*agents}
    assert hasattr(group.users, "me")


def test_adding_and_removing_invalid_objects_raise(group, emulator):
    """`add()` raises for an unsaved object, and `remove()` for one of another model."""
    with pytest.raises(InvalidValue, match=r"users: .* save it first"):
        group.users.add(User(name="New"))
    with pytest.raises(InvalidValue, match="users: every object must be a User"):
        group.users.remove(group)


def test_adding_and_removing_sends_m2m_changed(group, agents):
    """As in Django, `add()` and `remove()` send `m2m_changed` before and after the change."""
    received = []

    @receiver(m2m_changed, sender=Group)
    def record(sender, instance, action, field, pk_set, **kwargs):
        received.append((action, field, pk_set))

    group.users.add(agents[0])
    group.users.remove(agents[0])

    pks = [agents[0].pk]
    assert received == [
        (action, "users", pks) for action in ("pre_add", "post_add", "pre_remove", "post_remove")
    ]
    assert GroupMembership.objects.filter(group=group).count() == 0


def test_a_copy_of_the_manager_changes_the_relation(account, group, agents):
    """`add()` and `remove()` of `group.users.all()` change the relation, too."""
    group.users.all().add(*agents)
    group.users.order_by("name").remove(agents[0])

    assert sorted(user.name for user in group.users.all()) == ["ben", "cid"]


@pytest.mark.parametrize("method", ["add", "remove", "set", "clear"])
def test_a_part_of_the_relation_cannot_be_changed(account, group, agents, count_requests, method):
    """Changing members by a filtered or sliced query raises before anything is sent."""
    arguments = {"set": [agents], "clear": []}.get(method, agents)
    queries = [group.users.filter(role="agent"), group.users.all()[:2], group.users.none()]
    with count_requests(account, 0):
        for query in queries:
            with pytest.raises(FieldError):
                getattr(query, method)(*arguments)
