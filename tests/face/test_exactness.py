"""What a QuerySet finds is what its predicate says, row by row."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from zendesk_orm import F, Group, NoEndpoint, Organization, Q, Ticket, User
from zendesk_orm.query.matching import row_test


@pytest.fixture(scope="module")
def everything(seeded):
    """Return the rows of all tickets."""
    seeded.connect()
    return [ticket._row for ticket in Ticket.objects.all()]


@pytest.fixture(autouse=True)
def connected(seeded, everything):
    """Connect the emulator as the default account."""
    return seeded.connect()


def _ago(days):
    now = datetime.now(timezone.utc).replace(microsecond=0)
    return now - timedelta(days=days, hours=5)


QUESTIONS = [
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


def _predicted(q, everything):
    where = q.resolve(Ticket)
    test = row_test(where, Ticket._meta)
    return {row["id"] for row in everything if test(row)}


@pytest.mark.parametrize("q", QUESTIONS)
def test_what_is_found_is_what_matches(everything, q):
    """The rows are those, all of them, that the predicate is true of."""
    found = [ticket.pk for ticket in Ticket.objects.filter(q)]

    assert len(set(found)) == len(found)
    assert _predicted(q, everything) == set(found)


#: What search has no words for when it is turned round.
ONE_WAY = [
    Q(priority__gt="normal"),
    Q(priority__lte="normal"),
    Q(external_id="case-1230"),
    Q(subject="Cannot log in"),
    Q(tags="vip") | Q(external_id="case-1230"),
]


@pytest.mark.parametrize("q", [q for q in QUESTIONS if q not in ONE_WAY])
def test_what_is_excluded_is_the_rest(everything, q):
    """As in Django, `exclude()` keeps the rows without a value."""
    rest = {row["id"] for row in everything} - _predicted(q, everything)

    found = {ticket.pk for ticket in Ticket.objects.exclude(q)}

    assert rest == found


@pytest.mark.parametrize("q", ONE_WAY)
def test_what_cannot_be_excluded_is_refused(q):
    """Instead of rows that are nearly right."""
    with pytest.raises(NoEndpoint, match=r"cannot (negate|leave out)"):
        list(Ticket.objects.exclude(q))


@pytest.mark.parametrize("q", QUESTIONS)
def test_what_is_counted_is_what_matches(everything, q):
    """`count()` tells the number of the rows, however it is asked."""
    assert len(_predicted(q, everything)) == Ticket.objects.filter(q).count()


def test_two_fields_of_a_row_are_not_compared_by_zendesk():
    """So the question is refused rather than answered wrongly."""
    with pytest.raises(NoEndpoint, match="no endpoint of Zendesk answers"):
        list(Ticket.objects.filter(updated_at__gt=F("created_at")))


# -- other models ------------------------------------------------------------


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
    ids=lambda each: getattr(each, "__name__", None),
)
def test_other_models_are_found_exactly(model, q):
    """By list, by search, or filtered here."""
    test = row_test(q.resolve(model), model._meta)
    expected = {row.pk for row in model.objects.all() if test(row._row)}

    assert expected == {row.pk for row in model.objects.filter(q)}


# -- by what a relation points to --------------------------------------------


@pytest.mark.parametrize("relation", ["requester", "assignee", "organization", "group", "brand"])
def test_rows_are_found_by_their_relation(everything, relation):
    """By object, by id and by the name of the id."""
    key = f"{relation}_id"
    pk = next(row[key] for row in everything if row[key])
    expected = {row["id"] for row in everything if row[key] == pk}
    target = Ticket._meta.relations[relation].model(id=pk)

    for lookup in ({relation: target}, {relation: pk}, {key: pk}, {f"{relation}__in": [pk]}):
        assert expected == {ticket.pk for ticket in Ticket.objects.filter(**lookup)}


def test_rows_are_found_by_a_field_of_their_relation(everything):
    """`organization__name=` and `requester__email=` ask for those first."""
    organization = Organization.objects.get(name="Alder Foods")
    requester = User.objects.get(everything[0]["requester_id"])

    by_name = {t.pk for t in Ticket.objects.filter(organization__name="Alder Foods")}
    by_email = {t.pk for t in Ticket.objects.filter(requester__email=requester.email)}

    assert {r["id"] for r in everything if r["organization_id"] == organization.pk} == by_name
    assert {r["id"] for r in everything if r["requester_id"] == requester.pk} == by_email


def test_rows_are_found_by_a_query_of_their_relation(everything):
    """`requester__in=` takes a QuerySet, also a large one."""
    for users in (User.objects.filter(tags="vip"), User.objects.filter(role="end-user")):
        ids = {user.pk for user in users}
        expected = {row["id"] for row in everything if row["requester_id"] in ids}

        assert expected == {t.pk for t in Ticket.objects.filter(requester__in=users.all())}


def test_a_relation_to_nobody_matches_nothing():
    """A query without rows is no query without a restriction."""
    assert [] == list(Ticket.objects.filter(requester__email="nobody@example.com"))
    assert 0 == Ticket.objects.filter(requester__in=User.objects.none()).count()
    assert 0 == Ticket.objects.filter(requester__in=[]).count()


def test_all_but_a_relation_to_nobody_is_all():
    """Excluding what nobody has excludes nothing."""
    assert 3000 == Ticket.objects.exclude(requester__email="nobody@example.com").count()


# -- free text ---------------------------------------------------------------


def test_free_text_finds_all_words(everything):
    """Both words have to be there, and lookups narrow the rows."""
    words = {
        row["id"]
        for row in everything
        if all(
            word in f"{row['subject']} {row['description']}".lower()
            for word in ("printer", "smoke")
        )
    }
    narrow = {row["id"] for row in everything if row["id"] in words and row["status"] == "open"}

    assert words == {ticket.pk for ticket in Ticket.objects.filter(text="printer smoke")}
    assert narrow == {t.pk for t in Ticket.objects.filter(text="printer smoke", status="open")}


def test_free_text_can_be_excluded(everything):
    """The rest is the rest."""
    found = {ticket.pk for ticket in Ticket.objects.filter(text="smoke")}

    rest = {ticket.pk for ticket in Ticket.objects.exclude(text="smoke")}

    assert {row["id"] for row in everything} == found | rest
    assert set() == found & rest


@pytest.mark.parametrize(
    ("text", "word"),
    [("-printer", "printer"), ("fire*", "fire"), ("status:open", None), ("created>2020", None)],
)
def test_signs_of_the_search_language_are_no_commands(everything, text, word):
    """A sign neither excludes, nor widens, nor filters by a field: it is part of the text."""
    expected = {
        row["id"]
        for row in everything
        if word and word in f"{row['subject']} {row['description']}".lower().split()
    }

    assert expected == {ticket.pk for ticket in Ticket.objects.filter(text=text)}


def test_a_phrase_is_found_as_a_phrase(everything):
    """In quotes the words stand side by side, and an open quote is refused."""
    expected = {row["id"] for row in everything if "is on fire" in row["subject"]}

    assert expected == {ticket.pk for ticket in Ticket.objects.filter(text='"is on fire"')}
    with pytest.raises(NoEndpoint, match="cannot express"):
        list(Ticket.objects.filter(text='say "hi'))
