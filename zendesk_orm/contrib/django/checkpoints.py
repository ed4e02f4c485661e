"""`DjangoCheckpointStore`: checkpoints of exports in the database of the project."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import DatabaseError, router

from zendesk_orm.errors import CheckpointStoreError, InvalidValue
from zendesk_orm.messages import display
from zendesk_orm.query.checkpoint import Checkpoint
from zendesk_orm.schema.arguments import require_text
from zendesk_orm.sync.checkpoints import parse_checkpoint


#: Characters of a name, as in the model.
_MAX_NAME = 255


class DjangoCheckpointStore:
    """Keeps checkpoints in a table of the project: the model `zendesk_orm.Checkpoint`.

    Inside of `transaction.atomic()`, a checkpoint is part of the transaction. If the rows of a page
    are saved in the same one, each row is stored exactly once::

        store = DjangoCheckpointStore()
        rows = Ticket.objects.changed_since(store.load("tickets") or 0).iterator()
        for page in rows.pages():
            with transaction.atomic():
                save_tickets(page)
                store.save("tickets", page.checkpoint)

    Run `manage.py migrate` to create the table.

    Args:
        using: the alias of the database; that of the project's routers by default. It has to be
            the one of the rows.
    """

    def __init__(self, using: str | None = None) -> None:
        self._using = using

    def load(self, name: str) -> Checkpoint | None:
        """Return the checkpoint of a name, or None if it has none.

        Raises:
            CheckpointStoreError: the database cannot be read, or the checkpoint is damaged.
        """
        text = self._run(lambda rows: rows.values_list("text", flat=True).first(), name)
        return None if text is None else parse_checkpoint(text, name, "the database")

    def save(self, name: str, checkpoint: Checkpoint) -> None:
        """Store the checkpoint of a name, in the transaction that is open.

        Raises:
            InvalidValue: the argument is not a checkpoint.
            CheckpointStoreError: the database cannot be written.
        """
        values = {"text": Checkpoint.require_text(checkpoint)}
        self._run(lambda rows: rows.update_or_create(name=name, defaults=values), name)

    def delete(self, name: str) -> None:
        """Delete the checkpoint of a name, if there is one.

        Raises:
            CheckpointStoreError: the database cannot be written.
        """
        self._run(lambda rows: rows.delete(), name)

    def _run(self, operation: Any, name: str) -> Any:
        """Return the result of an operation on the rows with a name.

        Raises:
            CheckpointStoreError: the database refused it.
            InvalidValue: the name is empty or too long.
        """
        if len(require_text("the name of a checkpoint", name)) > _MAX_NAME:
            raise InvalidValue(f"the name of a checkpoint has at most {_MAX_NAME} characters")
        model = apps.get_model("zendesk_orm", "Checkpoint")
        # For reading, too: a replica may not have the checkpoint yet.
        database = self._using or router.db_for_write(model)
        try:
            return operation(model.objects.using(database).filter(name=name))
        except DatabaseError as error:
            raise CheckpointStoreError(
                f"the checkpoints in the database {display(database)} cannot be read or stored "
                f"({error}): run manage.py migrate zendesk_orm --database {database}, and check "
                "that the server runs; the rows of the last page will be returned again"
            ) from error

    def __repr__(self) -> str:
        return f"<DjangoCheckpointStore in {self._using or 'the database of the routers'}>"
