"""Relations by ids, through a third model and by a lookup, read for a page at once."""

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
def account(emulator):
    """An account of the emulator."""
    return emulator.connect()


@pytest.fixture
def agents(account):
    """Three agents."""
    return [
        User.objects.create(name=name, email=f"{name}@example.com", role="agent")
        for name in ("ada", "ben", "cid")
    ]


# -- by ids ------------------------------------------------------------------


@pytest.fixture
def forms(account):
    """Two forms, which share a field of theirs."""
    fields = [TicketField.objects.create(type="text", title=f"F{n}") for n in range(3)]
    a, b, c = (each.pk for each in fields)
    for name, ids in (("Return", [a, b]), ("Repair", [b, c])):
        TicketForm(name=name, ticket_field_ids=ids).save()
    return {"Return": ["F0", "F1"], "Repair": ["F1", "F2"]}


def _titles(forms):
    return {form.name: [field.title for field in form.ticket_fields] for form in forms}


def test_what_rows_name_by_ids_is_read_together(emulator, forms, count_requests):
    """The forms are a request, and the fields of them all another."""
    account = emulator.connect(alias="another")
    with count_requests(account, 2):
        found = list(
            TicketForm.objects.using("another")
            .filter(name__in=[*forms])
            .prefetch_related("ticket_fields")
        )
        assert forms == _titles(found)
        assert found[0].ticket_fields[1] is found[1].ticket_fields[0]


def test_other_ids_are_other_rows(emulator, forms, count_requests):
    """What was read along counts as long as the ids are those of then."""
    account = emulator.connect(alias="another")
    form, other = TicketForm.objects.using("another").filter(name__in=[*forms])
    prefetch_related_objects([form, other], "ticket_fields")
    with count_requests(account, 0):
        assert 2 == form.ticket_fields.count() == len(form.ticket_fields)
    form.ticket_field_ids = form.ticket_field_ids[:1]

    assert ["F0"] == [field.title for field in form.ticket_fields]


def test_what_rows_name_by_ids_can_be_narrowed(account, forms):
    """A query says which of them are wanted, and to which attribute they go."""
    some = Prefetch("ticket_fields", TicketField.objects.filter(title="F1"), to_attr="shared")
    found = TicketForm.objects.filter(name__in=[*forms]).prefetch_related(some)

    assert {name: ["F1"] for name in forms} == {
        form.name: [field.title for field in form.shared] for form in found
    }
    assert forms == _titles(found)


def test_people_on_rows_are_read_together(emulator, account, agents, count_requests):
    """Followers of all tickets take one request."""
    for number in range(2):
        wanted = agents[number : number + 2]
        Ticket.objects.create(subject=f"T{number}", comment=Comment(body="Help!"), followers=wanted)
    other = emulator.connect(alias="another")
    with count_requests(other, 2):
        found = list(Ticket.objects.using("another").fresh().prefetch_related("followers"))
        people = {ticket.subject: [user.name for user in ticket.followers] for ticket in found}
    assert {"T0": ["ada", "ben"], "T1": ["ben", "cid"]} == {
        name: people[name] for name in ("T0", "T1")
    }
    found[0].followers.set([agents[2]])
    assert ["cid"] == [user.name for user in found[0].followers]


# -- through a third model ---------------------------------------------------


def test_what_a_third_model_joins_is_read_together(emulator, account, agents, count_requests):
    """Groups, their memberships and the members: what joins them is asked group by group."""
    crew, desk = (Group.objects.create(name=name) for name in ("Crew", "Desk"))
    crew.users.add(*agents[:2])
    desk.users.add(*agents[1:])
    other = emulator.connect(alias="another")
    groups = Group.objects.using("another").filter(name__in=["Crew", "Desk"])
    with count_requests(other, 1 + 2 + 1):
        found = list(groups.prefetch_related("users"))
        names = {group.name: [user.name for user in group.users] for group in found}

    assert {"Crew": ["ada", "ben"], "Desk": ["ben", "cid"]} == names


def test_what_is_joined_since_then_is_seen(account, agents):
    """Adding and removing forgets what was read along."""
    crew = Group.objects.create(name="Crew")
    crew.users.add(agents[0])
    prefetch_related_objects([crew], "users")
    crew.users.add(agents[1])

    assert {"ada", "ben"} == {user.name for user in crew.users}
    assert 2 == GroupMembership.objects.filter(group=crew).count()


# -- by a lookup -------------------------------------------------------------


def test_what_a_lookup_finds_is_asked_for_each(emulator, account, agents, count_requests):
    """No ticket tells in whose lists it is: the tickets that each is in copy on are a list."""
    for number, agent in enumerate(agents[:2]):
        Ticket.objects.create(
            subject=f"T{number}", comment=Comment(body="Help!"), email_ccs=[agent]
        )
    other = emulator.connect(alias="another")
    people = list(User.objects.using("another").filter(id__in=[each.pk for each in agents]))
    with count_requests(other, 3):
        prefetch_related_objects(people, "copied_tickets")
        found = {one.name: [each.subject for each in one.copied_tickets] for one in people}

    assert {"ada": ["T0"], "ben": ["T1"], "cid": []} == found


def test_people_who_were_not_read_along_are_told(emulator, account, agents):
    """A loop that reads them ticket by ticket is warned of, and refused where that is wanted."""
    for number in range(10):
        Ticket.objects.create(
            subject=f"T{number}", comment=Comment(body="!"), followers=[agents[number % 3]]
        )
    emulator.connect(alias="another", keep={User: 0})
    tickets = Ticket.objects.using("another").fresh()
    with pytest.warns(NPlusOneWarning, match=r"prefetch_related\('followers'\)"):
        [list(ticket.followers) for ticket in tickets]
    with pytest.raises(LazyLoadRefused, match="followers of a Ticket"):
        list(tickets.strict_loading()[0].followers)
    strict = tickets.strict_loading().prefetch_related("followers")
    assert {"ada", "ben", "cid"} == {user.name for ticket in strict for user in ticket.followers}
