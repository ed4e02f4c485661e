"""`Ticket.objects.using("mirror").as_of(moment)`: the tickets of a mirror at an earlier moment."""

from __future__ import annotations

import operator
import random
from datetime import datetime, timedelta, timezone

import pytest

from zendesk_orm import (
    BulkError,
    Comment,
    ConfigurationError,
    FieldError,
    Group,
    InvalidValue,
    Mirror,
    NoEndpoint,
    Ticket,
    TicketField,
    User,
)
from zendesk_orm.emulator import Emulator


pytestmark = pytest.mark.filterwarnings("ignore::zendesk_orm.NPlusOneWarning")

#: Values that exports and the endpoint of one ticket do not share.
_VARYING = frozenset({"generated_timestamp", "fields"})


@pytest.fixture
def emulator():
    """An empty account."""
    with Emulator() as emulator:
        emulator.connect()
        yield emulator


def _now(emulator):
    return datetime.fromtimestamp(emulator.clock.now(), timezone.utc)


def _change(ticket, chance, fields, people):
    """Change some values of a ticket."""
    changes = {
        "subject": lambda: f"Subject {chance.random()}",
        "priority": lambda: chance.choice(("low", "normal", "high", "urgent")),
        "status": lambda: chance.choice(("open", "pending", "solved")),
        "type": lambda: chance.choice(("question", "incident", "problem")),
        "tags": lambda: chance.sample(["a", "b", "c", "d"], chance.randint(0, 4)),
        "assignee_id": lambda: chance.choice(people),
        "custom_fields": lambda: [
            {"id": fields[0].pk, "value": chance.choice(("red", "blue", None))},
            {"id": fields[1].pk, "value": chance.choice((1, 22))},
        ],
    }
    for name in chance.sample(sorted(changes), chance.randint(1, 3)):
        setattr(ticket, name, changes[name]())
    if chance.random() < 0.3:
        ticket.comment = Comment(body="Note", public=False)
    ticket.save()


@pytest.fixture
def history(emulator, tmp_path):
    """A mirror of tickets that changed many times, and moments between the changes."""
    chance = random.Random(3)
    fields = [TicketField.objects.create(type=kind, title=kind) for kind in ("text", "integer")]
    people = [None, *(user.pk for user in User.objects.all() if user.role != "end-user")]
    mirror = Mirror(tmp_path / "zd.duckdb", models=[User, Ticket], history=True, page_size=20)
    tickets, moments = [], []
    for round_ in range(4):
        for number in range(2):
            text = f"Help {round_} {number}"
            tickets.append(Ticket.objects.create(subject=text, comment=Comment(body=text)))
        emulator.advance(minutes=5)
        for ticket in chance.sample(tickets, min(4, len(tickets))):
            _change(ticket, chance, fields, people)
            emulator.advance(minutes=chance.randint(0, 3), seconds=2)
        moments.append(_now(emulator))
        emulator.advance(minutes=5)
        if round_ % 2:
            mirror.sync()
    mirror.connect()
    return mirror, tickets, moments


@pytest.mark.slow
def test_past_tickets_equal_those_of_audits(history):
    """Each ticket has the values that `ticket.as_of()` computes from its audits, at each moment."""
    _, tickets, moments = history
    wrong = []
    for moment in moments:
        past = {row.pk: row for row in Ticket.objects.using("mirror").as_of(moment)}
        expected = {}
        for ticket in tickets:
            if ticket.created_at <= moment:
                expected[ticket.pk] = ticket.as_of(moment)
        assert past.keys() == expected.keys()
        wrong += [
            (moment, pk, key, past[pk]._row.get(key), value)
            for pk, ticket in expected.items()
            for key, value in ticket._row.items()
            if key not in _VARYING and past[pk]._row.get(key) != value
        ]
    assert wrong == []


