"""`DjangoDeadLetters`: changes that wait for another attempt, in the database of the project."""

from __future__ import annotations

from typing import Any

from attrs import evolve
from django.apps import apps
from django.db import router

from zendesk_orm.sync.dead_letters import DeadLetter


class DjangoDeadLetters:
    """Stores letters in a table of the project: the model `zendesk_orm.DeadLetter`.

    ::

        configure_delivery("emea", dead_letters=DjangoDeadLetters("emea"))

    Letters contain the changes, and therefore data of customers. Run `manage.py migrate` to create
    the table.

    Args:
        account: the alias of the account.
        using: the alias of the database; that of the project's routers by default.
    """

    def __init__(self, account: str = "default", using: str | None = None) -> None:
        self._account, self._using = account, using

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._account} in {self._using or 'the default'}>"

    @property
    def _rows(self) -> Any:
        model = apps.get_model("zendesk_orm", "DeadLetter")
        rows = model.objects.using(self._using or router.db_for_write(model))
        return rows.filter(account=self._account).order_by("pk")

    def add(self, letter: DeadLetter) -> None:
        """Add a letter after the others."""
        self._rows.create(
            account=self._account,
            letter_id=letter.id,
            row=letter.row,
            due_at=letter.due_at,
            text=letter.to_json(),
        )

    def letters(self) -> list[DeadLetter]:
        """Return all letters, in the order in which they were added."""
        return [DeadLetter.from_json(text) for text in self._rows.values_list("text", flat=True)]

    def waiting(self, row: str | None = None) -> list[DeadLetter]:
        """Return the letters with another attempt, those of one row or all, in their order."""
        rows = self._rows.filter(due_at__isnull=False)
        rows = rows if row is None else rows.filter(row=row)
        return [DeadLetter.from_json(text) for text in rows.values_list("text", flat=True)]

    def replace(self, letter: DeadLetter, new: DeadLetter) -> bool:
        """Replace a letter, unless another process has changed it."""
        text = evolve(new, id=letter.id).to_json()
        rows = self._rows.filter(letter_id=letter.id, text=letter.to_json())
        return bool(rows.update(text=text, due_at=new.due_at))

    def delete(self, letter: DeadLetter) -> None:
        """Delete a letter, if it exists."""
        self._rows.filter(letter_id=letter.id).delete()
