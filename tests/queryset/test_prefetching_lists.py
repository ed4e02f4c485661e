"""`prefetch_related()` of lists of ids, many-to-many relations and relations by lookup."""

from __future__ import annotations

import pytest

from zendesk_orm import (
    Comment,
    Group,
    GroupMembership,
    LazyLoadRefused,
    NPlusOneWarning,
    Prefetch,
    Ticket,
    TicketField,
    TicketForm,
    User,
    prefetch_related_objects,
)


@pytest.fixture
def agents(account):
    """Return three agents."""
    return [
        User.objects.create(name=name, email=f"{name}@example.com", role="agent")
        for name in ("ada", "ben", "cid")
    ]


@pytest.fixture
def forms(account):
    """Create two forms with one common field, and return the titles of their fields."""
    fields = [TicketField.objects.create(type="text", title=f"F{n}") for n in range(3)]
    a, b, c = (field.pk for field in fields)
    for name, ids in (("Return", [a, b]), ("Repair", [b, c])):
        TicketForm(name=name, ticket_field_ids=ids).save()
    return {"Return": ["F0", "F1"], "Repair": ["F1", "F2"]}


def _titles(forms):
    return {form.name: [field.title for field in form.ticket_fields] for form in forms}


def test_lists_of_ids_take_one_request(emulator, forms, count_requests):
    """The fields of all forms are fetched in one request."""
    account = emulator.connect(alias="another")
    with count_requests(account, 2):
        result = list(
            TicketForm.objects.using("another")
            .filter(name__in=[*forms])
            .prefetch_related("ticket_fields")
        )
        assert _titles(result) == forms
        assert result[0].ticket_fields[1] is result[1].ticket_fields[0]


def test_changed_ids_discard_prefetched_rows(emulator, forms, count_requests):
    """Prefetched rows are not used after the list of ids has changed."""
    account = emulator.connect(alias="another")
    form, other = TicketForm.objects.using("another").filter(name__in=[*forms])
    prefetch_related_objects([form, other], "ticket_fields")
    with count_requests(account, 0):
        assert form.ticket_fields.count() == len(form.ticket_fields) == 2
    form.ticket_field_ids = form.ticket_field_ids[:1]

    assert [field.title for field in form.ticket_fields] == ["F0"]


def test_lists_of_ids_can_be_narrowed(account, forms):
    """A `Prefetch` narrows the rows of a list of ids, and stores them in an attribute."""
    prefetch = Prefetch("ticket_fields", TicketField.objects.filter(title="F1"), to_attr="shared")
    result = TicketForm.objects.filter(name__in=[*forms]).prefetch_related(prefetch)

    assert {form.name: [field.title for field in form.shared] for form in result} == {
        name: ["F1"] for name in forms
    }
    assert _titles(result) == forms


def test_followers_take_one_request(emulator, account, agents, count_requests):
    """The followers of all tickets are fetched in one request."""
    for number in range(2):
        expected = agents[number : number + 2]
        Ticket.objects.create(
            subject=f"T{number}", comment=Comment(body="Help!"), followers=expected
        )
    other = emulator.connect(alias="another")
    with count_requests(other, 2):
        result = list(Ticket.objects.using("another").fresh().prefetch_related("followers"))
        people = {ticket.subject: [user.name for user in ticket.followers] for ticket in result}
    assert {name: people[name] for name in ("T0", "T1")} == {
        "T0": ["ada", "ben"],
        "T1": ["ben", "cid"],
    }
    result[0].followers.set([agents[2]])
    assert [user.name for user in result[0].followers] == ["cid"]


def test_many_to_many_relations_can_be_prefetched(emulator, account, agents, count_requests):
    """Members of groups take a request for each group's memberships, and one for users."""
    crew, desk = (Group.objects.create(name=name) for name in ("Crew", "Desk"))
    crew.users.add(*agents[:2])
    desk.users.add(*agents[1:])
    other = emulator.connect(alias="another")
    groups = Group.objects.using("another").filter(name__in=["Crew", "Desk"])
    with count_requests(other, 1 + 2 + 1):
        result = list(groups.prefetch_related("users"))
        names = {group.name: [user.name for user in group.users] for group in result}

    assert names == {"Crew": ["ada", "ben"], "Desk": ["ben", "cid"]}


def test_adding_a_member_discards_prefetched_rows(account, agents):
    """After a member is added, the prefetched members are fetched again."""
    crew = Group.objects.create(name="Crew")
    crew.users.add(agents[0])
    prefetch_related_objects([crew], "users")
    crew.users.add(agents[1])

    assert {user.name for user in crew.users} == {"ada", "ben"}
    assert GroupMembership.objects.filter(group=crew).count() == 2


def test_relations_by_lookup_take_one_request_per_object(emulator, account, agents, count_requests):
    """A relation of which rows have no ids is requested for each object."""
    for number, agent in enumerate(agents[:2]):
        Ticket.objects.create(
            subject=f"T{number}", comment=Comment(body="Help!"), email_ccs=[agent]
        )
    other = emulator.connect(alias="another")
    people = list(User.objects.using("another").filter(id__in=[item.pk for item in agents]))
    with count_requests(other, 3):
        prefetch_related_objects(people, "copied_tickets")
        result = {user.name: [ticket.subject for ticket in user.copied_tickets] for user in people}

    assert result == {"ada": ["T0"], "ben": ["T1"], "cid": []}


def test_n_plus_one_of_lists_is_detected(emulator, account, agents):
    """A loop that fetches the followers of each ticket warns, or raises if it is strict."""
    for number in range(10):
        Ticket.objects.create(
            subject=f"T{number}", comment=Comment(body="!"), followers=[agents[number % 3]]
        )
    emulator.connect(alias="another", cache_seconds={User: 0})
    tickets = Ticket.objects.using("another").fresh()
    with pytest.warns(NPlusOneWarning, match=r"prefetch_related\('followers'\)"):
        [list(ticket.followers) for ticket in tickets]
    with pytest.raises(LazyLoadRefused, match="followers of a Ticket"):
        list(tickets.strict_loading()[0].followers)
    strict = tickets.strict_loading().prefetch_related("followers")
    assert {user.name for ticket in strict for user in ticket.followers} == {"ada", "ben", "cid"}
