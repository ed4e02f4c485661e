"""Dead letters: changes that a receiver could not handle, also while they wait for an attempt."""

from __future__ import annotations

import json
import os
import uuid
from typing import Any, NoReturn, Protocol, runtime_checkable

from attrs import asdict, evolve, frozen

from zendesk_orm import fork
from zendesk_orm.errors import InvalidValue
from zendesk_orm.messages import display
from zendesk_orm.sync.changes import RemoteChange
from zendesk_orm.sync.database import Database, refuse_to_pickle
from zendesk_orm.sync.encoding import dump_change, load_change


@frozen
class DeadLetter:
    """A change that one receiver has not handled yet, or could not handle.

    >>> letter = DeadLetter("1", "hooks.notify", "OSError", 5, 0.0, None, "support.Ticket:5", "")
    >>> letter.is_dead, DeadLetter.from_json(letter.to_json()) == letter
    (True, True)

    Attributes:
        id: identifies the letter.
        receiver: the dotted name of the receiver.
        error: the last exception of the receiver, as text; "" before the first attempt.
        attempts: the number of attempts so far.
        at: the time of the first attempt, in seconds since the epoch.
        due_at: the time of the next attempt, or None without one.
        row: the row of the change: `support.Ticket:5`.
        text: the change as JSON.
        selected: whether the condition `when=` of the receiver was met.
    """

    id: str
    receiver: str
    error: str
    attempts: int
    at: float
    due_at: float | None
    row: str
    text: str
    selected: bool = True

    @property
    def is_dead(self) -> bool:
        """Whether it was the last attempt, unless the letter is replayed."""
        return self.due_at is None

    @property
    def change(self) -> RemoteChange:
        """The change, without its instance."""
        return load_change(self.text)

    def to_json(self) -> str:
        """Return the letter as JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> DeadLetter:
        """Return the letter of a text of `to_json()`.

        Raises:
            InvalidValue: the text is something else.
        """
        try:
            letter = cls(**json.loads(text))
        except (TypeError, ValueError, RecursionError) as error:
            raise InvalidValue(f"the text is not a dead letter: {error}") from None
        for name, types in _TYPES.items():
            if type(getattr(letter, name)) not in types:
                raise InvalidValue(
                    f"the text is not a dead letter: {name} is {display(getattr(letter, name))}"
                )
        return letter


#: The types of the attributes of a letter.
_TYPES: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("id", "receiver", "error", "row", "text"), (str,)),
    "attempts": (int,),
    "at": (int, float),
    "due_at": (int, float, type(None)),
    "selected": (bool,),
}


def write_letter(
    change: RemoteChange, receiver: str, now: float, due_at: float | None, **values: Any
) -> DeadLetter:
    """Return a new letter."""
    defaults: dict[str, Any] = {"error": "", "attempts": 0}
    return DeadLetter(
        id=uuid.uuid4().hex,
        receiver=receiver,
        at=now,
        due_at=due_at,
        row=row_of(change),
        text=dump_change(change),
        **{**defaults, **values},
    )


def row_of(change: RemoteChange) -> str:
    """Return the identity of the row of a change: `support.Ticket:5`."""
    return f"{change.model._meta.concrete._meta.label}:{change.pk}"


@runtime_checkable
class DeadLetterStore(Protocol):
    """Stores letters: changes that wait for another attempt, and dead ones.

    >>> isinstance(MemoryDeadLetters(), DeadLetterStore)
    True
    """

    def add(self, letter: DeadLetter) -> None:
        """Add a letter after the others."""
        ...

    def letters(self) -> list[DeadLetter]:
        """Return all letters, in the order in which they were added."""
        ...

    def waiting(self, row: str | None = None) -> list[DeadLetter]:
        """Return the letters with another attempt, those of one row or all, in their order."""
        ...

    def replace(self, letter: DeadLetter, new: DeadLetter) -> bool:
        """Replace a letter, and return True; return False if another process has changed it."""
        ...

    def delete(self, letter: DeadLetter) -> None:
        """Delete a letter, if it exists."""
        ...


class MemoryDeadLetters:
    """Stores letters as long as the process lives.

    >>> MemoryDeadLetters().letters()
    []
    """

    def __init__(self) -> None:
        self._letters: dict[str, DeadLetter] = {}
        self._lock = fork.Lock()

    def __reduce__(self) -> NoReturn:
        refuse_to_pickle(self)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {len(self._letters)} letters>"

    def add(self, letter: DeadLetter) -> None:
        """Add a letter after the others."""
        with self._lock:
            self._letters[letter.id] = letter

    def letters(self) -> list[DeadLetter]:
        """Return all letters, in the order in which they were added."""
        with self._lock:
            return list(self._letters.values())

    def waiting(self, row: str | None = None) -> list[DeadLetter]:
        """Return the letters with another attempt, those of one row or all, in their order."""
        letters = (letter for letter in self.letters() if not letter.is_dead)
        return [letter for letter in letters if row is None or letter.row == row]

    def replace(self, letter: DeadLetter, new: DeadLetter) -> bool:
        """Replace a letter, unless it was changed."""
        with self._lock:
            if self._letters.get(letter.id) != letter:
                return False
            self._letters[letter.id] = evolve(new, id=letter.id)
            return True

    def delete(self, letter: DeadLetter) -> None:
        """Delete a letter, if it exists."""
        with self._lock:
            self._letters.pop(letter.id, None)


_SCHEMA = """
CREATE TABLE IF NOT EXISTS zendesk_letters (
    number INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, place TEXT NOT NULL, due_at REAL,
    letter TEXT NOT NULL);
