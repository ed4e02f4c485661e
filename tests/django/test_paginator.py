"""Django's own `Paginator` and `ListView` over a QuerySet, as a Django site would use them."""

from __future__ import annotations

import pytest
from django.core.paginator import EmptyPage, Paginator, UnorderedObjectListWarning
from django.http import Http404
from django.shortcuts import get_list_or_404, get_object_or_404
from django.test import RequestFactory
from django.views.generic import DetailView, ListView

from tests.django import project
from tests.queryset.stored import emulator_with_tickets
from zendesk_orm import Q, Ticket


project.TEMPLATES.update(
    {
        "tickets.html": (
            "{% for ticket in tickets %}<li>{{ ticket.pk }} {{ ticket.subject }}"
            " ({{ ticket.requester.name }}, {{ ticket.get_status_display }})</li>{% endfor %}"
            "page {{ page_obj.number }} of {{ paginator.num_pages }}, {{ paginator.count }} in all"
        ),
        "ticket.html": "{{ object.pk }}: {{ object.subject }}, {{ ticket.status }}",
    }
)


@pytest.fixture(scope="module")
def emulator():
    """Return an emulator with 95 tickets."""
    with emulator_with_tickets(95) as emulator:
        yield emulator


def _ids(rows):
    return [ticket.pk for ticket in rows]


ROWS = {
    "search": (lambda: Ticket.objects.order_by("-created_at"), list(range(95, 0, -1))),
    "list": (lambda: Ticket.objects.fresh().order_by("id"), list(range(1, 96))),
    "filter": (
        lambda: Ticket.objects.filter(status="new").order_by("created_at"),
        list(range(1, 96, 2)),
    ),
}


