"""The parser of search queries."""

from __future__ import annotations

import pytest

from zendesk_orm.emulator.search.parser import SearchQuery, SearchTerm, parse


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("", ()),
        ("printer", (SearchTerm("printer"),)),
        ("on fire", (SearchTerm("on"), SearchTerm("fire"))),
        ('"on fire"', (SearchTerm("on fire", quoted=True),)),
        ("-fire", (SearchTerm("fire", negated=True),)),
        ("status:open", (SearchTerm("open", "status"),)),
        ("Status<solved", (SearchTerm("solved", "status", "<"),)),
        ("created>=2026-01-01", (SearchTerm("2026-01-01", "created", ">="),)),
        (
            "created<=2026-01-01T10:00:00Z",
            (SearchTerm("2026-01-01T10:00:00Z", "created", "<="),),
        ),
        ('tags:"a b"', (SearchTerm("a b", "tags", quoted=True),)),
        ("-tags:vip", (SearchTerm("vip", "tags", negated=True),)),
        ("requester:amy@example.com", (SearchTerm("amy@example.com", "requester"),)),
        ("custom_field_12:laser", (SearchTerm("laser", "custom_field_12"),)),
        ('subject:"open', (SearchTerm("open", "subject", quoted=True),)),
        ("e-mail", (SearchTerm("e-mail"),)),
        ("status:", (SearchTerm("status:"),)),
    ],
)
def test_a_query_is_parsed_into_terms(text, terms):
    """Each term has a value, and perhaps a keyword, an operator, quotes and a minus."""
    assert parse(text).terms == terms


def test_types_and_order_are_not_terms():
    """`type:`, `order_by:` and `sort:` are attributes of the query instead of terms."""
    question = parse("type:ticket type:user order_by:ticket_type sort:asc x")

    assert question == SearchQuery((SearchTerm("x"),), ("ticket", "user"), "type", descending=False)


def test_repeated_keywords_are_alternatives():
    """Terms with the same keyword are alternatives, except for bounds and negations."""
    question = parse("tags:a tags:b a b created>1days created<9days -tags:c -tags:d")

    assert [len(terms) for terms in question.alternatives()] == [2, 1, 1, 1, 1, 1, 1]
