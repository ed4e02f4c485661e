"""Views: executed, previewed, counted, and their tickets."""

from __future__ import annotations

import pytest

from zendesk_orm import InvalidValue, NotFound, Ticket, View


UNSOLVED = {"field": "status", "operator": "less_than", "value": "solved"}
NEW = {"field": "status", "operator": "is", "value": "new"}


@pytest.fixture
def view(account):
    """Create a view of unsolved tickets, with two tickets in it."""
    for subject, status in (("Toner", "open"), ("Paper", "new"), ("Ink", "solved")):
        Ticket.objects.create(subject=subject, comment={"body": "x"}, status=status)
    return View.objects.create(
        title="Unsolved",
        all=[UNSOLVED],
        output={"columns": ["subject", "status"], "sort_by": "nice_id", "sort_order": "asc"},
    )


def test_execute_returns_a_table(account, view, count_requests):
    """`execute()` returns the columns of a view and a row per ticket, in the view's order."""
    with count_requests(account, 1):
        table = view.execute()

    assert [column["title"] for column in table.columns] == ["Subject", "Status"]
    assert [(row["subject"], row["status"]) for row in table] == [
        ("Toner", "open"),
        ("Paper", "new"),
    ]
    assert [row["ticket"]["id"] for row in table.rows] == [1, 2]
    assert len(table) == 2


def test_execute_in_another_order_keeps_the_view(account, view):
    """`execute()` with another order does not change the order of the view."""
    table = view.execute(sort_by="subject", group_by="status")

    assert [row["subject"] for row in table] == ["Paper", "Toner"]
    assert [row["subject"] for row in view.execute()] == ["Toner", "Paper"]
    assert [row["subject"] for row in view.execute(sort_by="subject", descending=True)] == [
        "Toner",
        "Paper",
    ]


def test_execute_reads_all_pages(demo, count_requests):
    """`execute()` reads all pages of a hundred rows."""
    view = View.objects.create(title="Unsolved", all=[UNSOLVED])

    with count_requests(demo, 5):
        table = view.execute()

    assert len(table) == int(view.count()) == 404
    assert len({row["ticket"]["id"] for row in table}) == 404


def test_execute_requires_a_saved_view(account, count_requests):
    """`execute()` of an unsaved view raises `InvalidValue`, which suggests `preview()`."""
    with count_requests(account, 0), pytest.raises(InvalidValue, match="preview"):
        View(title="x", all=[UNSOLVED]).execute()


def test_a_deleted_view_is_not_found(account, view):
    """`execute()` of a deleted view raises `NotFound`."""
    view.delete()

    with pytest.raises(NotFound):
        view.execute()


def test_preview_saves_nothing(account, view, count_requests):
    """`preview()` returns the table of a view in one request, and creates no view."""
    before = View.objects.count()

    with count_requests(account, 1):
        table = View.objects.preview(NEW, columns=["subject"], sort_by="created")

    assert [{"subject": row["subject"]} for row in table] == [{"subject": "Paper"}]
    assert [column["id"] for column in table.columns] == ["subject"]
    assert View.objects.count() == before


def test_each_page_of_a_preview_sends_the_conditions(demo, sent):
    """Each page of a preview is requested with the conditions in the body."""
    table = View.objects.preview(UNSOLVED)

    assert len(table) == 404
    assert [(request.method, request.json["view"]["all"]) for request in sent] == [
        ("POST", [UNSOLVED])
    ] * 5


def test_preview_accepts_alternative_conditions(account, view):
    """`preview(any=...)` returns tickets that match any of the conditions."""
    solved = {"field": "status", "operator": "is", "value": "solved"}

    table = View.objects.preview(any=[NEW, solved])

    assert {row["subject"] for row in table} == {"Paper", "Ink"}


def test_preview_requires_conditions(account, count_requests):
    """A preview without conditions, or with unknown keywords, raises before any request."""
    with count_requests(account, 0):
        with pytest.raises(InvalidValue, match="at least one condition"):
            View.objects.preview()
        with pytest.raises(InvalidValue, match="not order"):
            View.objects.preview(NEW, order="created")
        with pytest.raises(InvalidValue, match="at least one condition"):
            View.objects.preview_count()


