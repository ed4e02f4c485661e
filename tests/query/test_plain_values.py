"""A value and a subclass of its type lead to the same request, wherever a value is given."""

from __future__ import annotations

import enum
from datetime import date, datetime, timezone

import pytest

from zendesk_orm import Ticket, User, connections
from zendesk_orm.errors import FieldError, InvalidValue, ZendeskError
from zendesk_orm.http.values import plain
from zendesk_orm.plan.parameters import located
from zendesk_orm.plan.planner import plan
from zendesk_orm.query.lookups import LOOKUPS, condition
from zendesk_orm.query.predicate import conditions
from zendesk_orm.schema import registry
from zendesk_orm.schema.fields import Attribute


UTC = timezone.utc
TEN = datetime(2024, 1, 2, 10, tzinfo=UTC)


class Loud(str):
    """A text whose `str()` is another text."""

    __slots__ = ()

    def __str__(self):
        return f"<{super().__str__()}>"

    __repr__ = __str__
    __format__ = lambda self, _: str(self)


class Level(enum.IntEnum):
    """Numbers with names."""

    TWO = 2


class Price(float, enum.Enum):
    """Prices with names."""

    LOW = 1.5


class Status(str, enum.Enum):
    """Constants, as most programs declare them."""

    OPEN = "open"
    CODE = "ext-1"


class Moment(datetime):
    """A moment of another library, which writes itself in another way."""

    def isoformat(self, *args, **kwargs):
        return "some day"


class Day(date):
    """The same for a day."""

    def isoformat(self):
        return "some day"


#: A value and one of a subclass, by the kind of the field.
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


def _given(lookup, value):
    if lookup == "in":
        return [value]
    return (value, value) if lookup == "range" else value


def _values(predicate):
    for each in conditions(predicate):
        yield from each.value if isinstance(each.value, tuple) else (each.value,)


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
    return [model for model in registry.models() if not model._meta.abstract]


@pytest.mark.parametrize("lookup", sorted(LOOKUPS - {"isnull"}))
def test_lookups_take_subclasses(models, lookup):
    """For every field, a lookup of a subclass is the same condition, with plain values."""
    compared = 0
    for model, field, (value, of_subclass) in _fields(models):
        keyword = f"{field.name}__{lookup}"
        try:
            expected = condition(model._meta, keyword, _given(lookup, value))
        except (FieldError, InvalidValue):
            continue
        found = condition(model._meta, keyword, _given(lookup, of_subclass))
        compared += 1

        assert found == expected, keyword
        assert [type(each) for each in _values(found)] == [type(e) for e in _values(expected)]

    assert compared


def test_assignments_take_subclasses(models):
    """For every field, a value of a subclass is kept and sent like the plain value."""
    compared = 0
    for model, field, (value, of_subclass) in _fields(models):
        if not field.editable or field.name == "id" or not isinstance(field, Attribute):
            continue
        try:
            expected = field.dumped(field.accepted(_member_of(field, value)))
        except ZendeskError:
            continue
        found = field.dumped(field.accepted(_member_of(field, of_subclass)))
        compared += 1

        assert found == expected, f"{model.__name__}.{field.name}"
        assert repr(found) == repr(expected)

    assert compared > 500


def _member_of(field, value):
    return [value] if field.kind.name == "list" else value


def test_paths_take_subclasses(models):
    """For every endpoint, a value of a subclass fills a placeholder like the plain value."""
    for model in models:
        for endpoint in model._meta.api:
            names = endpoint.placeholders

            assert located(endpoint, dict.fromkeys(names, Status.OPEN)) == located(
                endpoint, dict.fromkeys(names, "open")
            )
            assert located(endpoint, dict.fromkeys(names, Level.TWO)) == located(
                endpoint, dict.fromkeys(names, 2)
            )


def test_paths_reject_steps(models):
    """No endpoint lets a value in its path lead to another path."""
    for model in models:
        for endpoint in model._meta.api:
            for name in endpoint.placeholders:
                values = {**dict.fromkeys(endpoint.placeholders, 1), name: "../me"}
                with pytest.raises(InvalidValue):
                    located(endpoint, values)


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
def test_requests_are_the_same(model, of_subclass, expected):
    """A filter by a subclass is sent like a filter by the plain value."""

    def requests(keywords):
        return [
            (each.method, each.path, each.params)
            for each in plan(model.objects.filter(**keywords).query).first()
        ]

    assert requests(of_subclass) == requests(expected)


def test_the_text_of_search_takes_subclasses(demo_emulator):
    """Free text and search text of a subclass find what the plain text finds."""
    rows = Ticket.objects.all()

    assert rows.search(Loud("printer")).count() == rows.search("printer").count()
    assert rows.raw(Loud("status:open")).count() == rows.raw("status:open").count()


def test_parameters_take_subclasses(emulator):
    """Parameters and bodies that no model declares are sent like plain values."""
    raw = connections["default"].raw
    body = {"user": {"name": Loud("Ann"), "external_id": Status.CODE}}
    user = raw.post("/api/v2/users", body)["user"]

    found = raw.get("/api/v2/users/show_many", external_ids=[Status.CODE])["users"]

    assert [each["id"] for each in found] == [user["id"]]


def test_what_is_accepted_is_plain_already(models):
    """Reducing the values of a condition once more changes nothing."""
    for model, field, (_, of_subclass) in _fields(models):
        try:
            found = condition(model._meta, field.name, of_subclass)
        except (FieldError, InvalidValue):
            continue

        assert [plain(each) for each in _values(found)] == list(_values(found))
