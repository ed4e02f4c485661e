"""Search text, evaluated on rows by an independent parser, finds the matching rows."""

from __future__ import annotations

import io
from collections import Counter
from datetime import date, datetime, timedelta, timezone
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
import urllib3
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.query.search_parser import Malformed, Term, finds, parse, spoken
from zendesk_orm import InvalidValue, NoEndpoint, Q, Ticket, User
from zendesk_orm.api.endpoint import Verb
from zendesk_orm.emulator.search import parser
from zendesk_orm.http.limits import Limits
from zendesk_orm.http.wire import Wire
from zendesk_orm.plan.plan import Plan
from zendesk_orm.plan.selection import Candidate
from zendesk_orm.query.matching import row_test
from zendesk_orm.query.predicate import WORDS, conditions
from zendesk_orm.query.search_text import Inexpressible, search_text


TEN = datetime(2023, 11, 3, 10, tzinfo=timezone.utc)
HALF_PAST = TEN.replace(microsecond=500_000)
BEHIND = timezone(timedelta(hours=1))
AHEAD = timezone(timedelta(hours=-3))

#: Fields that Zendesk matches by word, so that rows are checked client-side.
LOOSE = {"subject", "external_id", "name", "email", "notes", "details", "phone"}

#: Values that would be operators or keywords if they were not quoted.
HOSTILE = [
    "-x",
    "-status:new",
    "--",
    "none",
    "None",
    "me",
    "OR",
    "AND",
    "not",
    "*",
    "fire*",
    "*fire",
    "x:y",
    "status:new",
    "type:user",
    "order_by:created sort:asc",
    "created>2020-01-01",
    "created>4hours",
    "<5",
    ">=1",
    'a"b c',
    '"',
    'x" status:new "y',
    "back\\slash",
    '\\"',
    "&query=type:user",
    "x&page=2",
    "?a=b#c",
    "100%25",
    "a+b",
    "+15551234567",
    "a;b,c",
    "(a) {b} [c]",
    "~x",
    "x^2",
    "two words",
    " padded ",
    "line\nbreak",
    "tab\tbed",
    "no\u00a0break",
    "\u2028",
    "zero\u200bwidth",
    "“smart”",
    "Zoë",
    "STRASSE straße",
    "日本語",
    "🎉",
    "e\u0301",
    "\x00",
    "x" * 5_000,
    "many words " * 40,
]
hostile = st.sampled_from(HOSTILE)
texts = hostile | st.text(min_size=1) | st.text('ab:"-* <>\\&=', min_size=1)

# Rows and predicates

#: Values of rows and predicates, few enough to be equal often.
SAID = ["printer on fire", "Printer", "fire", "me", "none", "-x fire", "a:b c", "Zoë", "fire*"]
SAID += ["created>2020-01-01", "line\nbreak", "straße", "STRASSE"]
TAGS = ["vip", "new-fire", "none", "me", "a:b", "fire*", "-x", "order_by:created", "日本", "x&y=1"]
#: Conditions that search does not support, and others.
UNSAID = ['a"b', "back\\slash", " ", "two words"]

#: Few enough that equal and neighbouring seconds occur.
seconds = st.integers(-3, 3).map(lambda number: TEN + timedelta(seconds=number))
zones = st.integers(-12 * 60, 14 * 60).map(lambda number: timezone(timedelta(minutes=number)))
moments = st.builds(lambda moment, zone: moment.astimezone(zone), seconds, zones)
fractions = st.builds(
    lambda moment, micros: moment.replace(microsecond=micros),
    moments,
    st.sampled_from([0, 1, 500_000, 999_999]),
)
days = st.sampled_from([date(2023, 11, 2), date(2023, 11, 3), date(2023, 11, 4)])
ids = st.integers(1, 4)
words = st.text(min_size=1, max_size=8).filter(spoken) | st.sampled_from(SAID)
numbers = st.sampled_from(["+15551234567", "+1555", "+49 30 1234"])
addresses = st.sampled_from(["ann@example.com", "Ann@Example.com", "none@example.com", "x-y@z.org"])
strange = st.sampled_from(UNSAID)

