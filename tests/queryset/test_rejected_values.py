"""Values that are rejected before anything is sent, and values that are members of enums."""

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
    TicketForm,
    User,
)
from zendesk_orm.errors import InvalidValue, NoEndpoint, ZendeskError


UTC = timezone.utc


class Key(str, enum.Enum):
    """Constants of a program."""

    CAR = "car"
    CODE = "ext-1"
    RED = "red"


@pytest.mark.parametrize("tags", [[None], ["a", None], [""], [" "], [5], "vip"])
def test_invalid_tags_are_rejected(emulator, count_requests, tags):
    """None, numbers and empty texts are rejected as tags."""
    with count_requests(emulator.connect(), 0), pytest.raises(InvalidValue):
        Ticket.objects.create(subject="s", comment=Comment(body="b"), tags=tags)


def _add_text(tags):
    tags += "vip"


def test_invalid_edits_of_tags_are_rejected(emulator):
    """An edit is checked at once: a text would add its letters, as `list` does."""
    ticket = Ticket.objects.create(subject="s", comment=Comment(body="b"), tags=["a"])
    for edit in (
        lambda tags: tags.append(None),
        lambda tags: tags.append(["b"]),
        lambda tags: tags.insert(0, " "),
        lambda tags: tags.extend("vip"),
        _add_text,
    ):
        with pytest.raises(InvalidValue, match=r"^tags: "):
            edit(ticket.tags)
    ticket.tags += ["b"]
    ticket.tags.insert(0, "c")

    assert ticket.changes() == {"tags": (["a"], ["c", "a", "b"])}


def test_none_in_an_edited_list_is_rejected_with_its_field(emulator):
    """None that was appended to another list is rejected by `save()`."""
    form = TicketForm.objects.first()
    form.ticket_field_ids.append(None)

    with pytest.raises(InvalidValue, match="ticket_field_ids: None cannot be a member"):
        form.save()


@pytest.mark.parametrize("pk", ["../users/me", "a/../../users/me", "..", ".", "", "..\\users"])
def test_the_id_of_a_job_cannot_be_another_path(emulator, count_requests, pk):
    """The id of a job that leads to another path is rejected before anything is sent."""
    with count_requests(emulator.connect(), 0), pytest.raises(ZendeskError):
        Job.load(pk)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_nan_and_infinity_are_rejected(emulator, value):
    """NaN and infinity, which JSON does not have, are rejected as values of all fields."""
    TicketField.objects.create(title="Amount", type="decimal")

    class PricedTicket(Ticket):
        amount = CustomField[float | None]("Amount")

    required = {"subject": "s", "comment": Comment(body="b")}
    for values in (
        {"amount": value},
        {"custom_fields": [{"id": 1, "value": value}]},
        {"custom_fields": [{"id": 1, "value": [value]}]},
    ):
        with pytest.raises(InvalidValue):
            PricedTicket.objects.create(**required, **values)
    with pytest.raises(InvalidValue):
        User.objects.create(name="Ann", user_fields={"score": value})
    with pytest.raises(InvalidValue):
        User.objects.filter(user_fields__score=value)


def test_nan_in_an_edited_dictionary_is_rejected(emulator):
    """NaN that was assigned to a key of a saved object is rejected by `save()`."""
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
def test_extreme_dates_raise_no_foreign_error(demo, keywords):
    """The first and last dates of Python are counted, or raise a ZendeskError."""
    try:
        Ticket.objects.filter(**keywords).count()
    except ZendeskError:
        return


@pytest.mark.parametrize("value", [timedelta.max, "99999999years", "9" * 30 + "days"])
def test_too_long_relative_times_are_rejected(value):
    """A relative time that reaches back before the year 1 is rejected."""
    with pytest.raises(InvalidValue):
        Ticket.objects.filter(created_after=value)


def test_get_or_create_accepts_an_enum_member(emulator):
    """`get_or_create()` finds a user by an external id that is a member of an enum."""
    created = User.objects.create(name="Ann", external_id="ext-1")
    emulator.connect()

    result = User.objects.get_or_create(external_id=Key.CODE, defaults={"name": "New"})

    assert result == (created, False)