def test_preview_count_returns_the_number_of_tickets(account, view, count_requests):
    """`preview_count()` returns the number of matching tickets in one request."""
    with count_requests(account, 1):
        count = View.objects.preview_count(UNSOLVED)

    assert int(count) == count.value == 2


def test_count_returns_number_text_and_freshness(account, view, count_requests):
    """`count()` returns the number, its text, and whether it is up to date."""
    with count_requests(account, 1):
        count = view.count()

    assert int(count) == 2
    assert (count.view, count.pretty, count.fresh) == (view, "2", True)


def test_counts_returns_counts_in_order(account, view, count_requests):
    """`counts()` counts twenty views per request, in the given order, without missing views."""
    views = [View.objects.create(title=f"{n}", all=[NEW]) for n in range(20)]

    with count_requests(account, 2):
        counts = View.objects.counts([view, *views])
    assert [int(count) for count in counts] == [2] + [1] * 20
    assert [count.view_id for count in View.objects.counts([77, view])] == [view.pk]


def test_a_pending_count_is_none(account, view, emulator):
    """A count that Zendesk has not finished is None, and `int()` of it raises."""
    emulator.fail_next(
        200, body={"view_counts": [{"view_id": view.pk, "value": None, "fresh": False}]}
    )
    emulator.connect()

    (count,) = View.objects.counts([view.pk])

    assert count.value is None
    with pytest.raises(InvalidValue, match="still counting"):
        int(count)


def test_counts_require_saved_views(account, count_requests):
    """Views to be counted are saved and contain no duplicates."""
    with count_requests(account, 0):
        with pytest.raises(InvalidValue, match="at least one"):
            View.objects.counts([])
        with pytest.raises(InvalidValue, match="no id yet"):
            View.objects.counts([View(title="x")])
        with pytest.raises(InvalidValue, match="duplicates"):
            View.objects.counts([5, 5])


def test_the_tickets_of_a_view_are_a_query(account, view, count_requests):
    """The tickets of a view are a query in the order of the view."""
    with count_requests(account, 1):
        subjects = [ticket.subject for ticket in view.tickets]
    assert subjects == ["Toner", "Paper"]
    with count_requests(account, 1):
        assert view.tickets[1:2][0].subject == "Paper"


def test_compact_lists_active_views(account, view, count_requests):
    """`compact()` lists the active views of the agent in one request."""
    View.objects.create(title="Off", all=[NEW], active=False)

    with count_requests(account, 1):
        titles = [row.title for row in View.objects.compact()]

    assert titles[0] == "Your unsolved tickets"
    assert "Unsolved" in titles
    assert "Off" not in titles


def test_views_are_filtered(account, view, count_requests):
    """Views are filtered by state, words, access and group."""
    inactive = View.objects.create(title="Off", all=[NEW], active=False)
    personal = View.objects.create(title="Mine", all=[NEW], restriction={"type": "User", "id": 1})
    shared = View.objects.create(title="Ours", all=[NEW], restriction={"type": "Group", "id": 7})

    with count_requests(account, 1):
        assert list(View.objects.filter(active=False)) == [inactive]
    with count_requests(account, 1):
        active = list(View.objects.filter(only_active=True))
    assert active
    assert inactive not in active
    with count_requests(account, 1):
        assert list(View.objects.filter(query="UNSOLVED", active=True))[-1:] == [view]
    assert list(View.objects.filter(access="personal")) == [personal]
    assert list(View.objects.filter(group=7)) == [shared]
    assert personal not in list(View.objects.filter(access="shared"))
    assert shared not in list(View.objects.filter(access="account"))


def test_views_have_definitions(account, view, count_requests):
    """The definitions of views contain conditions, columns, groups and orders."""
    with count_requests(account, 1):
        definitions = View.objects.definitions()

    assert "status" in [item["subject"] for item in definitions["conditions_all"]]
    assert definitions.keys() > {"groupables", "output", "sortables"}


def test_export_returns_its_status(account, view, count_requests):
    """`export()` starts an export, whose file Zendesk emails to the caller."""
    with count_requests(account, 1):
        assert view.export() == "starting"
