"""`F("tags") + [...]`: values that are added to a list and removed from it."""

from __future__ import annotations

import pytest

from zendesk_orm import F, InvalidValue


def test_values_are_added_and_removed():
    """What is said last counts."""
    joined = F("tags") + ["a", "b"] - ["c", "a"]

    assert ("tags", ("b",), ("c", "a")) == (joined.name, joined.added, joined.removed)
    assert ("a",) == (F("tags") - ["a"] + ["a"]).added
    assert () == (F("tags") - ["a"] + ["a"]).removed


def test_a_text_is_no_list():
    """`F("tags") + "vip"` would add three tags of a letter each."""
    with pytest.raises(InvalidValue, match="list of values"):
        F("tags") + "vip"
