"""Values and suggestions in messages."""

from __future__ import annotations

import pytest

from tests.hostile import DEEP, HUGE, Hostile
from zendesk_orm import Ticket
from zendesk_orm.messages import MAX_SHOWN, display, suggestion, with_article


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("x", "'x'"),
        (HUGE, "<int>"),
        (Hostile(), "<Hostile>"),
        (Ticket(subject="Printer"), "<Ticket None: Printer>"),
        ("x" * 1000, f"'{'x' * (MAX_SHOWN - 1)}..."),
    ],
    ids=["text", "huge integer", "hostile", "record", "long text"],
)
def test_any_value_can_be_displayed(value, text):
    """A value whose repr raises is displayed by its class, and a long repr is shortened."""
    assert display(value) == text


def test_a_deep_list_is_displayed_in_few_characters():
    """A list with thousands of levels is displayed by its class, or shortened."""
    # The number of levels that a repr can have depends on the version of Python.
    assert display(DEEP) in {"<list>", f"{'[' * MAX_SHOWN}..."}


def test_a_suggestion_for_a_long_name_is_short():
    """The suggestion for a very long name is the list of all names."""
    assert suggestion("x" * 10**6, ["status", "subject"]) == "; known are: status, subject"


def test_nouns_have_their_articles():
    """The article is that of the spoken word."""
    assert [with_article(noun) for noun in ("ticket", "organization", "Upload", "User", "IVR")] == [
        "a ticket",
        "an organization",
        "an Upload",
        "a User",
        "an IVR",
    ]
