"""Views: carried out, previewed, counted, and the tickets in them."""

from __future__ import annotations

import pytest

from zendesk_orm import InvalidValue, NotFound, Ticket, View


UNSOLVED = {"field": "status", "operator": "less_than", "value": "solved"}
NEW = {"field": "status", "operator": "is", "value": "new"}


@pytest.fixture
def view(account):
    """A view of unsolved tickets, of which there are two."""
    for subject, status in (("Toner", "open"), ("Paper", "new"), ("Ink", "solved")):
        Ticket.objects.create(subject=subject, comment={"body": "x"}, status=status)
    return View.objects.create(
        title="Unsolved",
        all=[UNSOLVED],
        output={"columns": ["subject", "status"], "sort_by": "nice_id", "sort_order": "asc"},
    )


def test_a_view_is_carried_out(account, view, count_requests):
    """Its columns, and a row for each ticket, in the order of the view."""
    with count_requests(account, 1):
        table = view.execute()

    assert ["Subject", "Status"] == [column["title"] for column in table.columns]
    assert [("Toner", "open"), ("Paper", "new")] == [
        (row["subject"], row["status"]) for row in table
    ]
    assert [1, 2] == [row["ticket"]["id"] for row in table.rows]
    assert len(table) == 2


def test_a_view_is_carried_out_in_another_order(account, view):
    """The order of the view is not changed by that."""
    table = view.execute(sort_by="subject", group_by="status")

    assert ["Paper", "Toner"] == [row["subject"] for row in table]
    assert ["Toner", "Paper"] == [row["subject"] for row in view.execute()]
    assert ["Toner", "Paper"] == [
        row["subject"] for row in view.execute(sort_by="subject", descending=True)
    ]


def test_every_page_of_a_view_is_read(demo, count_requests):
    """A hundred rows to a request, and none is left out."""
    view = View.objects.create(title="Unsolved", all=[UNSOLVED])

    with count_requests(demo, 5):
        table = view.execute()

    assert len(table) == int(view.count()) == 404
    assert len({row["ticket"]["id"] for row in table}) == 404


def test_a_view_that_was_not_saved_is_not_carried_out(account, count_requests):
    """The message says what does that."""
    with count_requests(account, 0), pytest.raises(InvalidValue, match="preview"):
        View(title="x", all=[UNSOLVED]).execute()


def test_a_view_that_is_gone_is_not_found(account, view):
    """As everywhere."""
    view.delete()

    with pytest.raises(NotFound):
        view.execute()


def test_conditions_are_previewed(account, view, count_requests):
    """What a view of them would show; nothing is kept."""
    before = View.objects.count()

    with count_requests(account, 1):
        table = View.objects.preview(NEW, columns=["subject"], sort_by="created")

    assert [{"subject": "Paper"}] == [{"subject": row["subject"]} for row in table]
    assert ["subject"] == [column["id"] for column in table.columns]
    assert before == View.objects.count()


def test_each_page_of_a_preview_is_asked_with_the_conditions(demo, sent):
    """They are in the body, and not in the link."""
    table = View.objects.preview(UNSOLVED)

    assert len(table) == 404
    assert [("POST", [UNSOLVED])] * 5 == [
        (request.method, request.json["view"]["all"]) for request in sent
    ]


def test_any_of_several_conditions_will_do(account, view):
    """`any` beside what all have to meet."""
    solved = {"field": "status", "operator": "is", "value": "solved"}

    table = View.objects.preview(any=[NEW, solved])

    assert {"Paper", "Ink"} == {row["subject"] for row in table}


def test_a_preview_wants_conditions(account, count_requests):
    """Nothing is sent without one, nor with words that Zendesk does not know."""
    with count_requests(account, 0):
        with pytest.raises(InvalidValue, match="wants conditions"):
            View.objects.preview()
        with pytest.raises(InvalidValue, match="not order"):
            View.objects.preview(NEW, order="created")
        with pytest.raises(InvalidValue, match="wants conditions"):
            View.objects.preview_count()


