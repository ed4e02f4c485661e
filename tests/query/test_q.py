"""Q objects and their combinations."""

from __future__ import annotations

import itertools
import operator
import re
from contextlib import suppress

import pytest

from zendesk_orm import (
    F,
    FieldError,
    InvalidValue,
    Q,
    Ticket,
    User,
    ZendeskError,
    connections,
)
from zendesk_orm.query.predicate import And, Condition, Not, Or
from zendesk_orm.relations import Many
from zendesk_orm.schema import registry


NEW = Condition("status", "exact", "new")
HIGH = Condition("priority", "exact", "high")
VIP = Condition("tags", "exact", "vip")


def _resolve(q, model=Ticket):
    return q.resolve(model)


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        (Q(status="new"), NEW),
        (Q(status="new", priority="high"), And((NEW, HIGH))),
        (Q(status="new") & Q(priority="high"), And((NEW, HIGH))),
        (Q(Q(status="new"), priority="high"), And((NEW, HIGH))),
        (Q(status="new") & Q(priority="high") & Q(tags="vip"), And((NEW, HIGH, VIP))),
        (Q(status="new") | Q(priority="high"), Or((NEW, HIGH))),
        (~Q(status="new"), Not(NEW)),
        (~Q(status="new", priority="high"), Not(And((NEW, HIGH)))),
        (Q(status="new") & ~Q(priority="high"), And((NEW, Not(HIGH)))),
        (~~Q(status="new"), NEW),
        (~(~Q(status="new") & Q()), NEW),
        (~Q(status__isnull=False), Condition("status", "isnull", value=True)),
        (Q(), And()),
    ],
    ids=str,
)
def test_operators_combine(q, expected):
    """`&`, `|` and `~` create flat conjunctions and alternatives, without double negation."""
    assert _resolve(q) == expected


@pytest.mark.parametrize(
    "q",
    [
        Q(tags="a") | Q(tags="b") | Q(tags="c"),
        Q(tags="a") | (Q(tags="b") | Q(tags="c")),
        Q(tags="a") | Q(tags__in=["b", "c"]),
    ],
    ids=str,
)
def test_alternatives_of_one_field_are_one_condition(q):
    """Alternatives of one field become `in`, which search supports."""
    assert _resolve(q) == Condition("tags", "in", ("a", "b", "c"))


def test_equal_alternatives_are_merged():
    """A value that occurs in several alternatives is listed once."""
    assert _resolve(Q(id=1) | Q(id__in=[1, 2]) | Q(id=1)).value == (1, 2)


def test_alternatives_by_different_lookups_are_not_merged():
    """Only alternatives by `exact` become `in`."""
    q = Q(subject__startswith="a") | Q(subject="b")

    assert isinstance(_resolve(q), Or)


@pytest.mark.parametrize("q", [Q() | Q(status="new"), Q(status="new") | Q()], ids=str)
def test_an_empty_q_is_ignored_in_a_disjunction(q):
    """`Q()` is ignored in a disjunction, as in Django, so that a loop of `|=` can start with it."""
    assert _resolve(q) == NEW


def test_a_negated_empty_q_matches_every_row():
    """`exclude()` without conditions excludes nothing, as in Django."""
    assert _resolve(~Q()) == And()


@pytest.mark.parametrize(
    ("status", "priority", "expected"),
    [("new", "high", False), ("new", "low", True), ("open", "high", True), ("open", "low", False)],
)
def test_an_exclusive_or_matches_exactly_one(status, priority, expected):
    """`^` matches if one side matches and the other does not."""
    test = (Q(status="new") ^ Q(priority="high")).bind(Ticket)

    assert test(Ticket(status=status, priority=priority)) is expected


def test_a_q_is_a_value():
    """Equal Q objects have equal hashes, and combining does not change the operands."""
    one, same = Q(status="new"), Q(status="new")
    combined = one | Q(priority="high")

    assert one == same
    assert hash(one) == hash(same)
    assert one != Q(status="open")
    assert combined == (same | Q(priority="high"))
    assert combined != (one & Q(priority="high"))


def test_a_q_is_immutable():
    """Attributes of a Q cannot be assigned."""
    with pytest.raises(AttributeError):
        Q(status="new").op = "or"


def test_a_q_can_be_resolved_for_several_models():
    """A Q can be used for several models."""
    q = Q(external_id="x")

    assert q.bind(Ticket)(Ticket(external_id="x"))
    assert q.bind(User)(User(external_id="x"))


def test_a_nested_error_is_reported():
    """An invalid part of a nested Q raises."""
    with pytest.raises(FieldError, match="'status'"):
        _resolve(~(Q(priority="high") | Q(Q(stauts="new"))))
    with pytest.raises(InvalidValue, match="'open'"):
        _resolve(Q(priority="high") | ~Q(status="opne"))


# Bound Q objects


def test_a_bound_q_sees_unsaved_edits():
    """A bound Q compares the assigned value instead of the value of the row."""
    ticket = Ticket.from_row({"id": 1, "status": "new", "tags": ["a"]})
    ticket.status = "open"
    ticket.tags.append("vip")

    assert Q(status="open", tags="vip").bind(Ticket)(ticket)
    assert not Q(status="new").bind(Ticket)(ticket)


def test_a_bound_q_sees_an_assigned_relation():
    """A bound Q compares the id of the assigned object."""
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
def test_an_exclusion_matches_rows_without_a_value(q, expected):
    """A negated condition matches rows without a value, as in Django."""
    assert q.bind(Ticket)(Ticket.from_row({"id": 1, "priority": None})) is expected


