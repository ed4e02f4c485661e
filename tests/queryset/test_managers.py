"""Custom managers and QuerySets, proxies, abstract models, raw queries and notebooks."""

from __future__ import annotations

import pickle
import sys
from datetime import datetime

import pytest

from tests.queryset.stored import emulator_with_tickets, moment, stored_rows
from zendesk_orm import (
    Comment,
    Field,
    FieldError,
    Group,
    InvalidValue,
    Manager,
    Model,
    NoEndpoint,
    Organization,
    Q,
    QuerySet,
    ReadOnly,
    Ticket,
    User,
    ZendeskError,
)


class TicketQuerySet(QuerySet[Ticket]):
    """A QuerySet of tickets with two custom methods."""

    def vip(self):
        """Return the tickets with the tag."""
        return self.filter(tags="vip")

    def oldest(self, number):
        """Return the subjects of the oldest tickets."""
        return list(self.order_by("created_at").values_list("subject", flat=True)[:number])


def _make_importable(monkeypatch, cls):
    """Make a class of a test importable from this module, as pickle needs it."""
    cls.__qualname__ = cls.__name__
    monkeypatch.setattr(sys.modules[__name__], cls.__name__, cls, raising=False)
    return cls


@pytest.fixture
def ticket_proxy(monkeypatch):
    """Return a proxy of tickets with a custom manager."""

    class TicketProxy(Ticket):
        """A ticket with custom methods."""

        objects = TicketQuerySet.as_manager()

        class Meta:
            proxy = True

    return _make_importable(monkeypatch, TicketProxy)


@pytest.fixture
def incident(monkeypatch):
    """Return a proxy with the tickets of one type."""

    class Incident(Ticket):
        """A ticket of the type incident."""

        objects = TicketQuerySet.as_manager()

        class Meta:
            proxy = True
            filter = {"type": "incident"}  # noqa: RUF012 - as in Django, options are plain
            ordering = "-updated_at"
            verbose_name = "incident"
            get_latest_by = "updated_at"

        @property
        def title(self):
            return f"#{self.pk} {self.subject}"

    return _make_importable(monkeypatch, Incident)


def _ids_where(rows, test):
    """Return the ids of the rows that pass a test."""
    return {pk for pk, row in rows.items() if test(row)}


def _ids(rows):
    """Return the ids of rows, each of which must occur once."""
    result = [ticket.pk for ticket in rows]
    assert len(result) == len(set(result))
    return set(result)


def test_queryset_subclasses_can_be_managers(demo, ticket_proxy, rows, count_requests):
    """A manager has the methods of its QuerySet subclass, which send nothing themselves."""
    with count_requests(demo, 0):
        created = ticket_proxy.objects.vip()
    assert isinstance(created, TicketQuerySet)
    with count_requests(demo, 1):
        assert _ids(created) == _ids_where(rows, lambda row: "vip" in row["tags"])
    with count_requests(demo, 1):
        assert ticket_proxy.objects.oldest(3) == [rows[number]["subject"] for number in (1, 2, 3)]


def test_methods_of_queryset_subclasses_can_be_chained(demo, ticket_proxy, rows, count_requests):
    """Custom methods can be called before and after methods of Django."""
    expected = _ids_where(rows, lambda row: "vip" in row["tags"] and row["status"] == "open")
    for chained in (
        ticket_proxy.objects.filter(status="open").vip(),
        ticket_proxy.objects.vip().filter(status="open"),
        ticket_proxy.objects.all().order_by("created_at").vip().filter(Q(status="open")),
        ticket_proxy.objects.select_related("requester")
        .vip()
        .using("default")
        .filter(status="open"),
        ticket_proxy.objects.vip() & ticket_proxy.objects.filter(status="open"),
        ticket_proxy.objects.none().union(ticket_proxy.objects.filter(status="open")).vip(),
    ):
        with count_requests(demo, 1):
            assert _ids(chained) == expected
        assert isinstance(chained, TicketQuerySet)
    with count_requests(demo, 1):
        assert (
            set(ticket_proxy.objects.values_list("id", flat=True).vip().filter(status="open"))
            == expected
        )


