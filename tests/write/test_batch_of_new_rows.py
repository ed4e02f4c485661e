"""Memberships, new rows, nested batches and locales: a batch leaves the state of its calls."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, nullcontext
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.write.programs import run_program
from zendesk_orm import Comment, Group, InvalidValue, Macro, Organization, Ticket, User
from zendesk_orm.emulator import Emulator
from zendesk_orm.help_center import Article, Category, PermissionGroup, Section


#: An action, and the numbers of its object and of another object or value.
Step = tuple[str, int, int]


class _World:
    """An account with groups, users and organizations, and a help center in two languages."""

    def __init__(self, *, nested: bool, articles: bool) -> None:
        self.emulator = Emulator()
        self.account = self.emulator.connect()
        self.nested = nested
        self.blocks = ExitStack()
        self.open: list[Any] = []
        self.new: dict[int, Any] = {}
        self.agents = [
            User.objects.create(name=f"u{n}", email=f"u{n}@e.com", role="agent") for n in range(2)
        ]
        self.groups = [Group.objects.create(name=f"g{n}") for n in range(2)]
        self.organizations = [Organization.objects.create(name=f"o{n}") for n in range(2)]
        self.groups[0].users.add(self.agents[0])
        self.agents[0].organizations.add(self.organizations[0])
        self.pairs = self._localized_pairs() if articles else []

    def _localized_pairs(self) -> list[tuple[Any, Any]]:
        """Return an article, a section and a category, each in English and in German."""
        category = Category.objects.create(name="c", locale="en-us")
        section = Section.objects.create(name="s", category=category, locale="en-us")
        permissions = PermissionGroup.objects.create(name="p")
        article = Article.objects.create(
            title="a", body="b", section=section, permission_group=permissions, locale="en-us"
        )
        records = (article, section, category)
        for record in records:
            record.translations.create(locale="de", title="de", body="de")
        return [
            (record, type(record).objects.filter(locale="de").get(id=record.pk))
            for record in records
        ]

    def begin(self) -> None:
        """Begin a nested batch."""
        if self.nested and len(self.open) < 2:
            self.open.append(self.account.batch())
            self.open[-1].__enter__()

    def end(self) -> None:
        """End the nested batch that began last."""
        if self.open:
            self.open.pop().__exit__(None, None, None)

    def state(self) -> Any:
        """Return the present rows as a new client reads them, and the edits that are left."""
        self.emulator.connect(alias="reader")
        members = [
            sorted(user.name for user in Group.objects.using("reader").get(group.pk).users.all())
            for group in self.groups
        ]
        organizations = [
            sorted(
                row.name for row in User.objects.using("reader").get(user.pk).organizations.all()
            )
            for user in self.agents
        ]
        tickets = sorted(
            (row.subject, row.external_id or "", row.requester.email or "", row.priority or "")
            for row in Ticket.objects.using("reader").fresh().all()
        )
        # Zendesk creates no user for a ticket that is deleted before it was sent.
        emails = sorted(
            row.email
            for row in User.objects.using("reader").all()
            if row.email and not row.email.startswith("new")
        )
        names = sorted(row.name for row in Group.objects.using("reader").all())
        texts = [
            (row.locale, _title(row), row.position)
            for english, _ in self.pairs
            for row in (
                type(english).objects.using("reader").get(id=english.pk),
                type(english).objects.using("reader").filter(locale="de").get(id=english.pk),
            )
        ]
        seen = [(row.locale, _title(row)) for pair in self.pairs for row in pair]
        left = [sorted(row.changes()) for pair in self.pairs for row in pair]
        return members, organizations, tickets, emails, names, texts, seen, left


def _title(record: Any) -> str:
    """Return the title of an article, or the name of a section or category."""
    return str(record.title if isinstance(record, Article) else record.name)


def _create(world: _World, number: int, **values: Any) -> None:
    """Create a ticket in a slot that is empty."""
    if number not in world.new:
        values = {"subject": f"n{number}", "comment": Comment(body="b"), **values}
        world.new[number] = Ticket(**values)
        world.new[number].save()


def _delete(world: _World, number: int) -> None:
    """Delete the new ticket of a slot."""
    if number in world.new:
        world.new.pop(number).delete()


def _reply(world: _World, number: int) -> None:
    """Change the new ticket of a slot, with a comment."""
    if number in world.new:
        ticket = world.new[number]
        ticket.comment, ticket.priority = Comment(body="reply"), "low"
        ticket.save()


def _retitle(record: Any, value: int) -> None:
    """Set the title of an article, or the name of a section or category."""
    setattr(record, "title" if isinstance(record, Article) else "name", f"new {value}")
    record.save()


def _move(record: Any, value: int) -> None:
    """Set the position of an article, section or category."""
    record.position = value + 5
    record.save()


ACTIONS: dict[str, Callable[[_World, int, int], Any]] = {
    "join": lambda world, n, m: world.groups[n % 2].users.add(world.agents[m % 2]),
    "leave": lambda world, n, m: world.groups[n % 2].users.remove(world.agents[m % 2]),
    "set users": lambda world, n, m: world.groups[n % 2].users.set(world.agents[: m % 3]),
    "set groups": lambda world, n, m: world.agents[n % 2].groups.set(world.groups[: m % 3]),
    "clear": lambda world, n, m: world.agents[n % 2].groups.all().clear(),
    "employ": lambda world, n, m: world.agents[n % 2].organizations.add(world.organizations[m % 2]),
    "dismiss": lambda world, n, m: world.agents[n % 2].organizations.remove(
        world.organizations[m % 2]
    ),
    "begin": lambda world, n, m: world.begin(),
    "end": lambda world, n, m: world.end(),
    "create": lambda world, n, m: _create(world, n),
    "create for new user": lambda world, n, m: _create(
        world, n, requester=User(name="new", email=f"new{m}@e.com")
    ),
    "reply": lambda world, n, m: _reply(world, n),
    "delete": lambda world, n, m: _delete(world, n),
    "get or create": lambda world, n, m: Ticket.objects.get_or_create(
        external_id=f"E{n}", defaults={"subject": f"e{m}", "comment": Comment(body="b")}
    ),
    "update or create": lambda world, n, m: Ticket.objects.update_or_create(
        external_id=f"E{n}",
        defaults={"priority": ["low", "high", "urgent"][m]},
        create_defaults={"subject": f"e{m}", "comment": Comment(body="b")},
    ),
    "get or create group": lambda world, n, m: Group.objects.get_or_create(name=f"n{n}"),
    "update or create user": lambda world, n, m: User.objects.update_or_create(
        email=f"E{n}@e.com", defaults={"name": f"e{m}"}
    ),
}
LOCALIZED: dict[str, Callable[[Any, int], Any]] = {"title": _retitle, "position": _move}


def _run(steps: list[Step], *, batch: bool) -> Any:
    """Return the state after some steps, or the name of the error that one has raised."""
    world = _World(nested=batch, articles=any(action in LOCALIZED for action, *_ in steps))

    def program() -> None:
        world.begin()
        for action, number, value in steps:
            if action in LOCALIZED:
                LOCALIZED[action](world.pairs[number][value % 2], value)
            else:
                ACTIONS[action](world, number, value)
        while world.open:
            world.end()

    return run_program(world, program)


STEPS = st.lists(
    st.tuples(st.sampled_from([*ACTIONS, *LOCALIZED]), st.integers(0, 2), st.integers(0, 2)),
    min_size=2,
    max_size=8,
)


def _steps(*actions: str, number: int = 0) -> list[Step]:
    """Return steps on one object."""
    return [(action, number, 0) for action in actions]


@pytest.mark.slow
@settings(max_examples=25)
@given(STEPS)
@example(_steps("leave", "join"))
@example(_steps("join", "leave", number=1))
@example(_steps("join", "join", "leave", "leave", number=1))
@example(_steps("leave", "begin", "join", "end", "leave"))
@example(_steps("join", "begin", "leave", "join", "leave", "end", number=1))
@example([("set users", 0, 2), ("set users", 0, 0), ("set users", 0, 2), ("clear", 1, 0)])
@example(_steps("employ", "dismiss", "employ"))
@example(_steps("create", "begin", "reply", "delete", "end", "create"))
@example(_steps("create", "reply", "reply"))
@example(_steps("create", "begin", "delete", "end"))
@example(_steps("create for new user", "get or create", "get or create", "update or create"))
@example([("create for new user", 0, 0), ("create for new user", 1, 0)])
@example(_steps("update or create user", "update or create user"))
@example(_steps("get or create group", "begin", "get or create group"))
@example([("position", 0, 1), ("position", 0, 0), ("title", 0, 1), ("title", 0, 0)])
@example([("title", 1, 1), ("position", 1, 0), ("title", 2, 0), ("position", 2, 1)])
def test_a_batch_creates_and_connects_the_same_rows_as_the_calls_outside(steps):
    """Memberships, new rows and translations are those of the same calls without a batch."""
    assert _run(steps, batch=True) == _run(steps, batch=False)


CREATIONS = {
    "save": lambda user: user.save(),
    "bulk": lambda user: User.objects.bulk_create([user]),
}


@pytest.mark.parametrize("create", CREATIONS.values(), ids=CREATIONS)
@pytest.mark.parametrize("fields", [None, ["notes"]], ids=["all", "some"])
@pytest.mark.parametrize("is_nested", [False, True])
def test_updates_in_bulk_become_part_of_the_creation(
    account, count_requests, create, fields, is_nested
):
    """`bulk_update()` of an object that the batch creates changes the values that are sent."""
    user = User(name="A", email="a@example.com")
    with count_requests(account, 1), account.batch():
        create(user)
        with account.batch() if is_nested else nullcontext():
            user.notes, user.details = "n", "d"
            User.objects.bulk_update([user], fields)

    with account.session():
        row = User.objects.get(user.pk)
    assert (row.notes, row.details) == ("n", "d" if fields is None else None)
    assert list(user.changes()) == ([] if fields is None else ["details"])


def test_a_rule_that_a_batch_creates_is_updated_in_bulk(account):
    """All its fields may change, although bulk updates of existing rules ignore most fields."""
    with account.batch():
        macro = Macro(title="m", actions=[{"field": "status", "value": "open"}])
        macro.save()
        macro.title = "n"
        Macro.objects.bulk_update([macro])

    assert Macro.objects.fresh().get(macro.pk).title == "n"


def test_a_later_change_of_an_object_that_was_not_created_is_not_sent(account, emulator):
    """A retry sends both comments, in their order."""
    ticket = Ticket(subject="T", comment=Comment(body="first"))
    emulator.fail_next(422, method="POST")
    with account.batch(raise_on_failure=False) as batch:
        ticket.save()
        ticket.comment = Comment(body="second")
        ticket.save()
    assert [outcome.error for outcome in batch.result] == ["Unprocessable", "NotSent"]

    batch.result.retry_failed()

    assert [comment.body for comment in ticket.comments.all()] == ["first", "second"]


@pytest.mark.parametrize("deleted", [False, True])
def test_objects_that_no_batch_creates_are_not_updated_in_bulk(account, deleted):
    """It raises, also for an object that the batch has created and deleted."""
    user = User(name="A")
    with account.batch():
        if deleted:
            user.save()
            user.delete()
        with pytest.raises(InvalidValue):
            User.objects.bulk_update([user])
