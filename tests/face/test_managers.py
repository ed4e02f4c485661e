"""Managers and QuerySets of one's own, proxies and abstract bases, and what a notebook shows."""

from __future__ import annotations

import pickle
import sys
from datetime import datetime

import pytest

from tests.face.stored import filled, moment, stored, stored_by_id
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


class TicketRows(QuerySet[Ticket]):
    """Tickets, with two questions of their own."""

    def vip(self):
        """Return those with the tag."""
        return self.filter(tags="vip")

    def oldest(self, number):
        """Return the subjects of so many of the oldest."""
        return list(self.order_by("created_at").values_list("subject", flat=True)[:number])


def _known_here(monkeypatch, cls):
    """Let pickle find a class that a test made."""
    cls.__qualname__ = cls.__name__
    monkeypatch.setattr(sys.modules[__name__], cls.__name__, cls, raising=False)
    return cls


@pytest.fixture
def vips(monkeypatch):
    """Return a proxy of tickets with a manager of its own."""

    class Shown(Ticket):
        """A ticket, with questions of its own."""

        objects = TicketRows.as_manager()

        class Meta:
            proxy = True

    return _known_here(monkeypatch, Shown)


@pytest.fixture
def incident(monkeypatch):
    """Return a proxy of some tickets only."""

    class Incident(Ticket):
        """A ticket of the type incident."""

        objects = TicketRows.as_manager()

        class Meta:
            proxy = True
            filter = {"type": "incident"}  # noqa: RUF012 - as in Django, options are plain
            ordering = "-updated_at"
            verbose_name = "incident"
            get_latest_by = "updated_at"

        @property
        def title(self):
            return f"#{self.pk} {self.subject}"

    return _known_here(monkeypatch, Incident)


@pytest.fixture(scope="module")
def rows(seeded):
    """Return the rows of all tickets by id, as they lie in the store."""
    return stored_by_id(seeded)


def _where(rows, test):
    return {pk for pk, row in rows.items() if test(row)}


def _ids(rows):
    found = [ticket.pk for ticket in rows]
    assert len(found) == len(set(found))
    return set(found)


# -- managers of one's own ---------------------------------------------------


def test_a_queryset_of_ones_own_is_a_manager(demo, vips, rows, count_requests):
    """Its methods begin there, and none of them makes a request by itself."""
    with count_requests(demo, 0):
        made = vips.objects.vip()
    assert isinstance(made, TicketRows)
    with count_requests(demo, 1):
        assert _where(rows, lambda row: "vip" in row["tags"]) == _ids(made)
    with count_requests(demo, 1):
        assert [rows[number]["subject"] for number in (1, 2, 3)] == vips.objects.oldest(3)


def test_its_methods_chain(demo, vips, rows, count_requests):
    """With Django's, before and behind, also after values(), a slice of one, or a union."""
    expected = _where(rows, lambda row: "vip" in row["tags"] and row["status"] == "open")
    for chained in (
        vips.objects.filter(status="open").vip(),
        vips.objects.vip().filter(status="open"),
        vips.objects.all().order_by("created_at").vip().filter(Q(status="open")),
        vips.objects.select_related("requester").vip().using("default").filter(status="open"),
        vips.objects.vip() & vips.objects.filter(status="open"),
        vips.objects.none().union(vips.objects.filter(status="open")).vip(),
    ):
        with count_requests(demo, 1):
            assert expected == _ids(chained)
        assert isinstance(chained, TicketRows)
    with count_requests(demo, 1):
        assert expected == set(
            vips.objects.values_list("id", flat=True).vip().filter(status="open")
        )


def test_a_manager_has_the_methods_of_a_queryset_class(demo, rows, count_requests):
    """`from_queryset` puts both together, under a name of its own if it is given one."""

    class Base(Manager):
        """A manager with a method of its own."""

        def open(self):
            return self.filter(status="open")

    both = Base.from_queryset(TicketRows, "Both")

    class Handled(Ticket):
        """A ticket."""

        objects = both.as_manager()

        class Meta:
            proxy = True

    assert "Both" == both.__name__
    assert "BaseFromTicketRows" == Base.from_queryset(TicketRows).__name__
    expected = _where(rows, lambda row: "vip" in row["tags"] and row["status"] == "open")
    with count_requests(demo, 2):
        assert expected == _ids(Handled.objects.open().vip())
        assert expected == _ids(Handled.objects.vip().open())


