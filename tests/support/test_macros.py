"""Macros: what they do to tickets, and the files that they add."""

from __future__ import annotations

import pytest

from zendesk_orm import (
    InvalidValue,
    Macro,
    MacroAttachment,
    Ticket,
    TicketField,
    User,
    ValidationError,
)


@pytest.fixture
def macro(account):
    """A macro that answers, and closes."""
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
    """A ticket of Ada's."""
    ada = User.objects.create(name="Ada", email="ada@example.com")
    return Ticket.objects.create(
        subject="Bill", comment={"body": "Where?"}, requester=ada, tags=["vip"], priority="low"
    )


def test_what_a_macro_changes_is_told(account, macro, ticket, count_requests):
    """No ticket is changed, and none is asked for."""
    with count_requests(account, 1):
        changes = macro.apply()

    assert ("solved", "low", ["paid"]) == (
        changes["status"],
        changes["priority"],
        changes["tags"],
    )
    assert "Thanks, {{ticket.requester.name}}" == changes["comment"]["body"]
    ticket.refresh_from_db()
    assert "new" == ticket.status


def test_a_macro_is_applied_to_a_ticket(account, macro, ticket, count_requests):
    """The object has the changes, those that are any, and Zendesk has none of them yet."""
    with count_requests(account, 1):
        assert macro.apply_to(ticket) is ticket

    assert {"status", "tags", "comment"} == ticket.changes().keys()
    assert ("solved", ["vip", "paid"]) == (ticket.status, list(ticket.tags))
    with account.session():
        assert "new" == Ticket.objects.get(ticket.pk).status


def test_saving_sends_what_a_macro_changed(account, macro, ticket, count_requests):
    """Comment and all, in one request."""
    macro.apply_to(ticket)

    with count_requests(account, 1):
        ticket.save()

    assert {} == ticket.changes()
    assert ["Where?", "Thanks, Ada"] == [each.body for each in ticket.comments.all()]


def test_edits_stay_that_a_macro_does_not_touch(account, macro, ticket):
    """Whatever was assigned before."""
    ticket.subject = "Invoice"

    macro.apply_to(ticket)

    assert "Invoice" == ticket.subject
    assert {"subject", "status"} < ticket.changes().keys()


def test_values_of_custom_fields_are_set(account, ticket):
    """Those that the macro names, and no others."""
    field = TicketField.objects.create(type="text", title="Order")
    macro = Macro.objects.create(
        title="x", actions=[{"field": f"custom_fields_{field.pk}", "value": "17"}]
    )

    macro.apply_to(ticket)

    assert [{"id": field.pk, "value": "17"}] == ticket.to_payload()["custom_fields"]


def test_only_what_was_saved_is_applied(account, macro, ticket, count_requests):
    """Neither a new macro nor a new ticket can be asked for."""
    with count_requests(account, 0):
        with pytest.raises(InvalidValue, match="save it first"):
            macro.apply_to(Ticket(subject="x"))
        with pytest.raises(InvalidValue, match="never saved"):
            Macro(title="x").apply()


def test_a_macro_has_files(account, macro, count_requests):
    """They are uploaded, listed, shown and read."""
    with count_requests(account, 1):
        file = macro.attach(b"Our terms", "terms.txt")
    assert ("terms.txt", "text/plain", 9) == (file.filename, file.content_type, file.size)
    assert macro == file.macro

    with count_requests(account, 1):
        assert [file] == list(macro.attachments.all())
    with count_requests(account, 1):
        assert b"Our terms" == file.read()
    with count_requests(account, 1):
        assert "terms.txt" == MacroAttachment.objects.get(file.pk).filename


def test_a_file_of_any_name_arrives(account, macro):
    """Quotes and letters of other languages, too; and bytes of any kind."""
    content = bytes(range(256)) * 300

    file = macro.attach(content, 'Über "uns".bin')

    assert 'Über "uns".bin' == file.filename
    assert content == file.read()


def test_a_file_waits_for_its_macro(account, count_requests):
    """It is uploaded first, and named by a new macro."""
    with count_requests(account, 1):
        file = MacroAttachment.objects.upload(b"x", "x.txt")
    assert file.macro_id is None

    macro = Macro.objects.create(
        title="x", actions=[{"field": "status", "value": "open"}], attachments_=[file]
    )

    assert [file] == list(macro.attachments.all())


def test_a_macro_has_five_files(account, macro):
    """Zendesk takes no more."""
    for number in range(5):
        macro.attach(b"x", f"{number}.txt")

    with pytest.raises(ValidationError, match="at most 5"):
        macro.attach(b"x", "5.txt")


def test_a_macro_is_cloned(account, macro, count_requests):
    """The other one does the same, and is not saved."""
    with count_requests(account, 1):
        other = macro.clone()

    assert other.pk is None
    assert (macro.title, macro.actions) == (other.title, other.actions)
    assert other.save().pk not in (None, macro.pk)


def test_a_macro_is_made_of_a_ticket(account, ticket, count_requests):
    """It makes other tickets what this one is."""
    with count_requests(account, 1):
        macro = Macro.objects.from_ticket(ticket)

    assert macro.pk is None
    assert {"field": "priority", "value": "low"} in macro.actions
    assert {"field": "set_tags", "value": "vip"} in macro.actions
    with count_requests(account, 0), pytest.raises(InvalidValue, match="no id yet"):
        Macro.objects.from_ticket(Ticket())


def test_macros_are_found(account, macro, count_requests):
    """By category, by words of the title, and the active ones."""
    off = Macro.objects.create(title="Off", actions=macro.actions, active=False)

    with count_requests(account, 1):
        assert [macro] == list(Macro.objects.filter(category="Billing"))
    with count_requests(account, 1):
        assert [macro] == list(Macro.objects.filter(query="paid"))
    with count_requests(account, 1):
        assert [off] == list(Macro.objects.filter(active=False))
    with count_requests(account, 1):
        active = list(Macro.objects.filter(only_active=True))
    assert active
    assert off not in active
    assert ["Billing"] == Macro.objects.categories()


def test_what_macros_can_do_is_told(account, count_requests):
    """In both of Zendesk's forms."""
    with count_requests(account, 2):
        actions, definitions = Macro.objects.supported_actions(), Macro.objects.definitions()

    assert "status" in [each["value"] for each in actions]
    assert "status" in [each["subject"] for each in definitions]


def test_a_macro_does_something(account):
    """One without actions is refused."""
    with pytest.raises(ValidationError, match="actions"):
        Macro.objects.create(title="x")


def test_a_dry_run_sends_no_file(account, macro, count_requests):
    """It tells of the file, whether it is for a macro or waits for one."""
    with count_requests(account, 0), account.dry_run(quiet=True) as diff:
        macro.attach(b"x", "terms.txt")
        MacroAttachment.objects.upload(b"x", "more.txt")

    assert 2 == str(diff).count("filename")
    assert "terms.txt" in str(diff)
