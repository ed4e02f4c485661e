"""Tags: a field whose members are words.

`add()` and `remove()` send a request immediately that contains only these tags, so that
concurrent changes of others are not overwritten.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Generic, SupportsIndex, TypeVar
from weakref import ref

from zendesk_orm.api.actions import alters_data
from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.annotations import Self
from zendesk_orm.messages import display
from zendesk_orm.schema.accounts import require_many
from zendesk_orm.schema.fields import Field
from zendesk_orm.schema.row import PartialRow, Row
from zendesk_orm.schema.values import KINDS, Kind, UnknownList, Untouched, fold_case, list_kind


if TYPE_CHECKING:
    from zendesk_orm.schema.record import Record

T = TypeVar("T")


class TagList(list[str]):
    """The tags of an object, which can be edited and saved, or changed at once.

    `append()` and the other methods of lists are edits, which `save()` sends with all tags.
    `add()`, `remove()`, `set()` and `clear()` are sent at once. If the object was never saved, or
    its tags were just assigned, they are edits, too.

    >>> ticket = Ticket.objects.get(2990)
    >>> ticket.tags.add("vip")
    >>> ticket.tags.append("seen")
    >>> ticket.changes()
    {'tags': (['software', 'vip'], ['software', 'vip', 'seen'])}
    """

    __slots__ = ("_origin", "_record")

    def __init__(self, tags: Iterable[str] = ()) -> None:
        super().__init__(tags)
        self._record: Any = None
        self._origin: Any = None

    def bind(self, record: Record) -> None:
        """Connect the tags with a record."""
        self._record = ref(record)
        if record.pk is not None:
            row = record._meta.identifying_part(record._row)
            self._origin = type(record), row, record._source

    def unbind(self) -> None:
        """Make the tags independent of a record, as those that were just assigned."""
        self._record = self._origin = None

    @property
    def is_bound(self) -> bool:
        """Whether the tags are connected with a record, so that calls are sent."""
        return self._record is not None

    def _owner(self) -> Any:
        """Return the record, or a stand-in: `Ticket.objects.get(5).tags` outlives its ticket."""
        record = None if self._record is None else self._record()
        if record is None and self._origin is not None:
            model, row, source = self._origin
            record = model.from_row(PartialRow(row), source)
        return record

    def append(self, tag: str) -> None:
        """Add a tag to the edits.

        Raises:
            InvalidValue: it is not a word.
        """
        super().append(*_check_edit([tag]))

    def extend(self, tags: Iterable[str]) -> None:
        """Add tags to the edits.

        Raises:
            InvalidValue: one is not a word, or `tags` is a text, whose letters would be added.
        """
        super().extend(_check_edit(tags))

    def insert(self, index: SupportsIndex, tag: str) -> None:
        """Add a tag to the edits, before another one.

        Raises:
            InvalidValue: it is not a word.
        """
        super().insert(index, *_check_edit([tag]))

    if not TYPE_CHECKING:  # Checkers compare the signature with that of `list.__add__`.

        def __iadd__(self, tags: Iterable[str]) -> Self:
            self.extend(tags)
            return self

    @alters_data
    def add(self, *tags: str) -> None:
        """Add tags without affecting others; one request.

        Raises:
            InvalidValue: a tag is empty or not a string.
            ApiError, TransportError.
        """
        self._change("add", tags, lambda: [*self, *(tag for tag in tags if not _among(tag, self))])

    @alters_data
    def remove(self, *tags: str) -> None:
        """Remove tags without affecting others; missing ones are ignored.

        Raises:
            InvalidValue: a tag is empty or not a string.
            ApiError, TransportError.
        """
        self._change("remove", tags, lambda: [tag for tag in self if not _among(tag, tags)])

    @alters_data
    def set(self, tags: Iterable[str]) -> None:
        """Replace all tags; one request.

        Raises:
            InvalidValue: a tag is empty or not a string.
            ApiError, TransportError.
        """
        new = tuple(require_many(tags, "set"))
        self._change("set", new, lambda: list(dict.fromkeys(new)))

    @alters_data
    def clear(self) -> None:
        """Remove all tags."""
        self.set(())

    def _change(self, action: str, tags: tuple[str, ...], edited: Any) -> None:
        _check_edit(tags)
        record = self._owner()
        if record is None or not _is_sent(record):
            self[:] = edited()
        elif tags or action == "set":
            record.change_members("tags", action, list(tags))

    def __reduce__(self) -> tuple[Any, ...]:
        return TagList, (list(self),)


class UnknownTags(TagList, UnknownList):
    """The tags of an object of which only the id is known; `add()` and `remove()` are sent."""

    __slots__ = ("name",)
    remedy = "; or use add() and remove(), which are sent at once"

    remove = TagList.remove
    clear = TagList.clear
    if not TYPE_CHECKING:
        append, extend, insert = UnknownList.append, UnknownList.extend, UnknownList.insert
        __iadd__ = UnknownList.__iadd__


class _UntouchedTags(TagList, Untouched):
    """The tags that a missing value is read as; while they are empty, they are not a change."""


def _is_sent(record: Any) -> bool:
    """Return True if calls are sent: the row exists, or an open batch creates it."""
    return record.pk is not None or record._state.creator is not None


def _among(tag: str, tags: Iterable[str]) -> bool:
    return fold_case(tag) in map(fold_case, tags)


def _words(tags: Iterable[Any]) -> list[str]:
    """Return tags as they are sent.

    Raises:
        InvalidValue: one is not a text, or has no word in it. Of several words, Zendesk makes a tag
            each.
    """
    words: list[Any] = KINDS["list"].accept(tags)
    for word in words:
        if not isinstance(word, str) or not word.strip():
            raise InvalidValue(f"must be words, passed one by one, not {display(word)}")
    return words


def _check_edit(tags: Iterable[Any]) -> list[str]:
    """Return tags that are added to the list of an object."""
    try:
        return _words(tags)
    except InvalidValue as error:
        raise InvalidValue(f"tags: {error}") from None


def _accept(value: Any) -> TagList:
    return TagList(_words(value))


def _load(raw: Any) -> TagList:
    return TagList(_load_words(raw))


def read_tags(record: Record, row: Row) -> list[str]:
    """Return the tags of a row of a record.

    Raises:
        UnexpectedValue: they are not a list of words.
    """
    return list(record._meta.fields["tags"].read(row) or ())


_load_words: Any = list_kind("str").load
_TAGS = Kind(
    "list",
    _accept,
    _load,
    _words,
    _UntouchedTags,
    key=fold_case,
    unknown=UnknownTags,
    item="str",
)


class Tags(Field[TagList], Generic[T]):
    """The tags of a row: `tags: Tags[str]`. Their value is a `TagList`.

    >>> Ticket.objects.get(2990).tags
    ['software']
    """

    is_unordered = True

    def __init__(self, name: str, kind: Kind, *, nullable: bool = True) -> None:
        super().__init__(name, _TAGS, nullable=nullable)

    def _bind(self, record: Record, value: Any) -> Any:
        if isinstance(value, TagList):
            effect = record._state.deferred_tags if "_state" in record.__dict__ else None
            if effect is not None:
                # Calls in a batch that will be sent at its end.
                record._state.deferred_tags = effect.with_base(list(value))
                value[:] = effect.apply(value)
            value.bind(record)
        return value

    if TYPE_CHECKING:
        # Not any iterable: a text is one, too.
        def __set__(
            self, record: Record, value: list[str] | tuple[str, ...] | set[str] | frozenset[str]
        ) -> None: ...