def test_a_model_may_have_several_managers(demo, rows, count_requests):
    """Beside `objects`, which stays what it was; `contribute_to_class` adds one afterwards."""

    class Two(Ticket):
        """A ticket."""

        shown = TicketRows.as_manager()

        class Meta:
            proxy = True

    TicketRows.as_manager().contribute_to_class(Two, "third")
    expected = _where(rows, lambda row: "vip" in row["tags"])

    with count_requests(demo, 2):
        assert expected == _ids(Two.shown.vip())
        assert expected == _ids(Two.third.vip())
    assert not hasattr(Two.objects, "vip")
    assert not hasattr(Ticket, "third")
    with pytest.raises(AttributeError, match="third belongs to Two"):
        Two(subject="x").third  # noqa: B018 - reading is the test


def test_a_manager_is_of_another_account(count_requests):
    """`db_manager` and `using` ask there, and what is made there stays there."""
    with filled(3) as here, filled(5) as there:
        mine, other = here.connect(), there.connect(alias="emea")
        with count_requests(mine, 1), count_requests(other, 2):
            assert 3 == len(Ticket.objects.all())
            assert 5 == len(Ticket.objects.db_manager("emea").all())
            assert 5 == Ticket.objects.using("emea").count()
        assert "default" == Ticket.objects.db_manager().db
        with count_requests(mine, 0), count_requests(other, 1):
            made = Ticket.objects.db_manager("emea").create(subject="x", comment=Comment(body="y"))
        assert "emea" == made.using
        assert (3, 6) == (len(stored(here)), len(stored(there)))


def test_a_manager_of_another_account_does_not_delete_everything():
    """No more than the one of this account."""
    with pytest.raises(FieldError, match="a manager does not delete"):
        Ticket.objects.db_manager("emea").delete()


def test_a_manager_that_narrows_is_asked(demo, rows):
    """As in Django, all that begins at the manager begins with its `get_queryset()`."""

    class OpenManager(Manager[Ticket]):
        """The open ones."""

        def get_queryset(self):
            return super().get_queryset().filter(status="open")

    class Open(Ticket):
        """An open ticket."""

        objects = OpenManager.as_manager()

        class Meta:
            proxy = True

    expected = _where(rows, lambda row: row["status"] == "open")
    assert expected == _ids(Open.objects.get_queryset())
    assert len(expected) == Open.objects.count()
    assert expected == _ids(Open.objects.all())


@pytest.mark.parametrize(
    "make", [lambda: Manager(), Manager.from_queryset(TicketRows)], ids=["Manager", "from_queryset"]
)
def test_a_manager_is_made_as_in_django(demo, make):
    """`objects = Manager()` works, or is refused with the way to go."""
    try:
        manager = make()
    except ZendeskError:
        return

    class Made(Ticket):
        """A ticket."""

        objects = manager

        class Meta:
            proxy = True

    assert 3000 == Made.objects.count()


def test_an_object_has_no_manager(demo, vips):
    """As in Django, it belongs to the class."""
    with pytest.raises(AttributeError, match="objects belongs to Shown"):
        vips(subject="x").objects  # noqa: B018 - reading is the test


def test_a_relation_goes_to_the_manager_of_its_model(demo, seeded, count_requests):
    """`org.tickets` is a manager; it counts, filters and creates for that row only."""
    organization = Organization.objects.all()[0]
    expected = {row["id"] for row in stored(seeded) if row["organization_id"] == organization.pk}
    with count_requests(demo, 2):
        assert expected == _ids(organization.tickets.all())
        assert len(expected) == organization.tickets.get_queryset().count()
    assert organization.tickets.model is Ticket