def test_from_queryset_combines_manager_and_queryset(demo, rows, count_requests):
    """`from_queryset()` returns a manager class with the methods of combined classes."""

    class Base(Manager):
        """A manager with a custom method."""

        def open(self):
            return self.filter(status="open")

    combined = Base.from_queryset(TicketQuerySet, "Both")

    class Handled(Ticket):
        """A ticket."""

        objects = combined.as_manager()

        class Meta:
            proxy = True

    assert combined.__name__ == "Both"
    assert Base.from_queryset(TicketQuerySet).__name__ == "BaseFromTicketQuerySet"
    expected = _ids_where(rows, lambda row: "vip" in row["tags"] and row["status"] == "open")
    with count_requests(demo, 2):
        assert _ids(Handled.objects.open().vip()) == expected
        assert _ids(Handled.objects.vip().open()) == expected


def test_a_model_may_have_several_managers(demo, rows, count_requests):
    """A manager can be added by another name, and by `contribute_to_class()`."""

    class TwoManagers(Ticket):
        """A ticket."""

        markup = TicketQuerySet.as_manager()

        class Meta:
            proxy = True

    TicketQuerySet.as_manager().contribute_to_class(TwoManagers, "third")
    expected = _ids_where(rows, lambda row: "vip" in row["tags"])

    with count_requests(demo, 2):
        assert _ids(TwoManagers.markup.vip()) == expected
        assert _ids(TwoManagers.third.vip()) == expected
    assert not hasattr(TwoManagers.objects, "vip")
    assert not hasattr(Ticket, "third")
    with pytest.raises(AttributeError, match=r"third.*TwoManagers"):
        TwoManagers(subject="x").third  # noqa: B018 - reading is the test


def test_db_manager_selects_the_account(count_requests):
    """`db_manager()` queries and creates objects in the account with that alias."""
    with emulator_with_tickets(3) as default_emulator, emulator_with_tickets(5) as other_emulator:
        default, other = default_emulator.connect(), other_emulator.connect(alias="emea")
        with count_requests(default, 1), count_requests(other, 2):
            assert len(Ticket.objects.all()) == 3
            assert len(Ticket.objects.db_manager("emea").all()) == 5
            assert Ticket.objects.using("emea").count() == 5
        assert Ticket.objects.db_manager().db == "default"
        with count_requests(default, 0), count_requests(other, 1):
            created = Ticket.objects.db_manager("emea").create(
                subject="x", comment=Comment(body="y")
            )
        assert created.using == "emea"
        assert (len(stored_rows(default_emulator)), len(stored_rows(other_emulator))) == (3, 6)


def test_db_manager_cannot_be_deleted():
    """`delete()` of a `db_manager()` raises, as for any manager."""
    with pytest.raises(FieldError, match="a manager cannot be deleted"):
        Ticket.objects.db_manager("emea").delete()


def test_get_queryset_applies_to_all_queries(demo, rows):
    """As in Django, each query of a manager starts with its `get_queryset()`."""

    class OpenManager(Manager[Ticket]):
        """A manager of open tickets."""

        def get_queryset(self):
            return super().get_queryset().filter(status="open")

    class Open(Ticket):
        """An open ticket."""

        objects = OpenManager.as_manager()

        class Meta:
            proxy = True

    expected = _ids_where(rows, lambda row: row["status"] == "open")
    assert _ids(Open.objects.get_queryset()) == expected
    assert Open.objects.count() == len(expected)
    assert _ids(Open.objects.all()) == expected


