"""Each keyword of `filter()` becomes a condition, or raises an error with the remedy."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest

from tests.naming import format_id
from zendesk_orm import Field, FieldError, Group, InvalidValue, Model, Organization, Q, Ticket, User
from zendesk_orm.query.predicate import And, Condition, Not, Subquery


TEN = datetime(2023, 11, 3, 10, tzinfo=timezone.utc)
DAY = date(2023, 11, 3)
MIDNIGHT = datetime(2023, 11, 3, tzinfo=timezone.utc)
LATER = TEN + timedelta(days=1)

BETWEEN = And((Condition("created_at", "gte", TEN), Condition("created_at", "lte", LATER)))


def _parse_keyword(model=Ticket, **lookup):
    return Q(**lookup).resolve(model)


@pytest.mark.parametrize(
    ("lookup", "expected"),
    [
        ({"status": "new"}, Condition("status", "exact", "new")),
        ({"status__exact": "new"}, Condition("status", "exact", "new")),
        ({"status__in": ["new", "open"]}, Condition("status", "in", ("new", "open"))),
        ({"status__in": iter(["new", "new"])}, Condition("status", "in", ("new",))),
        ({"created_at__gt": TEN}, Condition("created_at", "gt", TEN)),
        ({"created_at__gte": TEN}, Condition("created_at", "gte", TEN)),
        ({"created_at__lt": TEN}, Condition("created_at", "lt", TEN)),
        ({"created_at__lte": TEN}, Condition("created_at", "lte", TEN)),
        ({"created_at__range": (TEN, LATER)}, BETWEEN),
        ({"created_at__range": [TEN, LATER]}, BETWEEN),
        ({"priority__isnull": True}, Condition("priority", "isnull", value=True)),
        ({"priority__isnull": False}, Not(Condition("priority", "isnull", value=True))),
        ({"priority": None}, Condition("priority", "isnull", value=True)),
        ({"priority__exact": None}, Condition("priority", "isnull", value=True)),
        ({"subject__iexact": "x"}, Condition("subject", "iexact", "x")),
        ({"subject__contains": "x"}, Condition("subject", "contains", "x")),
        ({"subject__icontains": "x"}, Condition("subject", "icontains", "x")),
        ({"subject__startswith": "x"}, Condition("subject", "startswith", "x")),
        ({"subject__istartswith": "x"}, Condition("subject", "istartswith", "x")),
        ({"subject__endswith": "x"}, Condition("subject", "endswith", "x")),
        ({"subject__iendswith": "x"}, Condition("subject", "iendswith", "x")),
        ({"subject__regex": "x+"}, Condition("subject", "regex", "x+")),
        ({"subject__iregex": "x+"}, Condition("subject", "iregex", "x+")),
        ({"tags": "vip"}, Condition("tags", "exact", "vip")),
        ({"tags__in": {"vip": 1}}, Condition("tags", "in", ("vip",))),
        ({"id": 5}, Condition("id", "exact", 5)),
        ({"pk": 5}, Condition("id", "exact", 5)),
        ({"pk__in": range(3)}, Condition("id", "in", (0, 1, 2))),
    ],
    ids=format_id,
)
def test_a_lookup_is_a_condition(lookup, expected):
    """Each supported lookup of Django becomes a condition."""
    assert _parse_keyword(**lookup) == expected


@pytest.mark.parametrize(
    ("lookup", "expected"),
    [
        ({"created_after": TEN}, Condition("created_at", "gt", TEN)),
        ({"created_before": TEN}, Condition("created_at", "lt", TEN)),
        ({"created_between": (TEN, LATER)}, BETWEEN),
        ({"updated_after": TEN}, Condition("updated_at", "gt", TEN)),
        ({"created_at_before": TEN}, Condition("created_at", "lt", TEN)),
        ({"due_before": TEN}, Condition("due_at", "lt", TEN)),
        ({"priority_greater_than": "low"}, Condition("priority", "gt", "low")),
        ({"status_less_than": "solved"}, Condition("status", "lt", "solved")),
    ],
    ids=format_id,
)
def test_suffixes_of_zenpy_are_supported(lookup, expected):
    """Suffixes of zenpy's keywords are equivalent to lookups of Django."""
    assert _parse_keyword(**lookup) == expected


def test_a_field_takes_precedence_over_a_suffix():
    """A declared field name is not split into field and lookup."""

    class Embargo(Model):
        """A model with a field that ends like a lookup."""

        published: Field[str]
        published_after: Field[str]

    assert _parse_keyword(Embargo, published_after="x") == Condition(
        "published_after", "exact", "x"
    )


def test_a_field_with_a_trailing_underscore_takes_lookups():
    """`class_` followed by `__in` is three underscores."""

    class Course(Model):
        """A course."""

        class_: Field[str]

    assert _parse_keyword(Course, class___in=["a"]) == Condition("class_", "in", ("a",))


# Relations


@pytest.mark.parametrize("name", ["requester", "requester_id"])
@pytest.mark.parametrize("value", [5, User(id=5)], ids=["id", "record"])
def test_a_relation_is_filtered_by_record_or_id(name, value):
    """A relation is filtered by a record or an id, in four equivalent forms."""
    assert _parse_keyword(**{name: value}) == Condition("requester", "exact", 5)


def test_a_relation_is_filtered_by_several_records():
    """A relation is filtered by records and ids in one list, each id once."""
    expected = Condition("requester", "in", (5, 6))

    assert _parse_keyword(requester__in=[User(id=5), 6, 5]) == expected


@pytest.mark.parametrize("lookup", [{"organization": None}, {"organization__isnull": True}])
def test_a_relation_is_filtered_by_none(lookup):
    """A relation that is filtered by `None` becomes `isnull`."""
    assert _parse_keyword(**lookup) == Condition("organization", "isnull", value=True)