# -- proxies -----------------------------------------------------------------


def test_a_proxy_has_the_rows_of_its_filter(demo, incident, rows, count_requests):
    """Whatever is asked of it besides, for the requests that the filter itself would cost."""
    expected = _where(rows, lambda row: row["type"] == "incident")
    with count_requests(demo, 2):
        assert expected == _ids(incident.objects.all())
    with count_requests(demo, 1):
        assert len(expected) == incident.objects.count()
    open_ = _where(rows, lambda row: row["type"] == "incident" and row["status"] == "open")
    with count_requests(demo, 1):
        assert open_ == _ids(incident.objects.filter(status="open"))
    with count_requests(demo, 1):
        assert len(expected) - len(open_) == incident.objects.exclude(status="open").count()
    with count_requests(demo, 1):
        assert expected & _where(rows, lambda row: "vip" in row["tags"]) == _ids(
            incident.objects.vip()
        )
    assert incident.objects.first().type == "incident"
    assert 3000 == Ticket.objects.count()


def test_a_proxy_has_its_own_order_and_latest(demo, incident, rows, count_requests):
    """`Meta.ordering` and `Meta.get_latest_by`."""
    expected = _where(rows, lambda row: row["type"] == "incident")
    stamps = sorted(rows[pk]["updated_at"] for pk in expected)
    with count_requests(demo, 3):
        found = [moment(rows[t.pk], "updated_at") for t in incident.objects.all()[:20]]
        assert found == sorted(found, reverse=True)
        assert stamps[-1] == rows[incident.objects.latest().pk]["updated_at"]
        assert stamps[0] == rows[incident.objects.earliest().pk]["updated_at"]
    assert incident.objects.ordered
    assert not incident.objects.order_by().ordered


def test_a_proxy_does_not_have_the_other_rows(demo, incident, rows, count_requests):
    """By id, too, it is the proxy's own DoesNotExist, which is the ticket's as well."""
    other = next(pk for pk, row in rows.items() if row["type"] == "task")
    one = next(pk for pk, row in rows.items() if row["type"] == "incident")
    with count_requests(demo, 2):
        assert incident.objects.get(one).pk == one
        with pytest.raises(incident.DoesNotExist, match=str(other)) as caught:
            incident.objects.get(other)
    assert isinstance(caught.value, Ticket.DoesNotExist)
    assert incident.DoesNotExist is not Ticket.DoesNotExist
    with count_requests(demo, 1):
        assert {one} == set(incident.objects.in_bulk([one, other]))
    with count_requests(demo, 2):
        assert incident.objects.contains(Ticket(id=one))
        assert not incident.objects.contains(Ticket(id=other))


def test_the_row_of_a_proxy_is_the_ticket(demo, incident):
    """Equal and of one hash, although of two classes; a user of that id is another."""
    found = incident.objects.first()
    ticket = Ticket.objects.get(found.pk)

    assert found == ticket
    assert hash(found) == hash(ticket)
    assert 1 == len({found, ticket})
    assert isinstance(found, incident)
    assert isinstance(found, Ticket)
    assert not isinstance(ticket, incident)
    assert found != User(id=found.pk)
    assert found.title == f"#{found.pk} {ticket.subject}"


def test_a_proxy_has_the_relations_of_its_rows(demo, incident, count_requests):
    """Both ways, and side-loads and prefetches, too."""
    with count_requests(demo, 1):
        found = list(incident.objects.vip().select_related("requester"))
    with count_requests(demo, 0):
        assert all(ticket.requester.name for ticket in found)
    with count_requests(demo, 1):
        assert found[0].comments.all()[0].body == found[0].description
    with count_requests(demo, 3):
        list(incident.objects.vip().prefetch_related("comments")[:2])


def test_what_a_proxy_makes_is_of_its_kind(emulator, incident, count_requests):
    """The filter is part of what is sent; another value is refused or wins, but is not lost."""
    account = emulator.connect()
    with count_requests(account, 1):
        made = incident.objects.create(subject="x", comment=Comment(body="y"))
    assert "incident" == made.type == stored(emulator)[0]["type"]
    assert "incident" == incident(subject="z").type
    assert {made.pk} == _ids(incident.objects.all())