def test_get_queryset_can_prefetch_relations(demo, count_requests):
    """The prefetches of `get_queryset()` apply to each query of the manager."""

    class PrefetchingManager(Manager[Ticket]):
        """Tickets with their requesters."""

        def get_queryset(self):
            return super().get_queryset().prefetch_related("requester")

    class PrefetchedTicket(Ticket):
        """A ticket with its requester."""

        objects = PrefetchingManager.as_manager()

        class Meta:
            proxy = True

    tickets = list(PrefetchedTicket.objects.filter(status="new")[:5])

    with count_requests(demo, 0):
        assert all(ticket.requester.name for ticket in tickets)


@pytest.mark.parametrize(
    "make",
    [lambda: Manager(), Manager.from_queryset(TicketQuerySet)],
    ids=["Manager", "from_queryset"],
)
def test_managers_without_as_manager_work_or_raise(demo, make):
    """A manager without `as_manager()` works, or raises when it is created."""
    try:
        manager = make()
    except ZendeskError:
        return

    class Made(Ticket):
        """A ticket."""

        objects = manager

        class Meta:
            proxy = True

    assert Made.objects.count() == 3000


def test_managers_cannot_be_read_from_objects(demo, ticket_proxy):
    """As in Django, a manager cannot be read from an instance."""
    with pytest.raises(AttributeError, match=r"objects.*TicketProxy"):
        ticket_proxy(subject="x").objects  # noqa: B018 - reading is the test


def test_related_managers_count_and_filter(demo, seeded, count_requests):
    """A related manager returns and counts the related rows only."""
    organization = Organization.objects.all()[0]
    expected = {
        row["id"] for row in stored_rows(seeded) if row["organization_id"] == organization.pk
    }
    with count_requests(demo, 2):
        assert _ids(organization.tickets.all()) == expected
        assert organization.tickets.get_queryset().count() == len(expected)
    assert organization.tickets.model is Ticket


def test_proxies_have_the_rows_of_their_filter(demo, incident, rows, count_requests):
    """`Meta.filter` applies to each query of a proxy, without further requests."""
    expected = _ids_where(rows, lambda row: row["type"] == "incident")
    with count_requests(demo, 2):
        assert _ids(incident.objects.all()) == expected
    with count_requests(demo, 1):
        assert incident.objects.count() == len(expected)
    open_ = _ids_where(rows, lambda row: row["type"] == "incident" and row["status"] == "open")
    with count_requests(demo, 1):
        assert _ids(incident.objects.filter(status="open")) == open_
    with count_requests(demo, 1):
        assert incident.objects.exclude(status="open").count() == len(expected) - len(open_)
    with count_requests(demo, 1):
        assert _ids(incident.objects.vip()) == expected & _ids_where(
            rows, lambda row: "vip" in row["tags"]
        )
    assert incident.objects.first().type == "incident"
    assert Ticket.objects.count() == 3000


def test_proxies_have_their_own_ordering(demo, incident, rows, count_requests):
    """`Meta.ordering` and `Meta.get_latest_by` of a proxy apply to its queries."""
    expected = _ids_where(rows, lambda row: row["type"] == "incident")
    stamps = sorted(rows[pk]["updated_at"] for pk in expected)
    with count_requests(demo, 3):
        result = [moment(rows[t.pk], "updated_at") for t in incident.objects.all()[:20]]
        assert result == sorted(result, reverse=True)
        assert rows[incident.objects.latest().pk]["updated_at"] == stamps[-1]
        assert rows[incident.objects.earliest().pk]["updated_at"] == stamps[0]
    assert incident.objects.ordered
    assert not incident.objects.order_by().ordered


