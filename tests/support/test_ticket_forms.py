"""Ticket forms, custom statuses, and the statuses of forms."""

from __future__ import annotations

import pytest

from zendesk_orm import (
    CustomStatus,
    InvalidValue,
    Ticket,
    TicketForm,
    TicketFormStatus,
    ValidationError,
)


@pytest.fixture
def form(account):
    """Create a form that is not the default one."""
    return TicketForm.objects.create(name="Returns", end_user_visible=True)


@pytest.fixture
def waiting(account):
    """Create a custom status of category open."""
    return CustomStatus.objects.create(status_category="open", agent_label="Waiting for parts")


def test_a_form_is_cloned(account, form, count_requests):
    """`clone()` creates a form with the same fields in one request."""
    fields = TicketForm.objects.get(default=True).ticket_field_ids
    form.ticket_field_ids = fields[:2]
    form.save()

    with count_requests(account, 1):
        clone = form.clone()

    assert clone.pk not in (None, form.pk)
    assert clone.ticket_field_ids == fields[:2]
    with count_requests(account, 0), pytest.raises(InvalidValue, match="never saved"):
        TicketForm(name="x").clone()


def test_forms_are_reordered(account, form, count_requests):
    """Forms are reordered in one request."""
    default = TicketForm.objects.get(default=True)

    with count_requests(account, 1):
        TicketForm.objects.reorder([form, default])

    assert [form.position, default.position] == [1, 2]


def test_forms_are_filtered(account, form, count_requests):
    """Forms are filtered by state and visibility, in one request each."""
    form.active = False
    form.save()

    with count_requests(account, 1):
        assert list(TicketForm.objects.filter(active=False)) == [form]
    with count_requests(account, 1):
        assert form in TicketForm.objects.filter(end_user_visible=True)


def test_the_default_form_cannot_be_deleted(account, form):
    """The default form can only be deleted after another one becomes the default."""
    default = TicketForm.objects.get(default=True)
    with pytest.raises(ValidationError, match="default"):
        default.delete()

    form.default = True
    form.save()

    assert list(TicketForm.objects.filter(default=True)) == [form]
    default.delete()


def test_a_ticket_has_a_form_and_a_status(account, form, waiting, count_requests):
    """Form and custom status are relations of a ticket, and filters."""
    ticket = Ticket.objects.create(
        subject="x", comment={"body": "y"}, ticket_form=form, custom_status=waiting
    )

    assert (ticket.status, ticket.custom_status_id) == ("open", waiting.pk)
    with count_requests(account, 0):
        assert (ticket.ticket_form.name, ticket.custom_status.agent_label) == (
            "Returns",
            "Waiting for parts",
        )
    assert list(Ticket.objects.filter(custom_status=waiting)) == [ticket]


def test_status_and_custom_status_stay_consistent(account, waiting):
    """Setting the status changes the custom status to match, and vice versa."""
    ticket = Ticket.objects.create(subject="x", comment={"body": "y"}, custom_status=waiting)

    ticket.status = "pending"
    ticket.save()
    assert ticket.custom_status.agent_label == "Pending"

    ticket.custom_status = waiting
    ticket.save()
    assert ticket.status == "open"


def test_set_defaults_changes_the_default_statuses(account, waiting, count_requests):
    """`set_defaults()` changes the defaults and refreshes all statuses, in two requests."""
    before = CustomStatus.objects.get(status_category="open", default=True)

    with count_requests(account, 2):
        statuses = CustomStatus.objects.set_defaults([waiting])

    assert (waiting.default, before.default) == (True, False)
    assert len(statuses) == 6
    ticket = Ticket.objects.create(subject="x", comment={"body": "y"}, status="open")
    assert ticket.custom_status == waiting


def test_statuses_are_filtered(account, waiting, count_requests):
    """Custom statuses are filtered by category and default."""
    with count_requests(account, 1):
        open_ = CustomStatus.objects.filter(status_category="open", default=False)
        assert list(open_) == [waiting]
    with count_requests(account, 1):
        assert len(CustomStatus.objects.filter(default=True)) == 5


def test_a_status_in_use_cannot_be_deleted(account, waiting):
    """A custom status can only be deleted when no ticket has it."""
    ticket = Ticket.objects.create(subject="x", comment={"body": "y"}, custom_status=waiting)
    with pytest.raises(ValidationError, match="in use"):
        waiting.delete()

    ticket.status = "solved"
    ticket.save()
    waiting.delete()


def test_category_and_default_are_read_only(account, waiting):
    """Assigning the category or the default of a custom status raises."""
    for name, value in (("status_category", "new"), ("default", True)):
        with pytest.raises(Exception, match=name):
            setattr(waiting, name, value)


def test_statuses_of_a_form_are_changed(account, form, waiting, count_requests):
    """Statuses of a form are added, replaced and removed in one request each."""
    solved = CustomStatus.objects.get(status_category="solved")

    with count_requests(account, 1):
        (form_status,) = form.add_statuses(waiting)
    assert (form_status.ticket_form, form_status.custom_status) == (form, waiting)

    with count_requests(account, 1):
        (solved_status,) = form.change_statuses(add=[solved], remove=[form_status])
    assert solved_status.custom_status == solved
    with count_requests(account, 1):
        assert list(form.statuses.all()) == [solved_status]

    with count_requests(account, 1):
        form.remove_statuses(solved_status)
    assert list(form.statuses.all()) == []


def test_a_status_is_added_to_forms(account, form, waiting, count_requests):
    """`add_to_forms()` adds a custom status to several forms in one request."""
    default = TicketForm.objects.get(default=True)

    with count_requests(account, 1):
        form_statuses = waiting.add_to_forms(form, default)

    assert {status.ticket_form for status in form_statuses} == {form, default}
    with count_requests(account, 1):
        assert list(TicketFormStatus.objects.filter(ticket_form=form)) == form_statuses[:1]
    with count_requests(account, 1):
        form_statuses[0].delete()
    assert list(TicketFormStatus.objects.all()) == [form_statuses[1]]


def test_empty_changes_are_rejected(account, form, waiting, count_requests):
    """Calls without statuses or forms raise `InvalidValue` before any request."""
    with count_requests(account, 0):
        for call in (
            form.add_statuses,
            form.change_statuses,
            form.remove_statuses,
            waiting.add_to_forms,
        ):
            with pytest.raises(InvalidValue):
                call()
        with pytest.raises(InvalidValue, match="at least one"):
            CustomStatus.objects.set_defaults([])
