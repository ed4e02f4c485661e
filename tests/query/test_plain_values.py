"""A value and an instance of a subclass of its type lead to the same request."""

from __future__ import annotations

import enum
from datetime import date, datetime, timezone

import pytest

from tests.meta import code
from zendesk_orm import Ticket, User, connections
from zendesk_orm.errors import FieldError, InvalidValue, ZendeskError
from zendesk_orm.http.values import plain
from zendesk_orm.plan.planner import plan
from zendesk_orm.query.keywords import LOOKUPS
from zendesk_orm.query.predicate import conditions
from zendesk_orm.query.q import condition
from zendesk_orm.schema.fields import Attribute


UTC = timezone.utc
TEN = datetime(2024, 1, 2, 10, tzinfo=UTC)


class Loud(str):
    """A string whose `str()` differs from it."""

    __slots__ = ()

    def __str__(self):
        return f"<{super().__str__()}>"

    __repr__ = __str__
    __format__ = lambda self, _: str(self)


class Level(enum.IntEnum):
    """An enum of integers."""

    TWO = 2


class Price(float, enum.Enum):
    """An enum of floats."""

    LOW = 1.5


class Status(str, enum.Enum):
    """An enum of strings."""

    OPEN = "open"
    CODE = "ext-1"


class Moment(datetime):
    """A datetime of another library, with another `isoformat()`."""

    def isoformat(self, *args, **kwargs):
        return "some day"


class Day(date):
    """A date of another library, with another `isoformat()`."""

    def isoformat(self):
        return "some day"


#: A value and an instance of a subclass, by the kind of the field.
PAIRS = {
    "str": ("open", Status.OPEN),
    "int": (2, Level.TWO),
    "id": (2, Level.TWO),
    "float": (1.5, Price.LOW),
    "datetime": (TEN, Moment(2024, 1, 2, 10, tzinfo=UTC)),
    "date": (date(2024, 1, 2), Day(2024, 1, 2)),
    "list": ("open", Loud("open")),
    "dict": ({"a": ["open"]}, {Loud("a"): [Status.OPEN]}),
    "Any": ("open", Loud("open")),
}


def _pair(field):
    if field.kind.choices and isinstance(field.kind.choices[0], str):
        return field.kind.choices[0], Loud(field.kind.choices[0])
    return PAIRS.get(field.kind.name)


def _convert(lookup, value):
    if lookup == "in":
        return [value]
    return (value, value) if lookup == "range" else value


def _values(predicate):
    for item in conditions(predicate):
        yield from item.value if isinstance(item.value, tuple) else (item.value,)


def _fields(models):
    for model in models:
        meta = model._meta
        for field in (*meta.fields.values(), *meta.lookups.values()):
            pair = _pair(field)
            if pair is not None:
                yield model, field, pair


@pytest.fixture(scope="module")
def models():
    """Return all models that have rows."""
    return [model for model in code.models() if not model._meta.abstract]


@pytest.mark.parametrize("lookup", sorted(LOOKUPS - {"isnull"}))
def test_lookups_accept_subclasses(models, lookup):
    """For every field, an instance of a subclass gives the same condition as the plain value."""
    compared = 0
    for model, field, (value, of_subclass) in _fields(models):
        keyword = f"{field.name}__{lookup}"
        try:
            expected = condition(model._meta, keyword, _convert(lookup, value))
        except (FieldError, InvalidValue):
            continue
        result = condition(model._meta, keyword, _convert(lookup, of_subclass))
        compared += 1

        assert result == expected, keyword
        assert [type(item) for item in _values(result)] == [type(e) for e in _values(expected)]

    assert compared


def test_assignments_accept_subclasses(models):
    """For every field, an instance of a subclass is stored and sent like the plain value."""
    compared = 0
    for model, field, (value, of_subclass) in _fields(models):
        if not field.editable or field.name == "id" or not isinstance(field, Attribute):
            continue
        try:
            expected = field.serialize(field.clean(_member_of(field, value)))
        except ZendeskError:
            continue
        result = field.serialize(field.clean(_member_of(field, of_subclass)))
        compared += 1

        assert result == expected, f"{model.__name__}.{field.name}"
        assert repr(result) == repr(expected)

    assert compared > 500