def test_proxies_exclude_other_rows(demo, incident, rows, count_requests):
    """`get()`, `in_bulk()` and `contains()` of a proxy do not find other rows."""
    task = next(pk for pk, row in rows.items() if row["type"] == "task")
    incident_id = next(pk for pk, row in rows.items() if row["type"] == "incident")
    with count_requests(demo, 2):
        assert incident.objects.get(incident_id).pk == incident_id
        with pytest.raises(incident.DoesNotExist, match=str(task)) as caught:
            incident.objects.get(task)
    assert isinstance(caught.value, Ticket.DoesNotExist)
    assert incident.DoesNotExist is not Ticket.DoesNotExist
    with count_requests(demo, 1):
        assert set(incident.objects.in_bulk([incident_id, task])) == {incident_id}
    with count_requests(demo, 2):
        assert incident.objects.contains(Ticket(id=incident_id))
        assert not incident.objects.contains(Ticket(id=task))


def test_proxy_objects_equal_objects_of_the_model(demo, incident):
    """An object of a proxy equals the object of the model with the same row."""
    result = incident.objects.first()
    ticket = Ticket.objects.get(result.pk)

    assert result == ticket
    assert hash(result) == hash(ticket)
    assert len({result, ticket}) == 1
    assert isinstance(result, incident)
    assert isinstance(result, Ticket)
    assert not isinstance(ticket, incident)
    assert result != User(id=result.pk)
    assert result.title == f"#{result.pk} {ticket.subject}"


def test_proxies_have_the_relations_of_the_model(demo, incident, count_requests):
    """A proxy can follow, side-load and prefetch the relations of its model."""
    with count_requests(demo, 1):
        result = list(incident.objects.vip().select_related("requester"))
    with count_requests(demo, 0):
        assert all(ticket.requester.name for ticket in result)
    with count_requests(demo, 1):
        assert result[0].comments.all()[0].body == result[0].description
    with count_requests(demo, 3):
        list(incident.objects.vip().prefetch_related("comments")[:2])


def test_proxies_create_rows_that_match_their_filter(emulator, incident, count_requests):
    """An object that a proxy creates has the values of its filter."""
    account = emulator.connect()
    with count_requests(account, 1):
        created = incident.objects.create(subject="x", comment=Comment(body="y"))
    assert stored_rows(emulator)[0]["type"] == created.type == "incident"
    assert incident(subject="z").type == "incident"
    assert _ids(incident.objects.all()) == {created.pk}


def test_proxies_combine_filters_and_reject_unknown_options(demo, incident, rows):
    """The filters of nested proxies add up, and an unknown option raises."""

    class Urgent(incident):
        """An urgent incident."""

        class Meta:
            filter = {"priority": "urgent"}  # noqa: RUF012 - as in Django, options are plain

    expected = _ids_where(
        rows, lambda row: row["type"] == "incident" and row["priority"] == "urgent"
    )
    assert _ids(Urgent.objects.all()) == expected
    assert Urgent.objects.get(min(expected)) == Ticket.objects.get(min(expected))
    with pytest.raises(FieldError, match="ordering"):

        class Wrong(Ticket):
            """A ticket."""

            class Meta:
                orderin = "id"


def test_proxies_cannot_be_combined_with_their_model(incident):
    """As in Django, queries of a proxy and of its model cannot be combined."""
    with pytest.raises(FieldError, match="cannot be combined"):
        incident.objects.all() | Ticket.objects.all()


def test_abstract_models_share_fields_and_managers(demo):
    """A subclass of an abstract model has its fields and managers."""

    class Stamped(Model):
        """A model with two datetimes."""

        created_at: ReadOnly[datetime]
        updated_at: ReadOnly[datetime]
        objects = TicketQuerySet.as_manager()

        class Meta:
            abstract = True

    class Part(Stamped):
        """A part."""

        name: Field[str]

    assert list(Part._meta.fields) == ["id", "created_at", "updated_at", "name"]
    assert isinstance(Part.objects, TicketQuerySet)
    assert not Part._meta.abstract
    with pytest.raises(FieldError, match="Stamped is abstract"):
        Stamped.objects  # noqa: B018 - reading is the test
    with pytest.raises(NoEndpoint):
        list(Part.objects.all())


