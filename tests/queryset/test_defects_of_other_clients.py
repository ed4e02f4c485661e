"""Defects that were measured in other clients of Zendesk and of similar APIs do not occur.

Each test is named after a measurement and repeats it with 250 tickets: M1 to M6 were measured
with zenpy, M12 and M14 with libzapi, M15 with node-zendesk, M19 with python-gitlab and M20 with
the Ruby client.
"""

from __future__ import annotations

import pickle
import re
from datetime import datetime, timedelta, timezone

import pytest

from tests.queryset.stored import FIRST, emulator_with_tickets, person, stored_rows
from zendesk_orm import (
    AuthenticationFailed,
    BadRequest,
    Comment,
    ConnectionLost,
    FieldError,
    Group,
    MalformedResponse,
    NoEndpoint,
    NotFound,
    Organization,
    PermissionDenied,
    Q,
    RateLimited,
    RetryPolicy,
    ServerError,
    Ticket,
    TransportError,
    Unprocessable,
    User,
    ZendeskError,
    connections,
)
from zendesk_orm.emulator import Emulator
from zendesk_orm.query.matching import row_test


ROWS = 250
UP, DOWN = list(range(1, ROWS + 1)), list(range(ROWS, 0, -1))

#: Three ways of reading the same rows, and the order of each.
PLANS = {
    "list": (Ticket.objects.fresh(), UP),
    "search": (Ticket.objects.order_by("-updated_at"), DOWN),
    "export": (Ticket.objects.all(), DOWN),
}
each_plan = pytest.mark.parametrize("plan", PLANS)


@pytest.fixture(scope="module")
def emulator():
    """Return an emulator with 250 tickets, of which five are tagged."""
    with emulator_with_tickets(
        ROWS, of_ticket=lambda n: {"tags": ["rare"] if n % 50 == 0 else []}
    ) as emulator:
        yield emulator


def _ids(rows):
    return [ticket.pk for ticket in rows]


# -- M1, M2: slices ----------------------------------------------------------


@each_plan
@pytest.mark.parametrize(
    ("start", "stop", "requests"),
    [
        pytest.param(0, 150, {"list": 2, "search": 2, "export": 1}, id="M1"),
        pytest.param(210, 220, {"list": 1, "search": 1, "export": 1}, id="M2"),
    ],
)
def test_m1_m2_a_slice_returns_its_rows(account, count_requests, plan, start, stop, requests):
    """`[0:150]` and `[210:220]` of 250 rows return exactly these rows, each time they are read."""
    rows, all_ids = PLANS[plan]
    for _ in range(2):
        with count_requests(account, requests[plan]):
            part = rows.all()[start:stop]
            ids = _ids(part)
        assert ids == all_ids[start:stop]
        with count_requests(account, 0):
            assert _ids(part) == ids


@each_plan
@pytest.mark.parametrize("start", range(0, ROWS, 35))
def test_m1_m2_consecutive_slices_return_all_rows(account, plan, start):
    """A slice does not depend on earlier slices or on the ends of pages."""
    rows, all_ids = PLANS[plan]

    assert _ids(rows.all()[start : start + 35]) == all_ids[start : start + 35]
    assert _ids(rows.all()[: start + 7]) == all_ids[: start + 7]


# -- M3: slices after the last row -------------------------------------------


def test_m3_a_slice_may_end_after_the_last_row(account, count_requests):
    """`[0:50]` of five rows returns five, also inside a generator, without a StopIteration."""
    rare = Ticket.objects.filter(tags="rare")

    def generator():
        yield from rare.all()[0:50]

    with count_requests(account, 3):
        assert _ids(rare.all()[0:50]) == [250, 200, 150, 100, 50]
        assert _ids(generator()) == [250, 200, 150, 100, 50]
        assert _ids(rare.all()[3:50]) == [100, 50]
    with count_requests(account, 1):
        assert _ids(rare.all()[5:50]) == []
    with count_requests(account, 1), pytest.raises(IndexError):
        rare.all()[5]


# -- M4: lengths -------------------------------------------------------------