def test_a_preview_is_counted(account, view, count_requests):
    """How many tickets there would be, in one request."""
    with count_requests(account, 1):
        count = View.objects.preview_count(UNSOLVED)

    assert int(count) == count.value == 2


def test_a_view_is_counted(account, view, count_requests):
    """The number, how it is written, and whether it is of now."""
    with count_requests(account, 1):
        count = view.count()

    assert int(count) == 2
    assert (view, "2", True) == (count.view, count.pretty, count.fresh)


def test_many_views_are_counted_at_once(account, view, count_requests):
    """Twenty to a request, in the order given; those that are not there are left out."""
    views = [View.objects.create(title=f"{n}", all=[NEW]) for n in range(20)]

    with count_requests(account, 2):
        counts = View.objects.counts([view, *views])
    assert [2] + [1] * 20 == [int(count) for count in counts]
    assert [view.pk] == [count.view_id for count in View.objects.counts([77, view])]


def test_a_number_that_is_not_known_yet_is_none(account, view, emulator):
    """It is no zero, and cannot be taken for one."""
    emulator.fail_next(
        200, body={"view_counts": [{"view_id": view.pk, "value": None, "fresh": False}]}
    )
    emulator.connect()

    (count,) = View.objects.counts([view.pk])

    assert count.value is None
    with pytest.raises(InvalidValue, match="still counting"):
        int(count)


def test_counting_wants_views(account, count_requests):
    """Each once, and saved."""
    with count_requests(account, 0):
        with pytest.raises(InvalidValue, match="got none"):
            View.objects.counts([])
        with pytest.raises(InvalidValue, match="no id yet"):
            View.objects.counts([View(title="x")])
        with pytest.raises(InvalidValue, match="twice"):
            View.objects.counts([5, 5])


def test_the_tickets_of_a_view_are_a_query(account, view, count_requests):
    """In the order of the view, and sliced as any other."""
    with count_requests(account, 1):
        subjects = [ticket.subject for ticket in view.tickets]
    assert ["Toner", "Paper"] == subjects
    with count_requests(account, 1):
        assert "Paper" == view.tickets[1:2][0].subject


def test_the_first_views_come_in_one_request(account, view, count_requests):
    """As an agent sees them: active ones, in their order."""
    View.objects.create(title="Off", all=[NEW], active=False)

    with count_requests(account, 1):
        titles = [each.title for each in View.objects.compact()]

    assert "Your unsolved tickets" == titles[0]
    assert "Unsolved" in titles
    assert "Off" not in titles


def test_views_are_found(account, view, count_requests):
    """Active ones, those of a title, and those that only some may use."""
    off = View.objects.create(title="Off", all=[NEW], active=False)
    mine = View.objects.create(title="Mine", all=[NEW], restriction={"type": "User", "id": 1})
    ours = View.objects.create(title="Ours", all=[NEW], restriction={"type": "Group", "id": 7})

    with count_requests(account, 1):
        assert [off] == list(View.objects.filter(active=False))
    with count_requests(account, 1):
        active = list(View.objects.filter(only_active=True))
    assert active
    assert off not in active
    with count_requests(account, 1):
        assert [view] == list(View.objects.filter(query="UNSOLVED", active=True))[-1:]
    assert [mine] == list(View.objects.filter(access="personal"))
    assert [ours] == list(View.objects.filter(group=7))
    assert mine not in list(View.objects.filter(access="shared"))
    assert ours not in list(View.objects.filter(access="account"))


def test_what_views_can_ask_is_told(account, view, count_requests):
    """Conditions, columns, groups and orders."""
    with count_requests(account, 1):
        definitions = View.objects.definitions()

    assert "status" in [each["subject"] for each in definitions["conditions_all"]]
    assert {"groupables", "output", "sortables"} < definitions.keys()


def test_an_export_is_started(account, view, count_requests):
    """Zendesk sends the file to the caller."""
    with count_requests(account, 1):
        assert "starting" == view.export()
