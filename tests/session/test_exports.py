"""Exports by `changed_since()`: each version of a row once, and checkpoints after each page."""

from __future__ import annotations

import asyncio
import math
import pickle
from datetime import datetime, timedelta, timezone

import pytest

from tests.queryset.stored import emulator_with_tickets
from tests.servers import HOST, Server
from zendesk_orm import (
    Audit,
    Checkpoint,
    Comment,
    CustomObject,
    FieldError,
    Group,
    InvalidValue,
    MalformedResponse,
    Organization,
    ResultLimitExceeded,
    RetryPolicy,
    RoutingAttribute,
    ServerError,
    Ticket,
    TicketEvent,
    TicketMetricEvent,
    User,
    View,
)
from zendesk_orm.emulator.storage.sql import Where
from zendesk_orm.query.checkpoint import MAX_BOUNDARY_ROWS
from zendesk_orm.talk import Call


START = 1_767_225_600
EVERY = Where("1")
BEGIN = datetime.fromtimestamp(START, tz=timezone.utc)


def _ticket(pk, seconds, **values):
    stamp = datetime.fromtimestamp(seconds, tz=timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "id": pk,
        "generated_timestamp": seconds,
        "updated_at": stamp,
        "created_at": stamp,
        "requester_id": 7,
        **values,
    }


def _organization(pk, seconds, **values):
    row = _ticket(pk, seconds, **values)
    return {name: row[name] for name in row if name not in ("generated_timestamp", "requester_id")}


class Feed:
    """A server with an export by time whose rows can change; pages hold `size` rows.

    Attributes:
        rows: the rows, by id, with their moments.
        completes: whether a page of one second is completed, as Zendesk does.
    """

    def __init__(self, rows, size=3, *, completes=True):
        self.rows, self.size, self.completes = dict(rows), size, completes
        self.before_page = lambda number: None
        self.number = 0

    def answer(self, request):
        """Return a page."""
        self.number += 1
        self.before_page(self.number)
        start = int(request.params["start_time"])
        changed = sorted(((seconds, pk) for pk, seconds in self.rows.items() if seconds >= start))
        page, end = changed[: self.size], start
        if page:
            end = page[-1][0]
            if len(changed) > self.size and page[0][0] == end and self.completes:
                page, end = [pair for pair in changed if pair[0] == end], end + 1
        rows = [_organization(pk, seconds) for seconds, pk in page]
        return {
            "organizations": rows,
            "count": len(rows),
            "end_time": end,
            "end_of_stream": len(page) == len(changed),
            "next_page": f"{HOST}/api/v2/incremental/organizations.json?start_time={end}",
        }


@pytest.fixture
def emulator():
    """Return an emulator with 25 tickets, one changed each minute, that is the default account."""
    with emulator_with_tickets(25) as emulator:
        emulator.connect()
        emulator.clock.sleep(120)
        yield emulator


# -- the start -------------------------------------------------------------------


def test_moments_of_all_kinds_begin_an_export(emulator, sent):
    """Datetimes, seconds, lengths of time and ISO texts become `start_time`."""
    now = emulator.clock.now()
    starts = {
        BEGIN: START,
        START: START,
        START + 0.9: START,
        "2026-01-01T00:00:00Z": START,
        timedelta(days=1): int(now) - 86_400,
        0: 0,
    }

    for moment, start in starts.items():
        assert f"start_time={start}&" in Ticket.objects.changed_since(moment).explain()
        assert f"start_time={start}&" in Ticket.objects.filter(changed_since=moment).explain()
    assert sent == []


@pytest.mark.parametrize(
    ("moment", "message"),
    [
        (datetime(2026, 1, 1), "time zone"),
        (True, "True"),
        (None, "None"),
        ([1], "must be"),
        (math.nan, "seconds since 1970"),
        (10.0**30, "seconds since 1970"),
        (-1, "begin in 1970"),
        ("yesterday", "ISO 8601"),
        ("zc1.x", "to_text"),
    ],
)
def test_other_moments_are_rejected(emulator, sent, moment, message):
    """A naive datetime, an invalid text or another type is rejected before a request."""
    with pytest.raises(InvalidValue, match=message):
        Ticket.objects.changed_since(moment)

    assert sent == []


