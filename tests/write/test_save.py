"""One object at a time: what is sent, and what is taken over."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from zendesk_orm import (
    AuthenticationFailed,
    Comment,
    Conflict,
    FieldError,
    Group,
    InvalidValue,
    NotFound,
    Organization,
    RetryPolicy,
    Ticket,
    User,
    ValidationError,
)
from zendesk_orm.http.request import Request


def bare(body):
    """Return the body of an update without what makes it safe; see test_conflicts.py."""
    return {
        key: {name: v for name, v in value.items() if name not in ("safe_update", "updated_stamp")}
        for key, value in body.items()
    }


DUE = datetime(2030, 1, 31, 12, tzinfo=timezone.utc)


@pytest.fixture
def ticket(emulator, sent):
    """Return a ticket that was just created; `sent` begins after it."""
    ticket = Ticket.objects.create(subject="Printer", comment=Comment(body="Help"), tags=["a"])
    del sent[:]
    return ticket


# -- what is sent ------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value", "wire"),
    [
        ("subject", "Toner", {"subject": "Toner"}),
        ("subject", None, {"subject": None}),
        ("priority", "urgent", {"priority": "urgent"}),
        ("due_at", DUE, {"due_at": "2030-01-31T12:00:00Z"}),
        (
            "due_at",
            DUE.astimezone(timezone(timedelta(hours=2))),
            {"due_at": "2030-01-31T12:00:00Z"},
        ),
        ("tags", ["a", "b"], {"tags": ["a", "b"]}),
        ("external_id", "x-1", {"external_id": "x-1"}),
    ],
)
def test_only_what_changed_is_sent(ticket, sent, field, value, wire):
    """A save sends the field that was assigned, and nothing else."""
    setattr(ticket, field, value)
    ticket.save()

    assert [("PUT", "/api/v2/tickets/1", {"ticket": wire})] == [
        (each.method, each.path, bare(each.json)) for each in sent
    ]


def test_a_list_edited_in_place_is_sent(ticket, sent):
    """An append to the tags is a change like any other."""
    ticket.tags.append("b")
    ticket.save()

    assert [{"ticket": {"tags": ["a", "b"]}}] == [bare(each.json) for each in sent]


def test_a_relation_is_sent_as_its_id(ticket, sent):
    """Assigning an object sends `assignee_id`."""
    owner = User.objects.get(email="owner@example.com")
    del sent[:]
    ticket.assignee = owner
    ticket.save()

    assert {"ticket": {"assignee_id": owner.pk}} == bare(sent[-1].json)


@pytest.mark.parametrize(
    "change",
    [
        lambda ticket: None,
        lambda ticket: ticket.tags,
        lambda ticket: setattr(ticket, "subject", "Printer"),
        lambda ticket: (setattr(ticket, "subject", "x"), setattr(ticket, "subject", "Printer")),
        lambda ticket: (ticket.tags.append("b"), ticket.tags.pop()),
    ],
    ids=["nothing", "reading", "the same value", "there and back", "a list there and back"],
)
def test_without_a_change_nothing_is_sent(ticket, sent, change):
    """What is as Zendesk has it is not sent again."""
    change(ticket)
    ticket.save()

    assert [] == sent


def test_the_rest_of_the_row_is_left_to_others(ticket):
    """A field that somebody else changed meanwhile is not put back."""
    mine = Ticket.objects.get(ticket.pk)
    Ticket.objects.filter(id=ticket.pk).update(priority="high")
    mine.subject = "Toner"
    mine.save()

    fresh = Ticket.objects.get(ticket.pk)

    assert ("high", "Toner") == (fresh.priority, fresh.subject)


def test_update_fields_sends_those_and_keeps_the_other_edits(ticket, sent):
    """Only the named fields go out; the others stay unsaved edits."""
    ticket.subject, ticket.priority = "Toner", "high"
    ticket.save(update_fields=["priority"])

    assert {"ticket": {"priority": "high"}} == bare(sent[0].json)
    assert {"subject": ("Printer", "Toner")} == ticket.changes()


def test_update_fields_without_a_change_among_them_sends_nothing(ticket, sent):
    """Naming a field does not make it change."""
    ticket.subject = "Toner"
    ticket.save(update_fields=["priority"])

    assert [] == sent


def test_update_fields_takes_a_relation_for_its_id(ticket, sent):
    """`assignee` names `assignee_id`."""
    ticket.assignee_id = User.objects.get(email="owner@example.com").pk
    ticket.save(update_fields=["assignee"])

    assert ["assignee_id"] == list(bare(sent[-1].json)["ticket"])


def test_update_fields_refuses_unknown_names(ticket, sent):
    """A misspelt field is refused before anything is sent."""
    ticket.subject = "Toner"

    with pytest.raises(FieldError, match="subject"):
        ticket.save(update_fields=["subjct"])
    assert [] == sent


# -- what is taken over ------------------------------------------------------


def test_the_answer_is_absorbed(emulator):
    """After a save the object holds what Zendesk made of it, and no edits."""
    ticket = Ticket.objects.create(subject="Printer", comment=Comment(body="Help"))
    emulator.clock.sleep(60)
    before = ticket.updated_at
    ticket.tags = ["b", "a", "b"]
    ticket.save()

    assert ["a", "b"] == sorted(ticket.tags)
    assert before < ticket.updated_at
    assert {} == ticket.changes()


def test_the_audit_is_kept(ticket):
    """`last_audit` tells what the last save did, event by event."""
    ticket.priority = "high"
    ticket.save()

    assert [("Change", "priority", "high")] == [
        (event["type"], event["field_name"], event["value"])
        for event in ticket.last_audit.events
        if event["type"] == "Change"
    ]
    assert ticket.pk == ticket.last_audit.ticket_id


def test_an_edit_made_during_the_save_is_not_lost(ticket, emulator):
    """What a failed save did not send is still there to be sent."""
    ticket.subject = "Toner"
    emulator.fail_next(422, body={"error": "RecordInvalid", "details": {"subject": ["no"]}})

    with pytest.raises(ValidationError):
        ticket.save()

    assert {"subject": ("Printer", "Toner")} == ticket.changes()
    ticket.save()
    assert "Toner" == Ticket.objects.get(ticket.pk).subject


def test_a_created_object_has_what_zendesk_gave_it(emulator):
    """Id, times and defaults come with the answer."""
    ticket = Ticket(subject="Printer", comment=Comment(body="Help"))
    assert ticket.pk is None

    ticket.save()

    assert (1, "new", "Help") == (ticket.pk, ticket.status, ticket.description)
    assert ticket.created_at.tzinfo is not None
    assert ticket is Ticket.objects.get(1)


def test_a_save_returns_the_object(ticket):
    """So that it can be chained."""
    ticket.subject = "Toner"

    assert ticket is ticket.save()


def test_refresh_drops_edits(ticket):
    """As in Django, a refreshed object is as the server has it."""
    ticket.subject = "mine"
    ticket.tags.append("mine")
    ticket.refresh_from_db()

    assert ("Printer", ["a"], {}) == (ticket.subject, ticket.tags, ticket.changes())


def test_refresh_keeps_edits_where_asked(ticket):
    """With `discard=False` the row is new and the edits stay."""
    ticket.subject = "mine"
    Ticket.objects.filter(id=ticket.pk).update(priority="high")
    ticket.refresh_from_db(discard=False)

    assert ("mine", "high") == (ticket.subject, ticket.priority)
    assert {"subject": ("Printer", "mine")} == ticket.changes()


def test_refresh_of_a_row_that_is_gone_raises(ticket):
    """The model's own DoesNotExist says so."""
    Ticket.objects.filter(id=ticket.pk).delete()

    with pytest.raises(Ticket.DoesNotExist, match="Ticket 1 does not exist"):
        ticket.refresh_from_db()