statuses = st.sampled_from(["new", "open", "pending", "hold", "solved", "closed"])
priorities = st.sampled_from(["low", "normal", "high", "urgent"])
types = st.sampled_from(["problem", "incident", "question", "task"])
roles = st.sampled_from(["end-user", "agent", "admin"])


def _format(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


written = seconds.map(_format)
tags = st.lists(st.sampled_from(TAGS), max_size=3, unique=True)
tickets = st.fixed_dictionaries(
    {
        "status": statuses,
        "priority": st.none() | priorities,
        "type": st.none() | types,
        "tags": tags,
        "requester_id": ids,
        "assignee_id": st.none() | ids,
        "organization_id": st.none() | ids,
        "group_id": st.none() | ids,
        "created_at": written,
        "updated_at": written,
        "due_at": st.none() | written,
        "subject": st.none() | words,
        "external_id": st.none() | words,
    }
)
users = st.fixed_dictionaries(
    {
        "role": roles,
        "organization_id": st.none() | ids,
        "tags": tags,
        "created_at": written,
        "verified": st.booleans(),
        "suspended": st.booleans(),
        "name": words,
        "email": st.none() | addresses,
        "notes": st.none() | words,
        "details": st.none() | words,
        "external_id": st.none() | words,
        "phone": st.none() | numbers,
    }
)


def _triples(name, lookup, values):
    return values.map(lambda value: (name, lookup, value))


def _list_of(values):
    return st.lists(values, min_size=1, max_size=3)


def _equal(name, values):
    return _triples(name, "exact", values) | _triples(name, "in", _list_of(values))


def _nullable(name):
    return _triples(name, "isnull", st.booleans())


def _comparisons(name, values):
    several = [_triples(name, op, values) for op in ("gt", "gte", "lt", "lte")]
    return st.one_of(*several, _triples(name, "range", st.tuples(values, values)))


def _moments(name):
    """Return datetimes for a lookup, without fractions for equality, as in rows."""
    return _equal(name, moments) | _comparisons(name, fractions) | _comparisons(name, days)


def _words_of(name, values, *, begins=True):
    beginnings = values.filter(lambda value: value.split() == [value])
    several = [_equal(name, values), _equal(name, values), _triples(name, "iexact", values)]
    if begins:
        several += [_triples(name, op, beginnings) for op in ("startswith", "istartswith")]
    return st.one_of(*several, _equal(name, strange))


OF_TICKETS = {
    "status": _equal("status", statuses) | _comparisons("status", statuses),
    "priority": _equal("priority", priorities) | _comparisons("priority", priorities),
    "type": _equal("type", types),
    "tags": _equal("tags", st.sampled_from(TAGS) | strange) | _nullable("tags"),
    "requester": _equal("requester", ids),
    "assignee": _equal("assignee", ids) | _nullable("assignee"),
    "organization": _equal("organization_id", ids) | _nullable("organization"),
    "group": _equal("group", ids) | _nullable("group_id"),
    "created_at": _moments("created_at"),
    "updated_at": _moments("updated_at"),
    "due_at": _moments("due_at"),
    "subject": _words_of("subject", words)
    | _triples("subject", "startswith", st.sampled_from(["printer on", "-x f", "none of", "Zoë"])),
    "external_id": _words_of("external_id", words),
}
OF_USERS = {
    "role": _equal("role", roles),
    "organization": _equal("organization", ids) | _nullable("organization"),
    "tags": OF_TICKETS["tags"],
    "created_at": _moments("created_at"),
    "verified": _equal("verified", st.booleans()),
    "suspended": _equal("suspended", st.booleans()),
    "name": _words_of("name", words),
    "email": _words_of("email", addresses, begins=False) | _nullable("email"),
    "notes": _words_of("notes", words),
    "details": _words_of("details", words),
    "external_id": _words_of("external_id", words) | _nullable("external_id"),
    "phone": _equal("phone", numbers) | _triples("phone", "iexact", numbers) | _nullable("phone"),
}
MODELS = {"ticket": (Ticket, tickets, OF_TICKETS), "user": (User, users, OF_USERS)}


def _q(name, lookup, value):
    return Q(**{name if lookup == "exact" else f"{name}__{lookup}": value})


def _is_tokenized(name, lookup):
    return name in LOOSE and lookup != "isnull"


@st.composite
def parts(draw, of):
    """Draw a condition, negated or not, and whether its field is tokenized."""
    name, lookup, value = draw(of)
    q = _q(name, lookup, value)
    # Conditions that match by word cannot be negated.
    negated = draw(st.integers(0, 9)) < (1 if _is_tokenized(name, lookup) else 3)
    return (~q if negated else q), _is_tokenized(name, lookup)


@st.composite
def predicates(draw, fields):
    """Draw a conjunction of a few conditions, some of them on the same field."""
    different = draw(st.integers(0, 4)) > 0
    names = draw(
        st.lists(st.sampled_from(sorted(fields)), min_size=1, max_size=3, unique=different)
    )
    return [draw(parts(fields[name])) for name in names]


def _text(q, model=Ticket, type_=None):
    endpoint = model._meta.endpoint(Verb.SEARCH)
    predicate = q.resolve(model)
    return search_text(predicate, model._meta, endpoint, type_)


def _all(qs):
    combined = Q()
    for q in qs:
        combined &= q
    return combined


def _compare(drawn, rows, type_):
    """Compare the rows that the search text finds with the rows that match the predicate."""
    model = MODELS[type_][0]
    combined = _all(q for q, _ in drawn)
    exact = _all(q for q, tokenized in drawn if not tokenized)
    try:
        text = _text(combined, model)
    except Inexpressible:
        return None
    terms = parse(text, type_)
    matches = row_test(combined.resolve(model), model._meta)
    exactly = row_test(exact.resolve(model), model._meta)
    expected = [row for row in rows if matches(row)]
    result = [row for row in rows if finds(terms, row, type_)]

    assert [row for row in expected if row not in result] == [], f"not found by {text}"
    assert [row for row in result if not exactly(row)] == [], f"should not be found by {text}"
    return bool(expected)


# The parser of the tests

TICKET = {"created_at": "2024-03-01T09:00:00Z", "tags": ["a", "b"], "subject": "Photo x-ray"}
TICKET |= {"status": "hold", "assignee_id": None, "due_at": None, "requester_id": 3}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("created>4hours", True),
        ("created>2hours", False),
        ("created<1days", False),
        ("created:2024-03-01", True),
        ("created>2024-03-01T10:00:00+01:00", False),
        ("created>=2024-03-01T10:00:00+01:00 created<2024-03-02", True),
        ("created<2024-03-01 created<2024-03-02", True),
        ('tags:"a b"', True),
        ('tags:"a c"', False),
        ("tags:a tags:c", True),
        ("tags:a -tags:b", False),
        ("-tags:c -tags:d", True),
        ("subject:photo*", True),
        ("subject:phot", False),
        ('subject:"x ray"', True),
        ('subject:"photo ray"', False),
        ("Status>pending STATUS<solved", True),
        ("assignee:none -due_date>2024-01-01", True),
        ("-assignee:none", False),
        ("requester:me", True),
        ('requester:"me"', False),
        ("type:ticket status:HOLD", True),
    ],
)
def test_the_parser_agrees_with_the_reference(text, expected):
    """The parser is checked with the examples of Zendesk's reference."""
    assert finds(parse(text), TICKET) is expected


