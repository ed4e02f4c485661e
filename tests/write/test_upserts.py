"""`get_or_create()` and `update_or_create()`: what they cost, and that nothing comes twice."""

from __future__ import annotations

import asyncio

import pytest

from zendesk_orm import (
    Comment,
    Group,
    InvalidValue,
    Organization,
    Ticket,
    User,
    ValidationError,
    post_save,
)


NEW = {"subject": "Fire", "comment": Comment(body="Help!")}


@pytest.fixture
def lagging(emulator):
    """An account whose index lags by five minutes."""
    emulator.switches.index_lag = 300
    return emulator.connect()


def test_what_is_not_there_is_made(lagging, count_requests):
    """A user by e-mail: looked for, and created; found the next time."""
    with count_requests(lagging, 2):
        ann, created = User.objects.get_or_create(email="ann@acme.com", defaults={"name": "Ann"})
    assert created
    assert ("Ann", "ann@acme.com") == (ann.name, ann.email)
    with count_requests(lagging, 1):
        assert (ann, False) == User.objects.get_or_create(
            email="ann@acme.com", defaults={"name": "Anna"}
        )
    assert "Ann" == User.objects.get(ann.pk).name


def test_a_user_cannot_come_twice(lagging, emulator):
    """A user whom another client has just created is found, although the index lags."""
    other = emulator.connect(alias="other")
    ann = User.objects.using("other").create(name="Ann", email="ann@acme.com")

    found, created = User.objects.get_or_create(email="ann@acme.com", defaults={"name": "Anna"})
    assert (ann.pk, "Ann", False) == (found.pk, found.name, created)
    emulator.clock.sleep(301)
    _, created = User.objects.get_or_create(email="ann@acme.com", defaults={"name": "Ann"})

    assert not created
    assert 1 == User.objects.filter(email="ann@acme.com").count()
    other.close()


@pytest.mark.parametrize(
    ("model", "given", "values"),
    [
        (User, {"email": "ann@acme.com"}, {"name": "Ann"}),
        (User, {"email": "ann@acme.com", "role": "end-user"}, {"name": "Ann"}),
        (User, {"external_id": "a-1"}, {"name": "Ann"}),
        (Organization, {"name": "Acme"}, {"notes": "x"}),
        (Organization, {"external_id": "a-1"}, {"name": "Acme"}),
        (Ticket, {"external_id": "a-1"}, NEW),
        (Group, {"name": "Fire"}, {"description": "x"}),
    ],
)
@pytest.mark.parametrize("method", ["get_or_create", "update_or_create"])
def test_a_row_that_another_client_has_just_created_is_found(
    lagging, emulator, method, model, given, values
):
    """The index does not contain it yet, and no second row is created."""
    emulator.connect(alias="other")
    theirs = model.objects.using("other").create(**given, **values)

    found, created = getattr(model.objects, method)(defaults=values, **given)

    assert (theirs.pk, False) == (found.pk, created)
    assert 1 == sum(each.pk == found.pk for each in model.objects.fresh())


def test_a_user_with_the_address_and_another_role_is_not_returned(lagging, emulator):
    """A row that does not match all lookups is no result, and its address is taken."""
    emulator.connect(alias="other")
    User.objects.using("other").create(name="Ann", email="ann@acme.com")

    with pytest.raises(ValidationError, match="already being used"):
        User.objects.get_or_create(email="ann@acme.com", role="agent", defaults={"name": "Ann"})


def test_a_row_that_another_client_has_just_renamed_is_not_updated(lagging, emulator):
    """The index still has the old name; the row itself is read before it is changed."""
    acme = Organization.objects.create(name="Acme")
    emulator.clock.sleep(600)
    other = emulator.connect(alias="other")
    theirs = Organization.objects.using("other").get(acme.pk)
    theirs.name = "Apex"
    theirs.save()

    made, created = Organization.objects.update_or_create({"notes": "x"}, name="Acme")

    assert created
    assert made != acme
    assert not Organization.objects.using("other").fresh().get(id=acme.pk).notes
    other.close()


