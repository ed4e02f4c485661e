"""Search text, read again by a parser of its own and run over rows: it finds what was asked."""

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
from zendesk_orm.emulator import grammar
from zendesk_orm.http.limits import Limits
from zendesk_orm.http.wire import Wire
from zendesk_orm.plan.plan import Plan
from zendesk_orm.plan.planner import planned
from zendesk_orm.query.matching import row_test
from zendesk_orm.query.predicate import WORDS, conditions
from zendesk_orm.query.search_text import Inexpressible, search_text


TEN = datetime(2023, 11, 3, 10, tzinfo=timezone.utc)
HALF_PAST = TEN.replace(microsecond=500_000)
BEHIND = timezone(timedelta(hours=1))
AHEAD = timezone(timedelta(hours=-3))

#: Fields that match by word: the rows are compared again.
LOOSE = {"subject", "external_id", "name", "email", "notes", "details", "phone"}

#: Values that would be something else to Zendesk, were they not kept in their place.
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

# -- rows and what is asked of them -------------------------------------------

#: Values that rows have and predicates ask for, often enough the same.
SAID = ["printer on fire", "Printer", "fire", "me", "none", "-x fire", "a:b c", "Zoë", "fire*"]
SAID += ["created>2020-01-01", "line\nbreak", "straße", "STRASSE"]
TAGS = ["vip", "new-fire", "none", "me", "a:b", "fire*", "-x", "order_by:created", "日本", "x&y=1"]
#: What search has no words for, among what it has.
UNSAID = ['a"b', "back\\slash", " ", "two words"]

#: By the dozen, so that a moment and the seconds around it meet.
seconds = st.integers(-3, 3).map(lambda each: TEN + timedelta(seconds=each))
zones = st.integers(-12 * 60, 14 * 60).map(lambda each: timezone(timedelta(minutes=each)))
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


