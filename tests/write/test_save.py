"""Saving one object: the request, and the values taken from the response."""

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


def without_version(body):
    """Return the body of an update without its version; see test_conflicts.py."""
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


# -- requests ----------------------------------------------------------------


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
def test_only_changed_fields_are_sent(ticket, sent, field, value, wire):
    """A save sends only the field that was assigned."""
    setattr(ticket, field, value)
    ticket.save()

    assert [(request.method, request.path, without_version(request.json)) for request in sent] == [
        ("PUT", "/api/v2/tickets/1", {"ticket": wire})
    ]


def test_a_list_edited_in_place_is_sent(ticket, sent):
    """An append to the tags is a change."""
    ticket.tags.append("b")
    ticket.save()

    assert [without_version(request.json) for request in sent] == [{"ticket": {"tags": ["a", "b"]}}]


def test_a_relation_is_sent_as_its_id(ticket, sent):
    """Assigning an object sends `assignee_id`."""
    owner = User.objects.get(email="owner@example.com")
    del sent[:]
    ticket.assignee = owner
    ticket.save()

    assert without_version(sent[-1].json) == {"ticket": {"assignee_id": owner.pk}}


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
    """A save of an unchanged object sends no request."""
    change(ticket)
    ticket.save()

    assert sent == []


def test_unchanged_fields_are_not_overwritten(ticket):
    """A field that another client changed meanwhile is not reverted."""
    mine = Ticket.objects.get(ticket.pk)
    Ticket.objects.filter(id=ticket.pk).update(priority="high")
    mine.subject = "Toner"
    mine.save()

    fresh = Ticket.objects.get(ticket.pk)

    assert (fresh.priority, fresh.subject) == ("high", "Toner")


def test_update_fields_limits_the_sent_fields(ticket, sent):
    """Other fields stay unsaved edits."""
    ticket.subject, ticket.priority = "Toner", "high"
    ticket.save(update_fields=["priority"])

    assert without_version(sent[0].json) == {"ticket": {"priority": "high"}}
    assert ticket.changes() == {"subject": ("Printer", "Toner")}


def test_update_fields_without_changes_sends_nothing(ticket, sent):
    """An unchanged field in `update_fields` is not sent."""
    ticket.subject = "Toner"
    ticket.save(update_fields=["priority"])

    assert sent == []


def test_update_fields_accepts_relations(ticket, sent):
    """`assignee` stands for `assignee_id`."""
    ticket.assignee_id = User.objects.get(email="owner@example.com").pk
    ticket.save(update_fields=["assignee"])

    assert list(without_version(sent[-1].json)["ticket"]) == ["assignee_id"]


def test_update_fields_rejects_unknown_names(ticket, sent):
    """A misspelt field raises before anything is sent."""
    ticket.subject = "Toner"

    with pytest.raises(FieldError, match="subject"):
        ticket.save(update_fields=["subjct"])
    assert sent == []


# -- responses ---------------------------------------------------------------


def test_the_object_has_the_row_of_the_response(emulator):
    """After a save, the object has the stored values and no edits."""
    ticket = Ticket.objects.create(subject="Printer", comment=Comment(body="Help"))
    emulator.clock.sleep(60)
    before = ticket.updated_at
    ticket.tags = ["b", "a", "b"]
    ticket.save()

    assert sorted(ticket.tags) == ["a", "b"]
    assert before < ticket.updated_at
    assert ticket.changes() == {}


def test_last_audit_contains_the_events(ticket):
    """`last_audit` contains each event of the last save."""
    ticket.priority = "high"
    ticket.save()

    assert [
        (event["type"], event["field_name"], event["value"])
        for event in ticket.last_audit.events
        if event["type"] == "Change"
    ] == [("Change", "priority", "high")]
    assert ticket.pk == ticket.last_audit.ticket_id


def test_an_edit_during_a_save_is_kept(ticket, emulator):
    """It is still an edit after the save."""
    ticket.subject = "Toner"
    emulator.fail_next(422, body={"error": "RecordInvalid", "details": {"subject": ["no"]}})

    with pytest.raises(ValidationError):
        ticket.save()

    assert ticket.changes() == {"subject": ("Printer", "Toner")}
    ticket.save()
    assert Ticket.objects.get(ticket.pk).subject == "Toner"


def test_a_created_object_has_the_values_of_the_response(emulator):
    """The response contains the id, times and defaults."""
    ticket = Ticket(subject="Printer", comment=Comment(body="Help"))
    assert ticket.pk is None

    ticket.save()

    assert (ticket.pk, ticket.status, ticket.description) == (1, "new", "Help")
    assert ticket.created_at.tzinfo is not None
    assert ticket is Ticket.objects.get(1)


def test_a_save_returns_the_object(ticket):
    """`save()` returns the object, for chaining."""
    ticket.subject = "Toner"

    assert ticket is ticket.save()


def test_refresh_drops_edits(ticket):
    """As in Django, `refresh_from_db()` discards edits."""
    ticket.subject = "mine"
    ticket.tags.append("mine")
    ticket.refresh_from_db()

    assert (ticket.subject, ticket.tags, ticket.changes()) == ("Printer", ["a"], {})