def test_exclude_accepts_an_enum_member(emulator):
    """`exclude()` with a member of an enum keeps its rows from being deleted."""
    kept_user = User.objects.create(name="Ann", external_id="a", tags=["red"])
    User.objects.create(name="Bob", external_id="b", tags=["blue"])
    emulator.connect()

    User.objects.filter(tags__in=[Key.RED, "blue"]).exclude(tags=Key.RED).delete()

    assert User.objects.fresh().filter(id=kept_user.pk).exists()
    assert not User.objects.filter(external_id="b").exists()


def test_a_drop_down_accepts_an_enum_member(emulator):
    """A drop-down accepts and finds a member of an enum that equals its tag."""
    options = [{"name": "Red", "value": "red"}]
    TicketField.objects.create(title="Color", type="tagger", custom_field_options=options)

    class PaintedTicket(Ticket):
        color = CustomField[str | None]("Color")

    ticket = PaintedTicket.objects.create(subject="s", comment=Comment(body="b"), color=Key.RED)

    assert Ticket.objects.get(ticket.pk).custom["Color"] == "red"
    assert [row.pk for row in PaintedTicket.objects.filter(color=Key.RED)] == [ticket.pk]


@pytest.fixture
def car(emulator):
    """Return a model of custom object records, whose object key is a member of an enum."""
    CustomObject.objects.create(key="car", title="Car", title_pluralized="Cars")

    class Car(CustomObjectRecord):
        class Meta(CustomObjectRecord.Meta):
            filter = {"custom_object_key": Key.CAR}  # noqa: RUF012 - as in Django

    return Car


def test_the_key_of_a_custom_object_can_be_an_enum_member(car):
    """Records are created and listed by an object key that is a member of an enum."""
    created = car.objects.create(name="Beetle")

    assert list(car.objects.order_by("id")) == [created]
    assert list(CustomObjectRecord.objects.filter(custom_object_key="car")) == [created]


def test_records_are_listed_by_external_id(car, emulator, count_requests):
    """Records are listed by their external id, whose case matters."""
    created = car.objects.create(name="Beetle", external_id="x1")
    account = emulator.connect()

    with count_requests(account, 1):
        assert list(car.objects.filter(external_id="x1")) == [created]
    assert car.objects.in_bulk(["x1", "x2"], field_name="external_id") == {"x1": created}
    assert list(car.objects.filter(external_id="X1")) == []


def test_a_record_is_created_or_updated_by_external_id(car):
    """`update_or_create()` creates a record by its external id, and then updates it."""
    names = []
    for name in ("first", "second"):
        record, _ = car.objects.update_or_create(external_id="x1", defaults={"name": name})
        names.append((record.name, car.objects.get(external_id="x1").name))

    assert names == [("first", "first"), ("second", "second")]
    assert car.objects.get_or_create(external_id="x1", defaults={"name": "n"}) == (record, False)


def test_ignore_conflicts_compares_external_ids_of_records(car):
    """`ignore_conflicts` skips records whose external id exists in their custom object."""
    CustomObject.objects.create(key="bike", title="Bike", title_pluralized="Bikes")
    car.objects.create(name="Beetle", external_id="x1")

    def create_and_return_states(model, *rows):
        records = [model(name="n", **values) for values in rows]
        result = model.objects.bulk_create(
            records, ignore_conflicts=True, unique_fields=["external_id"]
        )
        return [outcome.state for outcome in result.outcomes]

    assert create_and_return_states(
        car, *({"external_id": item} for item in ("x1", "X1", "x2", "x2"))
    ) == [
        "ignored",
        "done",
        "done",
        "ignored",
    ]
    assert create_and_return_states(
        CustomObjectRecord,
        {"external_id": "x1", "custom_object_key": "bike"},
        {"external_id": "x2", "custom_object_key": "car"},
    ) == ["done", "ignored"]


def test_records_cannot_be_filtered_without_their_object(emulator):
    """A filter of records without their custom object raises an error that names its key."""
    with pytest.raises(NoEndpoint, match="custom_object_key"):
        list(CustomObjectRecord.objects.filter(external_id="x1"))