def test_proxies_of_proxies_and_options_that_there_are_not(demo, incident, rows):
    """Filters add up; an unknown option is refused with what was meant."""

    class Urgent(incident):
        """An urgent incident."""

        class Meta:
            filter = {"priority": "urgent"}  # noqa: RUF012 - as in Django, options are plain

    expected = _where(rows, lambda row: row["type"] == "incident" and row["priority"] == "urgent")
    assert expected == _ids(Urgent.objects.all())
    assert Urgent.objects.get(min(expected)) == Ticket.objects.get(min(expected))
    with pytest.raises(FieldError, match="ordering"):

        class Wrong(Ticket):
            """A ticket."""

            class Meta:
                orderin = "id"


def test_a_proxy_is_put_together_with_its_own_kind(incident):
    """Not with another model, as in Django."""
    with pytest.raises(FieldError, match="cannot be put together"):
        incident.objects.all() | Ticket.objects.all()


# -- abstract bases ----------------------------------------------------------


def test_an_abstract_base_lends_its_fields(demo):
    """It has no rows, and its subclasses have what it declares, and its managers."""

    class Stamped(Model):
        """What has two moments."""

        created_at: ReadOnly[datetime]
        updated_at: ReadOnly[datetime]
        objects = TicketRows.as_manager()

        class Meta:
            abstract = True

    class Part(Stamped):
        """A part."""

        name: Field[str]

    assert ["id", "created_at", "updated_at", "name"] == list(Part._meta.fields)
    assert isinstance(Part.objects, TicketRows)
    assert not Part._meta.abstract
    with pytest.raises(FieldError, match="Stamped is abstract"):
        Stamped.objects  # noqa: B018 - reading is the test
    with pytest.raises(NoEndpoint):
        list(Part.objects.all())


# -- Meta.ordering -----------------------------------------------------------


def test_an_order_of_a_model_is_that_of_its_queries(demo, rows, count_requests):
    """Until another one, or none, is asked for."""

    class Aged(Ticket):
        """A ticket, the oldest first."""

        class Meta:
            proxy = True
            ordering = ("created_at",)

    with count_requests(demo, 4):
        assert [1, 2, 3] == [ticket.pk for ticket in Aged.objects.all()[:3]]
        assert [3000, 2999] == [t.pk for t in Aged.objects.order_by("-created_at")[:2]]
        assert [3000, 2999] == [ticket.pk for ticket in Aged.objects.reverse()[:2]]
        assert 3000 == Aged.objects.all()[-1].pk


def test_an_order_that_a_model_does_not_have_is_refused(demo):
    """No later than when it is first asked."""

    class Misordered(Ticket):
        """A ticket."""

        class Meta:
            proxy = True
            ordering = "createdat"

    with pytest.raises(FieldError, match="created_at"):
        Misordered.objects  # noqa: B018 - reading is the test


# -- names of choices --------------------------------------------------------


