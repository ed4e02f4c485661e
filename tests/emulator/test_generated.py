"""Generated rows are built when they are read, and behave like stored rows."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from tests.tokens import signed_in_session
from zendesk_orm import ConfigurationError, InvalidValue, Organization, Ticket, User, View
from zendesk_orm.emulator import Emulator
from zendesk_orm.emulator.storage import generating_store
from zendesk_orm.help_center import ArticleTranslation


START = datetime(2020, 1, 1, tzinfo=timezone.utc)
STATUSES = ("new", "open", "solved")


def _build(number):
    return {
        "subject": f"Printer {number}",
        "status": STATUSES[number % 3],
        "tags": ["rare"] if number % 100 == 0 else [],
    }


#: Paths of tickets that do not exist, and of lists that contain none of them.
MISSING = (
    *(f"api/v2/tickets/{pk}" for pk in ("abc", "-1", "0.5", 2**63 - 1, 2**64, "%00")),
    *(f"_emulator/console/records/support.Ticket/{pk}" for pk in ("abc", 2**64, "%FF")),
    *(f"_emulator/console/records/support.Ticket?after={pk}" for pk in ("abc", -1, 2**64)),
    "_emulator/console/records/support.Ticket?before=abc",
    "_emulator/console/records/support.Ticket?parent=1",
)


@pytest.fixture
def million_tickets(emulator):
    """Return the emulator of the default account with a million tickets, and the numbers built."""
    built = []

    def build(number):
        built.append(number)
        return _build(number)

    emulator.generate(Ticket, 1_000_000, build)
    emulator.built = built
    built.clear()
    return emulator


@pytest.fixture
def thousand_tickets(emulator):
    """Return the emulator of the default account with a thousand tickets."""
    emulator.generate(Ticket, 1_000, _build)
    return emulator


@pytest.mark.parametrize(
    "read",
    [
        lambda: Ticket.objects.get(777_777),
        lambda: list(Ticket.objects.in_bulk([5, 999_999])),
        lambda: Ticket.objects.count(),
        lambda: Ticket.objects.fresh().count(),
        lambda: list(Ticket.objects.fresh()[:50]),
        lambda: list(Ticket.objects.fresh().order_by("-id")[:50]),
        lambda: next(iter(Ticket.objects.filter(status="open").iterator())),
        lambda: list(Ticket.objects.order_by("-created_at")[:50]),
    ],
)
def test_few_rows_are_built(million_tickets, read):
    """Reading a row, a page or a count builds about as many rows as it returns."""
    read()

    assert len(million_tickets.built) < 10_000


def test_missing_ids_build_few_rows(million_tickets):
    """An id that no row can have, such as a text, builds no more rows than the first page."""
    numbers = {}
    with signed_in_session(million_tickets) as session:
        for path in MISSING:
            million_tickets.built.clear()
            session.get(f"https://emulator.zendesk.com/{path}")
            numbers[path] = len(million_tickets.built)

    assert {path: number for path, number in numbers.items() if number > 1000} == {}


def test_generated_rows_have_all_keys(million_tickets):
    """A generated row has built values, an id, increasing timestamps, and all other keys."""
    first, last = Ticket.objects.get(1), Ticket.objects.get(1_000_000)
    stored = million_tickets.make(Ticket)[0]

    assert (first.subject, first.status, last.status) == ("Printer 1", "open", "open")
    assert (last.created_at - first.created_at).days in (364, 365)
    assert first.created_at == first.updated_at
    assert stored.id == 1_000_001
    assert first._row.keys() == stored._row.keys()
    with pytest.raises(Ticket.DoesNotExist):
        Ticket.objects.get(1_000_002)


@pytest.mark.slow
@pytest.mark.parametrize(
    "query",
    [
        lambda: Ticket.objects.filter(status="open"),
        lambda: Ticket.objects.filter(tags="rare"),
        lambda: Ticket.objects.search("printer 77"),
        lambda: Ticket.objects.exclude(status="open").filter(tags="rare"),
        lambda: Ticket.objects.filter(id__in=[1, 5, 2_000]),
        lambda: Ticket.objects.fresh().order_by("-id"),
        lambda: Ticket.objects.all(),
    ],
)
def test_queries_return_the_rows_of_an_equal_account(query):
    """Generated rows are found, ordered, counted and paged like stored rows."""
    with Emulator() as generated, Emulator() as stored:
        generated.generate(Ticket, 400, _build)
        stored.load(_dump_tickets(generated))
        results = []
        for emulator in (generated, stored):
            emulator.connect()
            results.append(
                (
                    [ticket.id for ticket in query()],
                    [ticket.id for ticket in query()[:7]],
                    query().count(),
                    [ticket.id for ticket in query().iterator()],
                )
            )

    assert results[0] == results[1]


def _dump_tickets(emulator):
    """Return the lines of all tickets, as rows that can be loaded."""
    build = emulator._store.generated["support.Ticket"].build
    return [
        generating_store.encode({"model": "Ticket", "row": build(number)})
        for number in range(1, 401)
    ]


def test_incremental_exports_return_generated_rows(thousand_tickets):
    """An export returns each generated row once, in the order of changes."""
    thousand_tickets.advance(hours=1)
    ticket = Ticket.objects.get(500)
    ticket.priority = "high"
    ticket.save()
    thousand_tickets.advance(hours=1)

    exported = [row.id for row in Ticket.objects.filter(changed_since=START)]

    assert len(exported) == 1_000
    assert exported[-1] == 500
    assert exported[:-1] == [pk for pk in range(1, 1_001) if pk != 500]


def test_changed_rows_are_stored(thousand_tickets):
    """A changed row has its new values in each list, and is counted once."""
    ticket = Ticket.objects.get(7)
    before = Ticket.objects.filter(status="open").count()
    assert ticket.status == "open"
    ticket.status = "solved"
    ticket.save()

    assert Ticket.objects.get(7).status == "solved"
    assert Ticket.objects.filter(status="open").count() == before - 1
    assert Ticket.objects.fresh().count() == 1_000
    assert [row.id for row in Ticket.objects.fresh()[5:8]] == [6, 7, 8]


def test_generated_rows_are_archived_and_deleted(thousand_tickets):
    """A generated row can be archived, deleted, and permanently deleted."""
    thousand_tickets.archive(3)
    Ticket.objects.get(4).delete()

    assert [row.id for row in Ticket.objects.fresh()[:3]] == [1, 2, 5]
    assert Ticket.objects.get(3).id == 3
    assert thousand_tickets.count_rows()["support.Ticket"] == 999


def test_other_orders_are_not_supported(thousand_tickets):
    """A list in an unsupported order returns an error with the supported orders."""
    with thousand_tickets.session() as session:
        url = "https://emulator.zendesk.com/api/v2/tickets"
        auth = ("owner@example.com/token", "x")
        response = session.get(url, params={"page": 1, "sort_by": "subject"}, auth=auth)

    assert response.status_code in (401, 501)  # 401 with strict OAuth
    assert "Ticket" not in response.text


def test_views_list_generated_rows(thousand_tickets):
    """A view lists the generated rows that match its conditions."""
    condition = {"field": "status", "operator": "is", "value": "open"}
    view = View.objects.create(title="Open", all=[condition])

    assert len(list(view.tickets.all())) == 333 + 1


def test_users_are_generated(emulator):
    """Generated users can sign in and be looked up, and have large, sparse ids."""
    ids = emulator.generate(User, 2_000, lambda number: {"email": f"user-{number}@example.com"})

    assert User.objects.get(ids[10]).email == "user-11@example.com"
    assert User.objects.count() == 2_001
    assert emulator.make(User)[0].id > ids[-1]


def test_snapshots_contain_generated_rows(thousand_tickets):
    """A snapshot restores generated rows and their changes."""
    snapshot = thousand_tickets.snapshot()
    Ticket.objects.get(1).delete()
    thousand_tickets.reset()
    assert Ticket.objects.count() == 0

    thousand_tickets.restore(snapshot)

    assert Ticket.objects.count() == 1_000
    assert Ticket.objects.get(1).subject == "Printer 1"


def test_a_dump_replaces_generated_rows(thousand_tickets):
    """Loading a dump removes generated rows; an invalid dump changes nothing."""
    lines = list(thousand_tickets.dump_lines())
    with pytest.raises(ConfigurationError):
        thousand_tickets.load([*lines, "{"])
    assert Ticket.objects.count() == 1_000

    thousand_tickets.load(lines)

    assert Ticket.objects.count() == 0


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("Ticket", 5), InvalidValue),
        ((Ticket, 0), ConfigurationError),
        ((Ticket, 1.5), ConfigurationError),
        ((Ticket, 5, lambda number: None), ConfigurationError),
        ((Ticket, 5, lambda number: {"id": number}), ConfigurationError),
        ((Ticket, 5, lambda number: {"created_at": "2026-01-01"}), ConfigurationError),
        ((ArticleTranslation, 5), ConfigurationError),
    ],
)
def test_invalid_arguments_are_rejected(emulator, arguments, error):
    """Invalid arguments raise at once and change nothing."""
    with pytest.raises(error):
        emulator.generate(*arguments)

    assert "support.Ticket" not in emulator.count_rows()
    assert emulator.make(Ticket)[0].id == 1


def test_a_model_is_generated_once(emulator):
    """Generating rows of a model a second time raises; other models can be generated."""
    emulator.generate(Organization, 10, days=1)
    emulator.generate(Ticket, 10)
    with pytest.raises(ConfigurationError):
        emulator.generate(Ticket, 10)

    assert (Organization.objects.count(), Ticket.objects.count()) == (10, 10)


def test_equal_rows_are_evaluated_once(emulator, account):
    """Rows with the same values are found together, except for changed, hidden and unusual ones."""
    built = []

    def build(number):
        built.append(number)
        tags = {"tags": ["vip"]} if number == 1_500 else {}
        return {"priority": "low" if number % 10 else "urgent", **tags}

    ids = emulator.generate(Ticket, 3_000, build)
    assert Ticket.objects.filter(priority="urgent").count() == 300
    assert len(built) < 2 * 3_000

    Ticket.objects.get(id=ids[9]).delete()
    ticket = Ticket.objects.get(id=ids[19])
    ticket.priority = "high"
    ticket.save()
    assert Ticket.objects.filter(priority="urgent").count() == 298
    assert Ticket.objects.filter(priority="high").count() == 1
    assert [row.id for row in Ticket.objects.filter(tags="vip")] == [ids[1_499]]
