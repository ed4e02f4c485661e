"""Django's `Paginator`, generic views and shortcuts with QuerySets of tickets."""

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


django = pytest.importorskip("django", reason="needs Django")

from django.conf import settings  # noqa: E402 - after the check for Django
from django.core.paginator import EmptyPage, Paginator  # noqa: E402 - the same
from django.http import Http404  # noqa: E402 - the same
from django.shortcuts import get_list_or_404, get_object_or_404  # noqa: E402 - the same
from django.test import RequestFactory  # noqa: E402 - the same
from django.views.generic import DetailView, ListView  # noqa: E402 - the same


TEMPLATES = {
    "tickets.html": (
        "{% for ticket in tickets %}<li>{{ ticket.pk }} {{ ticket.subject }}"
        " ({{ ticket.requester.name }}, {{ ticket.get_status_display }})</li>{% endfor %}"
        "page {{ page_obj.number }} of {{ paginator.num_pages }}, {{ paginator.count }} in all"
    ),
    "ticket.html": "{{ object.pk }}: {{ object.subject }}, {{ ticket.status }}",
}


@pytest.fixture(scope="module", autouse=True)
def configure_django():
    """Configure Django with the templates of the tests, once."""
    if not settings.configured:
        loader = "django.template.loaders.locmem.Loader"
        settings.configure(
            TEMPLATES=[
                {
                    "BACKEND": "django.template.backends.django.DjangoTemplates",
                    "OPTIONS": {"loaders": [(loader, TEMPLATES)]},
                }
            ],
            USE_TZ=True,
            ALLOWED_HOSTS=["testserver"],
        )
        django.setup()


@pytest.fixture(scope="module")
def emulator():
    """Return an emulator with 95 tickets."""
    with emulator_with_tickets(95) as emulator:
        yield emulator


