"""Three-way merges of lists of objects with ids, such as the options of a field."""

from __future__ import annotations

from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from zendesk_orm import Macro, TicketField
from zendesk_orm.schema.merging import COLLISION, is_replacement, merge


OPTIONS = TicketField._meta.fields["custom_field_options"]
ACTIONS = Macro._meta.fields["actions"]

#: An action, and the number of an option.
EDITS = st.lists(
    st.tuples(st.sampled_from(["add", "edit", "remove", "reverse"]), st.integers(0, 3)), max_size=4
)


def _build_option(pk: int | None, name: str) -> dict[str, Any]:
    return {"name": name, "value": name} if pk is None else {"id": pk, "name": name, "value": name}


def _edit(base: list[Any], edits: list[tuple[str, int]], side: str) -> list[Any]:
    """Return an edited copy of some options; options that the other client added have ids."""
    options = [dict(option) for option in base]
    for number, (action, position) in enumerate(edits):
        if action == "add":
            pk = 100 + number if side == "theirs" else None
            options.insert(min(position, len(options)), _build_option(pk, f"{side}{number}"))
        elif action == "reverse":
            options.reverse()
        elif position < len(options) and action == "edit":
            options[position]["name"] = f"{side} name {number}"
        elif position < len(options):
            del options[position]
    return options


def _index_by_value(options: list[Any]) -> dict[str, Any]:
    return {option["value"]: option for option in options}


@given(st.integers(0, 3), EDITS, EDITS)
@example(2, [("add", 2)], [("add", 2)])
@example(0, [("add", 0)], [("add", 0)])
@example(2, [("edit", 0)], [("edit", 1)])
@example(2, [("remove", 0)], [("edit", 0)])
@example(2, [("edit", 0)], [("edit", 0)])
def test_no_change_of_either_side_is_lost(count, my_edits, their_edits):
    """The result contains all changes of both sides, unless both changed the same option."""
    base = [_build_option(number + 1, f"option{number}") for number in range(count)]
    mine, theirs = _edit(base, my_edits, "mine"), _edit(base, their_edits, "theirs")

    merged = merge(OPTIONS, base, mine, theirs)

    before, edited, other = map(_index_by_value, (base, mine, theirs))
    expected = {}
    for value in {**before, **edited, **other}:
        sides = [side.get(value) for side in (before, edited, other)]
        if sides[1] not in (sides[0], sides[2]) and sides[2] != sides[0]:
            assert merged is COLLISION
            return
        expected[value] = sides[2] if sides[1] == sides[0] else sides[1]
    assert merged is not COLLISION or ("reverse", 0) in [(name, 0) for name, _ in my_edits]
    if merged is not COLLISION:
        present = {value: option for value, option in expected.items() if option is not None}
        assert _index_by_value(merged) == present
        assert len(merged) == len(present)


def test_an_added_object_that_was_saved_before_is_added_once():
    """An object that was saved by a request whose response was lost is not added twice."""
    base = [_build_option(1, "a")]

    merged = merge(OPTIONS, base, [*base, _build_option(None, "b")], [*base, _build_option(2, "b")])

    assert merged == [_build_option(1, "a"), _build_option(2, "b")]


def test_objects_without_ids_are_not_merged():
    """Lists of objects without ids, such as the actions of a macro, cannot be merged."""
    base = [{"field": "status", "value": "open"}]
    mine, theirs = ([*base, {"field": field, "value": "x"}] for field in ("priority", "type"))

    assert merge(ACTIONS, base, mine, theirs) is COLLISION


def test_an_edit_of_the_only_object_is_no_replacement():
    """Editing the only object of a list does not remove objects of other clients."""
    base = [{"field": "status", "value": "open"}]

    assert not is_replacement(ACTIONS, base, [{"field": "status", "value": "solved"}])
    assert is_replacement(ACTIONS, base, [{"field": "priority", "value": "high"}])
