"""Nested batches, failed batches and dry runs: only calls of successful batches have an effect."""

from __future__ import annotations

import pickle
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.write.programs import run_program
from zendesk_orm import Comment, Organization, Ticket, User
from zendesk_orm.emulator import Emulator


#: An action, the number of its object, two tags, and the number of a user.
Step = tuple[str, int, tuple[str, str], int]

#: The blocks by the action that opens them.
BLOCKS = ["batch", "failed batch", "dry run"]
EDITS = ["append", "pop", "assign", "text", "reply"]
TAG_CALLS = ["add", "remove", "set", "clear"]
CALLS = [*TAG_CALLS, "save", "save tags", "bulk_update"]
MEMBER_CALLS = ["follow", "unfollow", "set followers", "clear followers"]


class _Aborted(Exception):
    """Raised by the test to end a block."""


class _World:
    """A row with two objects, and an object that was not saved yet."""

    def __init__(self, model: type[Any], *, by_id: bool) -> None:
        self.emulator = Emulator()
        self.account = self.emulator.connect()
        self.model = model
        self.users = [
            User.objects.create(name=f"u{n}", email=f"u{n}@e.com", role="agent") for n in range(3)
        ]
        self.first = self._new("first").save()
        second = model(id=self.first.pk) if by_id else pickle.loads(pickle.dumps(self.first))
        self.objects = [self.first, second, self._new("new")]

    def _new(self, name: str) -> Any:
        """Return a new object."""
        if self.model is Ticket:
            return Ticket(subject=name, comment=Comment(body="b"), tags=["a", "b"])
        return self.model(name=name, tags=["a", "b"])

    def state(self) -> Any:
        """Return the rows and the edits, before and after a last save of all objects."""
        states = []
        for _ in range(2):
            edits = [self._edits(record) for record in self.objects]
            states.append((self._rows(), edits))
            for record in self.objects:
                record.save()
        return states

    def _edits(self, record: Any) -> Any:
        """Return the unsaved edits of an object."""
        changes = record.changes()
        before, after = (set(tags or ()) for tags in changes.pop("tags", ((), ())))
        comment = changes.pop("comment", (None, None))[1]
        people = changes.pop("followers", (None, None))[1]
        edits = {name: new for name, (_, new) in changes.items()}
        tags = sorted(after - before), sorted(before - after)
        return edits, tags, people and sorted(people), comment and comment.body

    def _rows(self) -> Any:
        """Return the rows as a new client reads them."""
        self.emulator.connect(alias="reader")
        rows = []
        for row in self.model.objects.using("reader").fresh():
            values: list[Any] = [sorted(row.tags)]
            if self.model is Ticket:
                people = [user.name for user in self.users if user.pk in row.follower_ids]
                bodies = [comment.body for comment in row.comments.all()]
                values += [row.subject, people, bodies]
            elif self.model is User and row.pk in [user.pk for user in self.users]:
                continue
            else:
                values += [row.name, row.notes]
            rows.append(values)
        return rows


def _edit(world: _World, record: Any, name: str, tags: tuple[str, str], number: int) -> None:
    """Edit an object without sending anything, except for a reply."""
    if name == "append" and tags[0] not in record.tags:
        record.tags.append(tags[0])
    elif name == "pop" and tags[0] in record.tags:
        list.remove(record.tags, tags[0])
    elif name == "assign":
        record.tags = [*tags]
    elif name == "text":
        setattr(record, "subject" if world.model is Ticket else "notes", f"text {number}")
    elif name == "reply" and world.model is Ticket and record.pk is not None:
        record.comment = Comment(body=f"reply {number}", public=False)
        record.save()


def _call(world: _World, record: Any, name: str, tags: tuple[str, str], number: int) -> None:
    """Make a call that a batch delays."""
    if name in ("add", "remove", "clear"):
        getattr(record.tags, name)(*([] if name == "clear" else tags))
    elif name == "set":
        record.tags.set(tags)
    elif name == "save":
        record.save()
    elif name == "save tags":
        record.save(update_fields=["tags"])
    elif name == "bulk_update" and record is not world.objects[2]:
        world.model.objects.bulk_update([record])


def _call_members(world: _World, record: Any, name: str, number: int) -> None:
    """Add or remove followers."""
    if world.model is not Ticket:
        return
    user = world.users[number]
    if name == "follow":
        record.followers.add(user)
    elif name == "unfollow":
        record.followers.remove(user)
    elif name == "set followers":
        record.followers.set([user, world.users[0]])
    else:
        record.followers.clear()