def test_a_ticket_is_looked_for_where_nothing_lags(lagging, emulator, count_requests):
    """By its external id, in the list; archived ones are in the index."""
    other = emulator.connect(alias="other")
    with count_requests(lagging, 3):
        ticket, created = Ticket.objects.get_or_create(external_id="a-1", defaults=NEW)
    assert created
    Ticket.objects.using("other").create(external_id="a-2", **NEW)
    with count_requests(lagging, 1):
        found, created = Ticket.objects.get_or_create(external_id="a-2", defaults=NEW)

    assert not created
    assert [ticket, found] == list(Ticket.objects.fresh().order_by("id"))
    other.close()


def test_what_could_come_twice_is_refused(lagging, count_requests):
    """Search learns of new tickets minutes later; nothing is sent."""
    with count_requests(lagging, 0), pytest.raises(InvalidValue, match="external_id"):
        Ticket.objects.get_or_create(subject="Fire", defaults=NEW)


def test_a_short_list_does_not_lag(lagging, count_requests):
    """Groups are read whole."""
    with count_requests(lagging, 2):
        group, created = Group.objects.get_or_create(name="Fire")
    assert created
    with count_requests(lagging, 1):
        assert (group, False) == Group.objects.get_or_create(name="Fire")


def test_defaults_are_called_when_they_are_needed(lagging):
    """Functions among them, only for what is made; lookups are no values of it."""
    made, created = Organization.objects.get_or_create(
        name="Acme", defaults={"notes": lambda: "new"}
    )
    again, _ = Organization.objects.get_or_create(name="Acme", defaults={"notes": pytest.fail})

    assert created
    assert made == again
    assert "new" == again.notes


def test_users_are_updated_or_created_in_one_call(lagging, count_requests):
    """Zendesk has one for it; it says which of the two it was."""
    seen = []

    def note(sender, **told):
        seen.append((told["created"], sorted(told["changes"])))

    with post_save.connected_to(note, sender=User), count_requests(lagging, 2):
        ann, created = User.objects.update_or_create({"name": "Ann"}, email="ann@acme.com")
        same, again = User.objects.update_or_create({"name": "Anna"}, email="ann@acme.com")

    assert (True, False) == (created, again)
    assert ann is same
    assert "Anna" == same.name == User.objects.get(ann.pk).name
    assert {} == same.changes()
    assert [(True, ["email", "name"]), (False, ["email", "name"])] == seen


def test_others_are_read_and_saved(lagging, count_requests):
    """Two requests, or three: a ticket may be archived."""
    with count_requests(lagging, 3):
        ticket, created = Ticket.objects.update_or_create(
            {"priority": "high"}, {"priority": "low", **NEW}, external_id="a-1"
        )
    assert created
    assert "low" == ticket.priority
    with count_requests(lagging, 2):
        ticket, created = Ticket.objects.update_or_create({"priority": "high"}, external_id="a-1")

    assert not created
    assert "high" == Ticket.objects.get(ticket.pk).priority


def test_several_that_match_are_an_error(lagging):
    """External ids of tickets are not unique."""
    for _ in range(2):
        Ticket.objects.create(external_id="a-1", **NEW)

    with pytest.raises(Ticket.MultipleObjectsReturned):
        Ticket.objects.get_or_create(external_id="a-1")


def test_tasks_have_them_too(lagging):
    """The `a...` twins."""

    async def both():
        made = await Organization.objects.aget_or_create(name="Acme")
        changed = await Organization.objects.aupdate_or_create({"notes": "x"}, name="Acme")
        return made, changed

    (made, created), (changed, again) = asyncio.run(both())

    assert (True, False) == (created, again)
    assert made == changed
    assert "x" == changed.notes