def test_a_moment_in_the_future_is_rejected(emulator, sent):
    """Exports contain past changes, so that a later moment is an error; nothing is sent."""
    for rows in (Ticket, User, Call):
        with pytest.raises(InvalidValue, match="future"):
            list(rows.objects.changed_since(emulator.clock.now() + 30))

    assert sent == []


def test_the_last_minute_is_withheld(emulator, sent):
    """A start within the last minute becomes one that Zendesk accepts."""
    now = emulator.clock.now()
    Ticket.objects.create(comment=Comment(body="new"), subject="new")

    for moment in (now - 10, now, timedelta(0)):
        rows = Ticket.objects.changed_since(moment)
        assert f"start_time={int(now) - 60}&" in rows.explain()
        assert list(rows) == []
        emulator.clock.sleep(61)
        assert [row.subject for row in Ticket.objects.changed_since(rows.checkpoint)] == ["new"]
        emulator.clock.sleep(-61)


def test_models_without_an_export_are_rejected():
    """The error for a model without an export names what to use instead."""
    remedies = {
        RoutingAttribute: "changes",
        Group: "updated_at",
        View: "updated_at",
        Audit: "TicketEvent",
        Comment: "Ticket",
    }
    for model, remedy in remedies.items():
        with pytest.raises(FieldError, match=remedy):
            model.objects.changed_since(0)
    with pytest.raises(FieldError, match="exclude_deleted"):
        User.objects.changed_since(0, exclude_deleted=True)


def test_support_types_and_deleted_rows_can_be_left_out(emulator):
    """Tickets of AI agents are included by default; parameters narrow the export."""
    _, robot, gone = (
        Ticket.objects.create(subject=name, comment=Comment(body="?"))
        for name in ("agent", "robot", "gone")
    )
    is_robot = Where("id = ?", (robot.pk,))
    emulator._store.set_value("support.Ticket", "support_type", "ai_agent", is_robot)
    begin = emulator.clock.now()
    gone.delete()
    emulator.clock.sleep(61)

    def subjects(**options):
        return [row.subject for row in Ticket.objects.changed_since(begin, **options)]

    assert subjects() == ["agent", "robot", "gone"]
    assert subjects(support_type="agent") == ["agent", "gone"]
    assert subjects(support_type="ai_agent") == ["robot"]
    assert subjects(support_type="all", exclude_deleted=True) == ["agent", "robot"]
    rows = Ticket.objects.changed_since(begin)
    assert [row.is_deleted for row in rows] == [False, False, True]
    with pytest.raises(InvalidValue, match="ai_agent"):
        Ticket.objects.changed_since(begin, support_type="robots")


def test_deleted_rows_are_marked(emulator):
    """Deleted users and records are returned once more, and `is_deleted` marks them."""
    car = CustomObject.objects.create(key="car", title="Car", title_pluralized="Cars")
    car.fields.create(key="color", type="text", title="Color")
    records = [
        car.records.create(name=name, custom_object_fields={"color": "red"}) for name in "ab"
    ]
    user = User.objects.create(name="Ann", email="ann@example.com")
    emulator.clock.sleep(61)
    queries = car.records.all(), User.objects.all()
    places = []
    for query in queries:
        rows = query.changed_since(0).iterator()
        assert {row.is_deleted for row in rows} == {False}
        places.append(rows.checkpoint)
    records[0].delete()
    user.delete()
    emulator.clock.sleep(61)

    for query, place, gone in zip(queries, places, (records[0], user), strict=True):
        (row,) = query.changed_since(place)
        assert (row.pk, row.is_deleted) == (gone.pk, True)
    remaining = car.records.changed_since(0, exclude_deleted=True)
    assert [row.pk for row in remaining] == [records[1].pk]
    bike = CustomObject.objects.create(key="bike", title="Bike", title_pluralized="Bikes")
    with pytest.raises(InvalidValue, match="bike"):
        list(bike.records.changed_since(places[0]))