def test_meta_ordering_is_the_default_order(demo, rows, count_requests):
    """`Meta.ordering` applies until `order_by()` sets another order."""

    class OldestFirst(Ticket):
        """A ticket, the oldest first."""

        class Meta:
            proxy = True
            ordering = ("created_at",)

    with count_requests(demo, 4):
        assert [ticket.pk for ticket in OldestFirst.objects.all()[:3]] == [1, 2, 3]
        assert [t.pk for t in OldestFirst.objects.order_by("-created_at")[:2]] == [3000, 2999]
        assert [ticket.pk for ticket in OldestFirst.objects.reverse()[:2]] == [3000, 2999]
        assert OldestFirst.objects.all()[-1].pk == 3000


def test_an_invalid_meta_ordering_raises():
    """An unknown field in `Meta.ordering` raises when the model is declared."""
    with pytest.raises(FieldError, match="created_at"):

        class Misordered(Ticket):
            """A ticket."""

            class Meta:
                proxy = True
                ordering = "createdat"


@pytest.mark.parametrize(
    ("get_name", "expected"),
    [
        (lambda: Ticket(status="hold").get_status_display(), "On-hold"),
        (lambda: Ticket(status="new").get_status_display(), "New"),
        (lambda: Ticket().get_priority_display(), ""),
        (lambda: Ticket(priority="urgent").get_priority_display(), "Urgent"),
        (lambda: Ticket(type="problem").get_type_display(), "Problem"),
        (lambda: User(role="end-user").get_role_display(), "End user"),
        (lambda: User(role="admin").get_role_display(), "Administrator"),
    ],
)
def test_choices_have_display_names(get_name, expected):
    """`get_<field>_display()` returns Zendesk's name of a choice, or an empty text."""
    assert get_name() == expected


def test_display_names_need_no_request(demo, count_requests):
    """The display name of a choice is determined without a request."""
    with count_requests(demo, 1):
        ticket = Ticket.objects.get(2999)
        assert ticket.get_status_display() == "New"


def test_proxies_can_be_pickled(demo, incident, ticket_proxy, count_requests):
    """Pickled objects and queries of a proxy keep their classes."""
    result = incident.objects.vip().first()
    copy = pickle.loads(pickle.dumps(result))
    assert (type(copy), copy, copy.type) == (incident, result, "incident")
    rows = ticket_proxy.objects.vip()
    unevaluated = pickle.loads(pickle.dumps(rows))
    assert (type(unevaluated), unevaluated.query) == (TicketQuerySet, rows.query)
    with count_requests(demo, 1):
        ids = _ids(unevaluated.vip())
    list(unevaluated)
    with count_requests(demo, 0):
        assert _ids(pickle.loads(pickle.dumps(unevaluated))) == ids


@pytest.mark.parametrize(
    "make",
    [
        lambda: Ticket.objects,
        lambda: Ticket.objects.raw("status:new")[:3],
        lambda: Ticket.objects.filter(created_after="4hours"),
        lambda: Ticket.objects.filter(created_at__date__in=[datetime(2026, 1, 1).date()]),
        lambda: Ticket.objects.filter(requester__in=User.objects.filter(role="admin")),
        lambda: Ticket.objects.filter(requester__organization__name="Alder Foods"),
        lambda: Ticket.objects.filter(custom_fields__5="x", via__channel="web").scan(limit=5),
        lambda: Ticket.objects.distinct("status").order_by("created_at").reverse(),
        lambda: Group.objects.filter(name__in=["Billing"]).values("name"),
        lambda: Ticket.objects.db_manager("emea").fresh().strict_loading(),
        lambda: Ticket.objects.get(2999).comments.order_by("-created_at"),
        lambda: Ticket.objects.filter(id=1) | Ticket.objects.filter(status="new"),
    ],
)
def test_unevaluated_queries_can_be_pickled(demo, make):
    """An unpickled query has the conditions and the account of the original."""
    rows = make()

    again = pickle.loads(pickle.dumps(rows))

    assert (type(again), again.query, again.db) == (type(rows), rows.query, rows.db)
    assert again.explain() == rows.explain()