def _do(world: _World, step: Step) -> None:
    """Run one step."""
    name, number, tags, user = step
    record = world.objects[number]
    if name != "save" and record.pk is None and record._state.creator is None:
        # Calls on an object that was never saved are edits.
        return
    if name in TAG_CALLS and not record.tags.is_bound:
        # So are calls on tags that were just assigned.
        return
    if name in EDITS:
        _edit(world, record, name, tags, user)
    elif name in CALLS:
        _call(world, record, name, tags, user)
    else:
        _call_members(world, record, name, user)


def _run_plainly(world: _World, steps: list[Step]) -> None:
    """Run the steps outside of a batch, without those in blocks that are dropped."""
    blocks: list[str] = []
    for step in steps:
        if step[0] in BLOCKS:
            blocks.append(step[0])
        elif step[0] == "end":
            del blocks[-1:]
        elif set(blocks) <= {"batch"}:
            _do(world, step)


def _run_in_blocks(world: _World, steps: list[Step]) -> None:
    """Run the steps in blocks; those that are dropped contain calls and saves only."""
    with world.account.batch():
        remaining = iter(steps)
        while _run_block(world, remaining, dropped=False):
            pass


def _run_block(world: _World, remaining: Any, *, dropped: bool) -> bool:
    """Run the steps to the end of a block; return whether steps may follow."""
    for step in remaining:
        name = step[0]
        if name == "end":
            return True
        if name == "dry run":
            with world.account.dry_run(quiet=True):
                _run_block(world, remaining, dropped=True)
        elif name in BLOCKS:
            with suppress(_Aborted), world.account.batch():
                _run_block(world, remaining, dropped=dropped or name == "failed batch")
                if name == "failed batch":
                    raise _Aborted
        elif not dropped or name not in EDITS:
            _do(world, step)
    return False


TAGS = st.lists(st.sampled_from("abcd"), min_size=2, max_size=2, unique=True).map(tuple)


def _programs(names: list[str], numbers: list[int]) -> Any:
    """Return a strategy of steps on some objects."""
    step = st.tuples(
        st.sampled_from([*BLOCKS, "end", "end", *names]),
        st.sampled_from(numbers),
        TAGS,
        st.integers(0, 2),
    )
    return st.lists(step, min_size=2, max_size=10)


def _steps(number: int, *names: str) -> list[Step]:
    """Return steps on one object, with tags in a constant order."""
    pairs = [("c", "d"), ("a", "c"), ("d", "b")]
    return [(name, number, pairs[n % 3], n % 3) for n, name in enumerate(names)]


MODELS = st.sampled_from([Ticket, User, Organization])


@pytest.mark.slow
@settings(max_examples=25)
@given(MODELS, _programs([*EDITS, *CALLS, *TAG_CALLS, *MEMBER_CALLS], [0, 0, 2]))
@example(Ticket, _steps(0, "assign", "save", "add", "remove", "set"))
@example(Ticket, _steps(2, "save", "add", "follow", "remove", "clear followers"))
@example(Ticket, _steps(2, "save", "follow", "save", "batch", "follow", "text", "save"))
@example(Ticket, _steps(0, "text", "save", "batch", "follow", "reply"))
@example(User, _steps(0, "remove", "bulk_update", "dry run", "set", "end", "bulk_update"))
@example(Ticket, _steps(0, "append", "save", "failed batch", "set", "end", "bulk_update"))
@example(Ticket, _steps(0, "pop", "failed batch", "remove", "set", "end"))
@example(Ticket, _steps(0, "set followers", "clear followers", "follow"))
def test_blocks_leave_the_state_of_the_calls_that_count(model, steps):
    """A batch sends its calls, those of inner batches too; failed ones and dry runs send none."""
    assert _run(_run_in_blocks, model, steps) == _run(_run_plainly, model, steps)


@pytest.mark.slow
@settings(max_examples=15)
@given(MODELS, _programs([*TAG_CALLS, "follow", "unfollow", "save"], [0, 1]), st.booleans())
@example(Organization, _steps(1, "add") + _steps(0, "remove"), True)
@example(User, _steps(1, "remove") + _steps(1, "add"), True)
@example(User, _steps(0, "add") + _steps(1, "set") + _steps(0, "remove"), False)
def test_calls_on_two_objects_of_a_row_are_applied_in_their_order(model, steps, by_id):
    """Calls in a batch, on either object of a row, have the same effect as outside."""
    actual = _run(_run_in_blocks, model, steps, by_id=by_id)
    assert actual == _run(_run_plainly, model, steps, by_id=by_id)


def _run(run: Any, model: type[Any], steps: list[Step], *, by_id: bool = False) -> Any:
    """Return the state after some steps."""
    world = _World(model, by_id=by_id)
    return run_program(world, lambda: run(world, steps))