@pytest.mark.slow
def test_past_tickets_are_filtered_counted_and_ordered(history):
    """Conditions, orders, aggregates and custom fields are those of the moment."""
    _, tickets, moments = history
    for moment in moments[::2]:
        past = [ticket.as_of(moment) for ticket in tickets if ticket.created_at <= moment]
        queries = Ticket.objects.using("mirror").as_of(moment)
        for status in ("new", "open", "pending", "solved"):
            expected = sorted(item.pk for item in past if item.status == status)
            rows = queries.filter(status=status).order_by("id")
            assert [row.pk for row in rows] == expected
            # A deferred value would be that of the present.
            assert {row.status for row in rows.only("id")} <= {status}
            assert queries.filter(status=status).count() == len(expected)
        tagged = sorted(item.pk for item in past if "a" in item.tags)
        assert sorted(queries.filter(tags="a").values_list("id", flat=True)) == tagged
        red = sorted(
            item.pk for item in past for value in item.custom_fields if value["value"] == "red"
        )
        rows = queries.filter(custom_fields__text="red")
        assert sorted(row.pk for row in rows) == red
        newest = max(past, key=lambda item: (item.updated_at, item.pk))
        assert queries.order_by("-updated_at", "-id").first().pk == newest.pk
    assert f"as of {moment.isoformat()}" in queries.explain()


def test_subqueries_are_of_their_own_moment(history):
    """Ids of another moment select rows; queries of different moments are not combined."""
    _, tickets, moments = history
    present, (first, *_, last) = Ticket.objects.using("mirror"), moments
    for status in ("new", "open", "solved"):
        old = [t.pk for t in tickets if t.created_at <= first and t.as_of(first).status == status]
        ids = present.as_of(first).filter(status=status).values("id")
        for rows in (present, present.as_of(last), present.as_of(first)):
            assert sorted(row.pk for row in rows.filter(id__in=ids)) == sorted(old)
            assert rows.filter(id__in=ids).count() == len(old)
    for other in (present, present.as_of(last)):
        for combine in (operator.or_, operator.and_, operator.xor):
            with pytest.raises(FieldError, match="different moments"):
                combine(present.as_of(first), other)
            with pytest.raises(FieldError, match="different moments"):
                combine(other, present.as_of(first))


def test_past_tickets_are_not_the_present_ones(history):
    """They cannot be saved, and leave the present objects of the session as they are."""
    _, tickets, moments = history
    present = Ticket.objects.using("mirror").get(tickets[0].pk)
    subject = present.subject
    past = Ticket.objects.using("mirror").as_of(moments[0]).get(id=tickets[0].pk)
    past.subject = "C"

    assert present.subject == subject
    with pytest.raises(InvalidValue, match="cannot be changed"):
        past.save()
    with pytest.raises(BulkError, match="cannot be changed"):
        Ticket.objects.using("mirror").as_of(moments[0]).update(subject="C")


def test_a_deleted_ticket_existed_before(history, emulator):
    """A ticket is part of the moments before its deletion."""
    mirror, tickets, moments = history
    tickets[0].delete()
    emulator.advance(minutes=5)
    mirror.sync()

    tickets_of = Ticket.objects.using("mirror")
    assert not tickets_of.filter(id=tickets[0].pk).exists()
    assert tickets_of.as_of(moments[0]).filter(id=tickets[0].pk).exists()
    assert not tickets_of.as_of(_now(emulator)).filter(id=tickets[0].pk).exists()


def test_unknown_moments_are_errors(history, emulator, tmp_path):
    """Moments before the history, and mirrors without one, are errors before rows are read."""
    _, _, moments = history
    with pytest.raises(NoEndpoint, match="Mirror"):
        list(Ticket.objects.as_of(moments[0]))
    with pytest.raises(InvalidValue):
        Ticket.objects.as_of(datetime(2026, 1, 1))
    with pytest.raises(ConfigurationError, match="Ticket"):
        Mirror(tmp_path / "b", models=[Group], history=True)

    plain = Mirror(tmp_path / "plain.duckdb", models=[Ticket])
    plain.sync()
    plain.connect("plain")
    with pytest.raises(NoEndpoint, match="history=True"):
        Ticket.objects.using("plain").as_of(moments[0]).count()

    late = Mirror(tmp_path / "late.duckdb", models=[Ticket], history=moments[2])
    late.sync()
    late.connect("late")
    with pytest.raises(InvalidValue, match="begins"):
        Ticket.objects.using("late").as_of(moments[2] - timedelta(seconds=1)).count()
    for moment in moments[2:]:
        expected = [row._row for row in Ticket.objects.using("mirror").as_of(moment)]
        actual = [row._row for row in Ticket.objects.using("late").as_of(moment)]
        assert [row["status"] for row in actual] == [row["status"] for row in expected]
