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
        places = self._places.setdefault(_key(change), [])
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
        if any(self._changes[place].created for place in places):
            # Created and deleted within the batch: there is nothing to send.
            for place in places:
                del self._changes[place]
            places.clear()
            return
        # Updates are sent before the deletion: a comment among them has readers.
        if change.record.pk is None:
            raise InvalidValue(f"{change.record!r} was never saved; there is nothing to delete")
        self._append(change, places)


def _key(change: Change) -> Hashable:
    """Return what tells one object from another: its row, or itself before it has one.

    Changes of one row that are sent as different users stay apart.
    """
    record, session = change.record, change.session
    if record.pk is None:
        return id(record)
    user = None if session is None else session.on_behalf_of
    return type(record)._meta.concrete, record._key, user


def _merged(last: Change, change: Change) -> Change | None:
    """Return two changes to one object as one; None if both add something, such as a comment."""
    fields = change.record._meta.fields
    added = [name for name in change.edits if name in fields and not fields[name].readable]
    if any(name in last.edits and last.edits[name] != change.edits[name] for name in added):
        return None
    replaced = _replaced(last, change)
    gone = {fields[name].wire if name in fields else name for name in replaced}
    body = {**{wire: each for wire, each in last.body.items() if wire not in gone}, **change.body}
    for wire in _JOINED:
        if wire in last.body and wire in change.body:
            body[wire] = list(dict.fromkeys([*last.body[wire], *change.body[wire]]))
    every = change.wanted is None
    return evolve(
        last,
        edits={**{n: each for n, each in last.edits.items() if n not in replaced}, **change.edits},
        body=body,
        needs={**_left(last.needs, gone, every=every), **change.needs},
        wanted=None
        if last.wanted is None or change.wanted is None
        else last.wanted | change.wanted,
        pending=change.pending if every else {**last.pending, **change.pending},
        given=(last.given - replaced) | change.given,
    )


def _replaced(last: Change, change: Change) -> set[str]:
    """Return the edits of an earlier change that a later one replaces, or takes back."""
    fields = change.record._meta.fields
    if change.wanted is None:
        # It has all edits of the object; others have been taken back.
        found = {name for name in last.edits if name in fields and name not in last.given}
    else:
        found = set(change.wanted)
    if "tags" in change.body:
        # All tags are set, whatever was added before.
        found |= {*_JOINED}
    return found | {*change.edits} - {*_JOINED}


def _left(needs: Mapping[str, Record], gone: set[str], *, every: bool) -> dict[str, Record]:
    return {} if every else {wire: each for wire, each in needs.items() if wire not in gone}
