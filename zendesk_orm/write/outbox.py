"""Changes that wait: for the end of a batch, or for nothing but to be shown."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import Any

from attrs import evolve

from zendesk_orm.errors import InvalidValue
from zendesk_orm.schema.record import Record
from zendesk_orm.write.change import Change


#: What is added to a row, whatever else is added to it.
_JOINED = ("additional_tags", "remove_tags")


class Outbox:
    """Changes in the order in which they were asked for; several to one object become one."""

    #: Whether nothing at all may be sent.
    silent = False

    def __init__(self) -> None:
        self._changes: dict[int, Change] = {}
        self._places: dict[Hashable, list[int]] = {}
        self._next = 0
        self._callbacks: list[Callable[[], Any]] = []

    def __len__(self) -> int:
        return len(self._changes)

    def __iter__(self) -> Iterator[Change]:
        return iter(self._changes.values())

    def add(self, change: Change, session: Any) -> None:
        """Keep a change, or make it a part of an earlier one to the same object.

        Args:
            change: what is to be done.
            session: where to: that of the account, of a brand, or of another alias.

        Raises:
            InvalidValue: the object was deleted before, or there is nothing to delete.
        """
        if change.beside and not self.silent:
            raise InvalidValue(
                f"{', '.join(change.beside)} cannot wait for the end of a batch; save it before"
            )
        change = evolve(change, session=session)
        places = self._places.setdefault(_key(change.record), [])
        last = self._changes[places[-1]] if places else None
        if change.action == "delete":
            self._delete(change, places)
        elif last is None:
            self._append(change, places)
        elif last.action == "delete":
            raise InvalidValue(f"{change.record!r} was deleted before, and cannot be saved")
        else:
            merged = _merged(last, change)
            if merged is None:
                self._append(change, places)
            else:
                self._changes[places[-1]] = merged

    def on_commit(self, function: Callable[[], Any]) -> None:
        """Call a function when all has been sent without failures."""
        self._callbacks.append(function)

    def call(self, model: type[Record], name: str, body: Any) -> None:
        """Hear of a call that has a name of its own.

        Raises:
            InvalidValue: it cannot wait.
        """
        raise InvalidValue(
            f"{name} is a call of its own, and cannot wait for the end of a batch; "
            "make it before or after the batch"
        )

    def told(self, text: str) -> None:
        """Hear of what would be sent besides.

        Raises:
            InvalidValue: it cannot wait.
        """
        raise InvalidValue(f"{text} cannot wait for the end of a batch; make it before or after")

    def _append(self, change: Change, places: list[int]) -> None:
        self._changes[self._next] = change
        places.append(self._next)
        self._next += 1

    def _delete(self, change: Change, places: list[int]) -> None:
        earlier = [self._changes.pop(place) for place in places]
        places.clear()
        if any(each.created for each in earlier):
            # It never came to be.
            return
        if change.record.pk is None:
            raise InvalidValue(f"{change.record!r} was never saved; there is nothing to delete")
        self._append(change, places)


def _key(record: Record) -> Hashable:
    """Return what tells one object from another: its row, or itself before it has one."""
    return id(record) if record.pk is None else (type(record)._meta.concrete, record._key)


def _merged(last: Change, change: Change) -> Change | None:
    """Return two changes to one object as one; None where both add something, as a comment."""
    fields = change.record._meta.fields
    added = [name for name in change.edits if name in fields and not fields[name].readable]
    if any(name in last.edits and last.edits[name] != change.edits[name] for name in added):
        return None
    if change.wanted is None:
        # It tells all edits, except for what no edit says.
        kept = {name: each for name, each in last.edits.items() if name not in fields}
        known = {field.wire for field in fields.values()}
        sent = {wire: value for wire, value in last.body.items() if wire not in known}
        needs: Mapping[str, Record] = change.needs
        pending: Mapping[str, Record] = change.pending
    else:
        kept = {name: each for name, each in last.edits.items() if name not in change.wanted}
        gone = {fields[name].wire for name in change.wanted if name in fields}
        sent = {wire: value for wire, value in last.body.items() if wire not in gone}
        needs = {w: each for w, each in last.needs.items() if w not in gone} | {**change.needs}
        pending = {**last.pending, **change.pending}
    body = {**sent, **change.body}
    for wire in _JOINED:
        if wire in last.body and wire in change.body:
            body[wire] = list(dict.fromkeys([*last.body[wire], *change.body[wire]]))
    wanted = None if last.wanted is None or change.wanted is None else last.wanted | change.wanted
    return evolve(
        last, edits={**kept, **change.edits}, body=body, needs=needs, wanted=wanted, pending=pending
    )
