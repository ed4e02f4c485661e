"""`F("tags") + [...]`: values that are added to a list and removed from it."""

from __future__ import annotations

import pytest

from zendesk_orm import F, InvalidValue


def test_values_are_added_and_removed():
    """What is said last counts."""
    added, removed = ["a", "b"], ["c", "a"]
    joined = F("tags") + added - removed

    assert ("tags", ("b",), ("c", "a")) == (joined.name, joined.added, joined.removed)
    again = F("tags") - removed + added
    assert (("a", "b"), ("c",)) == (again.added, again.removed)


def test_a_text_is_no_list():
    """`F("tags") + "vip"` would add three tags of a letter each."""
    with pytest.raises(InvalidValue, match="only a list can be added"):
        F("tags") + "vip"