@each_plan
def test_m4_len_counts_all_rows(account, count_requests, plan):
    """`len()` counts the rows of all pages; `count()` sends one request."""
    rows, _ = PLANS[plan]
    with count_requests(account, {"list": 3, "search": 1, "export": 1}[plan]):
        assert len(rows.all()) == ROWS
    with count_requests(account, 1):
        assert rows.all().count() == ROWS


# -- M5: repeated iteration --------------------------------------------------


@each_plan
def test_m5_a_result_can_be_read_again(account, count_requests, plan):
    """A second iteration, an index and slices of an evaluated query send no request."""
    rows, all_ids = PLANS[plan]
    read = rows.all()
    assert _ids(read) == all_ids
    with count_requests(account, 0):
        assert _ids(read) == all_ids
        assert read[5].pk == all_ids[5]
        assert _ids(read[10:20]) == all_ids[10:20]
        assert _ids(read[20:30]) == all_ids[20:30]
        assert (read[0].pk, list(read)[-1].pk) == (all_ids[0], all_ids[-1])


# -- M6: lazy queries --------------------------------------------------------


@each_plan
def test_m6_queries_are_lazy(account, count_requests, plan):
    """Building, slicing, printing, explaining, copying and pickling a query send no request."""
    rows, all_ids = PLANS[plan]
    with count_requests(account, 0):
        query = rows.filter(Q(tags="rare") | Q(status="new")).exclude(priority="low")
        query = query.select_related("requester").prefetch_related("comments").values("id")
        query = pickle.loads(pickle.dumps(query | rows.values("id")))
        part = query[5:100][2:7]
        assert repr(part)
        assert str(part.query)
        assert query.explain()
        iterator = rows.iterator()
        loop = iter(rows.all())
    # If a loop can change the order of the rows, all are read before the first one is returned.
    with count_requests(account, {"search": 3}.get(plan, 1)):
        assert next(iterator).pk == all_ids[0]
    with count_requests(account, 1):
        assert next(loop).pk == all_ids[0]


# -- M10: values with search syntax ------------------------------------------

SUBJECTS = [
    'a"b c',
    "created>2020-01-01",
    "status:open",
    "-smoke",
    "smoke*",
    "*",
    "none",
    "me",
    "a OR b",
    "(a)",
    "tags:rare subject:x",
    "back\\slash",
    "  spaces  ",
    "subject:",
    "type:user",
    "Ünïcödé ✓",
    "4hours",
    "x" * 300,
]


@pytest.fixture(scope="module")
def subjects():
    """Return an emulator with a ticket for each subject, and one that contains parts of all."""
    with emulator_with_tickets(
        len(SUBJECTS) + 1,
        of_ticket=lambda n: {
            "subject": SUBJECTS[n - 1]
            if n <= len(SUBJECTS)
            else "smoke a b c x none me status open"
        },
    ) as emulator:
        yield emulator


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda text: text[:20])
def test_m10_values_are_no_search_syntax(subjects, subject):
    """`filter(subject=...)` returns exactly the matching ticket, or raises `NoEndpoint`."""
    subjects.connect()
    expected = [row["id"] for row in stored_rows(subjects) if row["subject"] == subject]
    try:
        result = _ids(Ticket.objects.filter(subject=subject))
    except NoEndpoint:
        with_scan = _ids(Ticket.objects.filter(subject=subject).scan())
        assert with_scan == expected
    else:
        assert result == expected
    assert len(expected) == 1


@pytest.mark.parametrize("text", SUBJECTS, ids=lambda text: text[:20])
@pytest.mark.parametrize(
    "lookup", ["tags", "external_id", "subject__startswith", "custom_fields__5"]
)
def test_m10_values_never_widen_a_query(subjects, lookup, text):
    """A filter by any field returns only matching rows."""
    subjects.connect()
    rows = Ticket.objects.filter(**{lookup: text})
    try:
        result = [ticket._row for ticket in rows]
    except ZendeskError:
        return

    test = row_test(rows.query.where, Ticket._meta)
    assert all(test(row) for row in result)
    assert lookup == "subject__startswith" or result == []


