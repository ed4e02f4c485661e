"""`dry_run()`: changes that are printed instead of being sent."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from zendesk_orm.http.values import require_bool
from zendesk_orm.messages import display
from zendesk_orm.schema.record import Record
from zendesk_orm.session.connection import Connection
from zendesk_orm.write.change import Change
from zendesk_orm.write.merged_changes import render_calls
from zendesk_orm.write.unit_of_work import UnitOfWork


#: Characters of a value that a dry run prints.
_MAX_CHARACTERS = 60


class DryRun(UnitOfWork):
    """Changes that are printed instead of being sent: `with account.dry_run() as diff:`.

    `len(diff)` is their number, `for change in diff` yields each with its `.action`, `.record`
    and `.edits`, and `str(diff)` is the text that is printed at the end.

    >>> ticket = Ticket.objects.get(2990)
    >>> with account.dry_run() as diff:
    ...     ticket.subject = "Printer"
    ...     _ = ticket.save()
    update Ticket 2990
        subject: 'Export of report 2990 fails' -> 'Printer'
    1 change; nothing was sent

    Attributes:
        refused: requests of other threads that were not sent while the dry run was open.
    """

    is_dry_run = True

    def __init__(self, account: Connection, *, quiet: bool = False) -> None:
        super().__init__(account)
        self._quiet = require_bool("quiet", quiet)
        self._calls: list[str] = []
        self._printed: list[Change] | None = None
        self.refused: list[str] = []

    def _complete(self) -> None:
        """Print the changes."""
        self._printed = self._render()
        self.undo_calls()
        if not self._quiet:
            sys.stdout.write(f"{self}\n")

    @property
    def is_empty(self) -> bool:
        """Whether neither a change nor another request was collected."""
        return not len(self) and not self._calls

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __iter__(self) -> Iterator[Change]:
        """Yield the changes with the payload that would be sent."""
        return iter(self._render() if self._printed is None else self._printed)

    def _render(self) -> list[Change]:
        """Return the changes with the payload of their calls, as if those before were sent."""
        changes = []
        for position, change in self._changes.items():
            shown = render_calls(change, self.tag_effects(change, position))
            tags = shown.edits.get("tags")
            if tags is not None and tags[0] == tags[1]:
                shown = shown.without({"tags"})
            if not shown.is_empty:
                changes.append(shown)
        return changes

    def add_call(self, model: type[Record], name: str, body: Any) -> None:
        """Add a call of an action to the text."""
        shown = "" if body is None else f"\n    {_format_value(body)}"
        self.add_request(f"{name} of {model._meta.verbose_name_plural}{shown}")

    def add_request(self, text: str) -> None:
        """Add another request to the text."""
        self._calls.append(text)

    def upload(self, submission: Any, name: str) -> Any:
        """Add a file to the text; its upload has no token."""
        self.add_request(f"upload {display(name)}")
        return None

    def refuse(self, text: str) -> None:
        """Record a request of another thread, which is not sent."""
        self.refused.append(text)

    def __str__(self) -> str:
        """Return the changes as text, with a line for each field."""
        parts = [*map("\n".join, map(_lines, self)), *self._calls]
        count = len(parts)
        end = f"{count} change{'' if count == 1 else 's'}; nothing was sent"
        if self.refused:
            parts += [f"refused to another thread: {request}" for request in self.refused]
        return "\n".join((*parts, end))


def _lines(change: Change) -> Iterator[str]:
    """Yield the lines of a change."""
    record = change.record
    yield f"{change.action} {type(record).__name__}{'' if record.pk is None else f' {record.pk}'}"
    for name, (old, new) in change.edits.items():
        if change.creates or old is None:
            yield f"    {name}: {_format_value(new)}"
        else:
            yield f"    {name}: {_format_value(old)} -> {_format_value(new)}"


def _format_value(value: Any) -> str:
    """Return a value as a short text."""
    return display(value.to_payload() if isinstance(value, Record) else value, _MAX_CHARACTERS)
