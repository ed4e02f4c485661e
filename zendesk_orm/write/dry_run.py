"""`dry_run()`: nothing is sent, and what would be is told."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from zendesk_orm.schema.record import Record
from zendesk_orm.session.account import Sessions
from zendesk_orm.write.change import Change
from zendesk_orm.write.outbox import Outbox


if TYPE_CHECKING:
    from typing_extensions import Self

#: Characters of a value that are shown.
_MOST = 60


class DryRun(Outbox, AbstractContextManager["DryRun"]):
    """Changes that are not sent: `with account.dry_run() as diff:`.

    `len(diff)` is their number, `for change in diff` gives each with its `.action`, its
    `.record` and its `.edits`, and `str(diff)` is what is printed at the end.
    """

    silent = True

    def __init__(self, account: Sessions, *, quiet: bool = False) -> None:
        super().__init__()
        self._account = account
        self._quiet = quiet
        self._calls: list[str] = []
        #: Requests of other threads that were refused while it was open.
        self.refused: list[str] = []
        self._within: AbstractContextManager[None] | None = None

    def __enter__(self) -> Self:
        """Let changes of this thread or task end here."""
        self._within = self._account.collected(self)
        self._within.__enter__()
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        """Print what would have been sent."""
        assert self._within is not None  # noqa: S101 - it was entered
        self._within.__exit__(None, None, None)
        if error is None and not self._quiet:
            sys.stdout.write(f"{self}\n")

    def call(self, model: type[Record], name: str, body: Any) -> None:
        """Take note of a call that has a name of its own."""
        told = "" if body is None else f"\n    {_shown(body)}"
        self.told(f"{name} of {model._meta.verbose_name_plural}{told}")

    def told(self, text: str) -> None:
        """Take note of what would be sent besides."""
        self._calls.append(text)

    def refuse(self, text: str) -> None:
        """Take note of a request of another thread, which is not sent."""
        self.refused.append(text)

    def __str__(self) -> str:
        """Return the changes as text, a line for each field."""
        parts = [*map("\n".join, map(_lines, self)), *self._calls]
        count = len(parts)
        end = f"{count} change{'' if count == 1 else 's'}; nothing was sent"
        if self.refused:
            parts += [f"refused to another thread: {each}" for each in self.refused]
        return "\n".join((*parts, end))


def _lines(change: Change) -> Iterator[str]:
    record = change.record
    yield f"{change.action} {type(record).__name__}{'' if record.pk is None else f' {record.pk}'}"
    for name, (old, new) in change.edits.items():
        if change.created or old is None:
            yield f"    {name}: {_shown(new)}"
        else:
            yield f"    {name}: {_shown(old)} -> {_shown(new)}"


def _shown(value: Any) -> str:
    text = repr(value.to_payload() if isinstance(value, Record) else value)
    return text if len(text) <= _MOST else f"{text[: _MOST - 3]}..."
