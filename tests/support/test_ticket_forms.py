"""Ticket forms, custom statuses, and tickets that have both."""

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
    """A form besides the default one."""
    return TicketForm.objects.create(name="Returns", end_user_visible=True)


@pytest.fixture
def waiting(account):
    """A status of tickets that are open."""
    return CustomStatus.objects.create(status_category="open", agent_label="Waiting for parts")


def test_a_form_is_cloned(account, form, count_requests):
    """A new one at Zendesk, with the same fields."""
    fields = TicketForm.objects.get(default=True).ticket_field_ids
    form.ticket_field_ids = fields[:2]
    form.save()

    with count_requests(account, 1):
        other = form.clone()

    assert other.pk not in (None, form.pk)
    assert fields[:2] == other.ticket_field_ids
    with count_requests(account, 0), pytest.raises(InvalidValue, match="never saved"):
        TicketForm(name="x").clone()


def test_forms_get_a_new_order(account, form, count_requests):
    """In one request."""
    default = TicketForm.objects.get(default=True)

    with count_requests(account, 1):
        TicketForm.objects.reorder([form, default])

    assert [1, 2] == [form.position, default.position]


def test_forms_are_found(account, form, count_requests):
    """Active ones, and those that end users see."""
    form.active = False
    form.save()

    with count_requests(account, 1):
        assert [form] == list(TicketForm.objects.filter(active=False))
    with count_requests(account, 1):
        assert form in TicketForm.objects.filter(end_user_visible=True)


def test_the_default_form_stays(account, form):
    """It is not deleted; another takes its place."""
    default = TicketForm.objects.get(default=True)
    with pytest.raises(ValidationError, match="default"):
        default.delete()

    form.default = True
    form.save()

    assert [form] == list(TicketForm.objects.filter(default=True))
    default.delete()


def test_a_ticket_has_a_form_and_a_status(account, form, waiting, count_requests):
    """Both are relations, which can be assigned and filtered by."""
    ticket = Ticket.objects.create(
        subject="x", comment={"body": "y"}, ticket_form=form, custom_status=waiting
    )

    assert ("open", waiting.pk) == (ticket.status, ticket.custom_status_id)
    with count_requests(account, 0):
        assert ("Returns", "Waiting for parts") == (
            ticket.ticket_form.name,
            ticket.custom_status.agent_label,
        )
    assert [ticket] == list(Ticket.objects.filter(custom_status=waiting))


def test_status_and_custom_status_go_together(account, waiting):
    """A status brings the default of its category; one of the same category stays."""
    ticket = Ticket.objects.create(subject="x", comment={"body": "y"}, custom_status=waiting)

    ticket.status = "pending"
    ticket.save()
    assert "Pending" == ticket.custom_status.agent_label

    ticket.custom_status = waiting
    ticket.save()
    assert "open" == ticket.status


def test_statuses_become_defaults(account, waiting, count_requests):
    """In one request; a second reads all of them, since others are it no more."""
    before = CustomStatus.objects.get(status_category="open", default=True)

    with count_requests(account, 2):
        found = CustomStatus.objects.set_defaults([waiting])

    assert (True, False) == (waiting.default, before.default)
    assert 6 == len(found)
    ticket = Ticket.objects.create(subject="x", comment={"body": "y"}, status="open")
    assert waiting == ticket.custom_status


def test_statuses_are_found(account, waiting, count_requests):
    """By category, and the defaults of all."""
    with count_requests(account, 1):
        open_ = CustomStatus.objects.filter(status_category="open", default=False)
        assert [waiting] == list(open_)
    with count_requests(account, 1):
        assert 5 == len(CustomStatus.objects.filter(default=True))


def test_a_status_in_use_is_not_deleted(account, waiting):
    """Its tickets have to leave it first."""
    ticket = Ticket.objects.create(subject="x", comment={"body": "y"}, custom_status=waiting)
    with pytest.raises(ValidationError, match="in use"):
        waiting.delete()

    ticket.status = "solved"
    ticket.save()
    waiting.delete()


def test_a_category_is_for_good(account, waiting):
    """Neither category nor default is assigned; `set_defaults()` does the latter."""
    for name, value in (("status_category", "new"), ("default", True)):
        with pytest.raises(Exception, match=name):
            setattr(waiting, name, value)


def test_a_form_has_statuses(account, form, waiting, count_requests):
    """They are added, changed and taken away, one request each."""
    solved = CustomStatus.objects.get(status_category="solved")

    with count_requests(account, 1):
        (tie,) = form.add_statuses(waiting)
    assert (form, waiting) == (tie.ticket_form, tie.custom_status)

    with count_requests(account, 1):
        (other,) = form.change_statuses(add=[solved], remove=[tie])
    assert solved == other.custom_status
    with count_requests(account, 1):
        assert [other] == list(form.statuses.all())

    with count_requests(account, 1):
        form.remove_statuses(other)
    assert [] == list(form.statuses.all())


def test_a_status_is_added_to_forms(account, form, waiting, count_requests):
    """The same from the other side."""
    default = TicketForm.objects.get(default=True)

    with count_requests(account, 1):
        ties = waiting.add_to_forms(form, default)

    assert {form, default} == {tie.ticket_form for tie in ties}
    with count_requests(account, 1):
        assert ties[:1] == list(TicketFormStatus.objects.filter(ticket_form=form))
    with count_requests(account, 1):
        ties[0].delete()
    assert [ties[1]] == list(TicketFormStatus.objects.all())


def test_nothing_to_do_is_refused(account, form, waiting, count_requests):
    """Before anything is sent."""
    with count_requests(account, 0):
        for call in (
            form.add_statuses,
            form.change_statuses,
            form.remove_statuses,
            waiting.add_to_forms,
        ):
            with pytest.raises(InvalidValue):
                call()
        with pytest.raises(InvalidValue, match="got none"):
            CustomStatus.objects.set_defaults([])