@pytest.mark.parametrize(
    "text",
    [
        'subject:"a"b c"',
        "subject:created>2020-01-01",
        'subject:"open',
        "subject: x",
        "subject:",
        "-",
        "a:b:c",
        "photo*",
        "subject:*x",
        "subject:a*b",
        "tags:fire*",
        "priority:none",
        "ticket_type>task",
        "created>soon",
        "created>2024-02-30",
        "type:user",
        "-type:ticket",
        "order_by:created",
        "x " * 65,
    ],
)
def test_the_parser_rejects_ambiguous_text(text):
    """Text with two meanings, or without a meaning, is malformed."""
    with pytest.raises(Malformed):
        parse(text)


# The matching rows


@pytest.mark.slow
@pytest.mark.parametrize(
    ("type_", "name"),
    [(type_, name) for type_, (_, _, fields) in MODELS.items() for name in fields],
)
@given(data=st.data())
def test_a_condition_finds_the_rows_that_match(type_, name, data):
    """The search text of a condition finds all matching rows, and more only if it is tokenized."""
    _, rows, fields = MODELS[type_]

    _compare([data.draw(parts(fields[name]))], data.draw(st.lists(rows, max_size=6)), type_)


@pytest.mark.parametrize("type_", MODELS)
@given(data=st.data())
def test_conditions_together_find_the_rows_that_match(type_, data):
    """The search text of a conjunction finds all matching rows, and more only if tokenized."""
    _, rows, fields = MODELS[type_]

    _compare(data.draw(predicates(fields)), data.draw(st.lists(rows, max_size=6)), type_)


