"""Set operations of QuerySets, compared with those of Python's sets."""

from __future__ import annotations

import operator
import pickle

import pytest

from tests.queryset.stored import stored_rows
from zendesk_orm import FieldError, Group, NoEndpoint, Q, Ticket, User


TICKETS = Ticket.objects.all()
NEW = Ticket.objects.filter(status="new")
OPEN = Ticket.objects.filter(status="open")
VIP = Ticket.objects.filter(tags="vip")
LOGIN = Ticket.objects.filter(subject="Cannot log in")
URGENT = Ticket.objects.filter(priority="urgent")
NONE = Ticket.objects.none()

PREDICATES = {
    "all": lambda row: True,
    "none": lambda row: False,
    "new": lambda row: row["status"] == "new",
    "open": lambda row: row["status"] == "open",
    "vip": lambda row: "vip" in row["tags"],
    "login": lambda row: row["subject"] == "Cannot log in",
    "urgent": lambda row: row["priority"] == "urgent",
    "few ids": lambda row: row["id"] in (1, 2, 2999),
    "one id": lambda row: row["id"] == 2999,
}
QUERIES = {
    "all": TICKETS,
    "none": NONE,
    "new": NEW,
    "open": OPEN,
    "vip": VIP,
    "login": LOGIN,
    "urgent": URGENT,
    "few ids": Ticket.objects.filter(id__in=[1, 2, 2999]),
    "one id": Ticket.objects.filter(id=2999),
}
OPERATORS = {
    "or": operator.or_,
    "and": operator.and_,
    "xor": operator.xor,
    "union": lambda one, two: one.union(two),
    "intersection": lambda one, two: one.intersection(two),
    "difference": lambda one, two: one.difference(two),
}
SETS = {
    "or": operator.or_,
    "and": operator.and_,
    "xor": operator.xor,
    "union": operator.or_,
    "intersection": operator.and_,
    "difference": operator.sub,
}


@pytest.fixture(scope="module")
def sets(rows):
    """Return the ids that each query must have, computed from the stored rows."""
    return {
        name: {pk for pk, row in rows.items() if test(row)} for name, test in PREDICATES.items()
    }


def _ids(rows):
    """Return the ids of rows, each of which must occur once."""
    result = [ticket.pk for ticket in rows]
    assert len(result) == len(set(result))
    return set(result)


#: Numbers of requests. A page of an export has a thousand rows; `vip` and `new` have fewer.
REQUESTS = [
    ("new", "or", "open", 1),
    ("new", "or", "vip", 2),
    ("new", "or", "one id", 2),
    ("few ids", "or", "one id", 1),
    ("new", "or", "all", 3),
    ("new", "or", "none", 1),
    ("none", "or", "new", 1),
    ("none", "or", "none", 0),
    ("new", "union", "vip", 2),
    ("new", "union", "none", 1),
    ("all", "union", "new", 3),
    ("vip", "and", "open", 1),
    ("vip", "and", "urgent", 1),
    ("new", "and", "open", 0),
    ("new", "and", "none", 0),
    ("all", "and", "new", 1),
    ("few ids", "and", "one id", 1),
    ("few ids", "and", "new", 1),
    ("vip", "intersection", "open", 1),
    ("new", "intersection", "none", 0),
    ("login", "and", "new", 1),
    ("vip", "difference", "open", 1),
    ("new", "difference", "login", 2),
    ("new", "difference", "none", 1),
    ("new", "difference", "all", 0),
    ("new", "difference", "one id", 1),
    ("few ids", "difference", "one id", 1),
    ("vip", "xor", "open", 2),
    ("vip", "xor", "vip", None),
]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("left", "sign", "right", "requests"),
    [pytest.param(*case, id=" ".join(case[:3])) for case in REQUESTS],
)
def test_combined_queries_match_set_operations(
    demo, sets, count_requests, left, sign, right, requests
):
    """A combined query returns each row once; `count()`, `exists()`, `contains()` agree."""
    combined = OPERATORS[sign](QUERIES[left], QUERIES[right])
    expected = SETS[sign](sets[left], sets[right])
    if requests is None:
        assert _ids(combined) == expected == set()
        return
    with count_requests(demo, requests):
        assert _ids(combined) == expected
    assert combined.all().count() == len(expected)
    assert combined.all().exists() is bool(expected)
    for pk in sorted(expected)[:2]:
        assert combined.all().contains(Ticket(id=pk))