@pytest.mark.parametrize("text", SUBJECTS, ids=lambda text: text[:20])
def test_m10_free_text_is_no_search_syntax(subjects, text):
    """`search()` returns only tickets that contain all words of the text."""
    subjects.connect()
    try:
        result = list(Ticket.objects.search(text))
    except ZendeskError:
        return

    words = set(re.findall(r"\w+", text.lower()))
    for ticket in result:
        assert words <= set(re.findall(r"\w+", f"{ticket.subject} {ticket.description}".lower()))


# -- M11: equality and pickling ----------------------------------------------


def test_m11_objects_of_a_row_are_equal(account, count_requests):
    """`Ticket(id=5)` and ticket 5 are equal and have the same hash in every session."""
    one = Ticket.objects.get(5)
    with account.session():
        two = Ticket.objects.get(5)
    with count_requests(account, 0):
        assert Ticket(id=5) == one
        assert one == two
        assert one is not two
        assert {ticket.pk for ticket in {Ticket(id=5), one, two}} == {5}
        assert len({Ticket(id=5), one, two}) == 1
        assert one != Ticket(id=6)


def test_m11_objects_can_be_pickled(account, count_requests):
    """A pickled object keeps its edits, and can load relations through the account."""
    ticket = Ticket.objects.select_related("requester").filter(id=5)[0]
    ticket.subject = "edited"
    again = pickle.loads(pickle.dumps(ticket))
    with count_requests(account, 0):
        assert (again, again.changes()) == (ticket, {"subject": ("Ticket 5", "edited")})
        assert (again.status, again.requester_id) == (ticket.status, ticket.requester_id)
        assert again.requester.name == "User 5"


@each_plan
def test_m11_queries_can_be_pickled(account, count_requests, plan):
    """A pickled query is unevaluated, or contains the rows that were read."""
    rows, all_ids = PLANS[plan]
    read = rows.all()[:120]
    unread = pickle.loads(pickle.dumps(read))
    assert _ids(read) == all_ids[:120]
    again = pickle.loads(pickle.dumps(read))
    with count_requests(account, 0):
        assert _ids(again) == all_ids[:120]
    with count_requests(account, {"list": 2, "search": 2, "export": 1}[plan]):
        assert _ids(unread) == all_ids[:120]


# -- M12: lists with several pages -------------------------------------------


@pytest.fixture(scope="module")
def full():
    """Return an emulator with more than a hundred rows of each of four models."""
    with emulator_with_tickets(ROWS) as emulator:
        emulator.connect()
        for model in (User, Organization):
            model.objects.bulk_create(model(name=f"{model.__name__} no. {n}") for n in range(240))
        for start in range(0, 130, 65):
            for number in range(start, start + 65):
                Group.objects.create(name=f"Group {number}")
        yield emulator


@pytest.fixture
def many(full):
    """Return the emulator with long lists, connected as the default account."""
    full.connect()
    return full


@pytest.mark.parametrize("size", [None, 7, 100])
def test_m12_lists_are_complete(many, size):
    """Lists and streams of all models return all rows, for any page size."""
    for model in (Ticket, User, Organization, Group):
        all_ids = {row["id"] for row in stored_rows(many, model)}
        assert len(all_ids) > 100
        rows = model.objects.fresh() if size is None else model.objects.fresh().page_size(size)
        assert set(_ids(rows)) == all_ids
        assert len(_ids(rows.iterator())) == len(all_ids)
        assert rows.all().count() == len(all_ids)


def test_m12_relations_are_complete(account):
    """Tickets of a user and of an organization are complete."""
    tickets = {n for n in UP if n % 10 == 4}
    user = User.objects.get(person(4))
    assert set(_ids(user.requested_tickets.all())) == tickets
    assert set(_ids(user.requested_tickets.fresh())) == tickets
    tickets = {n for n in UP if n % 10 % 5 == 3}
    assert set(_ids(Organization.objects.get(FIRST + 3).tickets.all())) == tickets


