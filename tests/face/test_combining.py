"""Sets of rows put together: what they hold is what Python's sets would hold."""

from __future__ import annotations

import operator
import pickle

import pytest

from tests.face.stored import stored, stored_by_id
from zendesk_orm import FieldError, Group, NoEndpoint, Q, Ticket, User


TICKETS = Ticket.objects.all()
NEW = Ticket.objects.filter(status="new")
OPEN = Ticket.objects.filter(status="open")
VIP = Ticket.objects.filter(tags="vip")
LOGIN = Ticket.objects.filter(subject="Cannot log in")
URGENT = Ticket.objects.filter(priority="urgent")
NONE = Ticket.objects.none()

TESTS = {
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
def rows(seeded):
    """Return the rows of all tickets by id, as they lie in the store."""
    return stored_by_id(seeded)


@pytest.fixture(scope="module")
def sets(rows):
    """Return the ids of each of the queries, told by a function over the stored rows."""
    return {name: {pk for pk, row in rows.items() if test(row)} for name, test in TESTS.items()}


def _ids(rows):
    found = [ticket.pk for ticket in rows]
    assert len(found) == len(set(found))
    return set(found)


#: How many requests each takes. An export gives a thousand rows; `vip` and `new` are fewer.
COSTS = [
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


@pytest.mark.parametrize(
    ("left", "sign", "right", "requests"),
    [pytest.param(*case, id=" ".join(case[:3])) for case in COSTS],
)
def test_what_is_put_together_holds_what_sets_hold(
    demo, sets, count_requests, left, sign, right, requests
):
    """Each row once, for so many requests, and count() and contains() agree."""
    whole = OPERATORS[sign](QUERIES[left], QUERIES[right])
    expected = SETS[sign](sets[left], sets[right])
    if requests is None:
        assert expected == _ids(whole) == set()
        return
    with count_requests(demo, requests):
        assert expected == _ids(whole)
    assert len(expected) == whole.all().count()
    assert bool(expected) is whole.all().exists()
    for pk in sorted(expected)[:2]:
        assert whole.all().contains(Ticket(id=pk))


SIDES = [
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
    SIDES,
)
def test_an_empty_or_whole_side_is_what_sets_have(demo, sets, left, sign, right):
    """`none()` is the empty set and `all()` the whole one, on either side of every sign."""
    found = _ids(OPERATORS[sign](QUERIES[left], QUERIES[right]))

    assert SETS[sign](sets[left], sets[right]) == found


@pytest.mark.parametrize("empty", [lambda: NEW[:0], lambda: NEW[7:7], lambda: NEW[5:2]])
def test_an_empty_slice_is_the_empty_set(demo, sets, count_requests, empty):
    """It is known to be empty without a request."""
    with count_requests(demo, 1):
        assert sets["vip"] == _ids(empty() | VIP)
    with count_requests(demo, 1):
        assert sets["vip"] == _ids(VIP | empty())
    with count_requests(demo, 0):
        assert set() == _ids(VIP & empty())
        assert set() == _ids(VIP.intersection(empty()))
    with count_requests(demo, 1):
        assert sets["vip"] == _ids(VIP.difference(empty()))


# -- several -----------------------------------------------------------------


def test_several_are_put_together_at_once(demo, sets, count_requests):
    """Alternatives of one field are one search, any number of conditions, too."""
    hold = Ticket.objects.filter(status="hold")
    with count_requests(demo, 1):
        found = _ids(NEW.union(OPEN, hold))
    assert sets["new"] | sets["open"] | _ids(hold.all()) == found
    with count_requests(demo, 1):
        assert sets["vip"] & sets["open"] & sets["urgent"] == _ids(VIP.intersection(OPEN, URGENT))
    with count_requests(demo, 1):
        assert sets["vip"] - sets["open"] - sets["urgent"] == _ids(VIP.difference(OPEN, URGENT))


def test_signs_are_combined_with_others(demo, sets, count_requests):
    """And what came of one is a QuerySet like any other."""
    with count_requests(demo, 2):
        found = _ids((VIP & OPEN) | (NEW & URGENT))
    assert (sets["vip"] & sets["open"]) | (sets["new"] & sets["urgent"]) == found
    with count_requests(demo, 2):
        found = _ids((NEW | VIP).filter(priority="urgent"))
    assert (sets["new"] | sets["vip"]) & sets["urgent"] == found
    with count_requests(demo, 2):
        found = _ids((NEW | VIP).exclude(Q(priority="urgent")))
    assert (sets["new"] | sets["vip"]) - sets["urgent"] == found


def test_more_alternatives_than_are_asked_are_refused(demo, count_requests):
    """Rather than searched for one by one without an end."""
    whole = NONE
    for number in range(9):
        whole |= Ticket.objects.filter(subject=f"x{number}", tags=f"y{number}")

    with count_requests(demo, 0), pytest.raises(NoEndpoint, match="more than 8"):
        list(whole)


def test_rows_put_together_have_an_order(demo, rows, sets, count_requests):
    """The one that was asked for, else the newest first; slices are of the whole."""
    ids = sorted(sets["new"] | sets["vip"], key=lambda pk: rows[pk]["created_at"])
    with count_requests(demo, 2):
        assert ids[:20] == [t.pk for t in (NEW | VIP).order_by("created_at")[:20]]
    with count_requests(demo, 2):
        assert ids[::-1][5:20] == [t.pk for t in (NEW | VIP)[5:20]]
    with count_requests(demo, 2):
        assert ids[0] == (NEW | VIP).first().pk
    with count_requests(demo, 2):
        assert ids[-1] == (NEW | VIP).last().pk


def test_the_left_side_says_how_it_is_read(demo, sets, count_requests):
    """Order, shape and side-loads are those of the first, as in Django."""
    whole = NEW.order_by("created_at").values_list("id", flat=True) | VIP.order_by("-updated_at")
    with count_requests(demo, 2):
        found = list(whole)

    assert sets["new"] | sets["vip"] == set(found)
    assert found == [ticket.pk for ticket in (NEW | VIP).order_by("created_at")]


def test_rows_put_together_are_pickled(demo, sets, count_requests):
    """As a question, or with what was read."""
    whole = NEW | VIP
    unread = pickle.loads(pickle.dumps(whole))
    with count_requests(demo, 2):
        assert sets["new"] | sets["vip"] == _ids(unread)
    read = pickle.loads(pickle.dumps(unread))
    with count_requests(demo, 0):
        assert sets["new"] | sets["vip"] == _ids(read)


# -- slices ------------------------------------------------------------------


def _newest(rows, ids):
    return sorted(ids, key=lambda pk: (rows[pk]["created_at"], pk), reverse=True)


@pytest.mark.parametrize(
    ("sign", "requests"), [("or", 4), ("and", 3), ("difference", 3), ("xor", 4)]
)
def test_slices_are_put_together_by_their_ids(demo, rows, sets, count_requests, sign, requests):
    """A slice is first read for its ids, which then are asked for."""
    new = _newest(rows, sets["new"])
    one, two = NEW[:10], NEW[5:20]
    expected = SETS[sign](set(new[:10]), set(new[5:20]))
    if sign == "xor":
        # Each side is asked for without the other, so that both are read twice.
        assert expected == _ids(one ^ two)
        return
    with count_requests(demo, requests):
        found = _ids(OPERATORS[sign](one, two))

    assert expected == found


def test_a_slice_and_a_filter_are_put_together(demo, rows, sets, count_requests):
    """The rows of the slice that the filter lets through, or those that it leaves."""
    new = _newest(rows, sets["new"])[:10]
    with count_requests(demo, 2):
        assert set(new) & sets["urgent"] == _ids(NEW[:10] & URGENT)
    with count_requests(demo, 2):
        assert sets["new"] - set(new) == _ids(NEW.difference(NEW[:10]))
    with count_requests(demo, 3):
        assert sets["vip"] | set(new) == _ids(VIP | NEW[:10])
    with count_requests(demo, 2):
        assert set(new) - sets["urgent"] == _ids(NEW[:10].difference(URGENT))


def test_a_slice_in_another_order_is_that_slice(demo, rows, sets):
    """The order of a slice tells which rows it holds, whatever it is put together with."""
    oldest = _newest(rows, sets["open"])[::-1][:10]

    found = _ids(OPEN.order_by("created_at")[:10] | NEW)

    assert sets["new"] | set(oldest) == found


def test_distinct_rows_are_put_together(demo, rows, sets, count_requests):
    """The first row of each value, and all of the others."""
    firsts = {}
    for pk in _newest(rows, sets["new"]):
        firsts.setdefault(rows[pk]["priority"], pk)
    with count_requests(demo, 3):
        found = _ids(NEW.distinct("priority").union(OPEN))

    assert sets["open"] | set(firsts.values()) == found


def test_fresh_on_one_side_is_not_lost(demo, rows):
    """Rows of the list beside rows of the search: both as they were asked for, or a refusal."""
    fresh = Ticket.objects.fresh().filter(status="closed").scan()

    try:
        found = _ids(URGENT.filter(status="new").scan() | fresh)
    except (FieldError, NoEndpoint):
        return
    assert _ids(fresh.all()) <= found
    assert {rows[pk]["status"] for pk in found} == {"new", "closed"}
    assert len(found) == len(_ids(fresh.all())) + sum(
        row["status"] == "new" and row["priority"] == "urgent" for row in rows.values()
    )


# -- other models ------------------------------------------------------------


def test_other_models_are_put_together(demo, seeded, count_requests):
    """By list and by search, or in a short list here."""
    people = stored(seeded, User)
    expected = {row["id"] for row in people if row["role"] == "admin" or "vip" in row["tags"]}
    with count_requests(demo, 2):
        found = {
            user.pk for user in User.objects.filter(role="admin") | User.objects.filter(tags="vip")
        }
    assert expected == found
    one, two = Group.objects.filter(name__startswith="S"), Group.objects.filter(name__endswith="e")
    names = {row["name"] for row in stored(seeded, Group)}
    starts = {name for name in names if name.startswith("S")}
    ends = {name for name in names if name.endswith("e")}
    assert starts & ends
    assert starts - ends
    assert ends - starts
    for sign, combine in OPERATORS.items():
        with count_requests(demo, 1):
            assert SETS[sign](starts, ends) == {group.name for group in combine(one, two)}


@pytest.mark.parametrize("sign", OPERATORS)
@pytest.mark.parametrize(
    "other",
    [User.objects.all(), Group.objects.none(), Ticket.objects.using("emea").all()],
    ids=["a model", "nothing of a model", "an account"],
)
def test_what_does_not_belong_together_is_refused(demo, count_requests, sign, other):
    """Another model's rows, or another account's, with a sentence about both."""
    with count_requests(demo, 0), pytest.raises(FieldError, match="cannot be put together"):
        OPERATORS[sign](NEW, other)


def test_what_does_not_belong_together_is_refused_whatever_comes_first(demo):
    """Nothing found yet is no reason to overlook the others."""
    with pytest.raises(FieldError, match="cannot be put together"):
        NEW.intersection(NONE, User.objects.all())
    with pytest.raises(FieldError, match="cannot be put together"):
        NEW.difference(TICKETS, User.objects.all())


@pytest.mark.parametrize("sign", [operator.or_, operator.and_, operator.xor])
def test_what_is_no_query_is_a_type_error(sign):
    """As of any two values that have nothing to do with each other."""
    with pytest.raises(TypeError):
        sign(NEW, 5)


def test_rows_do_not_come_twice(demo):
    """`union(all=True)` would give rows twice, and is refused with the way to go."""
    with pytest.raises(FieldError, match="join the lists"):
        NEW.union(OPEN, all=True)


# -- against plain loops -----------------------------------------------------


@pytest.mark.parametrize("sign", OPERATORS)
def test_signs_agree_with_q(demo, sets, sign):
    """`qs | qs` is what `filter(Q | Q)` is."""
    one, two = Q(status="open"), Q(priority="urgent")
    q = {
        "or": one | two,
        "and": one & two,
        "xor": one ^ two,
        "union": one | two,
        "intersection": one & two,
        "difference": one & ~two,
    }[sign]

    found = _ids(OPERATORS[sign](OPEN, URGENT))

    assert SETS[sign](sets["open"], sets["urgent"]) == found == _ids(Ticket.objects.filter(q))


@pytest.mark.parametrize(
    ("ask", "expected"),
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
def test_an_empty_q_is_no_condition(demo, sets, count_requests, ask, expected):
    """As in Django, on either side of a sign; an empty list is a condition that nothing meets."""
    with count_requests(demo, 0 if expected == "none" else 1):
        assert len(sets[expected]) == ask().count()
    if expected != "all":
        assert sets[expected] == _ids(ask())
