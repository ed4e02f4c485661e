"""Q: lookups that combine."""

from __future__ import annotations

import pytest

from zendesk_orm import FieldError, InvalidValue, Q, Ticket, User
from zendesk_orm.query.predicate import Condition, Either, Every, Not


NEW = Condition("status", "exact", "new")
HIGH = Condition("priority", "exact", "high")
VIP = Condition("tags", "exact", "vip")


def _resolved(q, model=Ticket):
    return q.resolve(model)


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        (Q(status="new"), NEW),
        (Q(status="new", priority="high"), Every((NEW, HIGH))),
        (Q(status="new") & Q(priority="high"), Every((NEW, HIGH))),
        (Q(Q(status="new"), priority="high"), Every((NEW, HIGH))),
        (Q(status="new") & Q(priority="high") & Q(tags="vip"), Every((NEW, HIGH, VIP))),
        (Q(status="new") | Q(priority="high"), Either((NEW, HIGH))),
        (~Q(status="new"), Not(NEW)),
        (~Q(status="new", priority="high"), Not(Every((NEW, HIGH)))),
        (Q(status="new") & ~Q(priority="high"), Every((NEW, Not(HIGH)))),
        (~~Q(status="new"), NEW),
        (~(~Q(status="new") & Q()), NEW),
        (~Q(status__isnull=False), Condition("status", "isnull", value=True)),
        (Q(), Every()),
    ],
    ids=str,
)
def test_operators_combine(q, expected):
    """`&`, `|` and `~` make flat conjunctions, alternatives, and no double negation."""
    assert expected == _resolved(q)


@pytest.mark.parametrize(
    "q",
    [
        Q(tags="a") | Q(tags="b") | Q(tags="c"),
        Q(tags="a") | (Q(tags="b") | Q(tags="c")),
        Q(tags="a") | Q(tags__in=["b", "c"]),
    ],
    ids=str,
)
def test_alternatives_of_one_property_are_one_condition(q):
    """Zendesk can answer `in`, and hardly any other `or`."""
    assert Condition("tags", "in", ("a", "b", "c")) == _resolved(q)


def test_the_same_alternative_twice_is_one():
    """A value is not asked for twice."""
    assert (1, 2) == _resolved(Q(id=1) | Q(id__in=[1, 2]) | Q(id=1)).value


def test_alternatives_of_one_property_by_other_lookups_stay_alternatives():
    """Only equality is membership."""
    q = Q(subject__startswith="a") | Q(subject="b")

    assert isinstance(_resolved(q), Either)


@pytest.mark.parametrize("q", [Q() | Q(status="new"), Q(status="new") | Q()], ids=str)
def test_an_empty_q_is_no_alternative(q):
    """As in Django, `Q()` is where a loop of `|=` begins; it does not match everything."""
    assert NEW == _resolved(q)


def test_the_negation_of_nothing_restricts_nothing():
    """As in Django, `exclude()` without a condition excludes nothing."""
    assert Every() == _resolved(~Q())


@pytest.mark.parametrize(
    ("status", "priority", "expected"),
    [("new", "high", False), ("new", "low", True), ("open", "high", True), ("open", "low", False)],
)
def test_an_exclusive_or_matches_exactly_one(status, priority, expected):
    """Both is as wrong as neither."""
    test = (Q(status="new") ^ Q(priority="high")).bind(Ticket)

    assert expected is test(Ticket(status=status, priority=priority))


def test_a_q_is_a_value():
    """Equal questions are equal and hash alike; combining leaves the parts as they were."""
    one, same = Q(status="new"), Q(status="new")
    whole = one | Q(priority="high")

    assert one == same
    assert hash(one) == hash(same)
    assert one != Q(status="open")
    assert whole == (same | Q(priority="high"))
    assert whole != (one & Q(priority="high"))


def test_a_q_cannot_be_edited():
    """It may be kept and shared."""
    with pytest.raises(AttributeError):
        Q(status="new").op = "or"


def test_a_q_is_understood_by_each_model():
    """It names no model; binding does."""
    q = Q(external_id="x")

    assert q.bind(Ticket)(Ticket(external_id="x"))
    assert q.bind(User)(User(external_id="x"))


def test_a_mistake_deep_inside_is_told():
    """Every part is looked at, whatever stands around it."""
    with pytest.raises(FieldError, match="'status'"):
        _resolved(~(Q(priority="high") | Q(Q(stauts="new"))))
    with pytest.raises(InvalidValue, match="'open'"):
        _resolved(Q(priority="high") | ~Q(status="opne"))


# -- bind --------------------------------------------------------------------


def test_a_bound_q_sees_unsaved_edits():
    """What was assigned counts, not what the row says."""
    ticket = Ticket.from_row({"id": 1, "status": "new", "tags": ["a"]})
    ticket.status = "open"
    ticket.tags.append("vip")

    assert Q(status="open", tags="vip").bind(Ticket)(ticket)
    assert not Q(status="new").bind(Ticket)(ticket)


def test_a_bound_q_sees_an_assigned_relation():
    """The id behind it is compared."""
    ticket = Ticket.from_row({"id": 1, "requester_id": 5})
    ticket.requester = User(id=6)

    assert Q(requester=6).bind(Ticket)(ticket)
    assert not Q(requester_id=5).bind(Ticket)(ticket)


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        (Q(priority="low"), False),
        (~Q(priority="low"), True),
        (Q(priority__in=["low"]), False),
        (~Q(priority__in=["low"]), True),
        (Q(priority__lt="high"), False),
        (~Q(priority__lt="high"), True),
        (Q(priority=None), True),
        (~Q(priority=None), False),
        (Q(subject__contains="x"), False),
        (~Q(subject__contains="x"), True),
        (~Q(tags="vip"), True),
        (Q(tags__isnull=True), True),
        (~Q(due_at__gt="2023-11-03T10:00:00Z"), True),
    ],
    ids=str,
)
def test_a_row_without_a_value_is_kept_by_an_exclusion(q, expected):
    """As in Django: what has no value matches no comparison, and every negation of one."""
    assert expected is q.bind(Ticket)(Ticket.from_row({"id": 1, "priority": None}))
