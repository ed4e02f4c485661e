"""Values that cannot be sent are rejected before anything is sent."""

from __future__ import annotations

import enum
from datetime import date, datetime, timedelta, timezone

import pytest

from zendesk_orm import (
    Comment,
    CustomField,
    CustomObject,
    CustomObjectRecord,
    Job,
    Ticket,
    TicketField,
    User,
)
from zendesk_orm.errors import InvalidValue, NoEndpoint, ZendeskError


UTC = timezone.utc


class Key(str, enum.Enum):
    """Constants, as most programs declare them."""

    CAR = "car"
    CODE = "ext-1"
    RED = "red"


@pytest.mark.parametrize("tags", [[None], ["a", None], [""], [" "], [5], "vip"])
def test_what_is_no_tag_is_rejected(emulator, count_requests, tags):
    """None, numbers and empty texts do not become tags."""
    with count_requests(emulator.connect(), 0), pytest.raises(InvalidValue):
        Ticket.objects.create(subject="s", comment=Comment(body="b"), tags=tags)


def test_none_is_rejected_when_a_list_was_edited(emulator):
    """A None that was appended to the tags of a saved ticket is rejected when it is saved."""
    ticket = Ticket.objects.create(subject="s", comment=Comment(body="b"), tags=["a"])
    ticket.tags.append(None)

    with pytest.raises(InvalidValue):
        ticket.save()


@pytest.mark.parametrize("pk", ["../users/me", "a/../../users/me", "..", ".", "", "..\\users"])
def test_the_id_of_a_job_leads_to_no_other_path(emulator, count_requests, pk):
    """An id that is a step to another path is rejected, and nothing is sent."""
    with count_requests(emulator.connect(), 0), pytest.raises(ZendeskError):
        Job.load(pk)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_numbers_that_json_does_not_have_are_rejected(emulator, value):
    """NaN and infinity are rejected by number fields, and wherever any value is taken."""
    TicketField.objects.create(title="Amount", type="decimal")

    class Priced(Ticket):
        amount = CustomField[float | None]("Amount")

    given = {"subject": "s", "comment": Comment(body="b")}
    for values in (
        {"amount": value},
        {"custom_fields": [{"id": 1, "value": value}]},
        {"custom_fields": [{"id": 1, "value": [value]}]},
    ):
        with pytest.raises(InvalidValue):
            Priced.objects.create(**given, **values)
    with pytest.raises(InvalidValue):
        User.objects.create(name="Ann", user_fields={"score": value})
    with pytest.raises(InvalidValue):
        User.objects.filter(user_fields__score=value)


def test_numbers_that_json_does_not_have_are_rejected_in_edits(emulator):
    """NaN that was put into a dictionary of a saved user is rejected when the user is saved."""
    user = User.objects.create(name="Ann")
    user.user_fields["score"] = float("nan")

    with pytest.raises(InvalidValue):
        user.save()


@pytest.mark.parametrize(
    "keywords",
    [
        {f"{name}{lookup}": value}
        for name in ("created_at", "updated_at", "due_at")
        for lookup, values in {
            "__date": (date.min, date.max),
            "__date__gte": (date.min, date.max),
            "__date__in": ([date.min, date.max],),
            "__date__range": ((date.min, date.max),),
            "__year": (1, 9998, 9999, 0),
            "__iso_year": (1, 9998),
            "__gt": (datetime.max.replace(tzinfo=UTC), date.max),
            "__gte": (datetime.min.replace(tzinfo=UTC), date.min),
            "__lt": (datetime.max.replace(tzinfo=timezone(-timedelta(hours=3))), date.max),
            "__lte": (datetime.min.replace(tzinfo=timezone(timedelta(hours=3))), date.min),
        }.items()
        for value in values
    ],
    ids=str,
)
def test_the_first_and_the_last_moment_are_answered_or_rejected(demo, keywords):
    """The limits of Python's dates never raise an error that is not the library's."""
    try:
        Ticket.objects.filter(**keywords).count()
    except ZendeskError:
        return


@pytest.mark.parametrize("value", [timedelta.max, "99999999years", "9" * 30 + "days"])
def test_lengths_of_time_have_limits(value):
    """A length of time that reaches back before the year 1 is rejected."""
    with pytest.raises(InvalidValue):
        Ticket.objects.filter(created_after=value)