def test_m12_comments_are_complete():
    """130 comments of a ticket are read from two pages."""
    with Emulator() as emulator:
        emulator.connect()
        ticket = Ticket.objects.create(subject="x", comment=Comment(body="0"))
        for number in range(1, 130):
            ticket.comments.create(body=str(number))
            emulator.clock.sleep(60)

        bodies = [comment.body for comment in Ticket.objects.get(ticket.pk).comments.all()]

    assert bodies == [str(number) for number in range(130)]


# -- M14: missing and unknown keys -------------------------------------------


@each_plan
@pytest.mark.parametrize(
    "missing", ["support_type", "tags", "priority", "created_at", "via", "custom_fields", "status"]
)
def test_m14_rows_may_lack_keys(count_requests, plan, missing):
    """A row without a key is returned with an empty field, without a further request."""
    with emulator_with_tickets(20) as emulator:
        account = emulator.connect()
        store = emulator._store
        where = "kind = 'support.Ticket' AND id % 2"
        store.execute(f"UPDATE rows SET doc = json_remove(doc, '$.{missing}') WHERE {where}")
        store.execute(f"UPDATE rows SET doc = json_set(doc, '$.brand_new', 7) WHERE {where}")
        rows, _ = PLANS[plan]
        with count_requests(account, 1):
            tickets = list(rows.all())
            assert sorted(_ids(tickets)) == UP[:20]
            for ticket in tickets:
                assert ticket.pk % 2 == 0 or getattr(ticket, missing) in (None, [], {})
                assert ticket.extra.get("brand_new") == (7 if ticket.pk % 2 else None)


def test_m14_a_body_without_rows_raises():
    """A body without the list of rows raises `MalformedResponse` instead of being an empty list."""
    with emulator_with_tickets(3) as emulator:
        emulator.connect(retry=RetryPolicy(attempts=1))
        for body in ({}, {"tickets": None}, [], "text"):
            emulator.fail_next(200, body=body)
            with pytest.raises(MalformedResponse):
                list(Ticket.objects.fresh())


# -- M15: incremental exports ------------------------------------------------


def test_m15_incremental_exports_are_complete(count_requests):
    """2,010 changed tickets on three pages are returned once each."""
    with emulator_with_tickets(2010) as emulator:
        account = emulator.connect()
        # An export omits changes of the last minute.
        emulator.clock.sleep(61)
        since = datetime(2020, 1, 1, tzinfo=timezone.utc)
        with count_requests(account, 3):
            ids = _ids(Ticket.objects.filter(changed_since=since))
        assert ids == list(range(1, 2011))
        with count_requests(account, 3):
            assert sum(1 for _ in Ticket.objects.filter(changed_since=since).iterator()) == 2010
        late = datetime.fromtimestamp(emulator.clock.now(), timezone.utc) - timedelta(minutes=101)
        with count_requests(account, 1):
            ids = _ids(Ticket.objects.filter(changed_since=late))
        assert ids == [row["id"] for row in stored_rows(emulator) if _changed(row) >= late]
        assert 90 < len(ids) < 110


def _changed(row):
    return datetime.fromisoformat(row["updated_at"].replace("Z", "+00:00"))


# -- M19: equal ids ----------------------------------------------------------


def test_m19_equal_ids_do_not_make_objects_equal(account):
    """Objects of different models or accounts with the same id are not equal."""
    rows = [User(id=1), Group(id=1), Ticket(id=1), Organization(id=1)]
    assert all(one != two for one in rows for two in rows if one is not two)
    assert len(set(rows)) == 4
    with emulator_with_tickets(3) as there:
        there.connect(alias="emea")
        mine, other = Ticket.objects.get(1), Ticket.objects.using("emea").get(1)
        assert mine != other
        assert len({mine, other}) == 2
        assert other not in Ticket.objects.filter(id=1)
        assert mine not in Ticket.objects.using("emea").all()


# -- M20: errors -------------------------------------------------------------