EMPTY_AND_FULL_SETS = [
    ("none", "and", "new"),
    ("none", "intersection", "new"),
    ("none", "difference", "new"),
    ("none", "xor", "new"),
    ("new", "xor", "none"),
    ("new", "xor", "all"),
    ("all", "xor", "new"),
    ("all", "xor", "all"),
    ("none", "xor", "none"),
]


@pytest.mark.parametrize(
    ("left", "sign", "right"),
    EMPTY_AND_FULL_SETS,
)
def test_none_and_all_act_as_empty_and_full_sets(demo, sets, left, sign, right):
    """On either side of an operator, `none()` is the empty set and `all()` the full one."""
    result = _ids(OPERATORS[sign](QUERIES[left], QUERIES[right]))

    assert result == SETS[sign](sets[left], sets[right])


@pytest.mark.parametrize("empty", [lambda: NEW[:0], lambda: NEW[7:7], lambda: NEW[5:2]])
def test_an_empty_slice_is_the_empty_set(demo, sets, count_requests, empty):
    """An empty slice acts as the empty set, and needs no request."""
    with count_requests(demo, 1):
        assert _ids(empty() | VIP) == sets["vip"]
    with count_requests(demo, 1):
        assert _ids(VIP | empty()) == sets["vip"]
    with count_requests(demo, 0):
        assert _ids(VIP & empty()) == set()
        assert _ids(VIP.intersection(empty())) == set()
    with count_requests(demo, 1):
        assert _ids(VIP.difference(empty())) == sets["vip"]


def test_several_queries_can_be_combined_at_once(demo, sets, count_requests):
    """Several queries on one field, or several conditions, are combined into one search."""
    hold = Ticket.objects.filter(status="hold")
    with count_requests(demo, 1):
        result = _ids(NEW.union(OPEN, hold))
    assert result == sets["new"] | sets["open"] | _ids(hold.all())
    with count_requests(demo, 1):
        assert _ids(VIP.intersection(OPEN, URGENT)) == sets["vip"] & sets["open"] & sets["urgent"]
    with count_requests(demo, 1):
        assert _ids(VIP.difference(OPEN, URGENT)) == sets["vip"] - sets["open"] - sets["urgent"]


def test_results_of_operators_can_be_combined_again(demo, sets, count_requests):
    """A combined query can be filtered, and combined with other queries."""
    with count_requests(demo, 2):
        result = _ids((VIP & OPEN) | (NEW & URGENT))
    assert result == (sets["vip"] & sets["open"]) | (sets["new"] & sets["urgent"])
    with count_requests(demo, 2):
        result = _ids((NEW | VIP).filter(priority="urgent"))
    assert result == (sets["new"] | sets["vip"]) & sets["urgent"]
    with count_requests(demo, 2):
        result = _ids((NEW | VIP).exclude(Q(priority="urgent")))
    assert result == (sets["new"] | sets["vip"]) - sets["urgent"]


def test_too_many_alternatives_raise(demo, count_requests):
    """More than eight alternatives raise an error instead of taking a search each."""
    combined = NONE
    for number in range(9):
        combined |= Ticket.objects.filter(subject=f"x{number}", tags=f"y{number}")

    with count_requests(demo, 0), pytest.raises(NoEndpoint, match="more than 8"):
        list(combined)


def test_combined_queries_are_ordered_and_sliced_as_a_whole(demo, rows, sets, count_requests):
    """Orders and slices apply to the combined rows, which are newest first by default."""
    ids = sorted(sets["new"] | sets["vip"], key=lambda pk: rows[pk]["created_at"])
    with count_requests(demo, 2):
        assert [t.pk for t in (NEW | VIP).order_by("created_at")[:20]] == ids[:20]
    with count_requests(demo, 2):
        assert [t.pk for t in (NEW | VIP)[5:20]] == ids[::-1][5:20]
    with count_requests(demo, 2):
        assert (NEW | VIP).first().pk == ids[0]
    with count_requests(demo, 2):
        assert (NEW | VIP).last().pk == ids[-1]


