"""What other libraries for Zendesk, and for others like it, were measured to get wrong.

Each test is named after the measurement that it answers, and does what was done there:
250 tickets are listed, searched and exported; M1 to M6 were zenpy's, M12 and M14 libzapi's,
M15 node-zendesk's, M19 python-gitlab's and M20 the Ruby client's.
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

#: Three ways to the same rows, and the order that they give them in.
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


# -- M1, M2: slices are the rows that stand there ----------------------------


@each_plan
@pytest.mark.parametrize(
    ("start", "stop", "requests"),
    [
        pytest.param(0, 150, {"list": 2, "search": 2, "export": 1}, id="M1"),
        pytest.param(210, 220, {"list": 1, "search": 1, "export": 1}, id="M2"),
    ],
)
def test_m1_m2_a_slice_is_the_rows_between(account, count_requests, plan, start, stop, requests):
    """`[0:150]` and `[210:220]` of 250 rows: exactly these, twice, for the requests stated."""
    rows, whole = PLANS[plan]
    for _ in range(2):
        with count_requests(account, requests[plan]):
            part = rows.all()[start:stop]
            found = _ids(part)
        assert whole[start:stop] == found
        with count_requests(account, 0):
            assert found == _ids(part)


@each_plan
@pytest.mark.parametrize("start", range(0, ROWS, 35))
def test_m1_m2_slices_in_a_row_are_all_rows(account, plan, start):
    """Whatever was sliced before, and wherever pages end."""
    rows, whole = PLANS[plan]

    assert whole[start : start + 35] == _ids(rows.all()[start : start + 35])
    assert whole[: start + 7] == _ids(rows.all()[: start + 7])


# -- M3: fewer rows than the slice -------------------------------------------


def test_m3_a_slice_beyond_the_rows_ends_with_them(account, count_requests):
    """`[0:50]` where five match is five rows: no StopIteration, not in a generator either."""
    rare = Ticket.objects.filter(tags="rare")

    def generator():
        yield from rare.all()[0:50]

    with count_requests(account, 3):
        assert [250, 200, 150, 100, 50] == _ids(rare.all()[0:50]) == _ids(generator())
        assert _ids(rare.all()[3:50]) == [100, 50]
    with count_requests(account, 1):
        assert _ids(rare.all()[5:50]) == []
    with count_requests(account, 1), pytest.raises(IndexError):
        rare.all()[5]


# -- M4: the length is the number of rows ------------------------------------


@each_plan
def test_m4_the_length_is_the_number_of_rows(account, count_requests, plan):
    """Of all rows, not of the first page; and count() is that number for one request."""
    rows, _ = PLANS[plan]
    with count_requests(account, {"list": 3, "search": 1, "export": 1}[plan]):
        assert len(rows.all()) == ROWS
    with count_requests(account, 1):
        assert rows.all().count() == ROWS


# -- M5: a result is there for more than one pass ----------------------------


@each_plan
def test_m5_a_result_is_read_again(account, count_requests, plan):
    """250 and 250, a place, and a second slice: for nothing once they were read."""
    rows, whole = PLANS[plan]
    read = rows.all()
    assert whole == _ids(read)
    with count_requests(account, 0):
        assert whole == _ids(read)
        assert whole[5] == read[5].pk
        assert whole[10:20] == _ids(read[10:20])
        assert whole[20:30] == _ids(read[20:30])
        assert (read[0].pk, list(read)[-1].pk) == (whole[0], whole[-1])


# -- M6: nothing is asked before rows are read -------------------------------


@each_plan
def test_m6_nothing_is_asked_before_rows_are_read(account, count_requests, plan):
    """However the question is put together, sliced, shown, copied or pickled."""
    rows, whole = PLANS[plan]
    with count_requests(account, 0):
        made = rows.filter(Q(tags="rare") | Q(status="new")).exclude(priority="low")
        made = made.select_related("requester").prefetch_related("comments").values("id")
        made = pickle.loads(pickle.dumps(made | rows.values("id")))
        part = made[5:100][2:7]
        assert repr(part)
        assert str(part.query)
        assert made.explain()
        iterator = rows.iterator()
        loop = iter(rows.all())
    # Rows in an order that a loop can change are all read before the first is given.
    with count_requests(account, {"search": 3}.get(plan, 1)):
        assert whole[0] == next(iterator).pk
    with count_requests(account, 1):
        assert whole[0] == next(loop).pk


# -- M10: a value is a value -------------------------------------------------

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
    """Return an emulator with a ticket for each of the subjects, and one to be found wrongly."""
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
def test_m10_a_value_cannot_become_a_command(subjects, subject):
    """Exactly the ticket of that subject is found, or the question is refused; nothing between."""
    subjects.connect()
    expected = [row["id"] for row in stored_rows(subjects) if row["subject"] == subject]
    try:
        found = _ids(Ticket.objects.filter(subject=subject))
    except NoEndpoint:
        with_scan = _ids(Ticket.objects.filter(subject=subject).scan())
        assert with_scan == expected
    else:
        assert found == expected
    assert 1 == len(expected)


@pytest.mark.parametrize("text", SUBJECTS, ids=lambda text: text[:20])
@pytest.mark.parametrize(
    "lookup", ["tags", "external_id", "subject__startswith", "custom_fields__5"]
)
def test_m10_no_value_widens_a_question(subjects, lookup, text):
    """Whatever field it is of, a value finds no more than rows that hold it."""
    subjects.connect()
    rows = Ticket.objects.filter(**{lookup: text})
    try:
        found = [ticket._row for ticket in rows]
    except ZendeskError:
        return

    test = row_test(rows.query.where, Ticket._meta)
    assert all(test(row) for row in found)
    assert lookup == "subject__startswith" or found == []


@pytest.mark.parametrize("text", SUBJECTS, ids=lambda text: text[:20])
def test_m10_free_text_stays_text(subjects, text):
    """What is found holds its words, whatever signs stand between them; or it is refused."""
    subjects.connect()
    try:
        found = list(Ticket.objects.search(text))
    except ZendeskError:
        return

    words = set(re.findall(r"\w+", text.lower()))
    for ticket in found:
        assert words <= set(re.findall(r"\w+", f"{ticket.subject} {ticket.description}".lower()))


# -- M11: objects are values of their row ------------------------------------


def test_m11_a_row_equals_itself(account, count_requests):
    """`Ticket(id=5) == Ticket.objects.get(5)`, hashed alike, in whatever session."""
    one = Ticket.objects.get(5)
    with account.session():
        two = Ticket.objects.get(5)
    with count_requests(account, 0):
        assert Ticket(id=5) == one == two
        assert one is not two
        assert {ticket.pk for ticket in {Ticket(id=5), one, two}} == {5}
        assert len({Ticket(id=5), one, two}) == 1
        assert one != Ticket(id=6)


def test_m11_objects_are_pickled(account, count_requests):
    """With their edits and without their account, through which they load all the same."""
    ticket = Ticket.objects.select_related("requester").filter(id=5)[0]
    ticket.subject = "edited"
    again = pickle.loads(pickle.dumps(ticket))
    with count_requests(account, 0):
        assert (again, again.changes()) == (ticket, {"subject": ("Ticket 5", "edited")})
        assert (again.status, again.requester_id) == (ticket.status, ticket.requester_id)
        assert again.requester.name == "User 5"


@each_plan
def test_m11_results_are_pickled(account, count_requests, plan):
    """As a question, or with the rows that were read."""
    rows, whole = PLANS[plan]
    read = rows.all()[:120]
    unread = pickle.loads(pickle.dumps(read))
    assert whole[:120] == _ids(read)
    again = pickle.loads(pickle.dumps(read))
    with count_requests(account, 0):
        assert whole[:120] == _ids(again)
    with count_requests(account, {"list": 2, "search": 2, "export": 1}[plan]):
        assert whole[:120] == _ids(unread)


# -- M12: a list does not stop at its first page -----------------------------


@pytest.fixture(scope="module")
def full():
    """Return an emulator with some hundred rows of each model that has long lists."""
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
def test_m12_a_list_is_whole(many, size):
    """Of every model, in pages of whatever size, as a list and as a stream."""
    for model in (Ticket, User, Organization, Group):
        whole = {row["id"] for row in stored_rows(many, model)}
        assert len(whole) > 100
        rows = model.objects.fresh() if size is None else model.objects.fresh().page_size(size)
        assert whole == set(_ids(rows))
        assert len(whole) == len(_ids(rows.iterator())) == rows.all().count()


def test_m12_what_belongs_to_a_row_is_whole(account):
    """Comments of a ticket, tickets of a person and of an organization, too."""
    tickets = {n for n in UP if n % 10 == 4}
    someone = User.objects.get(person(4))
    assert tickets == set(_ids(someone.requested_tickets.all()))
    assert tickets == set(_ids(someone.requested_tickets.fresh()))
    company = {n for n in UP if n % 10 % 5 == 3}
    assert company == set(_ids(Organization.objects.get(FIRST + 3).tickets.all()))


def test_m12_all_comments_of_a_ticket_are_read():
    """130 of them, over two pages."""
    with Emulator() as emulator:
        emulator.connect()
        ticket = Ticket.objects.create(subject="x", comment=Comment(body="0"))
        for number in range(1, 130):
            ticket.comments.create(body=str(number))
            emulator.clock.sleep(60)

        found = [comment.body for comment in Ticket.objects.get(ticket.pk).comments.all()]

    assert [str(number) for number in range(130)] == found


# -- M14: a key more or less breaks nothing ----------------------------------


@each_plan
@pytest.mark.parametrize(
    "missing", ["support_type", "tags", "priority", "created_at", "via", "custom_fields", "status"]
)
def test_m14_a_key_that_is_not_there_breaks_nothing(count_requests, plan, missing):
    """Every row is given, and the field of those without it is empty, for no further request."""
    with emulator_with_tickets(20) as emulator:
        account = emulator.connect()
        store = emulator._store
        where = "kind = 'support.Ticket' AND id % 2"
        store.execute(f"UPDATE rows SET doc = json_remove(doc, '$.{missing}') WHERE {where}")
        store.execute(f"UPDATE rows SET doc = json_set(doc, '$.brand_new', 7) WHERE {where}")
        rows, _ = PLANS[plan]
        with count_requests(account, 1):
            found = list(rows.all())
            assert sorted(_ids(found)) == UP[:20]
            for ticket in found:
                assert ticket.pk % 2 == 0 or getattr(ticket, missing) in (None, [], {})
                assert ticket.extra.get("brand_new") == (7 if ticket.pk % 2 else None)


def test_m14_a_body_that_is_none_is_an_error():
    """No rows where rows belong is no empty list."""
    with emulator_with_tickets(3) as emulator:
        emulator.connect(retry=RetryPolicy(attempts=1))
        for body in ({}, {"tickets": None}, [], "text"):
            emulator.fail_next(200, body=body)
            with pytest.raises(MalformedResponse):
                list(Ticket.objects.fresh())


# -- M15: an incremental export is whole -------------------------------------


def test_m15_an_incremental_export_is_whole(count_requests):
    """2,010 changed tickets over three pages: all of them, each once."""
    with emulator_with_tickets(2010) as emulator:
        account = emulator.connect()
        # An export withholds what changed within the last minute.
        emulator.clock.sleep(61)
        since = datetime(2020, 1, 1, tzinfo=timezone.utc)
        with count_requests(account, 3):
            found = _ids(Ticket.objects.filter(changed_since=since))
        assert found == list(range(1, 2011))
        with count_requests(account, 3):
            assert sum(1 for _ in Ticket.objects.filter(changed_since=since).iterator()) == 2010
        late = datetime.fromtimestamp(emulator.clock.now(), timezone.utc) - timedelta(minutes=101)
        with count_requests(account, 1):
            found = _ids(Ticket.objects.filter(changed_since=late))
        assert found == [row["id"] for row in stored_rows(emulator) if _changed(row) >= late]
        assert 90 < len(found) < 110


def _changed(row):
    return datetime.fromisoformat(row["updated_at"].replace("Z", "+00:00"))


# -- M19: rows of two models, or accounts, are two ---------------------------


def test_m19_an_id_is_not_everything(account):
    """A user, a group and a ticket of one id are three; so are those of two accounts."""
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


# -- M20: an error is not an empty result ------------------------------------

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
def test_m20_an_error_is_never_an_empty_result(emulator, read, status, error):
    """Each failure is an exception of its own, from each way of reading, for one request."""
    account = emulator.connect(retry=RetryPolicy(attempts=1))
    emulator.fail_next(status, times=1)
    before = account.requests_sent
    with pytest.raises(error) as caught:
        READS[read]()

    assert type(caught.value) is error or isinstance(caught.value, ConnectionLost)
    assert account.requests_sent - before == 1
    assert not isinstance(caught.value, (Ticket.DoesNotExist, FieldError))


@pytest.mark.parametrize(
    ("rows", "whole", "given"),
    [
        (Ticket.objects.fresh(), UP, 30),
        # All rows are read before the first is given, because a loop can change their order.
        (Ticket.objects.order_by("-updated_at")[:ROWS], DOWN, 0),
        (Ticket.objects.all(), DOWN, 30),
    ],
    ids=PLANS,
)
def test_m20_an_error_on_a_later_page_is_no_end(rows, whole, given):
    """What was read so far is no result; the next reading begins anew, and is whole."""
    with emulator_with_tickets(ROWS) as emulator:
        emulator.connect(retry=RetryPolicy(attempts=1))
        read = rows.page_size(60)
        loop = iter(read)
        assert whole[:given] == [next(loop).pk for _ in range(given)]
        emulator.fail_next(500)
        with pytest.raises(ServerError):
            list(loop)

        assert whole == _ids(read)


def test_m20_wrong_credentials_are_no_empty_account():
    """401, whatever is asked."""
    with Emulator(token="right") as emulator:
        emulator.connect()
        emulator.switches.token = "changed"
        for read in (list, len, bool, lambda rows: rows.count(), lambda rows: rows.first()):
            with pytest.raises(AuthenticationFailed):
                read(Ticket.objects.all())
        assert "right" not in repr(connections["default"])


def test_m20_what_is_not_there_is_told_from_what_cannot_be_asked(account):
    """A missing row is the model's DoesNotExist; a missing list is NotFound."""
    with pytest.raises(Ticket.DoesNotExist):
        Ticket.objects.get(999)
    with pytest.raises(NotFound):
        list(Ticket(id=999).comments.all())
    assert _ids(Ticket.objects.filter(id=999)) == []