def test_pickles_contain_no_credentials(demo):
    """A pickled query contains no credentials and no session."""
    rows = Ticket.objects.filter(status="new")[:3]
    list(rows)
    text = pickle.dumps(rows)

    assert b"emulated" not in text
    assert b"Session" not in text
    assert b"Transport" not in text


def test_partly_fetched_queries_are_pickled_unevaluated(demo, count_requests):
    """The cached rows of an incomplete iteration are not pickled."""
    rows = Ticket.objects.fresh()[:150]
    next(iter(rows))
    with count_requests(demo, 2):
        assert len(pickle.loads(pickle.dumps(rows))) == 150


def test_unpickled_managers_cannot_be_deleted(emulator):
    """`delete()` of an unpickled manager raises."""
    emulator.connect()
    again = pickle.loads(pickle.dumps(Ticket.objects))

    with pytest.raises(FieldError, match="a manager cannot be deleted"):
        again.delete()


def test_notebooks_show_the_plan_of_unevaluated_queries(demo, count_requests):
    """A notebook shows the plan of a query in escaped HTML, without a request."""
    with count_requests(demo, 0):
        markup = Ticket.objects.filter(subject="<b>")._repr_html_()

    assert markup.startswith("<pre>")
    assert "&lt;b&gt;" in markup
    assert "<b>" not in markup
    assert "search/export" in markup


def test_notebooks_show_cached_rows(demo, count_requests):
    """A notebook shows the first twenty cached rows and their number."""
    rows = Ticket.objects.filter(status="new")
    list(rows)
    with count_requests(demo, 0):
        markup = rows._repr_html_()

    assert markup.count("<li>") == 20
    assert "35 read" in markup
    assert "&lt;Ticket 2999" in markup


def test_notebooks_show_empty_results(demo, count_requests):
    """The representation of an evaluated query without rows states that 0 rows were read."""
    rows = Ticket.objects.filter(status="new", tags="nobody")
    assert not rows
    with count_requests(demo, 0):
        assert "0 read" in repr(rows)


@pytest.mark.parametrize("rows", [Ticket.objects.none(), Ticket.objects.filter(via__nope=1)])
def test_notebooks_show_why_a_query_is_not_supported(demo, count_requests, rows):
    """A notebook shows the reason instead of an error for an unsupported query."""
    with count_requests(demo, 0):
        assert rows._repr_html_().startswith("<pre>Ticket" if rows.query.nothing else "<pre>no ")


@pytest.mark.parametrize(("position", "requests"), [(-1, 1), (-2, 1), (-100, 1), (-3000, 3)])
def test_negative_indexes_count_from_the_end(demo, rows, count_requests, position, requests):
    """A negative index takes as many requests as a positive one in the reversed order."""
    ids = sorted(rows, key=lambda pk: (rows[pk]["created_at"], pk))
    with count_requests(demo, requests):
        assert Ticket.objects.order_by("created_at")[position].created_at == moment(
            rows[ids[position]]
        )


def test_negative_indexes_of_slices_count_from_their_end(demo, count_requests):
    """A negative index of a slice, or of cached rows, counts from their end."""
    with count_requests(demo, 1):
        assert Ticket.objects.order_by("-created_at")[:10][-1].pk == 2991
    cached = Ticket.objects.filter(status="new")
    ids = [ticket.pk for ticket in cached]
    with count_requests(demo, 0):
        assert cached[-1].pk == ids[-1]
        assert cached[-35].pk == ids[-35]
        with pytest.raises(IndexError):
            cached[-36]


def test_negative_indexes_before_a_slice_raise(demo):
    """A negative index before the first row of a slice raises IndexError."""
    with pytest.raises(IndexError):
        Ticket.objects.order_by("-created_at")[:10][-11]


