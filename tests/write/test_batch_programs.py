"""Sequences of writes: the same calls leave the same state inside and outside a batch."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable
from contextlib import nullcontext, suppress
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.write.programs import run_program
from zendesk_orm import Comment, F, Organization, Ticket, User
from zendesk_orm.emulator import Emulator


#: An action, the number of its object, two tags, and the number of another object or value.
Step = tuple[str, int, tuple[str, str], int]

ORIGINAL_TAGS: dict[type[Any], list[str]] = {Ticket: ["a", "b"], User: ["a"], Organization: ["a"]}
PRIORITIES = ["low", "high", "urgent"]


class _World:
    """An account with three tickets and users, and two organizations.

    Each row has a second object, of which only the id is known, and a pickled copy of the first.
    """

    def __init__(self, *, by_id: bool) -> None:
        self.emulator = Emulator()
        self.account = self.emulator.connect()
        self.users = [
            User.objects.create(name=f"u{n}", email=f"u{n}@e.com", role="agent", tags=["a"])
            for n in range(3)
        ]
        self.organizations = [
            Organization.objects.create(name=f"o{n}", tags=["a"], domain_names=["d.com"])
            for n in range(2)
        ]
        self.tickets = [
            Ticket.objects.create(
                subject=f"t{n}",
                comment=Comment(body="b"),
                tags=["a", "b"],
                requester=self.users[0],
            )
            for n in range(3)
        ]
        if by_id:
            self.tickets = [Ticket(id=ticket.pk) for ticket in self.tickets]
        first = {"t": self.tickets, "u": self.users, "o": self.organizations}
        self._objects = {
            model: [
                *records,
                *(type(record)(id=record.pk) for record in records),
                *pickle.loads(pickle.dumps(records)),
            ]
            for model, records in first.items()
        }

    def objects(self, model: str) -> list[Any]:
        """Return the objects of a model."""
        return self._objects[model]

    def all_objects(self) -> list[Any]:
        """Return the objects of all models."""
        return [record for model in "tuo" for record in self.objects(model)]

    def change_rows(self) -> None:
        """Change all rows by another client, so that the objects are outdated."""
        self.emulator.connect(alias="other")
        for model, name in ((Ticket, "external_id"), (User, "details"), (Organization, "details")):
            for record in model.objects.using("other").all():
                setattr(record, name, "theirs")
                record.tags.append("theirs")
                if model is Organization:
                    record.domain_names.append("theirs.com")
                record.save()
        self.emulator.clock.sleep(10)

    def state(self) -> Any:
        """Return the present rows as a new client reads them, and the edits that are left."""
        left = [sorted(record.changes()) for record in self.all_objects()]
        self.emulator.connect(alias="reader")
        rows = []
        for ticket in self.tickets:
            row = Ticket.objects.using("reader").fresh().get(ticket.pk)
            bodies = sorted(comment.body for comment in row.comments.all())
            people = sorted(row.follower_ids), sorted(row.email_cc_ids)
            collaborators = sorted(row.collaborator_ids)
            values = row.priority, row.subject, row.assignee_id, row.external_id, sorted(row.tags)
            rows.append((bodies, people, collaborators, values))
        for model, records in ((User, self.users), (Organization, self.organizations)):
            for record in records:
                row = model.objects.using("reader").fresh().get(record.pk)
                domains = sorted(getattr(row, "domain_names", []))
                rows.append((row.name, row.notes, row.details, sorted(row.tags), domains))
        return rows, left


def _append(record: Any, tag: str) -> None:
    if tag not in record.tags:
        record.tags.append(tag)


def _pop(values: list[str]) -> None:
    """Remove the last member that others have not added; objects may not contain theirs yet."""
    added = [value for value in values if not value.startswith("theirs")]
    if added:
        values.remove(added[-1])


def _assign(record: Any, tags: Iterable[str]) -> None:
    """Assign tags, with those of others that the object contains."""
    record.tags = [*tags, *(tag for tag in record.tags if tag == "theirs")]


def _edit_domains(organization: Organization, tag: str) -> None:
    if organization.domain_names and tag in "ab":
        _pop(organization.domain_names)
    else:
        organization.domain_names.append(f"{tag}.com")


def _reply(ticket: Ticket, number: int) -> None:
    ticket.comment = Comment(body=f"c{number}")
    ticket.save()


def _set(record: Any, name: str, value: Any) -> None:
    setattr(record, name, value)


#: Actions on any object, with its model, and on tickets only.
SHARED: dict[str, Callable[[Any, tuple[str, str]], Any]] = {
    "add": lambda record, tags: record.tags.add(*tags),
    "remove": lambda record, tags: record.tags.remove(tags[0]),
    "set": lambda record, tags: record.tags.set(tags),
    "append": lambda record, tags: _append(record, tags[0]),
    "pop": lambda record, tags: _pop(record.tags),
    "assign": lambda record, tags: _assign(record, tags),
    "original tags": lambda record, tags: _assign(record, ORIGINAL_TAGS[type(record)]),
    "notes": lambda record, tags: _set(record, "notes", tags[0]),
    "read": lambda record, tags: type(record).objects.fresh().get(id=record.pk),
    "save": lambda record, tags: record.save(),
    "save tags": lambda record, tags: record.save(update_fields=["tags"]),
}
TICKET: dict[str, Callable[[_World, Ticket, tuple[str, str], int], Any]] = {
    "priority": lambda world, ticket, tags, n: _set(ticket, "priority", PRIORITIES[n]),
    "subject": lambda world, ticket, tags, n: _set(ticket, "subject", f"s{n}"),
    "undo": lambda world, ticket, tags, n: _set(
        ticket, "subject", f"t{world.objects('t').index(ticket) % 3}"
    ),
    "comment": lambda world, ticket, tags, n: _set(ticket, "comment", Comment(body=f"c{n}")),
    "assignee": lambda world, ticket, tags, n: _set(ticket, "assignee", world.users[n]),
    "reply": lambda world, ticket, tags, n: _reply(ticket, n),
    "bulk_update": lambda world, ticket, tags, n: Ticket.objects.bulk_update(
        [ticket, world.tickets[n]]
    ),
    "update": lambda world, ticket, tags, n: Ticket.objects.filter(id__in=[ticket.pk]).update(
        priority=PRIORITIES[n]
    ),
    "update tags": lambda world, ticket, tags, n: Ticket.objects.filter(id__in=[ticket.pk]).update(
        tags=F("tags") + list(tags)
    ),
    "follow": lambda world, ticket, tags, n: ticket.followers.add(world.users[n]),
    "unfollow": lambda world, ticket, tags, n: ticket.followers.remove(world.users[n]),
    "cc": lambda world, ticket, tags, n: ticket.email_ccs.add(world.users[n]),
}
ORGANIZATION: dict[str, Callable[[Organization, tuple[str, str]], Any]] = {
    "domains": lambda organization, tags: _edit_domains(organization, tags[0]),
    "name": lambda organization, tags: _set(organization, "name", f"o-{tags[0]}"),
}
ACTIONS = [
    *(f"{model} {name}" for model in "tuo" for name in SHARED if (model, name) != ("t", "notes")),
    *(f"t {name}" for name in TICKET),
    *(f"o {name}" for name in ORGANIZATION),
]
TAGS = st.lists(st.sampled_from("abcdef"), min_size=2, max_size=2, unique=True).map(tuple)
STEPS = st.lists(
    st.tuples(st.sampled_from(ACTIONS), st.integers(0, 8), TAGS, st.integers(0, 2)),
    min_size=2,
    max_size=7,
)


def _run(steps: list[Step], *, batch: bool, by_id: bool, saves: bool, outdated: bool) -> Any:
    """Return the state after some steps, or the name of the error that one has raised."""
    world = _World(by_id=by_id)

    def program() -> None:
        if outdated:
            world.change_rows()
        with world.account.batch() if batch else nullcontext():
            for action, number, tags, value in steps:
                model, name = action.split(" ", 1)
                records = world.objects(model)
                record = records[number % len(records)]
                if name in SHARED:
                    SHARED[name](record, tags)
                elif name in ORGANIZATION:
                    ORGANIZATION[name](record, tags)
                else:
                    TICKET[name](world, record, tags, value)
            if saves:
                for record in world.all_objects():
                    record.save()

    return run_program(world, program)


def _steps(*actions: str) -> list[Step]:
    """Return steps that change the first object, with tags in a constant order."""
    pairs = [("c", "d"), ("a", "e"), ("f", "b")]
    return [(action, 0, pairs[n % 3], n % 3) for n, action in enumerate(actions)]


def _on(model: str, number: int, *names: str) -> list[Step]:
    """Return steps on one object."""
    steps = _steps(*(f"{model} {name}" for name in names))
    return [(action, number, tags, value) for action, _, tags, value in steps]


def _add_and_pop(model: str) -> list[Step]:
    """Return steps that remove an added tag again, without a save."""
    return [(f"{model} add", 0, ("a", "b"), 0), (f"{model} pop", 0, ("a", "b"), 0)]


@pytest.mark.slow
@settings(max_examples=25)
@given(STEPS, st.booleans(), st.booleans(), st.booleans())
@example(_steps("t follow", "t cc", "t priority", "t save"), False, True, False)
@example(_steps("t follow", "t follow", "t unfollow", "t follow"), False, False, False)
@example(_steps("t add", "t append", "t save"), False, True, False)
@example(_steps("t add", "t append", "t save"), True, True, False)
@example(_steps("t add", "t remove", "t add"), False, False, False)
@example(_steps("t append", "t remove", "t save"), False, True, False)
@example(_steps("t update tags", "t append", "t save"), False, True, False)
@example(_steps("t append", "t add", "t save", "t pop", "t set"), False, True, False)
@example(_steps("u add", "u append", "u save", "u remove"), False, False, False)
@example(_steps("o append", "o add"), False, False, False)
@example(_steps("o add", "o add", "o domains", "o save"), False, False, False)
@example(_steps("o domains", "o name", "o save", "o name"), False, False, False)
@example(_steps("o domains", "o save", "o domains"), False, False, True)
@example(_on("o", 0, "domains", "save") + _on("o", 2, "name", "save"), False, False, False)
@example(_on("o", 2, "name", "save") + _on("o", 0, "domains", "save"), False, False, True)
@example(_on("t", 0, "subject", "save") + _on("t", 3, "reply"), False, False, True)
@example(_on("t", 3, "reply") + _on("t", 0, "subject", "save"), False, False, True)
@example(_on("t", 0, "set", "original tags", "save"), False, False, False)
@example(_on("t", 0, "add", "original tags", "save"), False, False, True)
@example(_on("u", 0, "set", "original tags", "save"), False, False, False)
@example(_on("t", 0, "subject", "save", "undo", "save"), False, False, False)
@example(_on("t", 0, "subject", "reply", "undo", "save"), False, False, True)
@example(_on("t", 0, "assign", "reply", "append", "reply"), False, False, False)
@example(_on("t", 0, "set") + _on("t", 3, "add") + _on("t", 0, "remove"), False, False, False)
@example(_add_and_pop("o"), False, False, False)
@example(_add_and_pop("u"), False, True, False)
@example(_on("t", 0, "append", "save", "read"), False, False, True)
@example(_on("o", 0, "append", "domains", "save", "read"), False, False, True)
@example(_on("t", 0, "append", "read", "save", "pop", "read"), False, True, True)
@example(_on("t", 0, "set", "original tags", "bulk_update"), False, False, False)
@example(_on("t", 0, "append", "save") + _on("t", 6, "append", "save"), False, False, True)
@example(_on("t", 0, "reply") + _on("t", 3, "add"), False, True, False)
@example(_on("t", 0, "subject", "reply") + _on("t", 3, "reply", "save"), False, True, True)
@example(_on("o", 2, "add") + _on("o", 0, "add"), False, True, False)
@example(_on("o", 2, "remove", "add", "save") + _on("u", 3, "add", "save"), False, True, True)
def test_a_batch_leaves_the_state_of_the_same_calls_outside(steps, by_id, saves, outdated):
    """Rows, comments, members and unsaved edits are the same, whatever is called before."""
    outside = _run(steps, batch=False, by_id=by_id, saves=saves, outdated=outdated)
    inside = _run(steps, batch=True, by_id=by_id, saves=saves, outdated=outdated)

    # An error of one call stops the others outside, and the whole batch inside.
    assert inside == outside


@pytest.mark.parametrize("end", ["dry run", "aborted batch", "failed batch"])
@pytest.mark.parametrize("model", [Ticket, User, Organization], ids=lambda model: model.__name__)
@pytest.mark.parametrize("action", ["add", "remove", "set"])
def test_calls_that_are_not_sent_leave_no_edits(model, action, end):
    """After a dry run or a failure, an object has the tags of its row and the caller's edits."""
    world = _World(by_id=False)
    models = {Ticket: world.tickets, User: world.users, Organization: world.organizations}
    record = models[model][0]
    before = list(record.tags)
    record.tags.append("edit")
    call = SHARED[action]
    if end == "dry run":
        with world.account.dry_run(quiet=True):
            call(record, ("a", "x"))
    elif end == "aborted batch":
        with suppress(LookupError), world.account.batch():
            call(record, ("a", "x"))
            raise LookupError
    else:
        world.emulator.fail_next(422, times=2)
        with world.account.batch(raise_on_failure=False):
            call(record, ("a", "x"))

    assert record.changes() == {"tags": (before, [*before, "edit"])}
    world.emulator.close()


def test_edits_in_a_batch_include_earlier_calls(count_requests):
    """Within a batch, an object shows the tags that earlier calls will set."""
    world = _World(by_id=False)
    ticket = world.tickets[0]
    with count_requests(world.account, 1), world.account.batch():
        ticket.tags.add("vip")
        assert ticket.tags == ["a", "b", "vip"]
        ticket.tags.append("seen")
        ticket.save()
        assert ticket.tags == ["a", "b", "vip", "seen"]

    assert ticket.tags == ["a", "b", "vip", "seen"]
    assert not ticket.changes()
    world.emulator.close()
