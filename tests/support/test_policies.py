"""SLA policies, schedules, workspaces and targets."""

from __future__ import annotations

from datetime import date

import pytest

from zendesk_orm import (
    FieldError,
    GroupSlaPolicy,
    Holiday,
    InvalidValue,
    Macro,
    Schedule,
    SlaPolicy,
    Target,
    TargetFailure,
    TicketForm,
    Workspace,
)


@pytest.mark.parametrize("model", [SlaPolicy, GroupSlaPolicy])
def test_policies_are_created_and_reordered(account, model, count_requests):
    """A policy is created in one request, and all are reordered in one."""
    with count_requests(account, 3):
        one, two = (model.objects.create(title=title, filter={"all": []}) for title in "ab")
        model.objects.reorder([two, one])

    assert [one.position, two.position] == [2, 1]
    assert one.filter["all"] == []


@pytest.mark.parametrize(
    ("model", "parts"), [(SlaPolicy, {"all", "any"}), (GroupSlaPolicy, {"all"})]
)
def test_policies_have_definitions(account, model, parts, count_requests):
    """The definitions of policies contain the conditions that can be used."""
    with count_requests(account, 1):
        assert model.objects.definitions().keys() == parts


# Schedules


@pytest.fixture
def schedule(account):
    """Create a schedule without business hours."""
    return Schedule.objects.create(name="Berlin", time_zone="Berlin")


def test_set_intervals_replaces_the_business_hours(account, schedule, count_requests):
    """`set_intervals()` sends the business hours in one request and updates the schedule."""
    monday, tuesday = (1980, 2460), {"start_time": 3420, "end_time": 4320}

    with count_requests(account, 1):
        assert schedule.set_intervals([monday, tuesday]) is schedule

    assert schedule.intervals == [{"start_time": 1980, "end_time": 2460}, tuesday]
    assert schedule.changes() == {}
    with account.session():
        assert schedule.intervals == Schedule.objects.get(schedule.pk).intervals


@pytest.mark.parametrize(
    "interval", [(2460, 1980), (1980, 1980), (1980, 3900), (-60, 60), (10_000, 10_140), ("9", "17")]
)
def test_an_invalid_interval_is_rejected(account, schedule, interval, count_requests):
    """An interval must end after it begins, on the same day; otherwise nothing is sent."""
    with count_requests(account, 0), pytest.raises(InvalidValue, match="interval"):
        schedule.set_intervals([interval])
    schedule.set_intervals([(1440, 2880)])


def test_holidays_are_managed_through_their_schedule(account, schedule, count_requests):
    """Holidays are dates that are created, changed and deleted through their schedule."""
    with count_requests(account, 2):
        holiday = schedule.holidays.create(
            name="New Year", start_date=date(2026, 1, 1), end_date=date(2026, 1, 1)
        )
        holiday.end_date = date(2026, 1, 2)
        holiday.save()

    assert (holiday.schedule, holiday.end_date) == (schedule, date(2026, 1, 2))
    with count_requests(account, 1):
        assert list(schedule.holidays.all()) == [holiday]
    with count_requests(account, 1):
        assert Holiday.objects.get(schedule=schedule, id=holiday.pk) == holiday
    holiday.delete()
    assert list(schedule.holidays.all()) == []


# Workspaces and targets


@pytest.fixture
def workspaces(account):
    """Create two workspaces with the same macro."""
    macro = Macro.objects.create(title="x", actions=[{"field": "status", "value": "open"}])
    form = TicketForm.objects.get()
    no_conditions = {"all": [], "any": []}
    return [
        Workspace.objects.create(
            title=title, conditions=no_conditions, macros=[macro.pk], ticket_form=form
        )
        for title in "ab"
    ]


def test_macros_of_a_workspace_are_objects(account, workspaces, count_requests):
    """The macros of a workspace are sent as ids and returned as macros."""
    with count_requests(account, 0):
        (macro,) = workspaces[0].selected_macros
        assert (type(macro), macro.title) == (Macro, "x")
    assert workspaces[0].macro_ids == [macro.pk]
    assert workspaces[0].ticket_form == TicketForm.objects.get()


def test_workspaces_are_reordered(account, workspaces, count_requests):
    """Workspaces are reordered in one request."""
    with count_requests(account, 1):
        Workspace.objects.reorder(workspaces[::-1])

    assert [workspace.position for workspace in workspaces] == [2, 1]


def test_workspaces_are_deleted_in_bulk(account, workspaces, count_requests):
    """The workspaces of a query are read and deleted in one request each."""
    with pytest.raises(FieldError, match="all"):
        Workspace.objects.delete()
    with count_requests(account, 2):
        assert int(Workspace.objects.all().delete()) == 2

    assert list(Workspace.objects.all()) == []


def test_a_target_has_the_fields_of_its_type(account, count_requests):
    """A target has the fields of its type, of which `from` is spelled `from_` in Python."""
    with count_requests(account, 2):
        target = Target.objects.create(
            title="Mail", type="email_target", email="a@example.com", subject="x"
        )
        target.from_ = "b"
        target.save()

    assert (target.email, target.to_dict()["from"]) == ("a@example.com", "b")
    assert list(TargetFailure.objects.all()) == []