def _written(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


written = seconds.map(_written)
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


def _asked(name, lookup, values):
    return values.map(lambda value: (name, lookup, value))


def _listed(values):
    return st.lists(values, min_size=1, max_size=3)


def _equal(name, values):
    return _asked(name, "exact", values) | _asked(name, "in", _listed(values))


def _nullable(name):
    return _asked(name, "isnull", st.booleans())


def _compared(name, values):
    several = [_asked(name, op, values) for op in ("gt", "gte", "lt", "lte")]
    return st.one_of(*several, _asked(name, "range", st.tuples(values, values)))


def _moments(name):
    """No fraction for equality: no row has one."""
    return _equal(name, moments) | _compared(name, fractions) | _compared(name, days)


def _spoken(name, values, *, begins=True):
    beginnings = values.filter(lambda value: value.split() == [value])
    several = [_equal(name, values), _equal(name, values), _asked(name, "iexact", values)]
    if begins:
        several += [_asked(name, op, beginnings) for op in ("startswith", "istartswith")]
    return st.one_of(*several, _equal(name, strange))


OF_TICKETS = {
    "status": _equal("status", statuses) | _compared("status", statuses),
    "priority": _equal("priority", priorities) | _compared("priority", priorities),
    "type": _equal("type", types),
    "tags": _equal("tags", st.sampled_from(TAGS) | strange) | _nullable("tags"),
    "requester": _equal("requester", ids),
    "assignee": _equal("assignee", ids) | _nullable("assignee"),
    "organization": _equal("organization_id", ids) | _nullable("organization"),
    "group": _equal("group", ids) | _nullable("group_id"),
    "created_at": _moments("created_at"),
    "updated_at": _moments("updated_at"),
    "due_at": _moments("due_at"),
    "subject": _spoken("subject", words)
    | _asked("subject", "startswith", st.sampled_from(["printer on", "-x f", "none of", "Zoë"])),
    "external_id": _spoken("external_id", words),
}
OF_USERS = {
    "role": _equal("role", roles),
    "organization": _equal("organization", ids) | _nullable("organization"),
    "tags": OF_TICKETS["tags"],
    "created_at": _moments("created_at"),
    "verified": _equal("verified", st.booleans()),
    "suspended": _equal("suspended", st.booleans()),
    "name": _spoken("name", words),
    "email": _spoken("email", addresses, begins=False) | _nullable("email"),
    "notes": _spoken("notes", words),
    "details": _spoken("details", words),
    "external_id": _spoken("external_id", words) | _nullable("external_id"),
    "phone": _equal("phone", numbers) | _asked("phone", "iexact", numbers) | _nullable("phone"),
}
MODELS = {"ticket": (Ticket, tickets, OF_TICKETS), "user": (User, users, OF_USERS)}


def _q(name, lookup, value):
    return Q(**{name if lookup == "exact" else f"{name}__{lookup}": value})


def _loose(name, lookup):
    return name in LOOSE and lookup != "isnull"


@st.composite
def parts(draw, of):
    """Draw a condition, perhaps negated, and whether its field matches by word."""
    name, lookup, value = draw(of)
    q = _q(name, lookup, value)
    # What matches by word cannot be left out.
    negated = draw(st.integers(0, 9)) < (1 if _loose(name, lookup) else 3)
    return (~q if negated else q), _loose(name, lookup)


@st.composite
def predicates(draw, asked):
    """Draw a few conditions that all have to hold; of one field now and then."""
    different = draw(st.integers(0, 4)) > 0
    names = draw(st.lists(st.sampled_from(sorted(asked)), min_size=1, max_size=3, unique=different))
    return [draw(parts(asked[name])) for name in names]


def _text(q, model=Ticket, type_=None):
    endpoint = model._meta.endpoint(Verb.SEARCH)
    where = q.resolve(model)
    return search_text(where, model._meta, endpoint, type_)


def _all(qs):
    whole = Q()
    for q in qs:
        whole &= q
    return whole


def _compare(drawn, rows, type_):
    """Hold the rows that the text finds against those that match; count what happens."""
    model = MODELS[type_][0]
    whole = _all(q for q, _ in drawn)
    exact = _all(q for q, loose in drawn if not loose)
    try:
        text = _text(whole, model)
    except Inexpressible:
        return None
    terms = parse(text, type_)
    matches = row_test(whole.resolve(model), model._meta)
    exactly = row_test(exact.resolve(model), model._meta)
    wanted = [row for row in rows if matches(row)]
    found = [row for row in rows if finds(terms, row, type_)]

    assert [row for row in wanted if row not in found] == [], f"not found by {text}"
    assert [row for row in found if not exactly(row)] == [], f"not asked for, found by {text}"
    return bool(wanted)


# -- the parser itself --------------------------------------------------------

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
def test_the_parser_finds_what_the_reference_says(text, expected):
    """The second reader is itself held against the examples of Zendesk's reference."""
    assert expected is finds(parse(text), TICKET)


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
def test_the_parser_takes_nothing_doubtful(text):
    """What can be read in two ways, or in none, is malformed."""
    with pytest.raises(Malformed):
        parse(text)


# -- exactly what was asked ---------------------------------------------------


@pytest.mark.parametrize(
    ("type_", "name"), [(type_, name) for type_, (_, _, asked) in MODELS.items() for name in asked]
)
@given(data=st.data())
def test_a_condition_finds_the_rows_that_match(type_, name, data):
    """Nothing is lost, and only fields that match by word find more; the rest is refused."""
    _, rows, asked = MODELS[type_]

    _compare([data.draw(parts(asked[name]))], data.draw(st.lists(rows, max_size=6)), type_)


@pytest.mark.parametrize("type_", MODELS)
@given(data=st.data())
def test_conditions_together_find_the_rows_that_match(type_, data):
    """Nothing is lost, and only fields that match by word find more; the rest is refused."""
    _, rows, asked = MODELS[type_]

    _compare(data.draw(predicates(asked)), data.draw(st.lists(rows, max_size=6)), type_)


@pytest.mark.parametrize("type_", MODELS)
def test_most_of_what_is_tried_says_something(type_):
    """A good share of the predicates is not refused, and finds a row; else all would hold."""
    _, rows, asked = MODELS[type_]
    counts: Counter[bool | None] = Counter()

    @settings(max_examples=300, database=None, derandomize=True)
    @given(predicates(asked), st.lists(rows, min_size=6, max_size=6))
    def tried(drawn, rows):
        counts[_compare(drawn, rows, type_)] += 1

    tried()

    total = sum(counts.values())
    assert total / 2 < counts[True] + counts[False]
    assert total / 6 < counts[True]


# -- the same terms for both readers ------------------------------------------


def _as_emulator(text):
    return [
        Term(term.keyword, term.op, term.value, term.quoted, term.negated)
        for term in grammar.read(text).terms
    ]


@pytest.mark.parametrize("type_", MODELS)
@given(data=st.data())
def test_the_emulator_reads_the_same_terms(type_, data):
    """Its grammar and the tests' agree on all that the library writes, the type included."""
    model, _, asked = MODELS[type_]
    drawn = data.draw(predicates(asked))
    try:
        text = _text(_all(q for q, _ in drawn), model, type_)
    except Inexpressible:
        return
    named, *terms = parse(text, type_)

    assert Term("type", ":", type_) == named
    assert terms == _as_emulator(text)
    assert (type_,) == grammar.read(text).types


@given(texts)
def test_any_text_stays_in_its_place(value):
    """A value is one term, of that very value, for both readers; or it is refused."""
    try:
        text = _text(Q(subject=value, status="new"))
    except Inexpressible:
        unsaid = not set('"\\*').isdisjoint(value) or not any(map(str.isalnum, value))
        assert unsaid or not spoken(value) or len(value.split()) > 60
        return
    terms = parse(text)

    assert [("subject", ":", value), ("status", ":", "new")] == [
        (term.keyword, term.op, term.value) for term in terms
    ]
    assert not any(term.negated or term.beginning for term in terms)
    assert [*terms] == _as_emulator(text)


@given(texts)
def test_the_words_of_free_text_are_nothing_but_words(value):
    """No word becomes a keyword, a type, an order, a negation or a beginning."""
    assume(value.strip())
    found = [
        said
        for phrase, word in WORDS.findall(value)
        if (said := " ".join((phrase or word).replace("*", " ").split()))
    ]
    try:
        text = _text(Q(text=value))
    except Inexpressible:
        assert not set('"\\*').isdisjoint(value) or len(value.split()) > 60
        return
    terms = parse(text)

    assert found == [term.value for term in terms]
    assert not any(term.keyword or term.negated or term.beginning for term in terms)
    assert [*terms] == _as_emulator(text)


@given(texts)
def test_what_is_left_out_is_one_term(value):
    """A word or phrase of free text is left out as a whole, or the query is refused."""
    assume(value.strip())
    try:
        text = _text(~Q(text=value) & Q(status="new"))
    except Inexpressible:
        return
    left_out, status = parse(text)

    assert left_out.negated
    assert not left_out.keyword
    assert Term("status", ":", "new") == status


@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: repr(value)[:30])
@pytest.mark.parametrize("lookup", ["tags", "external_id", "recipient", "subject__startswith"])
def test_hostile_values_add_no_term(lookup, value):
    """There are the two terms that were meant, each about its keyword, or there is no text."""
    try:
        text = _text(Q(**{lookup: value}) & Q(status="new"))
    except Inexpressible:
        return

    assert [lookup.partition("__")[0], "status"] == [term.keyword for term in parse(text)]


