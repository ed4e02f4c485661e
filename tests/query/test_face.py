"""The names of Django's QuerySet that need no server to be judged."""

from __future__ import annotations

import pytest

from zendesk_orm import FieldError, InvalidValue, Q, Ticket
from zendesk_orm.query.predicate import Condition


tickets = Ticket.objects.all()


def test_free_text_stands_beside_lookups():
    """`search()` is one more condition, and `exclude(text=...)` takes words away."""
    query = tickets.search("printer on fire").exclude(text="toner").query

    assert "text words 'printer on fire', not (text words 'toner')" in str(query)


@pytest.mark.parametrize("text", ["", "   "])
def test_free_text_without_a_word_is_refused(text):
    """An empty search would find everything."""
    with pytest.raises(InvalidValue, match="free text wants words"):
        tickets.search(text)


@pytest.mark.parametrize("given", [Q(status="new"), {"status": "new"}])
def test_a_complex_filter_takes_a_q_or_a_dictionary(given):
    """Both say the same."""
    assert Condition("status", "exact", "new") == tickets.complex_filter(given).query.where


def test_rows_are_distinct_by_id():
    """`distinct()` changes nothing; of fields it keeps the first row of each combination."""
    assert tickets.query == tickets.distinct().query
    assert ("status",) == tickets.distinct("status").query.distinct.names
    with pytest.raises(FieldError, match="statsu"):
        tickets.distinct("statsu")


def test_a_queryset_tells_whether_it_is_ordered():
    """Django's paginator warns about those that are not."""
    assert not tickets.ordered
    assert tickets.order_by("id").ordered


def test_a_queryset_tells_its_account():
    """It is the default one unless another was named."""
    assert ("default", "emea") == (tickets.db, tickets.using("emea").db)


@pytest.mark.parametrize(
    ("name", "way"),
    [
        ("extra", r"search\(\) takes free text"),
        ("select_for_update", "Zendesk has no locks"),
        ("annotate", "in a loop over the rows"),
        ("alias", "in a loop over the rows"),
    ],
)
def test_what_zendesk_cannot_do_is_refused_with_the_way_to_go(name, way):
    """The error names what to do instead."""
    with pytest.raises(FieldError, match=way):
        getattr(tickets, name)()