def test_none_in_a_list_of_related_rows_is_rejected():
    """`None` in a list of related rows raises, because search would look for the name."""
    with pytest.raises(InvalidValue, match="organization__in"):
        _parse_keyword(organization__in=[None, 5])


@pytest.mark.parametrize("value", [Group(id=1), User(name="New"), True, 5.0])
def test_a_record_of_another_model_is_rejected(value):
    """Records of another model and unsaved records raise as values of a relation."""
    with pytest.raises(InvalidValue, match=r"^requester="):
        _parse_keyword(requester=value)


def test_a_lookup_across_a_relation_is_a_subquery():
    """A lookup across a relation queries the related rows first, and filters by their ids."""
    expected = Condition("requester", "in", Subquery(User, Condition("email", "exact", "a@x.com")))

    assert _parse_keyword(requester__email="a@x.com") == expected


def test_lookups_cross_several_relations():
    """A lookup across several relations has a subquery for each."""
    inner = Condition("name", "startswith", "x")
    middle = Condition("organization", "in", Subquery(Organization, inner))

    condition = _parse_keyword(requester__organization__name__startswith="x")
    assert condition == Condition("requester", "in", Subquery(User, middle))


def test_a_queryset_is_a_subquery():
    """A QuerySet as a value is a subquery with the slice of the QuerySet."""
    agents = User.objects.filter(role="agent")[:5]

    subquery = _parse_keyword(assignee__in=agents).value

    assert (subquery.model, subquery.query) == (User, agents.query)


def test_a_queryset_of_another_model_is_rejected():
    """Only a QuerySet of users is a value for `assignee__in`."""
    with pytest.raises(InvalidValue, match="must be a query of User"):
        _parse_keyword(assignee__in=Group.objects.all())


# Values


@pytest.mark.parametrize("name", ["created_at__gte", "created_after"])
def test_a_date_is_its_midnight_in_utc(name):
    """A date in a condition becomes midnight in UTC."""
    assert _parse_keyword(**{name: DAY}).value == MIDNIGHT


def test_a_datetime_can_be_a_string():
    """A datetime can be a string in ISO 8601 with an offset."""
    assert _parse_keyword(created_after="2023-11-03T10:00:00Z").value == TEN


@pytest.mark.parametrize("value", [datetime(2023, 11, 3, 10), "2023-11-03T10:00:00"])
def test_a_naive_datetime_is_rejected(value):
    """A naive datetime raises an error with the keyword and the remedy."""
    with pytest.raises(InvalidValue, match=r"^created_after=.*no time zone"):
        _parse_keyword(created_after=value)


@pytest.mark.parametrize("lookup", ["status", "status__in", "status__lt"])
def test_a_misspelt_choice_is_rejected(lookup):
    """A value that is not a choice of the field raises."""
    value = ["opne"] if lookup == "status__in" else "opne"

    with pytest.raises(InvalidValue, match="must be one of 'new', 'open'"):
        _parse_keyword(**{lookup: value})


@pytest.mark.parametrize(
    ("lookup", "message"),
    [
        ({"status__in": "new"}, "must be a list of values"),
        ({"id__in": 5}, "must be a list of values"),
        ({"created_at__range": TEN}, r"must be a pair: \(from, to\)"),
        ({"created_at__range": (TEN,)}, "must be a pair"),
        ({"created_between": (TEN, TEN, TEN)}, "must be a pair"),
        ({"created_at__range": (TEN, None)}, "must be a datetime"),
        ({"priority__isnull": "no"}, "must be True or False"),
        ({"priority__isnull": 1}, "must be True or False"),
        ({"priority__gt": None}, "None cannot be compared by 'gt'"),
        ({"subject__contains": 5}, "must be str"),
        ({"id": "five"}, "must be int"),
        ({"id": True}, "must be int"),
        ({"subject": 5}, "must be str"),
        ({"tags": ["a", "b"]}, "use __in to match any of several"),
        ({"created_at": 5}, "must be a datetime"),
    ],
    ids=format_id,
)
def test_an_invalid_value_is_rejected(lookup, message):
    """An invalid value raises an error that begins with the keyword."""
    (keyword,) = lookup

    with pytest.raises(InvalidValue, match=f"^{keyword}=.*{message}"):
        _parse_keyword(**lookup)


@pytest.mark.parametrize(
    "lookup",
    [
        {"tags__contains": "vip"},
        {"tags__startswith": "v"},
        {"tags__gt": "a"},
        {"id__contains": "5"},
        {"created_at__startswith": "2023"},
        {"requester__icontains": "ann"},
    ],
    ids=format_id,
)
def test_an_unsupported_lookup_is_rejected(lookup):
    """A lookup that the field does not support raises instead of matching nothing."""
    with pytest.raises((FieldError, InvalidValue)):
        _parse_keyword(**lookup)


# Names


@pytest.mark.parametrize(
    ("keyword", "nearest"),
    [
        ("stauts", "'status'"),
        ("stauts__in", "'status'"),
        ("requestor", "'requester'"),
        ("creatd_after", "'created_at'"),
        ("status__inn", "'in'"),
        ("status__startwith", "'startswith'"),
        ("created_at__ltt", "'lt"),
    ],
)
def test_an_unknown_name_is_rejected_with_a_suggestion(keyword, nearest):
    """An unknown keyword raises an error with the nearest name."""
    with pytest.raises(FieldError, match=f"did you mean {nearest}"):
        _parse_keyword(**{keyword: "new"})


def test_an_unknown_field_is_reported_before_an_unknown_lookup():
    """If field and lookup are unknown, the error names the field."""
    with pytest.raises(FieldError, match="Organization has no field 'nmae'"):
        _parse_keyword(Organization, nmae__is="x")
