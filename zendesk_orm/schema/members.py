"""Fields with members: the tags of a row, the followers of a ticket.

What is added or removed by `add()` and `remove()` is sent at once, and by itself, so that what
others add or remove meanwhile stays: as the relations to many in Django.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload
from weakref import ref

from attrs import evolve

from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.values import plain
from zendesk_orm.schema import prefetched, registry
from zendesk_orm.schema.accounts import require_many, require_own
from zendesk_orm.schema.fields import Attribute, Field, WriteOnly, somebody
from zendesk_orm.schema.loading import load_list
from zendesk_orm.schema.row import Hollow
from zendesk_orm.schema.source import DEFAULT, source_of
from zendesk_orm.schema.values import (
    KINDS,
    Kind,
    UnknownList,
    Untouched,
    fold_case,
    members_of,
)


if TYPE_CHECKING:
    from typing_extensions import Self

    from zendesk_orm.schema.record import Record
    from zendesk_orm.schema.source import Source

T = TypeVar("T")


class TagList(list[str]):
    """Tags: a list that can be edited and saved, or changed at once.

    `append()` and the like are edits, which `save()` sends with all tags. `add()`, `remove()`,
    `set()` and `clear()` are sent at once; of an object that was not saved, or whose tags were
    just assigned, they are edits, too.
    """

    __slots__ = ("_origin", "_record")

    def __init__(self, tags: Iterable[str] = ()) -> None:
        super().__init__(tags)
        self._record: Any = None
        self._origin: Any = None

    def bind(self, record: Record) -> None:
        """Make this the tags of a record."""
        self._record = ref(record)
        if record.pk is not None:
            row = record._meta.known_row(record._row)
            self._origin = type(record), row, record._source

    def _owner(self) -> Any:
        """Return the record, or a stand-in: `Ticket.objects.get(5).tags` outlives its ticket."""
        record = None if self._record is None else self._record()
        if record is None and self._origin is not None:
            model, row, source = self._origin
            record = model.from_row(Hollow(row), source)
        return record

    def add(self, *tags: str) -> None:
        """Add tags, whatever others add or remove; one request.

        Raises:
            InvalidValue: one is no word.
            ApiError, TransportError.
        """
        self._change("add", tags, lambda: [*self, *(tag for tag in tags if not _among(tag, self))])

    def remove(self, *tags: str) -> None:
        """Remove tags, whatever others add or remove; those that are not there are no mistake.

        Raises:
            InvalidValue: one is no word.
            ApiError, TransportError.
        """
        self._change("remove", tags, lambda: [tag for tag in self if not _among(tag, tags)])

    def set(self, tags: Iterable[str]) -> None:
        """Let these be the tags, and no others; one request.

        Raises:
            InvalidValue: one is no word.
            ApiError, TransportError.
        """
        given = tuple(require_many(tags, "set"))
        self._change("set", given, lambda: list(dict.fromkeys(given)))

    def clear(self) -> None:
        """Remove all tags."""
        self.set(())

    def _change(self, action: str, tags: tuple[str, ...], edited: Any) -> None:
        _words(tags)
        record = self._owner()
        if record is None or record.pk is None:
            self[:] = edited()
        elif tags or action == "set":
            record.change_members("tags", action, _words(tags))

    def __reduce__(self) -> tuple[Any, ...]:
        return TagList, (list(self),)


class UnknownTags(TagList, UnknownList):
    """The tags of an object of which only the id is known; `add()` and `remove()` are sent."""

    __slots__ = ("name",)
    remedy = "; or use add() and remove(), which are sent at once"

    remove = TagList.remove
    clear = TagList.clear


class _UntouchedTags(TagList, Untouched):
    """The tags that a row without any reads as; empty, they are no change."""


def _among(tag: str, tags: Iterable[str]) -> bool:
    return fold_case(tag) in map(fold_case, tags)


def _words(tags: Iterable[Any]) -> list[str]:
    """Return tags as they are sent.

    Raises:
        InvalidValue: one is not a text, or has no word in it.
    """
    words: list[Any] = KINDS["list"].accept(tags)
    for word in words:
        if not isinstance(word, str) or not word.strip():
            raise InvalidValue(f"tags: wants words, one by one, not {word!r}")
    return words


def _accepted(value: Any) -> TagList:
    return TagList(_words(value))


def _loaded(raw: Any) -> TagList:
    return TagList(load_list(raw))


_TAGS = Kind("list", _accepted, _loaded, _words, _UntouchedTags, key=fold_case, unknown=UnknownTags)


class Tags(Field[TagList], Generic[T]):
    """The tags of a row: `tags: Tags[str]`."""

    def __init__(self, name: str, kind: Kind, *, nullable: bool = True) -> None:
        super().__init__(name, _TAGS, nullable=nullable)

    def _made(self, record: Record, value: Any) -> Any:
        if isinstance(value, TagList):
            value.bind(record)
        return value

    if TYPE_CHECKING:
        # Not any iterable: a text is one, too.
        def __set__(
            self, record: Record, value: list[str] | tuple[str, ...] | set[str] | frozenset[str]
        ) -> None: ...


def known_ids(record: Record, name: str) -> list[int]:
    """Return the ids that a field holds; of an object of a known id, they are fetched."""
    record.adopt(source_of(DEFAULT))
    return list(getattr(record, name) or ())


class MemberList(Generic[T]):
    """The people of one kind on a row: the followers of a ticket.

    Iterating gives users, fetched together; `ids` tells their ids without a request.
    """

    def __init__(self, record: Any, field: Members[Any]) -> None:
        self._record = record
        self._field = field

    @property
    def ids(self) -> list[int]:
        """The ids of the people."""
        return known_ids(self._record, self._field.ids)

    def all(self) -> Any:
        """Return them as a query, which can be narrowed further."""
        model: Any = self._field.model
        rows = model.objects.using(self._record.using) if self._record.using else model.objects
        ids = tuple(pk for pk in self.ids if somebody(pk) is not None)
        found: Any = rows.filter(id__in=ids)
        through = prefetched.through(self._record, self._field)
        found = found._with(evolve(found.query, id_order=ids, **through))
        known = prefetched.kept(self._record, self._field)
        return found if known is None else found._filled(known)

    def add(self, *people: Any) -> None:
        """Add people: users, ids or e-mails; one request.

        Raises:
            InvalidValue: something else is given.
            ApiError, TransportError.
        """
        self._change("add", people)

    def remove(self, *people: Any) -> None:
        """Remove people: users, ids or e-mails; those that are not there are no mistake.

        Raises:
            InvalidValue: something else is given.
            ApiError, TransportError.
        """
        self._change("remove", people)

    def set(self, people: Iterable[Any]) -> None:
        """Let these be the people: who is missing is added, and who is not among them removed.

        Raises:
            InvalidValue: something else is given.
            ApiError, TransportError.
        """
        given = [self._identify(person) for person in require_many(people, "set")]
        ids = {person for person in given if isinstance(person, int)}
        self._change("remove", [pk for pk in self.ids if pk not in ids])
        self._change("add", [person for person in given if person not in self.ids])

    def clear(self) -> None:
        """Remove all of them."""
        self._change("remove", self.ids)

    def _identify(self, person: Any) -> Any:
        return self._field.identify(person, self._record._source or source_of(DEFAULT))

    def _change(self, action: str, people: Iterable[Any]) -> None:
        given = [self._identify(person) for person in people]
        if given:
            self._record.change_members(self._field.name, action, given)

    def __iter__(self) -> Iterator[T]:
        return iter(self.all())

    def __len__(self) -> int:
        return len(self.ids)

    def __contains__(self, person: Any) -> bool:
        return self._identify(person) in self.ids

    def __repr__(self) -> str:
        return f"<{self._field.name} of {self._record!r}: {self.ids}>"


class Members(WriteOnly[Any], Generic[T]):
    """The people of one kind on a row: `followers: Members[User]`, of whom `follower_ids` tells.

    What is assigned to a new object is sent when it is created; the people of one that was
    saved are changed by `add()`, `remove()` and `set()`.
    """

    def __init__(self, name: str, kind: Kind, *, nullable: bool = True) -> None:
        self.target = kind.name
        self.ids = f"{name[:-1]}_ids"
        plain = KINDS["list"]
        super().__init__(name, Kind(f"list[{kind.name}]", self._people, plain.load, self._dumped))

    @property
    def model(self) -> type[Record]:
        """The model of the people."""
        return registry.find(self.target)

    def _people(self, value: Any) -> list[Any]:
        return [self.identify(person) for person in members_of(value)]

    def identify(self, person: Any, source: Source | None = None) -> Any:
        """Return the id of a user, or what else stands for one: an e-mail, Zendesk's own form.

        Args:
            person: the user, or what stands for one.
            source: where it would be sent; a user of another account is rejected.

        Raises:
            InvalidValue: it is something else, or a user who was not saved.
        """
        if isinstance(person, self.model):
            if source is not None:
                require_own(self.name, person, person._source, source)
            person = person.pk
        mail = isinstance(person, str) and "@" in person
        number = isinstance(person, int) and not isinstance(person, bool)
        if mail or number or isinstance(person, dict):
            return plain(person)
        raise InvalidValue(f"{self.name}: wants a saved {self.target}, an id or an e-mail")

    def _dumped(self, people: list[Any]) -> list[Any]:
        return [self.entry(person, "put") for person in people]

    def entry(self, person: Any, action: str) -> Any:
        """Return a person as an update says what is to be done with them."""
        if isinstance(person, dict):
            return person
        key = "user_email" if isinstance(person, str) else "user_id"
        return {key: person, "action": action}

    def payload(self, record: Record, action: str, people: list[Any]) -> dict[str, Any]:
        """Return what an update sends that adds or removes people."""
        verb = "put" if action == "add" else "delete"
        return {self.wire: [self.entry(person, verb) for person in people]}

    @overload
    def __get__(self, record: None, owner: type) -> Self: ...
    @overload
    def __get__(self, record: Record, owner: type) -> MemberList[T]: ...
    def __get__(self, record: Record | None, owner: type) -> Any:
        """Return the people; of an object that was not saved, the list that will be sent."""
        if record is None:
            return self
        if record.pk is None:
            value = record.__dict__[self.name] = Untouched()
            return value
        return MemberList(record, self)

    if TYPE_CHECKING:

        def __set__(self, record: Record, value: Iterable[Any]) -> None: ...


class Collaborators(Members[T]):
    """The same for collaborators, who are named without saying what is to be done with them."""

    def entry(self, person: Any, action: str) -> Any:
        """Return a person as Zendesk takes it."""
        return person

    def payload(self, record: Record, action: str, people: list[Any]) -> dict[str, Any]:
        """Return what an update sends that adds or removes people."""
        if action == "add":
            return {f"additional_{self.wire}": people}
        field: Attribute[Any] = record._meta.fields[self.ids]
        return {field.wire: [pk for pk in known_ids(record, self.ids) if pk not in people]}