FAILURES = [
    (400, BadRequest),
    (401, AuthenticationFailed),
    (403, PermissionDenied),
    (404, NotFound),
    (422, Unprocessable),
    (429, RateLimited),
    (500, ServerError),
    (503, ServerError),
    (None, TransportError),
]
READS = {
    "list": lambda: list(Ticket.objects.fresh()),
    "search": lambda: list(Ticket.objects.filter(status="new")),
    "slice": lambda: list(Ticket.objects.all()[240:260]),
    "union": lambda: list(Ticket.objects.filter(Q(status="new") | Q(tags="rare"))),
    "ids": lambda: Ticket.objects.in_bulk([1, 2]),
    "get": lambda: Ticket.objects.get(status="new"),
    "get by id": lambda: Ticket.objects.get(1),
    "count": lambda: Ticket.objects.filter(status="new").count(),
    "exists": lambda: Ticket.objects.filter(status="new").exists(),
    "first": lambda: Ticket.objects.first(),
    "bool": lambda: bool(Ticket.objects.all()),
    "len": lambda: len(Ticket.objects.all()),
    "contains": lambda: Ticket.objects.filter(status="new").contains(Ticket(id=1)),
    "stream": lambda: list(Ticket.objects.fresh().iterator()),
    "values": lambda: list(Ticket.objects.values("id")),
    "dates": lambda: Ticket.objects.dates("created_at", "day"),
    "short list": lambda: list(Group.objects.all()),
    "short list, filtered": lambda: list(Group.objects.filter(name="Support")),
    "relation": lambda: list(User(id=person(1)).requested_tickets.all()),
    "subquery": lambda: list(Ticket.objects.filter(requester__email="user1@example.com")),
}


@pytest.mark.parametrize(("status", "error"), FAILURES)
@pytest.mark.parametrize("read", READS)
def test_m20_errors_are_not_empty_results(emulator, read, status, error):
    """Each status raises its exception after one request, for each way of reading."""
    account = emulator.connect(retry=RetryPolicy(attempts=1))
    emulator.fail_next(status, times=1)
    before = account.requests_sent
    with pytest.raises(error) as caught:
        READS[read]()

    assert type(caught.value) is error or isinstance(caught.value, ConnectionLost)
    assert account.requests_sent - before == 1
    assert not isinstance(caught.value, (Ticket.DoesNotExist, FieldError))


@pytest.mark.parametrize(
    ("rows", "all_ids", "count"),
    [
        (Ticket.objects.fresh(), UP, 30),
        # All rows are read before the first is returned, because a loop can change their order.
        (Ticket.objects.order_by("-updated_at")[:ROWS], DOWN, 0),
        (Ticket.objects.all(), DOWN, 30),
    ],
    ids=PLANS,
)
def test_m20_an_error_on_a_later_page_is_raised(rows, all_ids, count):
    """After the error, the query can be read again completely."""
    with emulator_with_tickets(ROWS) as emulator:
        emulator.connect(retry=RetryPolicy(attempts=1))
        read = rows.page_size(60)
        loop = iter(read)
        assert [next(loop).pk for _ in range(count)] == all_ids[:count]
        emulator.fail_next(500)
        with pytest.raises(ServerError):
            list(loop)

        assert _ids(read) == all_ids


def test_m20_invalid_credentials_raise():
    """With invalid credentials, every way of reading raises `AuthenticationFailed`."""
    with Emulator(token="right") as emulator:
        emulator.connect()
        emulator.switches.token = "changed"
        for read in (list, len, bool, lambda rows: rows.count(), lambda rows: rows.first()):
            with pytest.raises(AuthenticationFailed):
                read(Ticket.objects.all())
        assert "right" not in repr(connections["default"])


def test_m20_missing_rows_and_missing_lists_raise_different_errors(account):
    """A missing row raises the model's `DoesNotExist`, and the list of a missing row `NotFound`."""
    with pytest.raises(Ticket.DoesNotExist):
        Ticket.objects.get(999)
    with pytest.raises(NotFound):
        list(Ticket(id=999).comments.all())
    assert _ids(Ticket.objects.filter(id=999)) == []