def test_lists_and_objects_inside_a_field_are_not_compared():
    """A whole list or object is refused at once; its members are compared one by one."""
    for lookup in ("exact", "in", "gt"):
        for value in ({"from": {}}, ["a"], [{"id": 1}]):
            expected = [value] if lookup == "in" else value
            with pytest.raises(InvalidValue, match="as a whole"):
                _resolve(Q(**{f"via__source__{lookup}": expected}))


@pytest.mark.parametrize(
    ("lookups", "same"),
    [
        ({"requested_tickets__status": "new"}, Ticket.objects.filter(status="new")),
        ({"requested_tickets": 7}, Ticket.objects.filter(id=7)),
        ({"requested_tickets__in": {7: "a", 8: "b"}.keys()}, Ticket.objects.filter(id__in=[7, 8])),
        (
            {"requested_tickets__group__name__startswith": "S"},
            Ticket.objects.filter(group__name__startswith="S"),
        ),
        ({"requested_tickets__isnull": False}, Ticket.objects.filter(requester__isnull=False)),
    ],
    ids=[*"abcde"],
)
def test_relations_to_many_are_conditions(lookups, same):
    """A condition on the rows that refer to an object is one on its id, as in Django."""
    expected = User.objects.filter(id__in=same.values("requester"))

    assert User.objects.filter(**lookups).query == expected.query


def test_objects_are_values_of_relations_to_many(demo_emulator):
    """Objects stand for their ids; the people of some tickets take a request each for both."""
    tickets = list(Ticket.objects.filter(status="new")[:3])
    people = sorted({ticket.requester_id for ticket in tickets})
    before = connections["default"].requests_sent
    users = User.objects.filter(requested_tickets__in=tickets)

    assert sorted(user.id for user in users) == people
    assert connections["default"].requests_sent - before == 2
    absent = User.objects.filter(requested_tickets__isnull=True, role="end-user").scan()
    assert {*people}.isdisjoint(user.id for user in absent)


@pytest.mark.parametrize(
    ("lookups", "error"),
    [
        ({"requested_tickets__gt": 7}, FieldError),
        ({"requested_tickets__statsu": "new"}, FieldError),
        ({"requested_tickets": Ticket(subject="x")}, InvalidValue),
        ({"requested_tickets": User(id=7)}, InvalidValue),
        ({"requested_tickets__isnull": "yes"}, InvalidValue),
        ({"requested_tickets__in": 7}, InvalidValue),
        ({"groups__name": "x"}, FieldError),
    ],
    ids=[*"abcdefg"],
)
def test_wrong_conditions_on_relations_to_many_are_refused(lookups, error):
    """The error is raised when the query is written."""
    with pytest.raises(error):
        User.objects.filter(**lookups)


@pytest.mark.slow
def test_each_relation_to_many_of_each_model_is_a_condition():
    """Any attribute of a model is a condition, or refused by an error of the library."""
    conditions = 0
    for model in registry.models():
        for name in dir(model) if hasattr(model, "objects") else ():
            for keyword, value in ((f"{name}__isnull", False), (f"{name}__id", 7), (name, [1])):
                with suppress(ZendeskError):
                    where = model.objects.filter(**{keyword: value}).query.where
                    conditions += isinstance(getattr(model, name), Many) and where.name == "id"
    # The people, tickets and comments of an account, and so on, each by two of three keywords.
    assert conditions > 80


# Operators that do not exist

SIGNS = (
    *(operator.and_, operator.or_, operator.xor, operator.add, operator.sub, operator.mul),
    *(operator.truediv, operator.lt, operator.le, operator.gt, operator.ge),
)
EXPRESSIONS = (Q(status="new"), F("tags"), F("tags") - ["a"], Ticket.objects.filter(status="new"))
OPERANDS = (
    *EXPRESSIONS,
    *(Q(), {"status": "new"}, "new", 5, None, ["new"], ("status", "new"), Ticket),
)
KINDS = ("Q", "F", "Joined", type(EXPRESSIONS[3]).__name__)
#: Names of operators, with the types of the operands that they can have.
SUPPORTED = {
    *((sign, kind, kind) for sign in ("and_", "or_", "xor") for kind in (KINDS[0], KINDS[3])),
    *((sign, kind, "list") for sign in ("add", "sub") for kind in KINDS[1:3]),
    *((sign, kind, "tuple") for sign in ("add", "sub") for kind in KINDS[1:3]),
}


def test_operators_that_do_not_exist_raise_an_error_with_the_right_call(emulator):
    """`Q(...) | queryset`, `{} & Q(...)`, `F("x") > 5` and the like raise `FieldError`.

    It is also a TypeError, has at most 400 characters, and is raised before anything is sent.
    """
    supported, messages = set(), []
    cases = [case for one in EXPRESSIONS for two in OPERANDS for case in ((one, two), (two, one))]
    for sign, (left, right) in itertools.product(SIGNS, cases):
        try:
            sign(left, right)
            supported.add((sign.__name__, type(left).__name__, type(right).__name__))
        except (FieldError, InvalidValue) as error:  # noqa: PERF203 - each is expected
            messages.append(str(error))
    for expression in EXPRESSIONS[1:]:
        with pytest.raises(FieldError, match=" as in "):
            operator.invert(expression)

    assert supported == SUPPORTED
    assert max(map(len, messages)) <= 400
    assert all(re.search(r" as in |filter\(\)|QuerySet of Ticket", text) for text in messages)
    assert emulator.requests == []