def test_refresh_can_keep_edits(ticket):
    """With `discard=False`, the row is new and the edits stay."""
    ticket.subject = "mine"
    Ticket.objects.filter(id=ticket.pk).update(priority="high")
    ticket.refresh_from_db(discard=False)

    assert (ticket.subject, ticket.priority) == ("mine", "high")
    assert ticket.changes() == {"subject": ("Printer", "mine")}


def test_refresh_of_a_deleted_row_raises(ticket):
    """The error is the model's `DoesNotExist`."""
    Ticket.objects.filter(id=ticket.pk).delete()

    with pytest.raises(Ticket.DoesNotExist, match="exist"):
        ticket.refresh_from_db()


@pytest.mark.parametrize("method", ["delete", "refresh_from_db"])
def test_an_unsaved_object_cannot_be_deleted_or_refreshed(emulator, method):
    """Both raise, because Zendesk has no row."""
    with pytest.raises(InvalidValue, match="saved"):
        getattr(Ticket(subject="x"), method)()
    assert emulator.requests == []


# -- every model with these endpoints ----------------------------------------

LIVES = [
    (Ticket, {"subject": "a", "comment": Comment(body="x")}, "subject"),
    (User, {"name": "a"}, "name"),
    (Organization, {"name": "a"}, "name"),
    (Group, {"name": "a"}, "name"),
]


@pytest.mark.parametrize(("model", "values", "field"), LIVES)
def test_objects_are_created_updated_and_deleted(emulator, model, values, field):
    """A deleted object cannot be fetched, unless a switch of the emulator shows users."""
    emulator.switches.deleted_users_shown = False
    created = model.objects.create(**values)
    setattr(created, field, "b")
    created.save()
    assert getattr(model.objects.get(created.pk), field) == "b"

    deleted = created.delete()

    assert deleted == (1, {f"support.{model.__name__}": 1})
    with pytest.raises(model.DoesNotExist):
        created.refresh_from_db()


@pytest.mark.parametrize("model", [Organization, Group, Ticket])
def test_a_deleted_object_is_not_found(emulator, model):
    """`get()` raises `DoesNotExist`, even if the row was cached."""
    values = {"subject": "a", "comment": Comment(body="x")} if model is Ticket else {"name": "a"}
    created = model.objects.create(**values)
    created.delete()

    with pytest.raises(model.DoesNotExist):
        model.objects.get(created.pk)


def test_create_through_a_relation_sets_the_relation(emulator):
    """`org.users.create(...)` creates a user of that organization."""
    organization = Organization.objects.create(name="Acme")

    user = organization.users.create(name="Ann")

    assert organization.pk == User.objects.fresh().get(user.pk).organization_id


def test_force_insert_creates_another_object(emulator):
    """An object that has an id is created all the same."""
    group = Group.objects.create(name="a")
    group.name = "b"
    first = group.pk
    group.save(force_insert=True)

    assert first != group.pk
    assert sorted(row.name for row in Group.objects.all()) == ["Support", "a", "b"]


# -- errors ------------------------------------------------------------------


def test_errors_of_zendesk_are_reported_by_field(emulator):
    """A `ValidationError` contains the messages for each field."""
    Organization.objects.create(name="Acme")

    with pytest.raises(ValidationError, match="taken") as caught:
        Organization.objects.create(name="Acme")

    assert caught.value.error_dict == {"name": ["Name:  Acme has already been taken"]}


def test_a_closed_ticket_cannot_be_changed(ticket):
    """Zendesk rejects the change, and the error contains the status.

    Here another client closed it; a ticket known to be closed is rejected without a request.
    """
    request = Request("PUT", f"/api/v2/tickets/{ticket.pk}", json={"ticket": {"status": "closed"}})
    ticket._session().transport.send(request)
    ticket.subject = "x"

    with pytest.raises(ValidationError) as caught:
        ticket.save()

    assert list(caught.value.error_dict) == ["status"]


def test_deleting_a_missing_row_raises(ticket):
    """A second deletion raises."""
    again = Ticket(id=ticket.pk)
    ticket.delete()

    with pytest.raises(NotFound):
        again.delete()


@pytest.mark.parametrize(("status", "error"), [(409, Conflict), (401, AuthenticationFailed)])
def test_a_rejected_save_keeps_edits_and_row(ticket, emulator, status, error):
    """The object has its edits and its row after the error."""
    ticket.subject = "Toner"
    emulator.fail_next(status)

    with pytest.raises(error):
        ticket.save()

    assert ticket.changes() == {"subject": ("Printer", "Toner")}


def test_a_failed_creation_leaves_the_object_new(emulator):
    """Without a response, the object has no id, and another save creates the object."""
    emulator.connect(retry=RetryPolicy(attempts=1))
    group = Group(name="a")
    emulator.fail_next(500)
    with pytest.raises(Exception, match="500"):
        group.save()
    assert group.pk is None

    group.save()

    assert emulator.requests == ["POST groups", "POST groups"]
    assert group.pk is not None