def test_indexes_beyond_the_rows_raise(demo, count_requests):
    """An index beyond the first or last row raises IndexError."""
    for position in (35, -36):
        with count_requests(demo, 1), pytest.raises(IndexError):
            Ticket.objects.filter(status="new").order_by("created_at")[position]


def test_negative_indexes_need_an_order(demo, count_requests):
    """A negative index of a query without an order raises."""
    with count_requests(demo, 0), pytest.raises(InvalidValue, match="order_by"):
        Ticket.objects.filter(status="new")[-1]


def test_invalid_indexes_raise():
    """An index that is neither an integer nor a slice raises."""
    for key in ("a", 1.5, None):
        with pytest.raises((TypeError, AttributeError)):
            Ticket.objects.all()[key]


def test_raw_text_is_sent_unchanged(demo, rows, sent):
    """`raw()` sends the text as it is, and lookups are added to it."""
    tickets = Ticket.objects.raw("status<solved priority:high")
    expected = _ids_where(
        rows,
        lambda row: (
            row["status"] in ("new", "open", "pending", "hold") and row["priority"] == "high"
        ),
    )

    assert _ids(tickets) == expected
    assert tickets.all().count() == len(expected)
    vip = _ids_where(rows, lambda row: "vip" in row["tags"])
    assert _ids(tickets.filter(tags="vip")) == expected & vip
    assert [dict(request.params)["query"] for request in sent] == [
        "status<solved priority:high",
        "type:ticket status<solved priority:high",
        "status<solved priority:high tags:vip",
    ]


def test_raw_queries_can_be_sliced_ordered_and_combined(demo, rows, count_requests):
    """A raw query can be indexed, ordered and combined like others."""
    new = sorted(_ids_where(rows, lambda row: row["status"] == "new"))
    with count_requests(demo, 2):
        assert Ticket.objects.raw("status:new").order_by("created_at")[0].pk == new[0]
        assert Ticket.objects.raw("status:new").last().pk == new[-1]
    with count_requests(demo, 2):
        united = _ids(Ticket.objects.raw("status:new") | Ticket.objects.raw("status:open"))
    assert united == _ids_where(rows, lambda row: row["status"] in ("new", "open"))


@pytest.mark.parametrize("text", ["", "  ", "\n"])
def test_raw_text_must_not_be_empty(demo, count_requests, text):
    """`raw()` raises for an empty text, which would match all rows."""
    with count_requests(demo, 0), pytest.raises(InvalidValue, match="raw"):
        Ticket.objects.raw(text)


def test_raw_text_cannot_be_used_without_search(demo, count_requests):
    """`raw()` raises with `fresh()`, which uses a list, and on a slice."""
    with count_requests(demo, 0), pytest.raises(NoEndpoint):
        list(Ticket.objects.raw("status:new").fresh())
    with count_requests(demo, 0), pytest.raises(FieldError, match="slice"):
        Ticket.objects.all()[:5].raw("status:new")


@pytest.mark.parametrize(
    "read",
    [
        lambda: Ticket.objects.raw("status:new").contains(Ticket(id=2999)),
        lambda: list(Ticket.objects.raw("status:new").filter(id__in=[1, 2999])),
        lambda: list(Group.objects.raw("Billing")),
    ],
    ids=["contains", "ids", "short list"],
)
def test_raw_text_is_searched_or_raises_with_a_reason(demo, read):
    """A raw query by ids or of a short list returns rows, or raises NoEndpoint."""
    try:
        result = read()
    except NoEndpoint:
        return
    assert result


def test_raw_text_returns_rows_of_the_model_only(demo):
    """A raw query for users returns no rows as tickets, or raises."""
    try:
        result = list(Ticket.objects.raw("type:user role:admin")[:5])
    except ZendeskError:
        return

    assert all(ticket.subject for ticket in result)
