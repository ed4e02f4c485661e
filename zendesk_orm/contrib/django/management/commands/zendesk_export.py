"""`manage.py zendesk_export`: writes objects of Zendesk to a file."""

from __future__ import annotations

import json
from datetime import datetime, time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from zendesk_orm.contrib.django.names import find_model
from zendesk_orm.errors import ApiError, InvalidValue, TransportError, ZendeskError
from zendesk_orm.messages import display
from zendesk_orm.schema.source import DEFAULT


class Command(BaseCommand):
    """The command."""

    help = (
        "Writes objects of Zendesk to a file: Parquet, JSON lines or CSV, by its suffix. The file "
        "appears when it is complete."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options."""
        parser.add_argument("model", help="The model: Ticket, or help_center.Article")
        parser.add_argument("path", help="The file: tickets.parquet, tickets.jsonl, tickets.csv.gz")
        parser.add_argument("--account", default=DEFAULT, help="The alias of the account.")
        parser.add_argument(
            "--since", help="A date, or a date and time: objects that were changed since then."
        )
        parser.add_argument(
            "--filter",
            action="append",
            default=[],
            metavar="LOOKUP=VALUE",
            help="A lookup: status=open; several narrow the rows.",
        )
        parser.add_argument("--fields", nargs="+", default=[], help="The columns; all by default.")
        parser.add_argument("--format", help="The format, if the suffix does not name it.")
        existing = parser.add_mutually_exclusive_group()
        existing.add_argument("--overwrite", action="store_true", help="Replace the file.")
        existing.add_argument(
            "--resume", action="store_true", help="Continue an export that was interrupted."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the file.

        Raises:
            CommandError: an argument is invalid, a request failed, or the file cannot be written.
        """
        try:
            rows = self._build_query(options)
            result = rows.export(
                options["path"],
                format=options["format"],
                overwrite=options["overwrite"],
                resume=options["resume"],
                progress=options["verbosity"] > 1,
            )
        except FileExistsError as error:
            raise CommandError(f"{error}; pass --overwrite to replace it") from error
        except (ZendeskError, OSError, ModuleNotFoundError) as error:
            is_temporary = isinstance(error, (ApiError, TransportError))
            hint = "; --resume continues" if is_temporary else ""
            raise CommandError(f"{error}{hint}") from error
        if options["verbosity"] > 0:
            self.stdout.write(f"{result.rows} rows in {options['path']}")

    def _build_query(self, options: dict[str, Any]) -> Any:
        """Return the query of the options.

        Raises:
            CommandError: a lookup has no value, or the moment is invalid.
            FieldError: a name does not exist.
        """
        model = find_model(options["model"])
        rows = model.objects.using(options["account"])
        if options["since"]:
            rows = rows.changed_since(_parse_moment(options["since"]))
        for text in options["filter"]:
            name, separator, value = text.partition("=")
            if not separator:
                raise CommandError(f"--filter {text}: must be LOOKUP=VALUE, such as status=open")
            rows = _filter(rows, name, value)
        return rows.only(*options["fields"]) if options["fields"] else rows.all()


def _filter(rows: Any, name: str, text: str) -> Any:
    """Return the rows that match a lookup, whose value is a text or else JSON: `true`, `[1, 2]`.

    Raises:
        FieldError, InvalidValue: the lookup does not exist, or the value does not suit it.
    """
    try:
        return rows.filter(**{name: text})
    except InvalidValue:
        try:
            value = json.loads(text)
        except ValueError:
            value = text
        return rows.filter(**{name: value})


def _parse_moment(text: str) -> datetime:
    """Return the moment of a text, in the time zone of the project.

    Raises:
        CommandError: it is neither a date nor a date and time.
    """
    try:
        moment = parse_datetime(text)
        day = parse_date(text) if moment is None else None
    except ValueError:
        moment = day = None
    if day is not None:
        moment = datetime.combine(day, time())
    if moment is None:
        raise CommandError(
            f"--since {display(text)}: must be a date, or a date and time: 2026-07-01T09:30"
        )
    aware: datetime = moment if timezone.is_aware(moment) else timezone.make_aware(moment)
    return aware