@pytest.mark.slow
@pytest.mark.parametrize("type_", MODELS)
def test_most_random_predicates_are_supported(type_):
    """Most of the drawn predicates have search text and match rows, so that the tests can fail."""
    _, rows, fields = MODELS[type_]
    counts: Counter[bool | None] = Counter()

    @settings(max_examples=300, database=None, derandomize=True)
    @given(predicates(fields), st.lists(rows, min_size=6, max_size=6))
    def count(drawn, rows):
        counts[_compare(drawn, rows, type_)] += 1

    count()

    total = sum(counts.values())
    assert total * 2 / 5 < counts[True] + counts[False]
    assert total / 6 < counts[True]


# Agreement with the emulator


def _as_emulator(text):
    return [
        Term(term.keyword, term.op, term.value, term.quoted, term.negated)
        for term in parser.parse(text).terms
    ]


@pytest.mark.parametrize("type_", MODELS)
@given(data=st.data())
def test_the_emulator_reads_the_same_terms(type_, data):
    """The emulator parses any search text of the library like the parser of the tests."""
    model, _, fields = MODELS[type_]
    drawn = data.draw(predicates(fields))
    try:
        text = _text(_all(q for q, _ in drawn), model, type_)
    except Inexpressible:
        return
    type_term, *terms = parse(text, type_)

    assert type_term == Term("type", ":", type_)
    assert terms == _as_emulator(text)
    assert parser.parse(text).types == (type_,)


@given(texts)
def test_any_text_remains_one_term(value):
    """Any text in a condition is one term for both parsers, or raises."""
    try:
        text = _text(Q(subject=value, status="new"))
    except Inexpressible:
        unsaid = not set('"\\*').isdisjoint(value) or not any(map(str.isalnum, value))
        assert unsaid or not spoken(value) or len(value.split()) > 60
        return
    terms = parse(text)

    assert [(term.keyword, term.op, term.value) for term in terms] == [
        ("subject", ":", value),
        ("status", ":", "new"),
    ]
    assert not any(term.negated or term.beginning for term in terms)
    assert _as_emulator(text) == [*terms]


@given(texts)
def test_free_text_contains_no_operators(value):
    """Free text never contains a keyword, type, order, negation or wildcard."""
    assume(value.strip())
    result = [
        words
        for phrase, word in WORDS.findall(value)
        if (words := " ".join((phrase or word).replace("*", " ").split()))
    ]
    try:
        text = _text(Q(text=value))
    except Inexpressible:
        assert not set('"\\*').isdisjoint(value) or len(value.split()) > 60
        return
    terms = parse(text)

    assert result == [term.value for term in terms]
    assert not any(term.keyword or term.negated or term.beginning for term in terms)
    assert _as_emulator(text) == [*terms]


@given(texts)
def test_excluded_free_text_is_one_term(value):
    """Excluded free text is excluded as a whole, or raises."""
    assume(value.strip())
    try:
        text = _text(~Q(text=value) & Q(status="new"))
    except Inexpressible:
        return
    left_out, status = parse(text)

    assert left_out.negated
    assert not left_out.keyword
    assert status == Term("status", ":", "new")


@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: repr(value)[:30])
@pytest.mark.parametrize("lookup", ["tags", "external_id", "recipient", "subject__startswith"])
def test_hostile_values_add_no_term(lookup, value):
    """A hostile value gives exactly the two expected terms, or no search text."""
    try:
        text = _text(Q(**{lookup: value}) & Q(status="new"))
    except Inexpressible:
        return

    assert [lookup.partition("__")[0], "status"] == [term.keyword for term in parse(text)]


