"""`get_or_create()` and `update_or_create()`: their requests, and no duplicates."""

from __future__ import annotations

import asyncio

import pytest

from zendesk_orm import (
    Comment,
    Conflict,
    Group,
    InvalidValue,
    Organization,
    Ticket,
    TicketField,
    User,
    ValidationError,
    post_save,
)


NEW = {"subject": "Fire", "comment": Comment(body="Help!")}


@pytest.fixture
def lagging_account(emulator):
    """An account whose search index lags by five minutes."""
    emulator.switches.index_lag = 300
    return emulator.connect()


def test_a_missing_object_is_created(lagging_account, count_requests):
    """A user is looked up by e-mail and created; the next call finds it."""
    with count_requests(lagging_account, 2):
        ann, created = User.objects.get_or_create(email="ann@acme.com", defaults={"name": "Ann"})
    assert created
    assert (ann.name, ann.email) == ("Ann", "ann@acme.com")
    with count_requests(lagging_account, 1):
        assert User.objects.get_or_create(email="ann@acme.com", defaults={"name": "Anna"}) == (
            ann,
            False,
        )
    assert User.objects.get(ann.pk).name == "Ann"


def test_a_user_is_not_created_twice(lagging_account, emulator):
    """A user that another client has just created is found, although the index lags."""
    other = emulator.connect(alias="other")
    ann = User.objects.using("other").create(name="Ann", email="ann@acme.com")

    result, created = User.objects.get_or_create(email="ann@acme.com", defaults={"name": "Anna"})
    assert (result.pk, result.name, created) == (ann.pk, "Ann", False)
    emulator.clock.sleep(301)
    _, created = User.objects.get_or_create(email="ann@acme.com", defaults={"name": "Ann"})

    assert not created
    assert User.objects.filter(email="ann@acme.com").count() == 1
    other.close()


@pytest.mark.parametrize(
    ("model", "lookups", "values"),
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
    lagging_account, emulator, method, model, lookups, values
):
    """The index does not contain it yet, and no second row is created."""
    emulator.connect(alias="other")
    theirs = model.objects.using("other").create(**lookups, **values)

    result, created = getattr(model.objects, method)(defaults=values, **lookups)

    assert (result.pk, created) == (theirs.pk, False)
    assert sum(obj.pk == result.pk for obj in model.objects.fresh()) == 1


def test_a_user_with_the_address_and_another_role_is_not_returned(lagging_account, emulator):
    """A row that does not match all lookups is not returned, and its address is taken."""
    emulator.connect(alias="other")
    User.objects.using("other").create(name="Ann", email="ann@acme.com")

    with pytest.raises(ValidationError, match="used"):
        User.objects.get_or_create(email="ann@acme.com", role="agent", defaults={"name": "Ann"})


def test_a_row_that_another_client_has_just_renamed_is_not_updated(lagging_account, emulator):
    """The index still contains the old name; the row itself is read before the update."""
    acme = Organization.objects.create(name="Acme")
    emulator.clock.sleep(600)
    other = emulator.connect(alias="other")
    theirs = Organization.objects.using("other").get(acme.pk)
    theirs.name = "Apex"
    theirs.save()

    new, created = Organization.objects.update_or_create({"notes": "x"}, name="Acme")

    assert created
    assert new != acme
    assert not Organization.objects.using("other").fresh().get(id=acme.pk).notes
    other.close()


def test_a_ticket_is_looked_up_in_the_list(lagging_account, emulator, count_requests):
    """Its external id is looked up in the list, and then in the index for archived tickets."""
    other = emulator.connect(alias="other")
    with count_requests(lagging_account, 3):
        ticket, created = Ticket.objects.get_or_create(external_id="a-1", defaults=NEW)
    assert created
    Ticket.objects.using("other").create(external_id="a-2", **NEW)
    with count_requests(lagging_account, 1):
        result, created = Ticket.objects.get_or_create(external_id="a-2", defaults=NEW)

    assert not created
    assert list(Ticket.objects.fresh().order_by("id")) == [ticket, result]
    other.close()


def test_lookups_that_could_create_two_rows_are_rejected(lagging_account, count_requests):
    """Search finds new tickets minutes later, so that nothing is sent."""
    with count_requests(lagging_account, 0), pytest.raises(InvalidValue, match="external_id"):
        Ticket.objects.get_or_create(subject="Fire", defaults=NEW)