@pytest.mark.parametrize("method", ["delete", "refresh_from_db"])
def test_what_was_never_saved_cannot_be_deleted_or_refreshed(emulator, method):
    """There is nothing at Zendesk to delete or to fetch."""
    with pytest.raises(InvalidValue, match="never saved"):
        getattr(Ticket(subject="x"), method)()
    assert [] == emulator.requests


# -- every model that can ----------------------------------------------------

LIVES = [
    (Ticket, {"subject": "a", "comment": Comment(body="x")}, "subject"),
    (User, {"name": "a"}, "name"),
    (Organization, {"name": "a"}, "name"),
    (Group, {"name": "a"}, "name"),
]


@pytest.mark.parametrize(("model", "values", "field"), LIVES)
def test_a_life(emulator, model, values, field):
    """Each model can be created, changed and deleted, and is gone then."""
    made = model.objects.create(**values)
    setattr(made, field, "b")
    made.save()
    assert "b" == getattr(model.objects.get(made.pk), field)

    deleted = made.delete()

    assert (1, {f"support.{model.__name__}": 1}) == deleted
    with pytest.raises(model.DoesNotExist):
        made.refresh_from_db()


@pytest.mark.parametrize("model", [Organization, Group, Ticket])
def test_what_was_deleted_is_found_no_more(emulator, model):
    """A get by id raises DoesNotExist, even where the row had been kept."""
    values = {"subject": "a", "comment": Comment(body="x")} if model is Ticket else {"name": "a"}
    made = model.objects.create(**values)
    made.delete()

    with pytest.raises(model.DoesNotExist):
        model.objects.get(made.pk)