def test_a_quote_in_a_value_is_not_expressible():
    """A double quote in a value raises, because search cannot escape it."""
    with pytest.raises(Inexpressible):
        _text(Q(subject='a"b c'))
    with pytest.raises(NoEndpoint, match="express"):
        _ = Ticket.objects.filter(subject='a"b c').plan


def test_an_operator_in_a_value_is_text():
    """An operator in a value is searched as text."""
    text = _text(Q(subject="created>2020-01-01"))

    assert text == 'subject:"created>2020-01-01"'
    assert parse(text) == (Term("subject", ":", "created>2020-01-01", quoted=True),)


# One parameter of the URL


class Recorder(requests.Session):
    """A session that returns empty responses, and records the URLs."""

    def __init__(self):
        super().__init__()
        self.urls = []

    def send(self, request, **kwargs):
        """Record the URL of the request, and return an empty response."""
        self.urls.append(request.url)
        response = requests.Response()
        response.status_code = 200
        response.raw = urllib3.HTTPResponse(io.BytesIO(b"{}"), preload_content=False)
        return response


def _urls(plan_: Plan):
    """Return the URLs that are requested for a plan, split."""
    session = Recorder()
    wire = Wire("https://acme.zendesk.com", session, Limits())
    for request in plan_.first():
        wire.exchange(request, None)
    return [urlsplit(url) for url in session.urls]


@pytest.mark.parametrize("verb", [Verb.SEARCH, Verb.SEARCH_EXPORT, Verb.SEARCH_COUNT])
@given(value=texts)
def test_the_text_is_one_parameter(verb, value):
    """The decoded URL contains the exact text once, and only the expected parameters."""
    endpoint = Ticket._meta.endpoint(verb)
    predicate = Q(subject=value, status="new")
    text_type = None if verb is Verb.SEARCH_EXPORT else "ticket"
    try:
        text = _text(predicate, type_=text_type)
    except Inexpressible:
        return
    query = Ticket.objects.filter(predicate).query
    (url,) = _urls(Candidate(query, endpoint).plan)
    given_ = parse_qsl(url.query, keep_blank_values=True, strict_parsing=True)
    names = [name for name, _ in given_]

    assert [item for name, item in given_ if name == "query"] == [text]
    assert len(set(names)) == len(names)
    assert {*names} <= {
        "query",
        "filter[type]",
        "page",
        "per_page",
        "page[size]",
        "sort_by",
        "sort_order",
    }
    assert url.path == f"/api/v2/{endpoint.path}"
    assert not url.fragment


def _paths_of_lists(value):
    """Return the paths of the lists that an id is a part of."""
    rows = Ticket.objects.fresh().filter(organization=value)
    lists = [item for item in Ticket._meta.api if "organization" in item.placeholders]
    return [
        url.path
        for item in lists
        if item.verb is Verb.LIST
        for url in _urls(Candidate(rows.query, item).plan)
    ]


@given(texts)
def test_an_id_is_one_segment_of_the_path(value):
    """An id is one segment of the path, whatever characters it contains."""
    try:
        paths = _paths_of_lists(value)
    except InvalidValue:
        assert not (value.isascii() and value.isdigit())
        return

    assert paths
    for path in paths:
        assert path.startswith("/api/v2/organizations/")
        assert path.endswith("/tickets")
        assert len(path.split("/")) == 6


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_an_id_that_is_not_a_segment_is_rejected(value):
    """An id such as `..` raises, because it would lead to another path."""
    with pytest.raises((InvalidValue, NoEndpoint)):
        _paths_of_lists(value)


# Regressions

ROW = {
    "status": "open",
    "priority": None,
    "type": None,
    "tags": ["vip", "5"],
    "requester_id": 3,
    "assignee_id": None,
    "organization_id": None,
    "group_id": None,
    "custom_status_id": 7,
    "recipient": None,
    "created_at": "2023-11-03T10:00:00Z",
    "updated_at": "2023-11-03T10:00:00Z",
    "due_at": None,
    "subject": None,
    "external_id": None,
}
PERSON = {
    "role": "agent",
    "organization_id": None,
    "tags": [],
    "created_at": "2023-11-03T10:00:00Z",
    "verified": True,
    "suspended": False,
    "name": "Ann",
    "email": "ann@example.com",
    "notes": None,
    "details": None,
    "external_id": None,
    "phone": "5551234",
}

