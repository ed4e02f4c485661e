"""Lookups: each keyword of `filter()` is a condition, or a refusal that helps."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest

from tests.naming import named
from zendesk_orm import Field, FieldError, Group, InvalidValue, Model, Organization, Q, Ticket, User
from zendesk_orm.query.predicate import Condition, Every, Not, Subquery


TEN = datetime(2023, 11, 3, 10, tzinfo=timezone.utc)
DAY = date(2023, 11, 3)
MIDNIGHT = datetime(2023, 11, 3, tzinfo=timezone.utc)
LATER = TEN + timedelta(days=1)

BETWEEN = Every((Condition("created_at", "gte", TEN), Condition("created_at", "lte", LATER)))


def _resolved(model=Ticket, **lookup):
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
    ids=named,
)
def test_a_lookup_is_a_condition(lookup, expected):
    """Each of Django's lookups is understood."""
    assert expected == _resolved(**lookup)


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
    ids=named,
)
def test_zenpys_endings_are_understood(lookup, expected):
    """They mean the same as Django's lookups."""
    assert expected == _resolved(**lookup)


def test_a_field_whose_name_has_such_an_ending_is_that_field():
    """A declared name is never taken apart."""

    class Embargo(Model):
        """Something that is kept back."""

        published: Field[str]
        published_after: Field[str]

    assert Condition("published_after", "exact", "x") == _resolved(Embargo, published_after="x")


def test_a_field_with_a_trailing_underscore_takes_lookups():
    """`class_` followed by `__in` is three underscores."""

    class Course(Model):
        """A course."""

        class_: Field[str]

    assert Condition("class_", "in", ("a",)) == _resolved(Course, class___in=["a"])


# -- relations ---------------------------------------------------------------


@pytest.mark.parametrize("name", ["requester", "requester_id"])
@pytest.mark.parametrize("value", [5, User(id=5)], ids=["id", "record"])
def test_a_relation_is_filtered_by_record_or_id(name, value):
    """All four ways are the same question."""
    assert Condition("requester", "exact", 5) == _resolved(**{name: value})


def test_several_related_rows_may_be_meant():
    """Records and ids stand side by side, each once."""
    expected = Condition("requester", "in", (5, 6))

    assert expected == _resolved(requester__in=[User(id=5), 6, 5])


@pytest.mark.parametrize("lookup", [{"organization": None}, {"organization__isnull": True}])
def test_no_related_row_may_be_meant(lookup):
    """None is null."""
    assert Condition("organization", "isnull", value=True) == _resolved(**lookup)


def test_none_among_related_rows_is_refused():
    """`None` is no id; search would look for an organization of that name."""
    with pytest.raises(InvalidValue, match="organization__in"):
        _resolved(organization__in=[None, 5])


@pytest.mark.parametrize("value", [Group(id=1), User(name="New"), True, 5.0])
def test_what_is_not_at_the_other_end_is_refused(value):
    """A group is no requester, and an unsaved user has no tickets."""
    with pytest.raises(InvalidValue, match=r"^requester="):
        _resolved(requester=value)


def test_a_lookup_across_a_relation_is_a_query_of_its_own():
    """What the relation points to is asked first, and its ids stand for it."""
    expected = Condition("requester", "in", Subquery(User, Condition("email", "exact", "a@x.com")))

    assert expected == _resolved(requester__email="a@x.com")


def test_lookups_cross_several_relations():
    """Each crossing is a query in the next."""
    inner = Condition("name", "startswith", "x")
    middle = Condition("organization", "in", Subquery(Organization, inner))

    assert Condition("requester", "in", Subquery(User, middle)) == _resolved(
        requester__organization__name__startswith="x"
    )


def test_a_queryset_stands_for_its_ids():
    """Its whole query is kept, window and all."""
    agents = User.objects.filter(role="agent")[:5]

    asked = _resolved(assignee__in=agents).value

    assert (User, agents.query) == (asked.model, asked.query)


def test_a_queryset_of_another_model_is_refused():
    """Tickets are assigned to users."""
    with pytest.raises(InvalidValue, match="wants a query of User"):
        _resolved(assignee__in=Group.objects.all())


# -- values ------------------------------------------------------------------


@pytest.mark.parametrize("name", ["created_at__gte", "created_after"])
def test_a_date_is_its_midnight_in_utc(name):
    """A day begins when it begins in UTC."""
    assert MIDNIGHT == _resolved(**{name: DAY}).value


def test_a_moment_may_be_given_as_text():
    """ISO 8601 with an offset."""
    assert TEN == _resolved(created_after="2023-11-03T10:00:00Z").value


@pytest.mark.parametrize("value", [datetime(2023, 11, 3, 10), "2023-11-03T10:00:00"])
def test_a_naive_moment_is_refused(value):
    """The message tells the keyword and what to do."""
    with pytest.raises(InvalidValue, match=r"^created_after=.*no time zone"):
        _resolved(created_after=value)


@pytest.mark.parametrize("lookup", ["status", "status__in", "status__lt"])
def test_a_misspelt_choice_is_refused(lookup):
    """No row has it, so the question is a mistake."""
    value = ["opne"] if lookup == "status__in" else "opne"

    with pytest.raises(InvalidValue, match="wants one of 'new', 'open'"):
        _resolved(**{lookup: value})


@pytest.mark.parametrize(
    ("lookup", "message"),
    [
        ({"status__in": "new"}, "wants a list of values"),
        ({"id__in": 5}, "wants a list of values"),
        ({"created_at__range": TEN}, r"wants a pair: \(from, to\)"),
        ({"created_at__range": (TEN,)}, "wants a pair"),
        ({"created_between": (TEN, TEN, TEN)}, "wants a pair"),
        ({"created_at__range": (TEN, None)}, "wants a datetime"),
        ({"priority__isnull": "no"}, "wants True or False"),
        ({"priority__isnull": 1}, "wants True or False"),
        ({"priority__gt": None}, "None cannot be compared by 'gt'"),
        ({"subject__contains": 5}, "wants str"),
        ({"id": "five"}, "wants int"),
        ({"id": True}, "wants int"),
        ({"subject": 5}, "wants str"),
        ({"tags": ["a", "b"]}, "use __in for several"),
        ({"created_at": 5}, "wants a datetime"),
    ],
    ids=named,
)
def test_a_value_that_does_not_fit_is_refused(lookup, message):
    """The message begins with the keyword."""
    (keyword,) = lookup

    with pytest.raises(InvalidValue, match=f"^{keyword}=.*{message}"):
        _resolved(**lookup)


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
    ids=named,
)
def test_a_lookup_that_the_field_cannot_answer_is_refused(lookup):
    """A test for text in what is no text would match nothing, silently."""
    with pytest.raises((FieldError, InvalidValue)):
        _resolved(**lookup)


# -- names -------------------------------------------------------------------


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
def test_an_unknown_name_is_refused_with_the_nearest(keyword, nearest):
    """A keyword that nobody understands is never ignored."""
    with pytest.raises(FieldError, match=f"did you mean {nearest}"):
        _resolved(**{keyword: "new"})


def test_an_unknown_field_before_an_unknown_lookup_is_told_first():
    """The field is the greater mistake."""
    with pytest.raises(FieldError, match="Organization has no field 'nmae'"):
        _resolved(Organization, nmae__is="x")