def test_options_of_the_left_query_apply(demo, sets, count_requests):
    """As in Django, the order and `values()` of the left query apply to the combined one."""
    combined = NEW.order_by("created_at").values_list("id", flat=True) | VIP.order_by("-updated_at")
    with count_requests(demo, 2):
        result = list(combined)

    assert set(result) == sets["new"] | sets["vip"]
    assert result == [ticket.pk for ticket in (NEW | VIP).order_by("created_at")]


def test_combined_queries_can_be_pickled(demo, sets, count_requests):
    """A combined query is pickled with its cached rows, or unevaluated."""
    combined = NEW | VIP
    unread = pickle.loads(pickle.dumps(combined))
    with count_requests(demo, 2):
        assert _ids(unread) == sets["new"] | sets["vip"]
    read = pickle.loads(pickle.dumps(unread))
    with count_requests(demo, 0):
        assert _ids(read) == sets["new"] | sets["vip"]


def _newest(rows, ids):
    return sorted(ids, key=lambda pk: (rows[pk]["created_at"], pk), reverse=True)


@pytest.mark.parametrize(
    ("sign", "requests"), [("or", 4), ("and", 3), ("difference", 3), ("xor", 4)]
)
def test_slices_are_combined_by_their_ids(demo, rows, sets, count_requests, sign, requests):
    """The ids of a slice are fetched first, and then combined."""
    new = _newest(rows, sets["new"])
    one, two = NEW[:10], NEW[5:20]
    expected = SETS[sign](set(new[:10]), set(new[5:20]))
    if sign == "xor":
        # Each side is queried without the other, so that both are read twice.
        assert _ids(one ^ two) == expected
        return
    with count_requests(demo, requests):
        result = _ids(OPERATORS[sign](one, two))

    assert result == expected


def test_a_slice_can_be_combined_with_a_filter(demo, rows, sets, count_requests):
    """A slice can be intersected with a filter, united with it, or subtracted."""
    new = _newest(rows, sets["new"])[:10]
    with count_requests(demo, 2):
        assert _ids(NEW[:10] & URGENT) == set(new) & sets["urgent"]
    with count_requests(demo, 2):
        assert _ids(NEW.difference(NEW[:10])) == sets["new"] - set(new)
    with count_requests(demo, 3):
        assert _ids(VIP | NEW[:10]) == sets["vip"] | set(new)
    with count_requests(demo, 2):
        assert _ids(NEW[:10].difference(URGENT)) == set(new) - sets["urgent"]


def test_the_order_of_a_slice_determines_its_rows(demo, rows, sets):
    """A combined slice keeps the rows that its order selects."""
    oldest = _newest(rows, sets["open"])[::-1][:10]

    result = _ids(OPEN.order_by("created_at")[:10] | NEW)

    assert result == sets["new"] | set(oldest)


def test_distinct_queries_can_be_combined(demo, rows, sets, count_requests):
    """`distinct()` applies to its own query, before it is combined with the other."""
    firsts = {}
    for pk in _newest(rows, sets["new"]):
        firsts.setdefault(rows[pk]["priority"], pk)
    with count_requests(demo, 3):
        result = _ids(NEW.distinct("priority").union(OPEN))

    assert result == sets["open"] | set(firsts.values())


def test_fresh_and_searched_queries_are_combined_or_rejected(demo, rows):
    """A list and a search are combined completely, or an error is raised."""
    fresh = Ticket.objects.fresh().filter(status="closed").scan()

    try:
        result = _ids(URGENT.filter(status="new").scan() | fresh)
    except (FieldError, NoEndpoint):
        return
    assert _ids(fresh.all()) <= result
    assert {rows[pk]["status"] for pk in result} == {"new", "closed"}
    assert len(result) == len(_ids(fresh.all())) + sum(
        row["status"] == "new" and row["priority"] == "urgent" for row in rows.values()
    )


