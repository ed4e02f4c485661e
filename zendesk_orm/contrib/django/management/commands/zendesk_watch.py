"""`manage.py zendesk_watch`: sends signals for the changes that others make."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import close_old_connections
from django.db import connections as databases

from zendesk_orm.account import connections
from zendesk_orm.contrib.django.announced import DjangoAnnounced
from zendesk_orm.contrib.django.checkpoints import DjangoCheckpointStore
from zendesk_orm.contrib.django.dead_letters import DjangoDeadLetters
from zendesk_orm.contrib.django.names import find_model
from zendesk_orm.errors import ZendeskError
from zendesk_orm.messages import display
from zendesk_orm.query.checkpoint import Checkpoint
from zendesk_orm.schema.source import DEFAULT
from zendesk_orm.sync.watching import watch


class Command(BaseCommand):
    """The command."""

    help = (
        "Polls for the changes that others make to objects of Zendesk, and calls the receivers of "
        "remote_created, remote_changed and remote_deleted, until it is stopped by Ctrl+C or "
        "SIGTERM. Its place is stored in the database, so that it continues there."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options."""
        parser.add_argument("models", nargs="+", help="The models: Ticket help_center.Article")
        parser.add_argument("--account", default=DEFAULT, help="The alias of the account.")
        parser.add_argument(
            "--database", choices=tuple(databases), help="The database of the checkpoints."
        )
        parser.add_argument("--interval", type=float, help="The seconds between two rounds.")
        parser.add_argument(
            "--since", type=float, help="The minutes before now to begin at, the first time."
        )
        parser.add_argument(
            "--name", help="The start of the names of the checkpoints; watch-ACCOUNT by default."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Watch until the command is stopped.

        Raises:
            CommandError: a model or an account does not exist, Zendesk rejects the export, or a
                table is missing.
        """
        database, since = options["database"], _parse_minutes(options["since"])
        try:
            account = connections[options["account"]]
            models = [find_model(name) for name in options["models"]]
            if options["verbosity"] > 0:
                names = ", ".join(model.__name__ for model in models)
                self.stdout.write(f"Watching {names} of the account {account.alias}.")
            watch(
                *models,
                account=account,
                since=since,
                interval=options["interval"],
                name=options["name"] or f"watch-{account.alias}",
                checkpoints=_LastingCheckpointStore(database),
                announced=DjangoAnnounced(account.alias, database),
                dead_letters=DjangoDeadLetters(account.alias, database),
                receivers=self._choose_receivers(options["verbosity"]),
            )
        except ZendeskError as error:
            raise CommandError(str(error)) from error

    def _choose_receivers(self, verbosity: int) -> list[Callable[..., Any]]:
        return [self._write_change] if verbosity > 1 else []

    def _write_change(self, sender: Any, change: Any, **kwargs: Any) -> None:
        """Write a change to the output, with verbosity 2."""
        fields = ", ".join(change.changes)
        self.stdout.write(f"{change.kind} {sender.__name__} {change.pk} {fields}".rstrip())


def _parse_minutes(minutes: float | None) -> timedelta | None:
    """Return a duration, or None without one.

    Raises:
        CommandError: it is not finite, or too long.
    """
    if minutes is None:
        return None
    try:
        return timedelta(minutes=minutes)
    except (OverflowError, ValueError):
        raise CommandError(f"--since {display(minutes)}: must be minutes, such as 60") from None


class _LastingCheckpointStore(DjangoCheckpointStore):
    """Replaces connections of the database that have ended since the last call."""

    def load(self, name: str) -> Checkpoint | None:
        close_old_connections()
        return super().load(name)

    def save(self, name: str, checkpoint: Checkpoint) -> None:
        close_old_connections()
        super().save(name, checkpoint)