def test_a_create_through_a_relation_knows_its_owner(emulator):
    """`org.users.create(...)` makes a user of that organization."""
    organization = Organization.objects.create(name="Acme")

    user = organization.users.create(name="Ann")

    assert organization.pk == User.objects.fresh().get(user.pk).organization_id


def test_force_insert_creates_another(emulator):
    """With `force_insert` an object that has an id is created all the same."""
    group = Group.objects.create(name="a")
    group.name = "b"
    first = group.pk
    group.save(force_insert=True)

    assert first != group.pk
    assert ["Support", "a", "b"] == sorted(each.name for each in Group.objects.all())


# -- refusals ----------------------------------------------------------------


def test_rules_of_zendesk_are_told_by_field(emulator):
    """A ValidationError tells which field breaks which rule."""
    Organization.objects.create(name="Acme")

    with pytest.raises(ValidationError, match="already been taken") as caught:
        Organization.objects.create(name="Acme")

    assert {"name": ["Name:  Acme has already been taken"]} == caught.value.error_dict


def test_a_closed_ticket_stays_as_it_is(ticket):
    """Zendesk changes no closed ticket, and the refusal names the status.

    Here it was closed by somebody else; what is known to be closed is refused before.
    """
    request = Request("PUT", f"/api/v2/tickets/{ticket.pk}", json={"ticket": {"status": "closed"}})
    ticket._session().transport.send(request)
    ticket.subject = "x"

    with pytest.raises(ValidationError) as caught:
        ticket.save()

    assert ["status"] == list(caught.value.error_dict)


def test_deleting_what_is_gone_raises(ticket):
    """A second delete is no success."""
    again = Ticket(id=ticket.pk)
    ticket.delete()

    with pytest.raises(NotFound):
        again.delete()


@pytest.mark.parametrize(("status", "error"), [(409, Conflict), (401, AuthenticationFailed)])
def test_a_refused_save_changes_nothing_here(ticket, emulator, status, error):
    """The object keeps its edits and its row when a save is refused."""
    ticket.subject = "Toner"
    emulator.fail_next(status)

    with pytest.raises(error):
        ticket.save()

    assert {"subject": ("Printer", "Toner")} == ticket.changes()


def test_a_failed_creation_leaves_the_object_new(emulator):
    """Without an answer there is no id, and saving once more is a creation."""
    emulator.connect(retry=RetryPolicy(attempts=1))
    group = Group(name="a")
    emulator.fail_next(500)
    with pytest.raises(Exception, match="500"):
        group.save()
    assert group.pk is None

    group.save()

    assert ["POST groups", "POST groups"] == emulator.requests
    assert group.pk is not None