def test_queries_of_other_models_can_be_combined(demo, seeded, count_requests):
    """Queries of users and of groups can be combined, too."""
    people = stored_rows(seeded, User)
    expected = {row["id"] for row in people if row["role"] == "admin" or "vip" in row["tags"]}
    with count_requests(demo, 2):
        result = {
            user.pk for user in User.objects.filter(role="admin") | User.objects.filter(tags="vip")
        }
    assert result == expected
    one, two = Group.objects.filter(name__startswith="S"), Group.objects.filter(name__endswith="e")
    names = {row["name"] for row in stored_rows(seeded, Group)}
    starts = {name for name in names if name.startswith("S")}
    ends = {name for name in names if name.endswith("e")}
    assert starts & ends
    assert starts - ends
    assert ends - starts
    for sign, combine in OPERATORS.items():
        with count_requests(demo, 1):
            assert {group.name for group in combine(one, two)} == SETS[sign](starts, ends)


@pytest.mark.parametrize("sign", OPERATORS)
@pytest.mark.parametrize(
    "other",
    [User.objects.all(), Group.objects.none(), Ticket.objects.using("emea").all()],
    ids=["a model", "nothing of a model", "an account"],
)
def test_queries_of_different_models_or_accounts_cannot_be_combined(
    demo, count_requests, sign, other
):
    """Combining different models or accounts raises before anything is sent."""
    with count_requests(demo, 0), pytest.raises(FieldError, match="cannot be combined"):
        OPERATORS[sign](NEW, other)


def test_all_combined_queries_are_checked(demo):
    """A query of another model raises even if the result is empty without it."""
    with pytest.raises(FieldError, match="cannot be combined"):
        NEW.intersection(NONE, User.objects.all())
    with pytest.raises(FieldError, match="cannot be combined"):
        NEW.difference(TICKETS, User.objects.all())


@pytest.mark.parametrize("sign", [operator.or_, operator.and_, operator.xor])
def test_operators_with_other_types_raise_type_error(sign):
    """An operator raises TypeError if the other operand is not a QuerySet."""
    with pytest.raises(TypeError):
        sign(NEW, 5)


def test_union_all_is_not_supported(demo):
    """`union(all=True)` raises, since rows would be duplicated."""
    with pytest.raises(FieldError, match="duplicates"):
        NEW.union(OPEN, all=True)


@pytest.mark.parametrize("sign", OPERATORS)
def test_operators_agree_with_q(demo, sets, sign):
    """An operator on two QuerySets is equivalent to the operator on their Q objects."""
    one, two = Q(status="open"), Q(priority="urgent")
    q = {
        "or": one | two,
        "and": one & two,
        "xor": one ^ two,
        "union": one | two,
        "intersection": one & two,
        "difference": one & ~two,
    }[sign]

    result = _ids(OPERATORS[sign](OPEN, URGENT))

    assert result == SETS[sign](sets["open"], sets["urgent"])
    assert _ids(Ticket.objects.filter(q)) == result


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        (lambda: Ticket.objects.filter(), "all"),
        (lambda: Ticket.objects.exclude(), "all"),
        (lambda: Ticket.objects.filter(Q()), "all"),
        (lambda: Ticket.objects.filter(~Q()), "all"),
        (lambda: Ticket.objects.exclude(Q()), "all"),
        (lambda: Ticket.objects.filter(Q(status="new") | Q()), "new"),
        (lambda: Ticket.objects.filter(Q() | Q(status="new")), "new"),
        (lambda: Ticket.objects.filter(Q(status="new") & Q()), "new"),
        pytest.param(
            lambda: Ticket.objects.filter(Q(status="new") ^ Q()),
            "new",
        ),
        (lambda: Ticket.objects.filter(~Q(id__in=[])), "all"),
        (lambda: Ticket.objects.exclude(id__in=[]), "all"),
        (lambda: Ticket.objects.filter(Q(id__in=[]) | Q(status="new")), "new"),
        (lambda: Ticket.objects.filter(Q(id__in=[]) & Q(status="new")), "none"),
    ],
)
def test_an_empty_q_is_ignored(demo, sets, count_requests, build, expected):
    """As in Django, an empty Q adds no condition, and an empty list matches no row."""
    with count_requests(demo, 0 if expected == "none" else 1):
        assert build().count() == len(sets[expected])
    if expected != "all":
        assert _ids(build()) == sets[expected]
