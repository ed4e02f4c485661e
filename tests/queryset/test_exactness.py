"""Filters return exactly the rows that match their conditions."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from zendesk_orm import F, Group, NoEndpoint, Organization, Q, Ticket, User
from zendesk_orm.query.matching import row_test


@pytest.fixture(scope="module")
def ticket_rows(seeded):
    """Return the rows of all tickets."""
    seeded.connect()
    return [ticket._row for ticket in Ticket.objects.all()]


@pytest.fixture(autouse=True)
def default_account(seeded, ticket_rows):
    """Connect the emulator as the default account."""
    return seeded.connect()


def _ago(days):
    """Return a time that many days and five hours ago."""
    now = datetime.now(timezone.utc).replace(microsecond=0)
    return now - timedelta(days=days, hours=5)


CONDITIONS = [
    Q(status="new"),
    Q(status__in=["new", "open"]),
    Q(status__gte="pending"),
    Q(status__lt="pending"),
    Q(priority="urgent"),
    Q(priority=None),
    Q(priority__isnull=False),
    Q(priority__gt="normal"),
    Q(priority__lte="normal"),
    Q(type="incident"),
    Q(type__in=["task", "problem"]),
    Q(type__isnull=True),
    Q(tags="printer"),
    Q(tags__in=["vip", "refund"]),
    Q(tags="printer") & Q(tags="vip"),
    Q(tags__isnull=True),
    Q(created_after=_ago(30)),
    Q(created_before=_ago(150)),
    Q(created_between=(_ago(90), _ago(60))),
    Q(updated_at__gte=_ago(10)),
    Q(created_at__lt=_ago(20), created_at__gt=_ago(40)),
    Q(assignee=None),
    Q(organization=None),
    Q(group__isnull=False),
    Q(external_id="case-1230"),
    Q(subject="Cannot log in"),
    Q(status="open", priority="high", type="incident"),
    Q(status="open") & ~Q(priority="urgent"),
    Q(status="new") | Q(priority="urgent", status="open"),
    Q(tags="vip") | Q(external_id="case-1230"),
    ~Q(status="closed"),
    ~Q(tags="hardware"),
    ~Q(priority="urgent"),
    ~Q(status__in=["closed", "solved"]),
    ~Q(priority=None) & Q(status="pending"),
    ~(Q(status="closed") | Q(priority="low")),
    ~(Q(status="closed") & Q(priority="low")),
]


def _matching_ids(q, ticket_rows):
    where = q.resolve(Ticket)
    test = row_test(where, Ticket._meta)
    return {row["id"] for row in ticket_rows if test(row)}


@pytest.mark.slow
@pytest.mark.parametrize("q", CONDITIONS)
def test_filters_return_exactly_the_matching_rows(ticket_rows, q):
    """A filter returns all rows that match its conditions, and no others."""
    result = [ticket.pk for ticket in Ticket.objects.filter(q)]

    assert len(set(result)) == len(result)
    assert set(result) == _matching_ids(q, ticket_rows)


#: Conditions that search cannot negate.
NOT_NEGATABLE = [
    Q(priority__gt="normal"),
    Q(priority__lte="normal"),
    Q(external_id="case-1230"),
    Q(subject="Cannot log in"),
    Q(tags="vip") | Q(external_id="case-1230"),
]


@pytest.mark.slow
@pytest.mark.parametrize("q", [q for q in CONDITIONS if q not in NOT_NEGATABLE])
def test_exclude_returns_the_other_rows(ticket_rows, q):
    """As in Django, `exclude()` returns all other rows, including those without a value."""
    others = {row["id"] for row in ticket_rows} - _matching_ids(q, ticket_rows)

    result = {ticket.pk for ticket in Ticket.objects.exclude(q)}

    assert result == others


@pytest.mark.parametrize("q", NOT_NEGATABLE)
def test_unsupported_exclusions_raise(q):
    """An exclusion that search cannot express raises, so that no wrong rows are returned."""
    with pytest.raises(NoEndpoint, match=r"cannot (negate|leave out)"):
        list(Ticket.objects.exclude(q))


@pytest.mark.parametrize("q", CONDITIONS)
def test_counts_equal_the_number_of_rows(ticket_rows, q):
    """`count()` returns the number of matching rows."""
    assert Ticket.objects.filter(q).count() == len(_matching_ids(q, ticket_rows))


def test_comparing_two_fields_raises():
    """A comparison of two fields, which Zendesk does not support, raises."""
    with pytest.raises(NoEndpoint, match="no endpoint of Zendesk answers"):
        list(Ticket.objects.filter(updated_at__gt=F("created_at")))


@pytest.mark.parametrize(
    ("model", "q"),
    [
        (User, Q(role="agent")),
        (User, Q(role__in=["agent", "admin"])),
        (User, ~Q(role="end-user")),
        (User, Q(email="owner@example.com")),
        (User, Q(tags="vip")),
        (User, Q(created_after=_ago(150))),
        (User, Q(role="end-user", tags="vip")),
        (Organization, Q(name="Alder Foods")),
        (Organization, Q(tags="vip")),
        (Group, Q(name="Billing")),
        (Group, Q(name__startswith="S")),
        (Group, ~Q(name__icontains="a")),
        (Group, Q(default=True) | Q(name="Billing")),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_filters_of_other_models_are_exact(model, q):
    """Filters of users, organizations and groups return exactly the matching rows."""
    test = row_test(q.resolve(model), model._meta)
    expected = {row.pk for row in model.objects.all() if test(row._row)}

    assert {row.pk for row in model.objects.filter(q)} == expected


@pytest.mark.parametrize("relation", ["requester", "assignee", "organization", "group", "brand"])
def test_filters_accept_related_objects(ticket_rows, relation):
    """A filter accepts a related object, its id, or the name of the id field."""
    key = f"{relation}_id"
    pk = next(row[key] for row in ticket_rows if row[key])
    expected = {row["id"] for row in ticket_rows if row[key] == pk}
    target = Ticket._meta.relations[relation].model(id=pk)

    for lookup in ({relation: target}, {relation: pk}, {key: pk}, {f"{relation}__in": [pk]}):
        assert {ticket.pk for ticket in Ticket.objects.filter(**lookup)} == expected


def test_filters_can_span_relations(ticket_rows):
    """A filter by a field of a related object queries the related rows first."""
    organization = Organization.objects.get(name="Alder Foods")
    requester = User.objects.get(ticket_rows[0]["requester_id"])

    by_name = {t.pk for t in Ticket.objects.filter(organization__name="Alder Foods")}
    by_email = {t.pk for t in Ticket.objects.filter(requester__email=requester.email)}

    assert by_name == {r["id"] for r in ticket_rows if r["organization_id"] == organization.pk}
    assert by_email == {r["id"] for r in ticket_rows if r["requester_id"] == requester.pk}


def test_filters_accept_querysets(ticket_rows):
    """A filter accepts a QuerySet as its value, also one with many rows."""
    for users in (User.objects.filter(tags="vip"), User.objects.filter(role="end-user")):
        ids = {user.pk for user in users}
        expected = {row["id"] for row in ticket_rows if row["requester_id"] in ids}

        assert {t.pk for t in Ticket.objects.filter(requester__in=users.all())} == expected


def test_an_empty_queryset_as_a_value_matches_nothing():
    """A filter by an empty QuerySet or list matches no row."""
    assert list(Ticket.objects.filter(requester__email="nobody@example.com")) == []
    assert Ticket.objects.filter(requester__in=User.objects.none()).count() == 0
    assert Ticket.objects.filter(requester__in=[]).count() == 0


def test_excluding_an_empty_queryset_excludes_nothing():
    """`exclude()` of a QuerySet without rows returns all rows."""
    assert Ticket.objects.exclude(requester__email="nobody@example.com").count() == 3000


def test_search_requires_all_words(ticket_rows):
    """A search returns rows with all of its words, and can be narrowed by lookups."""
    words = {
        row["id"]
        for row in ticket_rows
        if all(
            word in f"{row['subject']} {row['description']}".lower()
            for word in ("printer", "smoke")
        )
    }
    narrow = {row["id"] for row in ticket_rows if row["id"] in words and row["status"] == "open"}

    assert {ticket.pk for ticket in Ticket.objects.filter(text="printer smoke")} == words
    assert {t.pk for t in Ticket.objects.filter(text="printer smoke", status="open")} == narrow


def test_free_text_can_be_excluded(ticket_rows):
    """`exclude(text=...)` returns the rows that do not contain the text."""
    result = {ticket.pk for ticket in Ticket.objects.filter(text="smoke")}

    others = {ticket.pk for ticket in Ticket.objects.exclude(text="smoke")}

    assert result | others == {row["id"] for row in ticket_rows}
    assert result & others == set()


@pytest.mark.parametrize(
    ("text", "word"),
    [("-printer", "printer"), ("fire*", "fire"), ("status:open", None), ("created>2020", None)],
)
def test_search_escapes_operators(ticket_rows, text, word):
    """Search operators in a text are searched for as text."""
    expected = {
        row["id"]
        for row in ticket_rows
        if word and word in f"{row['subject']} {row['description']}".lower().split()
    }

    assert {ticket.pk for ticket in Ticket.objects.filter(text=text)} == expected


def test_search_supports_phrases(ticket_rows):
    """Words in quotes must be adjacent, and an unclosed quote raises."""
    expected = {row["id"] for row in ticket_rows if "is on fire" in row["subject"]}

    assert {ticket.pk for ticket in Ticket.objects.filter(text='"is on fire"')} == expected
    with pytest.raises(NoEndpoint, match="cannot express"):
        list(Ticket.objects.filter(text='say "hi'))