NOTHING = "search has no `none` for it: the word is looked for, and rows without a value are lost"
UNORDERED = "search knows no order of it: the sign is no operator there, and rows are lost"
FRACTION = "the fraction is dropped from an equality, so a row that differs is taken for equal"
FOLDED = "search takes no account of case, and row_test does"
WORDLESS = "search finds words, and the value contains no word"
AS_TEXT = "an id given as text equals no row, and search finds the rows of the number"
NUMBER = "a tag given as a number equals no tag, and search finds the rows of the text"


def _lookups(q):
    """Return the lookups of a `Q` for people."""
    text = ",".join(
        _lookups(part) if isinstance(part, Q) else f"{part[0]}={part[1]!s:.30}" for part in q.parts
    )
    return f"not {text}" if q.op == "not" else text


@pytest.mark.parametrize(
    ("q", "row"),
    [
        pytest.param(q, row, id=f"{_lookups(q)}: {reason}")
        for reason, row, qs in [
            (NOTHING, ROW, [Q(subject=None), Q(external_id=None), Q(recipient=None)]),
            (NOTHING, ROW, [Q(priority=None), Q(type=None), Q(due_at=None)]),
            (NOTHING, ROW, [Q(due_at__isnull=False), Q(custom_status_id=None)]),
            (NOTHING, PERSON, [Q(notes=None), Q(details=None)]),
            (UNORDERED, ROW, [Q(type__gt="incident")]),
            (UNORDERED, ROW, [Q(subject__gt="a"), Q(external_id__lte="5")]),
            (UNORDERED, PERSON, [Q(role__gte="agent"), Q(email__lt="b")]),
            (FRACTION, ROW, [Q(created_at=HALF_PAST), ~Q(created_at=HALF_PAST)]),
            (FRACTION, ROW, [Q(updated_at__in=[HALF_PAST])]),
            (FOLDED, ROW, [Q(tags="VIP"), ~Q(tags="VIP")]),
            (AS_TEXT, ROW, [Q(requester="3"), ~Q(requester="3")]),
            (NUMBER, ROW, [Q(tags=5), ~Q(tags=5)]),
            (WORDLESS, ROW | {"subject": "!!!"}, [Q(subject="!!!")]),
            (WORDLESS, ROW | {"subject": "🎉"}, [Q(subject="🎉")]),
            (
                "an external id is found whole, not by its first word",
                ROW | {"external_id": "a bc"},
                [Q(external_id__startswith="a b")],
            ),
            ("search takes no `*` for e-mail", PERSON, [Q(email__startswith="ann")]),
            (
                "search finds a phone number by its plus",
                PERSON,
                [Q(phone="5551234"), Q(phone__startswith="5")],
            ),
            (
                "the year has to have four digits",
                ROW,
                [Q(created_after=datetime.min.replace(tzinfo=timezone.utc))],
            ),
            (
                "a moment that has no counterpart in UTC raises what no caller expects",
                ROW,
                [
                    Q(created_after=datetime.min.replace(tzinfo=BEHIND)),
                    Q(created_before=datetime.max.replace(tzinfo=AHEAD)),
                ],
            ),
        ]
        for q in qs
    ],
)
def test_a_single_condition_finds_the_row_or_is_unsupported(q, row):
    """A single condition finds its row or raises, and is never approximated."""
    type_ = "ticket" if "subject" in row else "user"
    model = MODELS[type_][0]
    try:
        predicate = q.resolve(model)
        text = _text(q, model)
    except (Inexpressible, InvalidValue):
        return
    result = finds(parse(text, type_), row, type_)
    expected = row_test(predicate, model._meta)(row)
    tokenized = any(
        _is_tokenized(condition.name, condition.op) for condition in conditions(predicate)
    )

    assert result >= expected if tokenized else result == expected


def test_a_lone_surrogate_is_rejected():
    """A lone surrogate raises before any request, because a URL cannot contain it."""
    with pytest.raises(InvalidValue, match="character"):
        Ticket.objects.filter(subject="\ud800")
