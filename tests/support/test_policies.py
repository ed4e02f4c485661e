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
def test_policies_are_made_and_get_a_new_order(account, model, count_requests):
    """One request for each of them, and one for the order."""
    with count_requests(account, 3):
        one, two = (model.objects.create(title=title, filter={"all": []}) for title in "ab")
        model.objects.reorder([two, one])

    assert [2, 1] == [one.position, two.position]
    assert {"all": []} == one.filter


@pytest.mark.parametrize(
    ("model", "parts"), [(SlaPolicy, {"all", "any"}), (GroupSlaPolicy, {"all"})]
)
def test_what_policies_can_ask_is_told(account, model, parts, count_requests):
    """Conditions, with operators and values."""
    with count_requests(account, 1):
        assert parts == model.objects.definitions().keys()


# -- schedules -------------------------------------------------------------------------


@pytest.fixture
def schedule(account):
    """A schedule that says nothing yet."""
    return Schedule.objects.create(name="Berlin", time_zone="Berlin")


def test_business_hours_are_set(account, schedule, count_requests):
    """In one request; the schedule tells of them then."""
    monday, tuesday = (1980, 2460), {"start_time": 3420, "end_time": 4320}

    with count_requests(account, 1):
        assert schedule.set_intervals([monday, tuesday]) is schedule

    assert [{"start_time": 1980, "end_time": 2460}, tuesday] == schedule.intervals
    assert {} == schedule.changes()
    with account.session():
        assert schedule.intervals == Schedule.objects.get(schedule.pk).intervals


@pytest.mark.parametrize(
    "interval", [(2460, 1980), (1980, 1980), (1980, 3900), (-60, 60), (10_000, 10_140), ("9", "17")]
)
def test_an_interval_is_of_one_day(account, schedule, interval, count_requests):
    """It ends after it begins, and within the week; midnight is the end of a day."""
    with count_requests(account, 0), pytest.raises(InvalidValue, match="interval"):
        schedule.set_intervals([interval])
    schedule.set_intervals([(1440, 2880)])


def test_a_schedule_has_holidays(account, schedule, count_requests):
    """Days, not moments."""
    with count_requests(account, 2):
        holiday = schedule.holidays.create(
            name="New Year", start_date=date(2026, 1, 1), end_date=date(2026, 1, 1)
        )
        holiday.end_date = date(2026, 1, 2)
        holiday.save()

    assert (schedule, date(2026, 1, 2)) == (holiday.schedule, holiday.end_date)
    with count_requests(account, 1):
        assert [holiday] == list(schedule.holidays.all())
    with count_requests(account, 1):
        assert holiday == Holiday.objects.get(schedule=schedule, id=holiday.pk)
    holiday.delete()
    assert [] == list(schedule.holidays.all())


# -- workspaces and targets ------------------------------------------------------------


@pytest.fixture
def workspaces(account):
    """Two workspaces with one macro."""
    macro = Macro.objects.create(title="x", actions=[{"field": "status", "value": "open"}])
    form = TicketForm.objects.get()
    nothing = {"all": [], "any": []}
    return [
        Workspace.objects.create(
            title=title, conditions=nothing, macros=[macro.pk], ticket_form=form
        )
        for title in "ab"
    ]


def test_a_workspace_has_macros(account, workspaces, count_requests):
    """Sent as ids, they come back as macros."""
    with count_requests(account, 0):
        (macro,) = workspaces[0].selected_macros
        assert (Macro, "x") == (type(macro), macro.title)
    assert [macro.pk] == workspaces[0].macro_ids
    assert TicketForm.objects.get() == workspaces[0].ticket_form


def test_workspaces_get_a_new_order(account, workspaces, count_requests):
    """In one request."""
    with count_requests(account, 1):
        Workspace.objects.reorder(workspaces[::-1])

    assert [2, 1] == [each.position for each in workspaces]


def test_many_workspaces_are_deleted(account, workspaces, count_requests):
    """One request reads them, one deletes them; all of them only in so many words."""
    with pytest.raises(FieldError, match="all"):
        Workspace.objects.delete()
    with count_requests(account, 2):
        assert 2 == int(Workspace.objects.all().delete())

    assert [] == list(Workspace.objects.all())


def test_a_target_has_the_fields_of_its_type(account, count_requests):
    """And `from` is a word of Python's."""
    with count_requests(account, 2):
        target = Target.objects.create(
            title="Mail", type="email_target", email="a@example.com", subject="x"
        )
        target.from_ = "b"
        target.save()

    assert ("a@example.com", "b") == (target.email, target.to_dict()["from"])
    assert [] == list(TargetFailure.objects.all())