def test_a_quote_in_a_value_is_refused():
    """There is no escape for it: `subject:"a"b c"` would ask for something else."""
    with pytest.raises(Inexpressible, match="cannot express the value"):
        _text(Q(subject='a"b c'))
    with pytest.raises(NoEndpoint, match="cannot express the value"):
        _ = Ticket.objects.filter(subject='a"b c').plan


def test_an_operator_in_a_value_is_text():
    """`created>2020-01-01` in a subject is looked for in subjects, and bounds no date."""
    text = _text(Q(subject="created>2020-01-01"))

    assert 'subject:"created>2020-01-01"' == text
    assert (Term("subject", ":", "created>2020-01-01", quoted=True),) == parse(text)


# -- one parameter of the URL -------------------------------------------------


class Recorder(requests.Session):
    """A session that answers every request with nothing, and keeps the URLs."""

    def __init__(self):
        super().__init__()
        self.urls = []

    def send(self, request, **kwargs):
        """Keep the URL of the request."""
        self.urls.append(request.url)
        response = requests.Response()
        response.status_code = 200
        response.raw = urllib3.HTTPResponse(io.BytesIO(b"{}"), preload_content=False)
        return response


def _urls(asked: Plan):
    """Return the URLs that go out for a plan, split."""
    session = Recorder()
    wire = Wire("https://acme.zendesk.com", session, Limits())
    for request in asked.first():
        wire.exchange(request, None)
    return [urlsplit(url) for url in session.urls]