def test_asynchronous_iterators_have_checkpoints(emulator):
    """`aiterator()` yields rows and pages, and its checkpoint moves with them."""

    async def read():
        rows = Ticket.objects.changed_since(0).aiterator(10)
        sizes = [len(page) async for page in rows.pages()]
        return sizes, rows.checkpoint

    sizes, place = asyncio.run(read())
    assert (sizes, list(Ticket.objects.changed_since(place))) == ([10, 10, 5], [])


# -- versions of rows, and ties --------------------------------------------------


def test_repeated_rows_are_dropped_and_newer_versions_are_not():
    """A page that begins with rows of the page before adds only new rows and new versions."""
    feed = Feed({1: START, 2: START + 1, 3: START + 2, 4: START + 2, 5: START + 3})

    def change(number):
        if number == 2:
            feed.rows[1] = START + 9

    feed.before_page = change
    Server(feed.answer).connect()

    for rows in (Organization.objects.changed_since(START), feed_rows(START)):
        feed.rows[1], feed.number = START, 0
        versions = [(row.pk, int(row.updated_at.timestamp()) - START) for row in rows]
        assert versions == [(1, 0), (2, 1), (3, 2), (4, 2), (5, 3), (1, 9)]


def feed_rows(moment):
    """Return an iterator over organizations, which caches none."""
    return Organization.objects.changed_since(moment).iterator()


def test_rows_of_one_second_are_all_returned():
    """A second with more rows than a page is read completely, in both forms."""
    rows = dict.fromkeys(range(1, 51), START + 5) | {51: START + 6, 52: START + 6}
    Server(Feed(rows, size=10).answer).connect()
    assert [row.pk for row in feed_rows(START)] == list(range(1, 53))

    with emulator_with_tickets(25) as emulator:
        emulator.connect()
        stamps = {"updated_at": "2026-01-01T00:00:05Z", "generated_timestamp": START + 5}
        for name, value in stamps.items():
            emulator._store.set_value("support.Ticket", name, value, EVERY)
        emulator.clock.sleep(600)
        tickets = Ticket.objects.changed_since(START).page_size(4).iterator()
        assert sorted(row.pk for row in tickets) == list(range(1, 26))
        assert list(Ticket.objects.changed_since(tickets.checkpoint)) == []


def test_a_second_that_a_server_cannot_leave_is_an_error():
    """If `end_time` does not move, the export raises an error after the rows that it got."""
    rows = dict.fromkeys(range(1, 51), START + 5)
    server = Server(Feed(rows, size=10, completes=False).answer)
    server.connect()
    seen = []

    with pytest.raises(ResultLimitExceeded, match="within this second"):
        seen.extend(row.pk for row in feed_rows(START))

    assert seen == list(range(1, 11))
    assert len(server.asked) == 2


def test_calls_that_fill_a_page_of_one_second_are_an_error(emulator):
    """An export of Talk with more calls in a second than a page holds raises an error."""
    link = f"https://emulator.zendesk.com/api/v2/next?start_time={START}"
    rows = [_organization(pk, START) for pk in range(1, 1001)]
    body = {"calls": rows, "count": 1000, "next_page": link, "end_time": START}
    for _ in range(3):
        emulator.fail_next(200, body=body)

    with pytest.raises((ResultLimitExceeded, MalformedResponse)):
        list(Call.objects.changed_since(START))


@pytest.mark.parametrize("page", [[], [1]])
def test_a_cursor_that_is_repeated_forever_is_an_error(page):
    """A server that returns the same cursor for each page is not followed forever."""

    def answer(request):
        rows = [_ticket(pk, START) for pk in page]
        link = f"{HOST}/api/v2/incremental/tickets/cursor.json?cursor=x"
        return {"tickets": rows, "after_url": link, "after_cursor": "x", "end_of_stream": False}

    server = Server(answer)
    server.connect()

    with pytest.raises(MalformedResponse, match="twice"):
        list(Ticket.objects.changed_since(0))
    assert len(server.asked) == 2


def test_a_loop_that_saves_each_row_ends(emulator, count_requests):
    """Rows that change while they are read end the export, and are those of the next one."""
    account = emulator.connect(read_ahead=0)
    rows = Ticket.objects.changed_since(0).page_size(5).iterator()
    ids = []
    with count_requests(account, 30 + 6):
        for ticket in rows:
            ids.append(ticket.pk)
            ticket.subject = f"{ticket.subject}!"
            ticket.save(safe=False)
            emulator.clock.sleep(90)

    assert set(ids) == set(range(1, 26))
    assert Ticket.objects.changed_since(rows.checkpoint).count() > 0