def _member_of(field, value):
    return [value] if field.kind.name == "list" else value


def test_paths_accept_subclasses(models):
    """For every endpoint, an instance of a subclass fills a placeholder like the plain value."""
    for model in models:
        for endpoint in model._meta.api:
            names = endpoint.placeholders

            assert endpoint.fill_path(dict.fromkeys(names, Status.OPEN)) == endpoint.fill_path(
                dict.fromkeys(names, "open")
            )
            assert endpoint.fill_path(dict.fromkeys(names, Level.TWO)) == endpoint.fill_path(
                dict.fromkeys(names, 2)
            )


def test_paths_reject_dots(models):
    """Values in a path that contain dots as steps raise."""
    for model in models:
        for endpoint in model._meta.api:
            for name in endpoint.placeholders:
                values = {**dict.fromkeys(endpoint.placeholders, 1), name: "../me"}
                with pytest.raises(InvalidValue):
                    endpoint.fill_path(values)


@pytest.mark.parametrize(
    ("model", "of_subclass", "expected"),
    [
        (Ticket, {"status": Status.OPEN}, {"status": "open"}),
        (Ticket, {"status__in": [Status.OPEN, "new"]}, {"status__in": ["open", "new"]}),
        (Ticket, {"tags": Status.OPEN}, {"tags": "open"}),
        (Ticket, {"tags__in": [Loud("a"), "b"]}, {"tags__in": ["a", "b"]}),
        (Ticket, {"external_id": Status.CODE}, {"external_id": "ext-1"}),
        (Ticket, {"subject__startswith": Loud("a")}, {"subject__startswith": "a"}),
        (Ticket, {"text": Loud("toner")}, {"text": "toner"}),
        (Ticket, {"id": Level.TWO}, {"id": 2}),
        (Ticket, {"id__in": [Level.TWO, 3]}, {"id__in": [2, 3]}),
        (Ticket, {"organization": Level.TWO}, {"organization": 2}),
        (Ticket, {"organization_id": Level.TWO}, {"organization_id": 2}),
        (Ticket, {"created_at__year": Level.TWO}, {"created_at__year": 2}),
        (Ticket, {"created_after": PAIRS["datetime"][1]}, {"created_after": TEN}),
        (Ticket, {"created_at__date": Day(2024, 1, 2)}, {"created_at__date": date(2024, 1, 2)}),
        (User, {"external_id": Status.CODE}, {"external_id": "ext-1"}),
        (User, {"external_id__in": [Status.CODE, "b"]}, {"external_id__in": ["ext-1", "b"]}),
        (User, {"user_fields__plan": Status.OPEN}, {"user_fields__plan": "open"}),
        (User, {"role": Loud("agent")}, {"role": "agent"}),
    ],
)
def test_filters_send_plain_values(model, of_subclass, expected):
    """A filter by an instance of a subclass is sent like the plain value."""

    def requests(keywords):
        return [
            (row.method, row.path, row.params)
            for row in plan(model.objects.filter(**keywords).query).first()
        ]

    assert requests(of_subclass) == requests(expected)


def test_search_accepts_subclasses(demo_emulator):
    """Free text and search text are sent like the plain value."""
    rows = Ticket.objects.all()

    assert rows.search(Loud("printer")).count() == rows.search("printer").count()
    assert rows.raw(Loud("status:open")).count() == rows.raw("status:open").count()


def test_raw_parameters_accept_subclasses(emulator):
    """Parameters and bodies of `raw` requests are sent as plain values."""
    raw = connections["default"].raw
    body = {"user": {"name": Loud("Ann"), "external_id": Status.CODE}}
    user = raw.post("/api/v2/users", body)["user"]

    result = raw.get("/api/v2/users/show_many", external_ids=[Status.CODE])["users"]

    assert [item["id"] for item in result] == [user["id"]]


def test_values_of_conditions_are_plain(models):
    """The values of a condition are plain: converting them again changes nothing."""
    for model, field, (_, of_subclass) in _fields(models):
        try:
            result = condition(model._meta, field.name, of_subclass)
        except (FieldError, InvalidValue):
            continue

        assert [plain(value) for value in _values(result)] == list(_values(result))