@pytest.mark.parametrize("verb", [Verb.SEARCH, Verb.SEARCH_EXPORT, Verb.SEARCH_COUNT])
@given(value=texts)
def test_the_text_is_one_parameter(verb, value):
    """Decoded, the URL has the very text, once, and no parameter besides those that are meant."""
    endpoint = Ticket._meta.endpoint(verb)
    where = Q(subject=value, status="new")
    named = None if verb is Verb.SEARCH_EXPORT else "ticket"
    try:
        text = _text(where, type_=named)
    except Inexpressible:
        return
    query = Ticket.objects.filter(where).query
    (url,) = _urls(planned(endpoint, query))
    given_ = parse_qsl(url.query, keep_blank_values=True, strict_parsing=True)
    names = [name for name, _ in given_]

    assert [text] == [each for name, each in given_ if name == "query"]
    assert len(set(names)) == len(names)
    assert {"query", "filter[type]", "page", "per_page", "page[size]", "sort_by", "sort_order"} >= {
        *names
    }
    assert f"/api/v2/{endpoint.path}" == url.path
    assert not url.fragment


def _inside(value):
    """Return the paths of the lists that an id is a part of."""
    rows = Ticket.objects.fresh().filter(organization=value)
    lists = [each for each in Ticket._meta.api if "organization" in each.placeholders]
    return [
        url.path
        for each in lists
        if each.verb is Verb.LIST
        for url in _urls(planned(each, rows.query))
    ]


@given(texts)
def test_an_id_is_one_segment_of_the_path(value):
    """Whatever an id holds, it leads nowhere else."""
    try:
        paths = _inside(value)
    except InvalidValue:
        assert not (value.isascii() and value.isdigit())
        return

    assert paths
    for path in paths:
        assert path.startswith("/api/v2/organizations/")
        assert path.endswith("/tickets")
        assert 6 == len(path.split("/"))


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_an_id_that_is_no_segment_is_refused(value):
    """`organizations/../tickets` would be all tickets of the account."""
    with pytest.raises((InvalidValue, NoEndpoint)):
        _inside(value)


# -- what was once said in words that mean another ----------------------------

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
WORDLESS = "search finds words, and there is none in the value"
AS_TEXT = "an id given as text equals no row, and search finds the rows of the number"
NUMBER = "a tag given as a number equals no tag, and search finds the rows of the text"


def _named(q):
    """Return the lookups of a `Q` for people."""
    said = ",".join(
        _named(part) if isinstance(part, Q) else f"{part[0]}={part[1]!s:.30}" for part in q.parts
    )
    return f"not {said}" if q.op == "not" else said


@pytest.mark.parametrize(
    ("q", "row"),
    [
        pytest.param(q, row, id=f"{_named(q)}: {reason}")
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
def test_a_single_condition_finds_the_row_or_is_refused(q, row):
    """What search has no words for is refused; it is never said in words that mean another."""
    type_ = "ticket" if "subject" in row else "user"
    model = MODELS[type_][0]
    try:
        where = q.resolve(model)
        text = _text(q, model)
    except (Inexpressible, InvalidValue):
        return
    found = finds(parse(text, type_), row, type_)
    wanted = row_test(where, model._meta)(row)
    loose = any(_loose(each.name, each.op) for each in conditions(where))

    assert found >= wanted if loose else found == wanted


def test_half_a_character_is_refused():
    """A lone surrogate cannot go into a URL; the library says so before it tries."""
    with pytest.raises(InvalidValue, match="half a character"):
        Ticket.objects.filter(subject="\ud800")