def test_side_loads_are_requested_for_each_page(emulator, sent):
    """Related objects are side-loaded on all pages, although links may lack the parameter."""
    rows = Ticket.objects.changed_since(0).select_related("requester").page_size(10)

    names = [row.requester.name for row in rows.iterator()]

    assert len(names) == 25
    assert len(sent) == 3
    answers = []

    def answer(request):
        answers.append(request.params)
        is_last = len(answers) > 1
        link = f"{HOST}/api/v2/incremental/tickets/cursor.json?cursor={len(answers)}"
        return {
            "tickets": [_ticket(len(answers), START)],
            "users": [{"id": 7, "name": "Ann"}] if "include" in request.params else [],
            "after_url": link,
            "after_cursor": str(len(answers)),
            "end_of_stream": is_last,
        }

    Server(answer).connect()
    assert [row.requester.name for row in rows.iterator()] == ["Ann", "Ann"]
    assert answers[1] == {
        "cursor": "1",
        "include": "users",
        "per_page": "10",
        "support_type_scope": "all",
    }


# -- checkpoints -----------------------------------------------------------------


def test_a_checkpoint_moves_when_the_row_after_a_page_is_requested(emulator):
    """All rows of a page were processed when the next one is requested, and not before."""
    changed = Ticket.objects.changed_since(0).page_size(10)
    for rows, cached in ((changed.iterator(), None), (iter(changed), changed)):
        holder = cached or rows
        places = [holder.checkpoint]
        places += (holder.checkpoint for _ in rows)
        places.append(holder.checkpoint)
        assert [places[0].end_time, places[0].after_cursor] == [0, None]
        assert [places.index(place) for place in dict.fromkeys(places)] == [0, 11, 21, 26]
        assert places[-1].after_cursor
        assert list(Ticket.objects.changed_since(places[-1])) == []
        assert Ticket.objects.changed_since(places[11]).count() == 15


@pytest.mark.parametrize("model", [Ticket, User, Organization, TicketEvent, TicketMetricEvent])
def test_an_export_continues_at_its_checkpoint(emulator, model):
    """Rows that change after the checkpoint are returned by the next export, the others not."""
    ticket = Ticket.objects.create(subject="1", comment=Comment(body="?"))
    emulator.clock.sleep(61)
    rows = model.objects.changed_since(0).iterator()
    before = len(list(rows))

    again = model.objects.changed_since(Checkpoint.from_text(rows.checkpoint.to_text()))
    assert (before > 0, list(again)) == (True, [])
    again = again.all()
    assert list(again) == []
    emulator.clock.sleep(61)
    ticket.subject, ticket.status = "2", "solved"
    ticket.save()
    for record in (ticket.requester, Organization.objects.fresh()[0]):
        record.notes = "new"
        record.save()
    emulator.clock.sleep(61)
    later = list(model.objects.changed_since(again.checkpoint))

    assert 1 <= len(later) <= before
    assert len(later) == len(list(model.objects.changed_since(rows.checkpoint)))


def test_an_export_without_rows_has_a_checkpoint():
    """Empty pages move the checkpoint as far as the server states, and never lose it."""
    answers = [
        ({"count": 0, "end_time": None, "next_page": None}, START),
        ({"count": 0, "end_time": START + 5, "next_page": None}, START + 5),
        ({"count": 0}, START),
    ]
    for body, end in answers:
        Server(lambda request, body=body: {"organizations": [], **body}).connect()
        rows = feed_rows(START)
        assert list(rows) == []
        assert rows.checkpoint.end_time == end
        cached = Organization.objects.changed_since(START)
        assert (list(cached), cached.checkpoint) == ([], rows.checkpoint)


