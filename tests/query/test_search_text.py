"""The search text of predicates, and predicates without search text."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zendesk_orm import F, Q, Ticket, User
from zendesk_orm.api.endpoint import Verb
from zendesk_orm.query.search_text import Inexpressible, quote, search_text


TEN = datetime(2023, 11, 3, 10, tzinfo=timezone.utc)
NINE_IN_BERLIN = datetime(2023, 11, 3, 10, tzinfo=timezone(timedelta(hours=1)))

#: The separator of terms at Zendesk: a space outside double quotes.
TERM = re.compile(r'(?:[^\s"]|"[^"]*")+')


def _text(q, model=Ticket):
    return search_text(q.resolve(model), model._meta, model._meta.endpoint(Verb.SEARCH), None)


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        (Q(), ""),
        (Q(status="new"), "status:new"),
        (Q(status="new", priority="high"), "status:new priority:high"),
        (Q(type="incident"), "ticket_type:incident"),
        (Q(requester=5), "requester:5"),
        (Q(requester_id=5, organization=6), "requester:5 organization:6"),
        (Q(status__in=["new", "open"]), "status:new status:open"),
        (Q(tags="a") | Q(tags="b"), "tags:a tags:b"),
        (Q(tags="a") & Q(tags="b"), 'tags:"a b"'),
        (Q(assignee=None), "assignee:none"),
        (Q(assignee__isnull=False), "-assignee:none"),
        (Q(tags__isnull=True), "tags:none"),
        (~Q(status="new"), "-status:new"),
        (~Q(tags__in=["a", "b"]), "-tags:a -tags:b"),
        (Q(tags="a") & ~Q(tags="b"), "tags:a -tags:b"),
        (Q(created_after=TEN), "created>2023-11-03T10:00:00Z"),
        (Q(created_at__gte=NINE_IN_BERLIN), "created>=2023-11-03T09:00:00Z"),
        (Q(created_before=date(2023, 11, 3)), "created<2023-11-03T00:00:00Z"),
        (Q(updated_at__lte=TEN), "updated<=2023-11-03T10:00:00Z"),
        (
            Q(due_at__range=(TEN, TEN + timedelta(days=1))),
            "due_date>=2023-11-03T10:00:00Z due_date<=2023-11-04T10:00:00Z",
        ),
        (Q(priority__gt="normal"), "priority>normal"),
        (Q(subject="printer on fire"), 'subject:"printer on fire"'),
    ],
    ids=str,
)
def test_a_predicate_is_compiled_to_search_text(q, expected):
    """A predicate is compiled to keywords, operators and values."""
    assert _text(q) == expected


def test_the_type_comes_first():
    """The search text begins with the type, unless a parameter contains the type."""
    where = Q(role="agent", verified=True).resolve(User)
    endpoint = User._meta.endpoint(Verb.SEARCH)

    assert (
        search_text(where, User._meta, endpoint, "user") == "type:user role:agent is_verified:true"
    )


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        (Q(priority__gt="low") & Q(priority__gt="high"), "priority>high"),
        (Q(priority__lt="urgent") & Q(priority__lt="normal"), "priority<normal"),
        (Q(priority__gt="low", priority__lte="high"), "priority>low priority<=high"),
        (Q(priority__gte="low") & Q(priority__gt="low"), "priority>low"),
        (Q(priority__gt="low") & Q(priority__gte="normal"), "priority>=normal"),
        (Q(status__lt="solved") & Q(status__lte="solved"), "status<solved"),
        (
            Q(created_after=TEN) & Q(created_after=TEN - timedelta(hours=1)),
            "created>2023-11-03T10:00:00Z",
        ),
        (Q(created_after=TEN) & Q(created_at__gte=TEN), "created>2023-11-03T10:00:00Z"),
        (Q(created_before=TEN) & Q(created_at__lte=TEN), "created<2023-11-03T10:00:00Z"),
    ],
    ids=str,
)
def test_only_the_tightest_bound_is_sent(q, expected):
    """Of several bounds only the tightest is sent, because a repeated keyword means `or`."""
    assert _text(q) == expected


@pytest.mark.parametrize(
    ("lookup", "expected"),
    [
        ("created_at__gt", {"created>2023-11-03T10:00:00Z", "created>=2023-11-03T10:00:01Z"}),
        ("created_at__gte", {"created>2023-11-03T10:00:00Z", "created>=2023-11-03T10:00:01Z"}),
        ("created_at__lt", {"created<=2023-11-03T10:00:00Z", "created<2023-11-03T10:00:01Z"}),
        ("created_at__lte", {"created<=2023-11-03T10:00:00Z", "created<2023-11-03T10:00:01Z"}),
    ],
)
def test_a_fraction_of_a_second_loses_no_row(lookup, expected):
    """Bounds with fractions are rounded so that no row is lost: Zendesk compares seconds."""
    assert _text(Q(**{lookup: TEN.replace(microsecond=500_000)})) in expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("vip", "vip"),
        ("Zoë", "Zoë"),
        ("日本", "日本"),
        ("a.b@example.com", "a.b@example.com"),
        ("two words", '"two words"'),
        ("status:new", '"status:new"'),
        ("-status", '"-status"'),
        ("<5", '"<5"'),
        ("_x", '"_x"'),
        ("a\u00a0b", '"a\u00a0b"'),
        ("a,b", '"a,b"'),
        (-5, '"-5"'),
        (5, "5"),
        (1.5, "1.5"),
        (True, "true"),
        (False, "false"),
        (date(2023, 11, 3), "2023-11-03"),
        (NINE_IN_BERLIN, "2023-11-03T09:00:00Z"),
    ],
)
def test_a_value_is_quoted_unless_it_is_a_plain_word(value, expected):
    """A value is quoted unless it is a plain word, so that it cannot become an operator."""
    assert quote(value) == expected


@pytest.mark.parametrize("value", ['say "hello"', '"', "", "  ", "back\\slash"])
def test_an_inexpressible_value_is_rejected(value):
    """A value with double quotes, and an empty value, cannot be searched and raise."""
    with pytest.raises(Inexpressible):
        quote(value)


@pytest.mark.parametrize("value", ["none", "None", "NONE"])
def test_reserved_words_are_quoted(value):
    """Reserved words are quoted, because `tags:none` finds tickets without tags."""
    try:
        text = _text(Q(tags=value))
    except Inexpressible:
        return

    assert f"tags:{value}" != text


@pytest.mark.parametrize("value", ["two words", " vip"])
def test_a_tag_with_blanks_is_not_expressible(value):
    """A tag with blanks is not searched, because `tags:"a b"` means two tags."""
    with pytest.raises(Inexpressible):
        _text(Q(tags=value))


@pytest.mark.parametrize(
    ("q", "reason"),
    [
        (Q(status="new") | Q(priority="high"), "cannot combine different fields with `or`"),
        (~Q(status="new", priority="high"), "cannot combine different fields with `or`"),
        (Q(raw_subject="x"), "cannot filter by raw_subject"),
        (Q(id=5), "cannot filter by id"),
        (Q(subject__contains="x"), "matches whole words, so it cannot answer subject__contains"),
        (Q(subject__endswith="x"), "so it cannot answer subject__endswith"),
        (~Q(due_after=TEN), "cannot negate a comparison of due_at"),
        (Q(updated_at__gt=F("created_at")), "cannot compare with another field, created_at"),
        (~Q(text="two words"), "cannot leave out rows that hold several words"),
        (Q(status="new") & Q(status="open"), "cannot ask status for two things at once"),
        (Q(status="new") & Q(status__in=["new", "open"]), "cannot ask status for two things"),
        (Q(tags="a") & Q(tags__in=["b", "c"]), "cannot ask tags for two things"),
        (Q(tags="a") & Q(tags="b:c"), "cannot ask for 'b:c' among others"),
        (Q(subject='"'), "contains no word"),
        (Q(subject='a "b" c'), "cannot express the value"),
        (Q(tags="fire*"), "cannot express the value"),
    ],
    ids=str,
)
def test_an_inexpressible_predicate_has_a_reason(q, reason):
    """A predicate without search text has a reason for `explain()` and `NoEndpoint`."""
    with pytest.raises(Inexpressible, match=re.escape(reason)):
        _text(q)


def _word_value(term, keyword):
    assert term.startswith(f"{keyword}:")
    value = term[len(keyword) + 1 :]
    if value.startswith('"'):
        assert value.endswith('"')
        return value[1:-1]
    assert not re.search(r'[\s:"<>*-]', value[:1])
    return value


@given(st.text(min_size=1) | st.text('ab:"-* <>\\', min_size=1))
def test_any_text_is_one_term_or_inexpressible(value):
    """Any text is one of two expected terms, or is rejected."""
    try:
        text = _text(Q(subject=value, status="new"))
    except Inexpressible:
        assert not set('"\\*').isdisjoint(value) or not any(map(str.isalnum, value))
        return

    terms = TERM.findall(text)

    assert len(terms) == 2
    assert _word_value(terms[0], "subject") == value
    assert terms[1] == "status:new"


@given(st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.timezones()))
def test_any_datetime_is_one_term_in_utc(moment):
    """Any datetime is sent in UTC without fractions."""
    text = _text(Q(created_after=moment))

    assert re.fullmatch(r"created>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", text)