@pytest.mark.parametrize(("rows", "expected"), ROWS.values(), ids=ROWS)
def test_page_three_of_ten_is_two_requests(account, count_requests, rows, expected):
    """One for the number of rows and one for the rows of the page; nothing comes twice."""
    paginator = Paginator(rows(), 10)
    with count_requests(account, 1):
        assert (len(expected), -(-len(expected) // 10)) == (paginator.count, paginator.num_pages)
    with count_requests(account, 0):
        page = paginator.page(3)
        assert (21, 30) == (page.start_index(), page.end_index())
        assert page.has_previous()
        assert page.has_next()
    with count_requests(account, 1):
        assert expected[20:30] == _ids(page)
    with count_requests(account, 0):
        assert expected[20:30] == _ids(page.object_list)
        assert (10, expected[20]) == (len(page), page[0].pk)


@pytest.mark.parametrize(("rows", "expected"), ROWS.values(), ids=ROWS)
def test_all_pages_are_all_rows(account, count_requests, rows, expected):
    """Each page is one request, the last one shorter."""
    paginator = Paginator(rows(), 10)
    pages = -(-len(expected) // 10)
    with count_requests(account, 1 + pages):
        ids = [pk for page in paginator for pk in _ids(page)]

    assert ids == expected


def test_the_last_page_is_shorter(account):
    """It has the remaining rows; orphans are put on the page before."""
    assert [5, 4, 3, 2, 1] == _ids(Paginator(ROWS["search"][0](), 10).page(10))
    together = Paginator(ROWS["search"][0](), 10, orphans=5)
    assert 9 == together.num_pages
    assert list(range(15, 0, -1)) == _ids(together.page(9))


def test_pages_that_there_are_not(account, count_requests):
    """Beyond the last is EmptyPage, and `get_page` is the last; no rows are one empty page."""
    paginator = Paginator(ROWS["filter"][0](), 10)
    with count_requests(account, 1), pytest.raises(EmptyPage):
        paginator.page(6)
    with count_requests(account, 1):
        assert list(range(81, 96, 2)) == _ids(paginator.get_page(99))
    with count_requests(account, 0):
        nothing = Paginator(Ticket.objects.none().order_by("id"), 10)
        assert (0, 1, []) == (nothing.count, nothing.num_pages, _ids(nothing.page(1)))


def test_rows_in_no_order_are_warned_of(account):
    """Django looks at `ordered` for that, and names the model."""
    with pytest.warns(UnorderedObjectListWarning, match="Ticket"):
        Paginator(Ticket.objects.all(), 10).page(1)


def test_pages_of_values_and_of_what_comes_along(account, count_requests):
    """Shapes and side-loads are kept."""
    rows = ROWS["search"][0]()
    with count_requests(account, 2):
        page = Paginator(rows.values("id", "requester__name"), 10).page(2)
        assert [
            {"id": pk, "requester__name": f"User {pk % 10}"} for pk in range(85, 75, -1)
        ] == list(page)
    account.cache.clear()
    with count_requests(account, 3):
        page = Paginator(rows.prefetch_related("requester"), 10).page(2)
        assert [f"User {pk % 10}" for pk in range(85, 75, -1)] == [
            ticket.requester.name for ticket in page
        ]


def test_pages_of_a_union(account, count_requests):
    """A union is counted by reading it; its page is read of both."""
    rows = Ticket.objects.filter(Q(status="new") | Q(tags="vip")).order_by("created_at")
    with count_requests(account, 2):
        paginator = Paginator(rows, 10)
        assert 48 == paginator.count
    with count_requests(account, 2):
        assert list(range(41, 61, 2)) == _ids(paginator.page(3))


# -- views -------------------------------------------------------------------


def _get(view, path="/", **arguments):
    response = view(RequestFactory().get(path), **arguments)
    response.render()
    return response.content.decode()


def test_a_list_view_shows_a_page(account, count_requests):
    """Counted, read, and rendered with side-loaded rows: two requests."""
    view = ListView.as_view(
        queryset=Ticket.objects.order_by("-created_at").select_related("requester"),
        template_name="tickets.html",
        context_object_name="tickets",
        paginate_by=10,
    )
    with count_requests(account, 2):
        text = _get(view, "/?page=3")

    assert "<li>75 Ticket 75 (User 5, New)</li>" in text
    assert "<li>66 Ticket 66 (User 6, Open)</li>" in text
    assert 10 == text.count("<li>")
    assert text.endswith("page 3 of 10, 95 in all")


def test_a_list_view_reads_anew_each_time(account, count_requests):
    """The query of a view is a class attribute; rows of one request are not shown to the next."""
    view = ListView.as_view(
        queryset=Ticket.objects.filter(status="new").order_by("created_at"),
        template_name="tickets.html",
        context_object_name="tickets",
        paginate_by=10,
    )
    for _ in range(2):
        account.cache.clear()
        with count_requests(account, 3):
            assert "page 1 of 5, 48 in all" in _get(view)


def test_a_list_view_orders(account):
    """`ordering` of the view is that of the query."""
    view = ListView.as_view(
        queryset=Ticket.objects.all(),
        ordering="created_at",
        template_name="tickets.html",
        context_object_name="tickets",
        paginate_by=3,
    )

    assert _get(view).startswith("<li>1 Ticket 1 (User 1, New)</li><li>2 Ticket 2")


def test_a_list_view_of_nothing(account, count_requests):
    """An empty page is shown, or a 404 if it is not allowed."""
    nothing = {
        "queryset": Ticket.objects.filter(status="hold").order_by("created_at"),
        "template_name": "tickets.html",
        "paginate_by": 10,
    }
    with count_requests(account, 1):
        assert "page 1 of 1, 0 in all" in _get(ListView.as_view(**nothing))
    with pytest.raises(Http404):
        _get(ListView.as_view(**nothing, allow_empty=False))
    with pytest.raises(Http404):
        _get(ListView.as_view(**nothing), "/?page=7")


def test_a_list_view_of_a_model(account):
    """`model = Ticket` asks the model for its rows, and names the context after it."""
    view = ListView.as_view(
        model=Ticket, ordering="created_at", template_name="tickets.html", paginate_by=3
    )

    assert "95 in all" in _get(view)


def test_a_detail_view_shows_one(account, count_requests):
    """By the id of the path, and a 404 if it does not exist."""
    view = DetailView.as_view(
        queryset=Ticket.objects.all(), template_name="ticket.html", context_object_name="ticket"
    )
    with count_requests(account, 1):
        assert "7: Ticket 7, new" == _get(view, pk=7)
    with count_requests(account, 1), pytest.raises(Http404):
        _get(view, pk=999)


def test_shortcuts_find_rows_or_give_404(account, count_requests):
    """`get_object_or_404` and `get_list_or_404` take a QuerySet or a manager."""
    with count_requests(account, 2):
        assert 7 == get_object_or_404(Ticket.objects, pk=7).pk
        assert 3 == get_object_or_404(Ticket.objects.filter(status="new"), tags="vip").pk
    with count_requests(account, 1), pytest.raises(Http404):
        get_object_or_404(Ticket.objects.all(), pk=999)
    with count_requests(account, 1):
        assert [3] == _ids(get_list_or_404(Ticket.objects.all(), tags="vip"))
    with count_requests(account, 1), pytest.raises(Http404):
        get_list_or_404(Ticket.objects.all(), status="hold")


def test_shortcuts_take_a_model(account):
    """As in Django, `get_object_or_404(Ticket, pk=7)`."""
    assert 7 == get_object_or_404(Ticket, pk=7).pk
