"""Tags and people that a batch adds and removes.

A call such as `ticket.tags.add()` is not an edit of the object. Within the batch, the object shows
its effect nevertheless, so that later edits are made to the same list as outside a batch. The
payload of calls is built when the change is sent, because it depends on the row of that time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from attrs import evolve, frozen

from zendesk_orm.schema.members import NewMembers, apply_call
from zendesk_orm.schema.merging import merge_lists, row_with_bases
from zendesk_orm.schema.record import Record
from zendesk_orm.schema.row import PartialRow
from zendesk_orm.schema.tags import TagList, read_tags
from zendesk_orm.schema.values import fold_case
from zendesk_orm.write.change import Change
from zendesk_orm.write.conflicts import ADD_TAGS, REMOVE_TAGS


#: A field of members, `add` or `remove`, and a person.
MemberCall = tuple[str, str, Any]
#: Keys of requests that change tags.
TAG_KEYS = frozenset({"tags", ADD_TAGS, REMOVE_TAGS})
#: Functions that undo the effects of calls and saves on an object, from the last to the first.
Undo = list[tuple[Record, Callable[[], None]]]


@frozen
class TagEffect:
    """The effect of calls and saves on tags, which are compared without regard to case.

    Attributes:
        replacement: the tags that replace all others, or None.
        added: tags that are added afterwards.
        removed: tags that are removed afterwards.
    """

    replacement: tuple[str, ...] | None = None
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    def apply(self, tags: Iterable[str]) -> list[str]:
        """Return tags with the effect."""
        start = tags if self.replacement is None else self.replacement
        return _unique([*_without(start, self.removed), *self.added])

    def then(self, other: TagEffect) -> TagEffect:
        """Return this effect, followed by another one."""
        if other.replacement is not None:
            return other
        added = [*_without(self.added, other.removed), *other.added]
        removed = [*_without(self.removed, other.added), *other.removed]
        return TagEffect(self.replacement, tuple(_unique(added)), tuple(_unique(removed)))


#: The effect of a save that changes no tags.
_NO_EFFECT = TagEffect()


def _unique(tags: Iterable[str]) -> list[str]:
    """Return tags, each of them once."""
    unique: dict[str, str] = {}
    for tag in tags:
        unique.setdefault(fold_case(tag), tag)
    return list(unique.values())


def _without(tags: Iterable[str], others: Iterable[str]) -> list[str]:
    """Return the tags that are not among others."""
    folded = set(map(fold_case, others))
    return [tag for tag in tags if fold_case(tag) not in folded]


def _difference(before: list[str], after: list[str]) -> TagEffect:
    """Return the effect that makes one list of another."""
    return TagEffect(None, tuple(_without(after, before)), tuple(_without(before, after)))


@frozen(eq=False)
class DeferredTags:
    """The effect of open batches on the tags of one object.

    Attributes:
        base: the tags of its row, or None if they are unknown.
        total: the effect of all calls and saves.
    """

    base: list[str] | None
    total: TagEffect = _NO_EFFECT

    def apply(self, tags: list[str]) -> list[str]:
        """Return the tags of a row as the object shows them in the batch."""
        return self.total.apply(tags)

    def with_base(self, tags: list[str] | None) -> DeferredTags:
        """Return the effect on other tags of the row."""
        return evolve(self, base=tags)

    @property
    def shown(self) -> list[str] | None:
        """The tags after the effect, or None if they are unknown."""
        if self.base is None and self.total.replacement is None:
            return None
        return self.total.apply(self.base or ())


def defer_calls(change: Change, undo: Undo) -> Change:
    """Return a change with its effects on tags and people, which its object shows from now on.

    Args:
        change: the change of a call or a save.
        undo: receives the functions that undo the effects on the object.
    """
    record = change.record
    values = record.__dict__
    effect = _effect_of_call(change)
    saves_tags = (
        effect is None
        and change.action != "delete"
        and isinstance(values.get("tags"), TagList)
        and (change.names is None or "tags" in change.names)
    )
    if effect is None and not saves_tags and not change.members and record.pk is not None:
        return change
    has_list = "tags" in values
    undo.append((record, partial(_restore, record, _state_of(record), has_list=has_list)))
    if record.pk is None:
        _defer_creation(change)
    for call in change.members:
        _defer_member_call(record, call, undo)
    if effect is None and not saves_tags:
        return change
    return _defer_tags(change, effect, undo)


def _state_of(record: Record) -> tuple[Any, ...]:
    """Return the effects of open batches on an object."""
    state = record._state
    return state.deferred_tags, state.deferred_members, state.creator


def _defer_creation(change: Change) -> None:
    """Let calls on an object that a batch creates reach the batch."""
    if change.action == "delete":
        change.record._state.creator = None
    elif change.creates:
        change.record._state.creator = change.session
        for name, people in change.record.__dict__.items():
            if isinstance(people, NewMembers) and name in change.edits:
                people.bind(change.record, list(people))


def _defer_member_call(record: Record, call: MemberCall, undo: Undo) -> None:
    """Make an object show the effect of a call that adds or removes a person."""
    name, action, person = call
    if record.pk is not None:
        state = record._state
        state.deferred_members = latest_calls((*state.deferred_members, call))
        return
    people = getattr(record, name)
    undo.append((record, partial(_set_list, people, list(people), people.sent)))
    people.bind(record, apply_call(action, person, people.sent or ()))
    people[:] = apply_call(action, person, people)


def _set_list(people: NewMembers, before: list[Any], sent: list[Any] | None) -> None:
    """Make the people of a new object those of an earlier time."""
    people[:] = before
    people.sent = sent


def latest_calls(calls: Iterable[MemberCall]) -> tuple[MemberCall, ...]:
    """Return the last call for each person."""
    latest: dict[tuple[str, str], MemberCall] = {}
    for call in calls:
        key = call[0], repr(call[2])
        latest.pop(key, None)
        latest[key] = call
    return tuple(latest.values())


def _defer_tags(change: Change, effect: TagEffect | None, undo: Undo) -> Change:
    """Return a change with its effect on tags, which its object shows from now on.

    Args:
        change: the change.
        effect: the effect of a call; None for a save.
        undo: see `defer_calls()`.
    """
    record, is_call = change.record, effect is not None
    state = _present_tags(record)
    mine: Any = record.__dict__.get("tags")
    shown = state.shown
    if effect is None:
        effect = _effect_of_save(change, shown)
        if effect is None:
            return change
        if not mine.is_bound:
            mine.bind(record)
            undo.append((record, mine.unbind))
    after = evolve(state, total=state.total.then(effect))
    if is_call and isinstance(mine, TagList) and shown is not None:
        before = list(mine)
        mine[:] = merge_lists(shown, mine, after.shown, ordered=False) or []
        undo.append((record, partial(_undo_call, mine, before, list(mine))))
    record._state.deferred_tags = after
    values = change.bulk_values - TAG_KEYS
    return evolve(
        change,
        tags=None if effect == _NO_EFFECT else effect,
        edits=_omit(change.edits, TAG_KEYS),
        body=_omit(change.body, TAG_KEYS),
        bulk_values=values | {"tags"} if is_call else values,
    )


def _present_tags(record: Record) -> DeferredTags:
    """Return the effect of open batches on the tags of an object, and the tags of its row."""
    state: DeferredTags = record._state.deferred_tags or DeferredTags(None)
    row, has_list = _row_tags(record), "tags" in record.__dict__
    if row is None or (has_list and state.base is not None):
        return state
    if not has_list:
        # The list that the calls change; it costs no request, because the row has the tags.
        tagged: Any = record
        _ = tagged.tags
    return state.with_base(row)


def _undo_call(mine: TagList, before: list[str], after: list[str]) -> None:
    """Undo the effect of a call on the tags of an object; edits stay."""
    mine[:] = merge_lists(after, mine, before, ordered=False) or []


def _effect_of_call(change: Change) -> TagEffect | None:
    """Return the effect of a call that changes tags, or None if the change is a save."""
    if change.tags is not None:
        effect: TagEffect = change.tags
        return effect
    body = change.body
    if "tags" in body and "tags" in change.bulk_values:
        return TagEffect(tuple(body["tags"] or ()))
    if not {ADD_TAGS, REMOVE_TAGS} & body.keys():
        return None
    return TagEffect(None, tuple(body.get(ADD_TAGS, ())), tuple(body.get(REMOVE_TAGS, ())))


def _effect_of_save(change: Change, shown: list[str] | None) -> TagEffect | None:
    """Return the effect of a save of tags that were shown, or None if the tags are unknown."""
    if shown is not None:
        return _difference(shown, change.record.__dict__["tags"])
    return TagEffect(tuple(change.body["tags"])) if "tags" in change.body else None


def known_tags(record: Record) -> list[str] | None:
    """Return the tags of an object after the calls and saves of a batch, or None."""
    state: DeferredTags | None = record._state.deferred_tags
    return None if state is None else state.shown


def _row_tags(record: Record) -> list[str] | None:
    """Return the tags that edits of an object were made on, or None; a new one has none.

    Those of its row, or of the row before it: after a job the present tags are unknown.
    """
    row = row_with_bases(record)
    if "tags" not in row:
        return [] if record.pk is None else None
    return read_tags(record, row)


def _omit(values: Mapping[str, Any], keys: Iterable[str]) -> dict[str, Any]:
    """Return a mapping without some keys."""
    return {key: value for key, value in values.items() if key not in keys}


# -- the end of a batch ----------------------------------------------------------


def finish_calls(record: Record) -> None:
    """Make an object show the tags of its row again, after its changes were applied."""
    record_state = record._state
    state: DeferredTags | None = record_state.deferred_tags
    record_state.deferred_tags, record_state.deferred_members = None, ()
    if record_state.creator is not None:
        record_state.creator = None
        for name, people in list(record.__dict__.items()):
            if isinstance(people, NewMembers) and people.sent == people:
                del record.__dict__[name]
    shown, mine = None if state is None else state.shown, record.__dict__.get("tags")
    if shown is None or not isinstance(mine, list):
        return
    row = record._row
    if "tags" in row:
        mine[:] = merge_lists(shown, mine, read_tags(record, row), ordered=False) or []
    elif sorted(shown) == sorted(mine):
        del record.__dict__["tags"]
    else:
        # Edits since the last save are compared with the tags that were sent.
        record.update_from_row(PartialRow({**row, "tags": shown}))


def forget_calls(record: Record) -> None:
    """Make the effects of calls on an object that was not created its edits."""
    state = record._state
    state.deferred_tags, state.deferred_members, state.creator = None, (), None


def _restore(record: Record, before: tuple[Any, ...], *, has_list: bool) -> None:
    """Undo the effect of a call or a save that was not sent; edits stay.

    Args:
        record: the object.
        before: the effects of earlier calls and saves.
        has_list: whether the object had a list of tags before.
    """
    state = record._state
    tags: DeferredTags | None
    present, (tags, state.deferred_members, state.creator) = state.deferred_tags, before
    mine = record.__dict__.get("tags")
    if present is not None and present.base is not None and isinstance(mine, TagList):
        base = present.base
        if not has_list:
            # The list was read after the call.
            shown = base if tags is None else tags.apply(base)
            mine[:] = merge_lists(present.shown, mine, shown, ordered=False) or []
        row = _row_tags(record)
        if tags is None and row is not None:
            mine[:] = merge_lists(base, mine, row, ordered=False) or []
        tags = None if tags is None else tags.with_base(base)
    state.deferred_tags = tags
