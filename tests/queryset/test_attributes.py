"""Methods and attributes of QuerySet that need no server."""

from __future__ import annotations

import pytest

from zendesk_orm import FieldError, InvalidValue, Q, Ticket
from zendesk_orm.query.predicate import Condition


tickets = Ticket.objects.all()


def test_search_combines_with_lookups():
    """`search()` adds a condition, and `exclude(text=...)` excludes words."""
    query = tickets.search("printer on fire").exclude(text="toner").query

    assert "text words 'printer on fire', not (text words 'toner')" in str(query)


@pytest.mark.parametrize("text", ["", "   "])
def test_search_raises_without_a_word(text):
    """`search()` raises for an empty text, which would match all rows."""
    with pytest.raises(InvalidValue, match="free text must contain a word"):
        tickets.search(text)


@pytest.mark.parametrize("condition", [Q(status="new"), {"status": "new"}])
def test_complex_filter_accepts_q_objects_and_dictionaries(condition):
    """`complex_filter()` accepts a Q object or an equivalent dictionary."""
    assert tickets.complex_filter(condition).query.where == Condition("status", "exact", "new")


def test_distinct_without_fields_does_not_change_the_query():
    """`distinct()` without fields changes nothing; with fields, it checks and keeps their names."""
    assert tickets.distinct().query == tickets.query
    assert tickets.distinct("status").query.distinct.names == ("status",)
    with pytest.raises(FieldError, match="statsu"):
        tickets.distinct("statsu")


def test_ordered_is_true_after_order_by():
    """`ordered` is False until `order_by()` is called; Django's paginator reads it."""
    assert not tickets.ordered
    assert tickets.order_by("id").ordered


def test_db_is_the_alias_of_the_account():
    """`db` is the default alias, or the one of `using()`."""
    assert (tickets.db, tickets.using("emea").db) == ("default", "emea")


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("extra", r"use search\(\)"),
        ("select_for_update", "Zendesk has no locks"),
        ("annotate", "use a loop"),
        ("alias", "use a loop"),
    ],
)
def test_unsupported_methods_raise_with_a_remedy(name, remedy):
    """A method that Zendesk cannot support raises an error that names an alternative."""
    with pytest.raises(FieldError, match=remedy):
        getattr(tickets, name)()