def test_a_user_is_found_by_a_constant(emulator):
    """`get_or_create()` finds a user by an external id that a program keeps in an enumeration."""
    made = User.objects.create(name="Ann", external_id="ext-1")
    emulator.connect()

    found = User.objects.get_or_create(external_id=Key.CODE, defaults={"name": "New"})

    assert (made, False) == found


def test_what_is_excluded_by_a_constant_is_spared(emulator):
    """`exclude()` of a constant leaves out the rows that it names, so deleting spares them."""
    spared = User.objects.create(name="Ann", external_id="a", tags=["red"])
    User.objects.create(name="Bob", external_id="b", tags=["blue"])
    emulator.connect()

    User.objects.filter(tags__in=[Key.RED, "blue"]).exclude(tags=Key.RED).delete()

    assert User.objects.fresh().filter(id=spared.pk).exists()
    assert not User.objects.filter(external_id="b").exists()


def test_an_option_is_assigned_by_a_constant(emulator):
    """A drop-down takes a member of an enumeration for the tag that it equals."""
    options = [{"name": "Red", "value": "red"}]
    TicketField.objects.create(title="Color", type="tagger", custom_field_options=options)

    class Painted(Ticket):
        color = CustomField[str | None]("Color")

    ticket = Painted.objects.create(subject="s", comment=Comment(body="b"), color=Key.RED)

    assert "red" == Ticket.objects.get(ticket.pk).custom["Color"]
    assert [ticket.pk] == [each.pk for each in Painted.objects.filter(color=Key.RED)]


@pytest.fixture
def car(emulator):
    """Return the model of the records of a custom object, whose key is a constant."""
    CustomObject.objects.create(key="car", title="Car", title_pluralized="Cars")

    class Car(CustomObjectRecord):
        class Meta(CustomObjectRecord.Meta):
            filter = {"custom_object_key": Key.CAR}  # noqa: RUF012 - as in Django

    return Car


def test_the_key_of_an_object_may_be_a_constant(car):
    """Records are created below, and read from, the path that the constant stands for."""
    made = car.objects.create(name="Beetle")

    assert [made] == list(car.objects.order_by("id"))
    assert [made] == list(CustomObjectRecord.objects.filter(custom_object_key="car"))


def test_a_record_is_found_by_external_id_without_a_search(car, emulator, count_requests):
    """Records are listed by external ids, which are compared with regard to case."""
    made = car.objects.create(name="Beetle", external_id="x1")
    account = emulator.connect()

    with count_requests(account, 1):
        assert [made] == list(car.objects.filter(external_id="x1"))
    assert {"x1": made} == car.objects.in_bulk(["x1", "x2"], field_name="external_id")
    assert [] == list(car.objects.filter(external_id="X1"))


def test_a_record_is_created_or_updated_by_external_id(car):
    """The first call creates the record, and the second one changes it."""
    names = []
    for name in ("first", "second"):
        record, _ = car.objects.update_or_create(external_id="x1", defaults={"name": name})
        names.append((record.name, car.objects.get(external_id="x1").name))

    assert [("first", "first"), ("second", "second")] == names
    assert (record, False) == car.objects.get_or_create(external_id="x1", defaults={"name": "n"})


def test_records_that_exist_are_left_out_by_external_id(car):
    """`ignore_conflicts` looks records up by external id, each below its own object."""
    CustomObject.objects.create(key="bike", title="Bike", title_pluralized="Bikes")
    car.objects.create(name="Beetle", external_id="x1")

    def states(model, *given):
        records = [model(name="n", **values) for values in given]
        result = model.objects.bulk_create(
            records, ignore_conflicts=True, unique_fields=["external_id"]
        )
        return [outcome.state for outcome in result.outcomes]

    assert ["ignored", "done", "done", "ignored"] == states(
        car, *({"external_id": each} for each in ("x1", "X1", "x2", "x2"))
    )
    assert ["done", "ignored"] == states(
        CustomObjectRecord,
        {"external_id": "x1", "custom_object_key": "bike"},
        {"external_id": "x2", "custom_object_key": "car"},
    )


def test_a_record_is_not_looked_for_without_its_object(emulator):
    """A filter by the external id alone names the missing custom object, and sends nothing."""
    with pytest.raises(NoEndpoint, match="custom_object_key"):
        list(CustomObjectRecord.objects.filter(external_id="x1"))