"""


class SQLiteDeadLetters:
    """Stores letters in a SQLite file, which several processes can share.

    The file can be that of other stores. It contains the changes, and therefore data of customers.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     store = SQLiteDeadLetters(f"{folder}/hooks.db")
    ...     configure_delivery(dead_letters=store)

    Args:
        path: the file; it is created if it does not exist.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._database = Database(path, _SCHEMA)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self._database.path}>"

    def add(self, letter: DeadLetter) -> None:
        """Add a letter after the others."""
        with self._database.read() as database:
            database.execute(
                "INSERT INTO zendesk_letters (id, place, due_at, letter) VALUES (?, ?, ?, ?)",
                (letter.id, letter.row, letter.due_at, letter.to_json()),
            )

    def letters(self) -> list[DeadLetter]:
        """Return all letters, in the order in which they were added."""
        with self._database.read() as database:
            rows = database.execute("SELECT letter FROM zendesk_letters ORDER BY number")
            return [self._database.load(DeadLetter.from_json, text) for (text,) in rows]

    def waiting(self, row: str | None = None) -> list[DeadLetter]:
        """Return the letters with another attempt, those of one row or all, in their order."""
        with self._database.read() as database:
            rows = database.execute(
                "SELECT letter FROM zendesk_letters WHERE due_at IS NOT NULL "
                "AND (?1 IS NULL OR place = ?1) ORDER BY number",
                (row,),
            )
            return [self._database.load(DeadLetter.from_json, text) for (text,) in rows]

    def replace(self, letter: DeadLetter, new: DeadLetter) -> bool:
        """Replace a letter, unless another process has changed it."""
        text = evolve(new, id=letter.id).to_json()
        with self._database.read() as database:
            changed = database.execute(
                "UPDATE zendesk_letters SET letter = ?, due_at = ? WHERE id = ? AND letter = ?",
                (text, new.due_at, letter.id, letter.to_json()),
            ).rowcount
        return bool(changed)

    def delete(self, letter: DeadLetter) -> None:
        """Delete a letter, if it exists."""
        with self._database.read() as database:
            database.execute("DELETE FROM zendesk_letters WHERE id = ?", (letter.id,))
