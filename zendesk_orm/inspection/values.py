"""Possible values of the names in a program."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attrs import define, evolve, field

from zendesk_orm.model import Model
from zendesk_orm.queryset.queryset import QuerySet


#: The maximum number of values of one name; others are unknown.
MAX_VALUES = 8


@define(eq=False)
class Value:
    """An unknown value."""


UNKNOWN = Value()


@define(eq=False)
class Literal(Value):
    """A literal of the program."""

    value: Any


@define(eq=False)
class Library(Value):
    """A class, a function or a module of the library or of Python."""

    thing: Any


@define(eq=False)
class Foreign(Value):
    """An object of Python's standard library."""

    name: str


@define(eq=False)
class Rows(Value):
    """A query.

    Attributes:
        queryset: the query, with plausible values instead of unknown ones.
        kind: the class of the query, if the program declares it.
        model: the class of the rows, if the program declares it.
        uncertain: whether a part of the query is unknown.
        is_super: whether methods of `kind` are skipped: `super()`.
    """

    queryset: QuerySet[Any]
    kind: Class | None = None
    model: Class | None = None
    uncertain: bool = False
    is_super: bool = False


@define(eq=False)
class Row(Value):
    """An object of a model.

    Attributes:
        model: the model of the library.
        kind: the class of the object, if the program declares it.
        deferred: whether reading a field may fetch the row.
        new: whether the program created the object and has not saved it yet.
    """

    model: Any
    kind: Class | None = None
    deferred: bool = False
    new: bool = False


@define(eq=False)
class Items(Value):
    """A list, or another container.

    Attributes:
        members: the possible members.
        ordered: whether these are all members, in their order.
        keys: the keys of a dictionary, if they are known.
        nested: whether the members may be containers of the same values: `defaultdict(list)`.
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
    """The tags of a row, or another list of members, such as its followers."""

    row: Row
    name: str


@define(eq=False)
class Custom(Value):
    """`row.custom`, or a value of it."""

    model: Any


@define(eq=False)
class Condition(Value):
    """A `Q`, which is built for the query that uses it.

    Attributes:
        parts: the nested conditions.
        lookups: the lookups.
        operator: the connector of the parts: `and`, `or`, `xor`, `not`.
    """

    parts: tuple[Value, ...]
    lookups: Mapping[str, Value]
    operator: str = "and"


@define(eq=False)
class Prefetcher(Value):
    """A `Prefetch`."""

    lookup: Any
    rows: Value | None


@define(eq=False)
class Function(Value):
    """A function of the program; `owner` is the object that it is bound to."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    scope: Scope
    owner: Value | None = None


@define(eq=False)
class Class(Value):
    """A class of the program; `base` is the class of the library that it inherits from."""

    node: ast.ClassDef
    scope: Scope
    base: Any = None
    parents: list[Class] = field(factory=list)
    #: The attributes of its instances.
    attributes: dict[str, list[Value]] = field(factory=dict)

    def find(self, name: str) -> list[Value]:
        """Return the members of a name, of the class or of its base classes in the program."""
        values = self.scope.names.get(name)
        if values:
            return values
        for parent in self.parents:
            values = parent.find(name)
            if values:
                return values
        return []

    def find_fields(self) -> list[str]:
        """Return the annotated names of the base classes in the program, and of the class."""
        inherited = [name for parent in self.parents for name in parent.find_fields()]
        names = [
            statement.target.id
            for statement in self.node.body
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)
        ]
        return list(dict.fromkeys([*inherited, *names]))

    def add_attribute(self, name: str, values: Iterable[Value]) -> None:
        """Add possible values to an attribute of the instances."""
        self.attributes[name] = deduplicate([*self.attributes.get(name, ()), *values])

    @property
    def is_model(self) -> bool:
        """Whether the class is a model."""
        return isinstance(self.base, type) and issubclass(self.base, Model)

    @property
    def is_queryset(self) -> bool:
        """Whether the class is a `QuerySet`."""
        return isinstance(self.base, type) and issubclass(self.base, QuerySet)


@define(eq=False)
class Instance(Value):
    """An object of a class of the program."""

    kind: Class


@define(eq=False)
class Manager(Value):
    """A manager made from a `QuerySet` of the program: `Inbox.as_manager()`."""

    kind: Class


@define(eq=False)
class Method(Value):
    """A bound method of a value of the library."""

    target: Value
    name: str


@define(eq=False)
class Scope:
    """The names of a module, a class or a call."""

    parent: Scope | None = None
    names: dict[str, list[Value]] = field(factory=dict)
    returned: list[Value] = field(factory=list)
    yielded: list[Value] = field(factory=list)
    #: The object whose method is followed.
    owner: Value | None = None
    #: Whether the scope belongs to a comprehension, within the scope of a function.
    inner: bool = False
    #: The scopes of names that belong to other scopes: `global`, `nonlocal`.
    shared: dict[str, Scope] = field(factory=dict)

    def get(self, name: str) -> list[Value] | None:
        """Return the possible values of a name, or None."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.parent
        return None

    def put(self, name: str, values: Iterable[Value]) -> None:
        """Assign values to a name."""
        elsewhere = self.shared.get(name)
        if elsewhere is None:
            self.names[name] = deduplicate(values)
        else:
            elsewhere.names[name] = deduplicate([*elsewhere.names.get(name, ()), *values])

    def merge(self, branches: Iterable[dict[str, list[Value]]]) -> None:
        """Assign the possible values after any of the branches to each name."""
        after: dict[str, list[Value]] = {}
        for branch in branches:
            for name, values in branch.items():
                after[name] = deduplicate([*after.get(name, ()), *values])
        self.names = after


def deduplicate(values: Iterable[Value]) -> list[Value]:
    """Return distinct values, at most `MAX_VALUES`."""
    unique = list({id(value): value for value in values}.values())
    return unique if len(unique) <= MAX_VALUES else [*unique[: MAX_VALUES - 1], UNKNOWN]


def flatten(values: Iterable[Value]) -> Iterator[Value]:
    """Yield values, and the members of containers."""
    for value in values:
        yield value
        if isinstance(value, Items):
            yield from flatten(value.members)


def get_decorator_names(function: Value) -> set[str]:
    """Return the names of the decorators of a function."""
    nodes = getattr(getattr(function, "node", None), "decorator_list", [])
    return {ast.unparse(node).partition("(")[0].rpartition(".")[2] for node in nodes}


def bind_to_class(value: Value, owner: Value) -> Value:
    """Return a member of a class; class methods are bound to the class."""
    if not isinstance(value, Function):
        return value
    return evolve(value, owner=owner if "classmethod" in get_decorator_names(value) else None)