def _collect_ids(rows):
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
def test_a_page_takes_two_requests(account, count_requests, rows, expected):
    """A page takes a request for the number of rows and one for its rows."""
    paginator = Paginator(rows(), 10)
    with count_requests(account, 1):
        assert (paginator.count, paginator.num_pages) == (len(expected), -(-len(expected) // 10))
    with count_requests(account, 0):
        page = paginator.page(3)
        assert (page.start_index(), page.end_index()) == (21, 30)
        assert page.has_previous()
        assert page.has_next()
    with count_requests(account, 1):
        assert _collect_ids(page) == expected[20:30]
    with count_requests(account, 0):
        assert _collect_ids(page.object_list) == expected[20:30]
        assert (len(page), page[0].pk) == (10, expected[20])


@pytest.mark.parametrize(("rows", "expected"), ROWS.values(), ids=ROWS)
def test_the_pages_contain_all_rows(account, count_requests, rows, expected):
    """All pages together contain each row once, and take one request each."""
    paginator = Paginator(rows(), 10)
    pages = -(-len(expected) // 10)
    with count_requests(account, 1 + pages):
        ids = [pk for page in paginator for pk in _collect_ids(page)]

    assert ids == expected


def test_the_last_page_is_shorter(account):
    """The last page contains the remaining rows; with `orphans`, the page before it does."""
    assert _collect_ids(Paginator(ROWS["search"][0](), 10).page(10)) == [5, 4, 3, 2, 1]
    paginator = Paginator(ROWS["search"][0](), 10, orphans=5)
    assert paginator.num_pages == 9
    assert _collect_ids(paginator.page(9)) == list(range(15, 0, -1))


def test_a_page_beyond_the_last_raises(account, count_requests):
    """`page()` beyond the last page raises `EmptyPage`; `get_page()` returns the last page."""
    paginator = Paginator(ROWS["filter"][0](), 10)
    with count_requests(account, 1), pytest.raises(EmptyPage):
        paginator.page(6)
    with count_requests(account, 1):
        assert _collect_ids(paginator.get_page(99)) == list(range(81, 96, 2))


def test_an_empty_query_has_one_empty_page(account, count_requests):
    """A query without rows has one empty page."""
    with count_requests(account, 0):
        paginator = Paginator(Ticket.objects.none().order_by("id"), 10)

        assert (paginator.count, paginator.num_pages) == (0, 1)
        assert _collect_ids(paginator.page(1)) == []


def test_an_unordered_query_causes_a_warning(account):
    """Django warns of a query whose `ordered` is False, and names the model."""
    from django.core.paginator import UnorderedObjectListWarning  # noqa: PLC0415 - used once

    with pytest.warns(UnorderedObjectListWarning, match="Ticket"):
        Paginator(Ticket.objects.all(), 10).page(1)


def test_pages_of_values_and_prefetched_rows(account, count_requests):
    """Pages return dictionaries for `values()`, and rows with their prefetched relations."""
    rows = ROWS["search"][0]()
    with count_requests(account, 2):
        page = Paginator(rows.values("id", "requester__name"), 10).page(2)
        assert list(page) == [
            {"id": pk, "requester__name": f"User {pk % 10}"} for pk in range(85, 75, -1)
        ]
    account.cache.clear()
    with count_requests(account, 3):
        page = Paginator(rows.prefetch_related("requester"), 10).page(2)
        assert [ticket.requester.name for ticket in page] == [
            f"User {pk % 10}" for pk in range(85, 75, -1)
        ]


def test_a_page_of_a_union_reads_both_queries(account, count_requests):
    """A union is counted by reading it, and its page is read from both queries."""
    rows = Ticket.objects.filter(Q(status="new") | Q(tags="vip")).order_by("created_at")
    with count_requests(account, 2):
        paginator = Paginator(rows, 10)
        assert paginator.count == 48
    with count_requests(account, 2):
        assert _collect_ids(paginator.page(3)) == list(range(41, 61, 2))


# -- views -------------------------------------------------------------------


def _render(view, path="/", **arguments):
    response = view(RequestFactory().get(path), **arguments)
    response.render()
    return response.content.decode()


def test_a_list_view_shows_a_page(account, count_requests):
    """A page of a `ListView` with side-loads takes two requests."""
    view = ListView.as_view(
        queryset=Ticket.objects.order_by("-created_at").select_related("requester"),
        template_name="tickets.html",
        context_object_name="tickets",
        paginate_by=10,
    )
    with count_requests(account, 2):
        text = _render(view, "/?page=3")

    assert "<li>75 Ticket 75 (User 5, New)</li>" in text
    assert "<li>66 Ticket 66 (User 6, Open)</li>" in text
    assert text.count("<li>") == 10
    assert text.endswith("page 3 of 10, 95 in all")


def test_a_list_view_reads_its_rows_for_each_request(account, count_requests):
    """A `ListView` evaluates its query, a class attribute, for each request."""
    view = ListView.as_view(
        queryset=Ticket.objects.filter(status="new").order_by("created_at"),
        template_name="tickets.html",
        context_object_name="tickets",
        paginate_by=10,
    )
    for _ in range(2):
        account.cache.clear()
        with count_requests(account, 3):
            assert "page 1 of 5, 48 in all" in _render(view)


def test_a_list_view_orders_its_query(account):
    """`ordering` of a `ListView` orders its query."""
    view = ListView.as_view(
        queryset=Ticket.objects.all(),
        ordering="created_at",
        template_name="tickets.html",
        context_object_name="tickets",
        paginate_by=3,
    )

    assert _render(view).startswith("<li>1 Ticket 1 (User 1, New)</li><li>2 Ticket 2")


def test_a_list_view_without_rows(account, count_requests):
    """A `ListView` without rows shows an empty page; with `allow_empty=False`, it raises."""
    options = {
        "queryset": Ticket.objects.filter(status="hold").order_by("created_at"),
        "template_name": "tickets.html",
        "paginate_by": 10,
    }
    with count_requests(account, 1):
        assert "page 1 of 1, 0 in all" in _render(ListView.as_view(**options))
    with pytest.raises(Http404):
        _render(ListView.as_view(**options, allow_empty=False))
    with pytest.raises(Http404):
        _render(ListView.as_view(**options), "/?page=7")


def test_a_list_view_of_a_model(account):
    """A `ListView` with `model=Ticket` lists all tickets."""
    view = ListView.as_view(
        model=Ticket, ordering="created_at", template_name="tickets.html", paginate_by=3
    )

    assert "95 in all" in _render(view)


def test_a_detail_view_shows_a_ticket(account, count_requests):
    """A `DetailView` fetches the ticket by the id in the path, or raises `Http404`."""
    view = DetailView.as_view(
        queryset=Ticket.objects.all(), template_name="ticket.html", context_object_name="ticket"
    )
    with count_requests(account, 1):
        assert _render(view, pk=7) == "7: Ticket 7, new"
    with count_requests(account, 1), pytest.raises(Http404):
        _render(view, pk=999)


def test_shortcuts_take_querysets_and_managers(account, count_requests):
    """`get_object_or_404()` and `get_list_or_404()` take a QuerySet or a manager."""
    with count_requests(account, 2):
        assert get_object_or_404(Ticket.objects, pk=7).pk == 7
        assert get_object_or_404(Ticket.objects.filter(status="new"), tags="vip").pk == 3
    with count_requests(account, 1), pytest.raises(Http404):
        get_object_or_404(Ticket.objects.all(), pk=999)
    with count_requests(account, 1):
        assert _collect_ids(get_list_or_404(Ticket.objects.all(), tags="vip")) == [3]
    with count_requests(account, 1), pytest.raises(Http404):
        get_list_or_404(Ticket.objects.all(), status="hold")


def test_shortcuts_take_a_model(account):
    """`get_object_or_404()` takes a model, as in Django."""
    assert get_object_or_404(Ticket, pk=7).pk == 7
