"""`F("tags") + [...]`: additions to and removals from a list."""

from __future__ import annotations

import pytest

from zendesk_orm import F, InvalidValue


def test_values_are_added_and_removed():
    """`F(...) + [...] - [...]` adds and removes values; the last operation on a value counts."""
    added, removed = ["a", "b"], ["c", "a"]
    joined = F("tags") + added - removed

    assert (joined.name, joined.added, joined.removed) == ("tags", ("b",), ("c", "a"))
    again = F("tags") - removed + added
    assert (again.added, again.removed) == (("a", "b"), ("c",))


def test_a_string_is_not_accepted_as_a_list():
    """`F("tags") + "vip"` raises, because it would add the letters as tags."""
    with pytest.raises(InvalidValue, match="only a list can be added"):
        F("tags") + "vip"
