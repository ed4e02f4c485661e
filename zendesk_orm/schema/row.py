"""Rows, which are decoded JSON objects, and the bookkeeping of the records that hold them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, overload

from zendesk_orm.http.annotations import Self


if TYPE_CHECKING:
    from zendesk_orm.schema.record import Record
    from zendesk_orm.schema.source import Source

#: A row is shared by all records that hold it. It is never edited, only replaced as a whole.
Row = dict[str, Any]


class PartialRow(dict[str, Any]):
    """A row with some keys only; reading another field fetches the complete row.

    Attributes:
        known_inner: by the key of a list or object that the row lacks, those of its values that
            are known, by their id or key: of custom fields, or of `via`.
    """

    __slots__ = ("known_inner",)

    known_inner: dict[str, dict[Any, Any]]

    def merge(self, newer: Row) -> PartialRow:
        """Return a row with the keys of both, of which those of the newer one win."""
        merged = PartialRow({**self, **newer})
        wires = (wire for row in (self, newer) for wire in getattr(row, "known_inner", ()))
        values = {
            wire: {**find_known_inner(self, wire), **find_known_inner(newer, wire)}
            for wire in wires
        }
        if values:
            merged.known_inner = values
        return merged


def find_known_inner(row: Row, wire: str) -> dict[Any, Any]:
    """Return the known values of a list or object that a row lacks, by id or key; often {}."""
    return getattr(row, "known_inner", {}).get(wire, {}) if type(row) is PartialRow else {}


def lacks(record: Record, wire: str) -> bool:
    """Return whether a row has some keys only, and the value of one must be fetched."""
    return type(record._row) is PartialRow and wire not in record._row


#: The row of an object that was never sent to Zendesk.
NOTHING: Row = {}


def copy_json(value: Any) -> Any:
    """Return a copy that can be edited without editing the row."""
    if isinstance(value, list):
        return [copy_json(item) for item in value]
    if isinstance(value, dict):
        return {key: copy_json(item) for key, item in value.items()}
    return value


class RecordState:
    """The bookkeeping of one record, beside its row and its values; as `_state` in Django.

    Attributes:
        pending_custom: values assigned to custom fields before the account was known, by name.
        owners: the sources of the objects that were assigned, by field.
        prefetched: rows of relations, by name, with the ids that the record had at that time.
        idempotency_key: the key of a create whose response has not arrived.
        replayed: whether Zendesk answered the create with the response to an earlier one.
        lost_update: an update that may have been applied although its response was lost.
        lost_creation: the method of a create that may have been applied, or None.
        bases: the values that unsaved edits were made on, if others have changed them since.
        deferred_tags: what the calls and saves of open batches do to the tags.
        deferred_members: the calls in open batches that add and remove people.
        creator: the session with which an open batch creates the object, or None.
    """

    __slots__ = (
        "bases",
        "creator",
        "deferred_members",
        "deferred_tags",
        "idempotency_key",
        "lost_creation",
        "lost_update",
        "owners",
        "pending_custom",
        "prefetched",
        "replayed",
    )

    def __init__(self) -> None:
        self.pending_custom: dict[str | int, Any] = {}
        self.owners: dict[str, Source | None] = {}
        self.prefetched: dict[str, tuple[list[Any], list[Any]]] = {}
        self.idempotency_key: str | None = None
        self.replayed = False
        self.lost_update: Any = None
        self.lost_creation: str | None = None
        self.deferred_tags: Any = None
        self.deferred_members: tuple[tuple[str, str, Any], ...] = ()
        self.creator: Any = None
        self.bases: dict[str, Any] = {}

    def __getstate__(self) -> dict[str, Any]:
        """Return what a copy needs to know about earlier writes and reads.

        A key without a lost response is left out: a copy is another object, with its own key.
        """
        key = None if self.lost_creation is None else self.idempotency_key
        return {
            "pending_custom": dict(self.pending_custom),
            "lost_update": self.lost_update,
            "lost_creation": self.lost_creation,
            "idempotency_key": key,
            "bases": dict(self.bases),
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__()  # type: ignore[misc] # the attributes that are not part of the state
        for name, value in state.items():
            setattr(self, name, value)


class StateDescriptor:
    """The descriptor behind `Record._state`: creates the state when it is first needed."""

    @overload
    def __get__(self, record: None, owner: type) -> Self: ...
    @overload
    def __get__(self, record: object, owner: type) -> RecordState: ...
    def __get__(self, record: Any, owner: type) -> Any:
        """Return the state of a record, and store it, so that this method is called once."""
        if record is None:
            return self
        return record.__dict__.setdefault("_state", RecordState())
