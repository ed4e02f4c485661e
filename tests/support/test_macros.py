"""Macros: their effects on tickets, and their attachments."""

from __future__ import annotations

import pytest

from tests.servers import Server
from zendesk_orm import (
    InvalidValue,
    Macro,
    MacroAttachment,
    MalformedResponse,
    Ticket,
    TicketField,
    User,
    ValidationError,
    View,
)


@pytest.fixture
def macro(account):
    """Create a macro that changes status, priority and tags, and adds a comment."""
    return Macro.objects.create(
        title="Billing::Paid",
        actions=[
            {"field": "status", "value": "solved"},
            {"field": "priority", "value": "low"},
            {"field": "current_tags", "value": "paid"},
            {"field": "comment_value", "value": "Thanks, {{ticket.requester.name}}"},
        ],
    )


@pytest.fixture
def ticket(account):
    """Create a ticket that was requested by Ada."""
    ada = User.objects.create(name="Ada", email="ada@example.com")
    return Ticket.objects.create(
        subject="Bill", comment={"body": "Where?"}, requester=ada, tags=["vip"], priority="low"
    )


def test_apply_returns_the_changes_of_a_macro(account, macro, ticket, count_requests):
    """`apply()` returns the changes that a macro makes, and changes no ticket."""
    with count_requests(account, 1):
        changes = macro.apply()

    assert (changes["status"], changes["priority"], changes["tags"]) == ("solved", "low", ["paid"])
    assert changes["comment"]["body"] == "Thanks, {{ticket.requester.name}}"
    ticket.refresh_from_db()
    assert ticket.status == "new"


def test_apply_to_changes_the_object_only(account, macro, ticket, count_requests):
    """`apply_to()` changes the object and saves nothing."""
    with count_requests(account, 1):
        assert macro.apply_to(ticket) is ticket

    assert ticket.changes().keys() == {"status", "tags", "comment"}
    assert (ticket.status, list(ticket.tags)) == ("solved", ["vip", "paid"])
    with account.session():
        assert Ticket.objects.get(ticket.pk).status == "new"


def test_saving_sends_the_changes_of_a_macro(account, macro, ticket, count_requests):
    """Saving sends the changes of a macro, with its comment, in one request."""
    macro.apply_to(ticket)

    with count_requests(account, 1):
        ticket.save()

    assert ticket.changes() == {}
    assert [comment.body for comment in ticket.comments.all()] == ["Where?", "Thanks, Ada"]


def test_a_macro_preserves_other_edits(account, macro, ticket):
    """Unsaved edits of fields that the macro does not change are preserved."""
    ticket.subject = "Invoice"

    macro.apply_to(ticket)

    assert ticket.subject == "Invoice"
    assert ticket.changes().keys() > {"subject", "status"}


def test_a_macro_sets_custom_fields(account, ticket):
    """A macro sets the custom fields that it names, and no others."""
    field = TicketField.objects.create(type="text", title="Order")
    macro = Macro.objects.create(
        title="x", actions=[{"field": f"custom_fields_{field.pk}", "value": "17"}]
    )

    macro.apply_to(ticket)

    assert ticket.to_payload()["custom_fields"] == [{"id": field.pk, "value": "17"}]


def test_a_macro_requires_saved_objects(account, macro, ticket, count_requests):
    """Applying an unsaved macro, or one to an unsaved ticket, raises `InvalidValue`."""
    with count_requests(account, 0):
        with pytest.raises(InvalidValue, match="save it first"):
            macro.apply_to(Ticket(subject="x"))
        with pytest.raises(InvalidValue, match="never saved"):
            Macro(title="x").apply()


def test_files_are_attached_to_a_macro(account, macro, count_requests):
    """A file is attached to a macro, listed, fetched and read, in one request each."""
    with count_requests(account, 1):
        file = macro.attach(b"Our terms", "terms.txt")
    assert (file.filename, file.content_type, file.size) == ("terms.txt", "text/plain", 9)
    assert file.macro == macro

    with count_requests(account, 1):
        assert list(macro.attachments.all()) == [file]
    with count_requests(account, 1):
        assert file.read() == b"Our terms"
    with count_requests(account, 1):
        assert MacroAttachment.objects.get(file.pk).filename == "terms.txt"