def test_groups_are_looked_up_in_the_list(lagging_account, count_requests):
    """All groups are read."""
    with count_requests(lagging_account, 2):
        group, created = Group.objects.get_or_create(name="Fire")
    assert created
    with count_requests(lagging_account, 1):
        assert Group.objects.get_or_create(name="Fire") == (group, False)


def test_callable_defaults_are_called_for_new_objects(lagging_account):
    """Functions in `defaults` are called only if an object is created."""
    new, created = Organization.objects.get_or_create(
        name="Acme", defaults={"notes": lambda: "new"}
    )
    again, _ = Organization.objects.get_or_create(name="Acme", defaults={"notes": pytest.fail})

    assert created
    assert new == again
    assert again.notes == "new"


def test_users_are_upserted_in_one_request(lagging_account, count_requests):
    """Zendesk's endpoint reports whether the user was created."""
    seen = []

    def note(sender, **arguments):
        seen.append((arguments["created"], sorted(arguments["changes"])))

    with post_save.connected_to(note, sender=User), count_requests(lagging_account, 2):
        ann, created = User.objects.update_or_create({"name": "Ann"}, email="ann@acme.com")
        same, again = User.objects.update_or_create({"name": "Anna"}, email="ann@acme.com")

    assert (created, again) == (True, False)
    assert ann is same
    assert same.name == "Anna"
    assert User.objects.get(ann.pk).name == "Anna"
    assert same.changes() == {}
    assert seen == [(True, ["email", "name"]), (False, ["email", "name"])]


def test_other_models_are_read_and_saved(lagging_account, count_requests):
    """This needs two requests, or three for tickets, which may be archived."""
    with count_requests(lagging_account, 3):
        ticket, created = Ticket.objects.update_or_create(
            {"priority": "high"}, {"priority": "low", **NEW}, external_id="a-1"
        )
    assert created
    assert ticket.priority == "low"
    with count_requests(lagging_account, 2):
        ticket, created = Ticket.objects.update_or_create({"priority": "high"}, external_id="a-1")

    assert not created
    assert Ticket.objects.get(ticket.pk).priority == "high"


def test_several_matches_raise(lagging_account):
    """External ids of tickets are not unique."""
    for _ in range(2):
        Ticket.objects.create(external_id="a-1", **NEW)

    with pytest.raises(Ticket.MultipleObjectsReturned):
        Ticket.objects.get_or_create(external_id="a-1")


def test_a_conflict_is_raised_unless_the_object_exists(lagging_account, emulator):
    """A 409 while the object is created is raised if the object is still not found."""
    organizations = Organization.objects
    for call in (organizations.get_or_create, organizations.update_or_create):
        emulator.fail_next(409, method="POST", path="organizations")
        with pytest.raises(Conflict):
            call(name="Acme")


def test_async_methods(lagging_account):
    """`aget_or_create()` and `aupdate_or_create()` do the same."""

    async def both():
        new = await Organization.objects.aget_or_create(name="Acme")
        changed = await Organization.objects.aupdate_or_create({"notes": "x"}, name="Acme")
        return new, changed

    (new, created), (changed, again) = asyncio.run(both())

    assert (created, again) == (True, False)
    assert new == changed
    assert changed.notes == "x"


def test_other_edits_of_a_live_object_are_not_saved(account):
    """`update_or_create()` sends its values only, not other unsaved edits of the object."""
    ticket = Ticket.objects.create(external_id="E", **NEW)
    ticket.subject = "Draft"

    same, created = Ticket.objects.update_or_create(
        external_id="E", defaults={"priority": "low", "tags": ["seen"]}
    )

    assert (same, created, ticket.changes()) == (ticket, False, {"subject": ("Fire", "Draft")})
    stored = Ticket.objects.values("subject", "priority", "tags").get(id=ticket.pk)
    assert stored["priority"] == "low"
    ticket.refresh_from_db()
    assert (ticket.priority, ticket.tags) == ("low", ["seen"])


def test_relations_and_custom_fields_are_updated(account):
    """`update_or_create()` accepts relations and custom fields as `defaults`."""
    TicketField.objects.create(type="text", title="Severity")
    ann = User.objects.create(name="Ann", email="ann@acme.com")
    ticket = Ticket.objects.create(external_id="E", **NEW)

    Ticket.objects.update_or_create(
        external_id="E", defaults={"requester": ann, "custom": {"Severity": "Critical"}}
    )

    ticket = Ticket.objects.get(id=ticket.pk)
    assert (ticket.requester, ticket.custom["Severity"]) == (ann, "Critical")
