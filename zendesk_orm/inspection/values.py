"""What the names of a program may stand for, as far as its text tells."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attrs import define, field

from zendesk_orm.model import Model
from zendesk_orm.queryset.queryset import QuerySet


#: Values that one name may have at once; what goes beyond is not known.
MOST = 8


@define(eq=False)
class Value:
    """Something of which no more is known."""


UNKNOWN = Value()


@define(eq=False)
class Literal(Value):
    """A value that stands in the program itself."""

    value: Any


@define(eq=False)
class Library(Value):
    """Something of the library, or of Python: a class, a function, a module."""

    thing: Any


@define(eq=False)
class Foreign(Value):
    """Something of Python's own library, which does not know of this one."""

    name: str


@define(eq=False)
class Rows(Value):
    """A query.

    Attributes:
        queryset: the query, with plausible values in the place of unknown ones.
        kind: the class of the program that it is an instance of, if any.
        model: the class of its rows, where that is declared in the program.
        doubtful: whether a part of the query is not known.
        above: whether methods of `kind` are passed over: `super()`.
    """

    queryset: QuerySet[Any]
    kind: Class | None = None
    model: Class | None = None
    doubtful: bool = False
    above: bool = False


@define(eq=False)
class Row(Value):
    """An object of a model.

    Attributes:
        model: the model of the library.
        kind: its class, where that is declared in the program.
        hollow: whether reading a field may fetch it.
        new: whether it was made in the program, and is not saved yet.
    """

    model: Any
    kind: Class | None = None
    hollow: bool = False
    new: bool = False


@define(eq=False)
class Items(Value):
    """A list, or another container.

    Attributes:
        members: what may be in it.
        ordered: whether these are all, in their order.
        keys: their keys, where it is a dictionary whose keys are known.
        nested: whether what is in it may be containers, all of the same: `defaultdict(list)`.
    """

    members: list[Value] = field(factory=list)
    ordered: bool = False
    keys: tuple[str, ...] = ()
    nested: bool = False


@define(eq=False)
class Account(Value):
    """An account."""


@define(eq=False)
class Raw(Value):
    """`account.raw`."""


@define(eq=False)
class Job(Value):
    """A background job, or the result of a bulk operation."""


@define(eq=False)
class Members(Value):
    """The tags of a row, or its people of one kind."""

    row: Row
    name: str


@define(eq=False)
class Custom(Value):
    """`row.custom`, or a value of it."""

    model: Any


@define(eq=False)
class Condition(Value):
    """A `Q`, whose values are known when it is used.

    Attributes:
        parts: the conditions in it.
        lookups: its lookups.
        operator: how the parts are put together: `and`, `or`, `xor`, `not`.
    """

    parts: tuple[Value, ...]
    lookups: Mapping[str, Value]
    operator: str = "and"


@define(eq=False)
class Ahead(Value):
    """A `Prefetch`."""

    lookup: Any
    rows: Value | None


@define(eq=False)
class Function(Value):
    """A function of the program; `owner` is what it is bound to."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    scope: Scope
    owner: Value | None = None


@define(eq=False)
class Class(Value):
    """A class of the program, and the class of the library that it comes from, if any."""

    node: ast.ClassDef
    scope: Scope
    base: Any = None
    parents: list[Class] = field(factory=list)
    #: What its objects hold.
    attributes: dict[str, list[Value]] = field(factory=dict)

    def find(self, name: str) -> list[Value]:
        """Return what the class has under a name, or what it inherits in the program."""
        found = self.scope.names.get(name)
        if found:
            return found
        for parent in self.parents:
            found = parent.find(name)
            if found:
                return found
        return []

    @property
    def is_model(self) -> bool:
        """Whether its objects are rows."""
        return isinstance(self.base, type) and issubclass(self.base, Model)

    @property
    def is_queryset(self) -> bool:
        """Whether its objects are queries."""
        return isinstance(self.base, type) and issubclass(self.base, QuerySet)


@define(eq=False)
class Instance(Value):
    """An object of a class of the program."""

    kind: Class


@define(eq=False)
class Manager(Value):
    """What a class of the program gives as a manager of models: `Inbox.as_manager()`."""

    kind: Class


@define(eq=False)
class Method(Value):
    """A method of something of the library."""

    target: Value
    name: str


@define(eq=False)
class Scope:
    """The names of a module, a class or a call; names of functions see those around."""

    parent: Scope | None = None
    names: dict[str, list[Value]] = field(factory=dict)
    returned: list[Value] = field(factory=list)
    yielded: list[Value] = field(factory=list)
    #: The object whose method runs.
    owner: Value | None = None
    #: Whether it is that of a comprehension, whose names are those of the function around.
    inner: bool = False
    #: The scopes of names that are not of this one: `global`, `nonlocal`.
    shared: dict[str, Scope] = field(factory=dict)

    def get(self, name: str) -> list[Value] | None:
        """Return what a name may stand for, or None where it is not known."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.parent
        return None

    def put(self, name: str, values: Iterable[Value]) -> None:
        """Let a name stand for these."""
        elsewhere = self.shared.get(name)
        if elsewhere is None:
            self.names[name] = merged(values)
        else:
            elsewhere.names[name] = merged([*elsewhere.names.get(name, ()), *values])

    def merge(self, branches: Iterable[dict[str, list[Value]]]) -> None:
        """Let each name stand for what it is after any of some branches."""
        after: dict[str, list[Value]] = {}
        for branch in branches:
            for name, values in branch.items():
                after[name] = merged([*after.get(name, ()), *values])
        self.names = after


def merged(values: Iterable[Value]) -> list[Value]:
    """Return values, each once, as many as may be looked at."""
    found = list({id(each): each for each in values}.values())
    return found if len(found) <= MOST else [*found[: MOST - 1], UNKNOWN]


def flat(values: Iterable[Value]) -> Iterator[Value]:
    """Yield values, and those in containers of them."""
    for each in values:
        yield each
        if isinstance(each, Items):
            yield from flat(each.members)