@pytest.mark.parametrize(
    ("record", "shown"),
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
def test_a_choice_has_a_name_for_people(record, shown):
    """Zendesk's own, where it differs; of no choice, nothing."""
    assert shown == record()


def test_the_name_of_a_choice_is_read_with_the_row(demo, count_requests):
    """For no further request."""
    with count_requests(demo, 1):
        ticket = Ticket.objects.get(2999)
        assert "New" == ticket.get_status_display()


# -- pickling ----------------------------------------------------------------


def test_rows_of_a_proxy_are_pickled(demo, incident, vips, count_requests):
    """The object, the unread question and the read one, with the class that they are of."""
    found = incident.objects.vip().first()
    copy = pickle.loads(pickle.dumps(found))
    assert (type(copy), copy, copy.type) == (incident, found, "incident")
    rows = vips.objects.vip()
    unread = pickle.loads(pickle.dumps(rows))
    assert (type(unread), unread.query) == (TicketRows, rows.query)
    with count_requests(demo, 1):
        ids = _ids(unread.vip())
    list(unread)
    with count_requests(demo, 0):
        assert ids == _ids(pickle.loads(pickle.dumps(unread)))


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
def test_questions_are_pickled(demo, make):
    """Query and account come back, and the same is asked."""
    rows = make()

    again = pickle.loads(pickle.dumps(rows))

    assert (type(rows), rows.query, rows.db) == (type(again), again.query, again.db)
    assert again.explain() == rows.explain()


def test_a_pickle_holds_no_secret_and_no_session(demo):
    """What is read elsewhere is read with the account of there."""
    rows = Ticket.objects.filter(status="new")[:3]
    list(rows)
    text = pickle.dumps(rows)

    assert b"emulated" not in text
    assert b"Session" not in text
    assert b"Transport" not in text


def test_a_half_read_query_is_pickled_as_a_question(demo, count_requests):
    """Some rows are not all rows."""
    rows = Ticket.objects.fresh()[:150]
    next(iter(rows))
    with count_requests(demo, 2):
        assert 150 == len(pickle.loads(pickle.dumps(rows)))


def test_a_pickled_manager_does_not_delete(emulator):
    """It is the manager that it was."""
    emulator.connect()
    again = pickle.loads(pickle.dumps(Ticket.objects))

    with pytest.raises(FieldError, match="a manager does not delete"):
        again.delete()


# -- what a notebook shows ---------------------------------------------------


def test_a_notebook_shows_the_plan_of_what_was_not_read(demo, count_requests):
    """And makes no request for it; signs of HTML are shown as they are."""
    with count_requests(demo, 0):
        shown = Ticket.objects.filter(subject="<b>")._repr_html_()

    assert shown.startswith("<pre>")
    assert "&lt;b&gt;" in shown
    assert "<b>" not in shown
    assert "search/export" in shown


def test_a_notebook_shows_rows_that_were_read(demo, count_requests):
    """The first twenty of them, and how many there are."""
    rows = Ticket.objects.filter(status="new")
    list(rows)
    with count_requests(demo, 0):
        shown = rows._repr_html_()

    assert 20 == shown.count("<li>")
    assert "35 read" in shown
    assert "&lt;Ticket 2999" in shown


def test_a_notebook_shows_that_there_is_no_row(demo, count_requests):
    """Which is not the same as that none was read."""
    rows = Ticket.objects.filter(status="new", tags="nobody")
    assert not rows
    with count_requests(demo, 0):
        assert "0 read" in repr(rows)


@pytest.mark.parametrize("rows", [Ticket.objects.none(), Ticket.objects.filter(via__nope=1)])
def test_a_notebook_shows_what_cannot_be_asked(demo, count_requests, rows):
    """Why not, instead of an error."""
    with count_requests(demo, 0):
        assert rows._repr_html_().startswith("<pre>Ticket" if rows.query.nothing else "<pre>no ")


# -- places, and the first and the last ---------------------------------------


@pytest.mark.parametrize(("place", "requests"), [(-1, 1), (-2, 1), (-100, 1), (-3000, 3)])
def test_a_negative_place_counts_from_the_end(demo, rows, count_requests, place, requests):
    """One request, by the opposite order, as for the same place from the beginning."""
    ids = sorted(rows, key=lambda pk: (rows[pk]["created_at"], pk))
    with count_requests(demo, requests):
        assert moment(rows[ids[place]]) == Ticket.objects.order_by("created_at")[place].created_at


def test_a_negative_place_of_a_slice_is_one_of_its_rows(demo, count_requests):
    """The slice is read, whatever lies behind it."""
    with count_requests(demo, 1):
        assert 2991 == Ticket.objects.order_by("-created_at")[:10][-1].pk
    read = Ticket.objects.filter(status="new")
    ids = [ticket.pk for ticket in read]
    with count_requests(demo, 0):
        assert ids[-1] == read[-1].pk
        assert ids[-35] == read[-35].pk
        with pytest.raises(IndexError):
            read[-36]


def test_a_negative_place_before_a_slice_is_an_error(demo):
    """As of a list of as many rows."""
    with pytest.raises(IndexError):
        Ticket.objects.order_by("-created_at")[:10][-11]


def test_a_place_beyond_the_rows_is_an_error(demo, count_requests):
    """As of a list."""
    for place in (35, -36):
        with count_requests(demo, 1), pytest.raises(IndexError):
            Ticket.objects.filter(status="new").order_by("created_at")[place]


def test_rows_in_no_order_have_no_end(demo, count_requests):
    """So there is nothing to count from."""
    with count_requests(demo, 0), pytest.raises(InvalidValue, match="order_by"):
        Ticket.objects.filter(status="new")[-1]


def test_what_is_no_place_is_a_type_error():
    """As of a list."""
    for key in ("a", 1.5, None):
        with pytest.raises((TypeError, AttributeError)):
            Ticket.objects.all()[key]


# -- raw ---------------------------------------------------------------------


def test_raw_text_is_sent_as_it_is(demo, rows, sent):
    """In Zendesk's own language, beside lookups, and counted by Zendesk, too."""
    asked = Ticket.objects.raw("status<solved priority:high")
    expected = _where(
        rows,
        lambda row: (
            row["status"] in ("new", "open", "pending", "hold") and row["priority"] == "high"
        ),
    )

    assert expected == _ids(asked)
    assert len(expected) == asked.all().count()
    vip = _where(rows, lambda row: "vip" in row["tags"])
    assert expected & vip == _ids(asked.filter(tags="vip"))
    assert [
        "status<solved priority:high",
        "type:ticket status<solved priority:high",
        "status<solved priority:high tags:vip",
    ] == [dict(request.params)["query"] for request in sent]


def test_raw_text_can_be_sliced_ordered_and_joined(demo, rows, count_requests):
    """Like any other query."""
    new = sorted(_where(rows, lambda row: row["status"] == "new"))
    with count_requests(demo, 2):
        assert new[0] == Ticket.objects.raw("status:new").order_by("created_at")[0].pk
        assert new[-1] == Ticket.objects.raw("status:new").last().pk
    with count_requests(demo, 2):
        joined = _ids(Ticket.objects.raw("status:new") | Ticket.objects.raw("status:open"))
    assert _where(rows, lambda row: row["status"] in ("new", "open")) == joined


@pytest.mark.parametrize("text", ["", "  ", "\n"])
def test_raw_text_wants_text(demo, count_requests, text):
    """Nothing would be everything."""
    with count_requests(demo, 0), pytest.raises(InvalidValue, match="raw"):
        Ticket.objects.raw(text)


def test_raw_text_cannot_be_turned_round_or_asked_of_a_list(demo, count_requests):
    """What no row can be compared with is refused where Zendesk does not search."""
    with count_requests(demo, 0), pytest.raises(NoEndpoint):
        list(Ticket.objects.raw("status:new").fresh())
    with count_requests(demo, 0), pytest.raises(FieldError, match="slice"):
        Ticket.objects.all()[:5].raw("status:new")


@pytest.mark.parametrize(
    "ask",
    [
        lambda: Ticket.objects.raw("status:new").contains(Ticket(id=2999)),
        lambda: list(Ticket.objects.raw("status:new").filter(id__in=[1, 2999])),
        lambda: list(Group.objects.raw("Billing")),
    ],
    ids=["contains", "ids", "short list"],
)
def test_raw_text_is_answered_or_refused_with_a_reason(demo, ask):
    """By search, or as something that no endpoint answers; nobody asked for a field `text`."""
    try:
        found = ask()
    except NoEndpoint:
        return
    assert found


def test_raw_text_does_not_change_the_type(demo):
    """Rows of another type are refused, or left out, but are no tickets."""
    try:
        found = list(Ticket.objects.raw("type:user role:admin")[:5])
    except ZendeskError:
        return

    assert all(ticket.subject for ticket in found)