def test_any_file_name_and_content_is_uploaded(account, macro):
    """Quotes and non-ASCII letters in names, and any bytes in files, are uploaded unchanged."""
    content = bytes(range(256)) * 300

    file = macro.attach(content, 'Über "uns".bin')

    assert file.filename == 'Über "uns".bin'
    assert file.read() == content


def test_a_file_is_uploaded_before_its_macro(account, count_requests):
    """A file can be uploaded first, and attached to a macro that is created later."""
    with count_requests(account, 1):
        file = MacroAttachment.objects.upload(b"x", "x.txt")
    assert file.macro_id is None

    macro = Macro.objects.create(
        title="x", actions=[{"field": "status", "value": "open"}], attachments_=[file]
    )

    assert list(macro.attachments.all()) == [file]


def test_a_macro_has_at_most_five_files(account, macro):
    """A sixth attachment raises `ValidationError`."""
    for number in range(5):
        macro.attach(b"x", f"{number}.txt")

    with pytest.raises(ValidationError, match="at most 5"):
        macro.attach(b"x", "5.txt")


def test_clone_returns_an_unsaved_copy(account, macro, count_requests):
    """`clone()` returns an unsaved macro with the same title and actions."""
    with count_requests(account, 1):
        copy = macro.clone()

    assert copy.pk is None
    assert (copy.title, copy.actions) == (macro.title, macro.actions)
    assert copy.save().pk not in (None, macro.pk)


def test_from_ticket_builds_a_macro(account, ticket, count_requests):
    """`from_ticket()` returns an unsaved macro that sets the values of a saved ticket."""
    with count_requests(account, 1):
        macro = Macro.objects.from_ticket(ticket)

    assert macro.pk is None
    assert {"field": "priority", "value": "low"} in macro.actions
    assert {"field": "set_tags", "value": "vip"} in macro.actions
    with count_requests(account, 0), pytest.raises(InvalidValue, match="no id yet"):
        Macro.objects.from_ticket(Ticket())


def test_macros_are_filtered(account, macro, count_requests):
    """Macros are filtered by category, words and state, in one request each."""
    inactive = Macro.objects.create(title="Off", actions=macro.actions, active=False)

    with count_requests(account, 1):
        assert list(Macro.objects.filter(category="Billing")) == [macro]
    with count_requests(account, 1):
        assert list(Macro.objects.filter(query="paid")) == [macro]
    with count_requests(account, 1):
        assert list(Macro.objects.filter(active=False)) == [inactive]
    with count_requests(account, 1):
        active = list(Macro.objects.filter(only_active=True))
    assert active
    assert inactive not in active
    assert Macro.objects.categories() == ["Billing"]


def test_macros_have_definitions(account, count_requests):
    """Supported actions are returned in both of Zendesk's formats."""
    with count_requests(account, 2):
        actions, definitions = Macro.objects.supported_actions(), Macro.objects.definitions()

    assert "status" in [action["value"] for action in actions]
    assert "status" in [definition["subject"] for definition in definitions]


def test_a_macro_requires_actions(account):
    """A macro without actions raises `ValidationError`."""
    with pytest.raises(ValidationError, match="actions"):
        Macro.objects.create(title="x")


def test_a_dry_run_describes_uploads(account, macro, count_requests):
    """A dry run describes each file and sends none."""
    with count_requests(account, 0), account.dry_run(quiet=True) as diff:
        macro.attach(b"x", "terms.txt")
        MacroAttachment.objects.upload(b"x", "more.txt")

    assert str(diff).count("filename") == 2
    assert "terms.txt" in str(diff)


@pytest.mark.parametrize("value", ["", 0, [], None, "x", [1], {"ticket": [1]}, {"ticket": None}])
def test_a_malformed_effect_of_a_macro_is_rejected(value):
    """An effect of a macro that is not an object raises `MalformedResponse`."""
    Server(lambda request: {"result": value}).connect()

    with pytest.raises(MalformedResponse):
        Macro(id=1).apply()


@pytest.mark.parametrize("value", ["", 0, [], None, "x", [1], {}])
def test_a_malformed_export_of_a_view_is_rejected(value):
    """An export whose status is not in an object raises `MalformedResponse`."""
    Server(lambda request: {"export": value}).connect()

    with pytest.raises(MalformedResponse):
        View(id=1).export()
