"""The search language, read."""

from __future__ import annotations

import pytest

from zendesk_orm.emulator.grammar import Question, Term, read


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("", ()),
        ("printer", (Term("printer"),)),
        ("on fire", (Term("on"), Term("fire"))),
        ('"on fire"', (Term("on fire", quoted=True),)),
        ("-fire", (Term("fire", negated=True),)),
        ("status:open", (Term("open", "status"),)),
        ("Status<solved", (Term("solved", "status", "<"),)),
        ("created>=2026-01-01", (Term("2026-01-01", "created", ">="),)),
        (
            "created<=2026-01-01T10:00:00Z",
            (Term("2026-01-01T10:00:00Z", "created", "<="),),
        ),
        ('tags:"a b"', (Term("a b", "tags", quoted=True),)),
        ("-tags:vip", (Term("vip", "tags", negated=True),)),
        ("requester:amy@example.com", (Term("amy@example.com", "requester"),)),
        ("custom_field_12:laser", (Term("laser", "custom_field_12"),)),
        ('subject:"open', (Term("open", "subject", quoted=True),)),
        ("e-mail", (Term("e-mail"),)),
        ("status:", (Term("status:"),)),
    ],
)
def test_terms_are_read(text, terms):
    """Each word becomes a term: keyword, operator, value, quotes and minus."""
    assert terms == read(text).terms


def test_types_and_order_are_no_terms():
    """`type:`, `order_by:` and `sort:` say what is asked for, not what has to hold."""
    question = read("type:ticket type:user order_by:ticket_type sort:asc x")

    assert Question((Term("x"),), ("ticket", "user"), "type", descending=False) == question


def test_a_repeated_keyword_is_an_or():
    """Terms that repeat a keyword are alternatives; bounds, words and negations are not."""
    question = read("tags:a tags:b a b created>1days created<9days -tags:c -tags:d")

    assert [2, 1, 1, 1, 1, 1, 1] == [len(terms) for terms in question.alternatives()]