def test_a_checkpoint_by_time_contains_the_rows_of_its_last_second():
    """The rows of the last second are dropped in the next run, but not new versions of them."""
    feed = Feed({1: START, 2: START + 1, 3: START + 1})
    Server(feed.answer).connect()
    rows = feed_rows(START)
    assert len(list(rows)) == 3
    assert (rows.checkpoint.end_time, rows.checkpoint.after_cursor) == (START + 1, None)
    feed.rows |= {2: START + 2, 4: START + 1}

    assert sorted(row.pk for row in feed_rows(rows.checkpoint)) == [2, 4]
    later = feed_rows(rows.checkpoint.to_text())
    assert len(list(later)) == 2
    assert list(feed_rows(later.checkpoint)) == []


def test_the_text_of_a_checkpoint_is_bounded():
    """A second with very many rows does not make the text of a checkpoint grow without limit."""
    numbers = frozenset(range(1, 2**48, 2**48 // MAX_BOUNDARY_ROWS + 1))
    checkpoint = Checkpoint("a.B", "/x", "y", (("start_time", "5"),), numbers)

    assert len(checkpoint.to_text()) < 90_000
    assert Checkpoint.from_text(checkpoint.to_text()) == checkpoint
    assert pickle.loads(pickle.dumps(checkpoint)) == checkpoint


def test_damaged_texts_are_rejected(emulator):
    """A text that is not complete is an error; nothing is sent."""
    rows = Ticket.objects.changed_since(0).iterator()
    text = rows.checkpoint.to_text()
    for damaged in (text[:-3], text[:20], text.upper(), f"{text}x", "", "zr1.x", None, 5):
        with pytest.raises(InvalidValue, match="checkpoint"):
            Checkpoint.from_text(damaged)


def test_a_checkpoint_belongs_to_a_model_and_an_account(emulator, sent):
    """A checkpoint of another model, export or account is rejected before a request."""
    rows = Ticket.objects.changed_since(0).iterator()
    place = rows.checkpoint
    for function in (
        lambda: User.objects.changed_since(place),
        lambda: list(User.objects.filter(changed_since=place)),
    ):
        with pytest.raises(InvalidValue, match="belongs"):
            function()
    with emulator_with_tickets(1) as other:
        other.connect(alias="other")
        with pytest.raises(InvalidValue, match="another account"):
            list(Ticket.objects.using("other").changed_since(place))
    assert sent == []


def test_a_slice_does_not_pass_over_rows(emulator):
    """The checkpoint of a slice stays before the page that the slice cuts."""
    rows = Ticket.objects.changed_since(0).page_size(10)[:15].iterator()
    assert len(list(rows)) == 15

    remaining = list(Ticket.objects.changed_since(rows.checkpoint))

    assert len(remaining) == 15


def test_filters_and_values_keep_checkpoints(emulator):
    """Rows that are filtered client-side count as processed with their page."""
    rows = Ticket.objects.changed_since(0).filter(status="open").values_list("id", flat=True)
    iterator = rows.iterator()
    assert len(list(iterator)) == 12

    assert list(Ticket.objects.changed_since(iterator.checkpoint)) == []


def test_pages_are_lists_with_their_checkpoints(emulator):
    """A page holds its rows and the place after it, which the iterator reaches with the next."""
    rows = Ticket.objects.changed_since(0).iterator(10)
    next(rows)
    pages = rows.pages()
    first = next(pages)
    assert (len(first), rows.checkpoint.end_time) == (9, 0)
    second = next(pages)
    assert (len(second), rows.checkpoint) == (10, first.checkpoint)
    assert [len(page) for page in pages] == [5]
    assert list(Ticket.objects.changed_since(rows.checkpoint)) == []
    assert Ticket.objects.changed_since(second.checkpoint).count() == 5


def test_a_failed_request_loses_no_row(emulator):
    """After an error in the middle, the iterator continues, and so does its checkpoint."""
    emulator.connect(retry=RetryPolicy(attempts=1), read_ahead=0)
    rows = Ticket.objects.changed_since(0).iterator(10)
    seen = [next(rows).pk for _ in range(10)]
    emulator.fail_next(500)
    with pytest.raises(ServerError):
        next(rows)

    again = [row.pk for row in Ticket.objects.changed_since(rows.checkpoint)]
    seen += [row.pk for row in rows]

    assert len(seen) == len(set(seen)) == 25
    assert again == seen[10:]
