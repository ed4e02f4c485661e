"""`zendesk-orm watch`: prints the changes of others, or calls functions with them."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable
from typing import Any, cast

import click
from attrs import evolve

from zendesk_orm import signals
from zendesk_orm.announcement import unwrap
from zendesk_orm.cli.accounts import get_account
from zendesk_orm.cli.conditions import parse_start
from zendesk_orm.cli.formatting import dump_json, format_cell
from zendesk_orm.cli.loading import load_module, load_object
from zendesk_orm.cli.model_names import ModelName, find_model
from zendesk_orm.cli.options import AccountChoice, IntegerBetween, accept_account, command
from zendesk_orm.cli.output import Output
from zendesk_orm.errors import InvalidValue
from zendesk_orm.sync.changes import RemoteChange
from zendesk_orm.sync.receivers import listeners_of
from zendesk_orm.sync.watching import WatchOptions, build_watcher, run_watcher


_SIGNALS: tuple[Any, ...] = (signals.remote_created, signals.remote_changed, signals.remote_deleted)
_DAY = 86_400


@command(
    examples=[
        "zendesk-orm watch --model ticket --format jsonl",
        "zendesk-orm watch hooks:on_change --model ticket --model user --since 4hours",
        "zendesk-orm watch hooks:on_change --state watch.db",
    ]
)
@click.argument("places", nargs=-1, metavar="[MODULE:FUNCTION]...")
@click.option(
    "--model",
    "models",
    multiple=True,
    type=ModelName(),
    help="the model to watch; may be repeated (ticket)",
)
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "jsonl"]),
    help="print each change, also if functions are called; text by default",
)
@click.option(
    "--since", metavar="TIME", help="begin at 2024-01-01, 2024-01-31T12:30Z or 4hours ago, not now"
)
@click.option(
    "--interval", type=IntegerBetween(1, _DAY), help="seconds between two rounds (30 or more)"
)
@click.option(
    "--state",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="continue after a restart: a SQLite file, which is created",
)
@click.option("--echo", is_flag=True, help="include changes that this program makes")
@accept_account
@click.pass_obj
def watch(
    output: Output,
    /,
    choice: AccountChoice,
    places: tuple[str, ...],
    models: tuple[Any, ...],
    style: str | None,
    since: str | None,
    **options: Any,
) -> None:
    """Print the changes that others make, or call functions with them, until Ctrl+C.

    MODULE:FUNCTION is called with each change: as a receiver of signals (sender, instance,
    **kwargs), or, if it has one parameter, with a RemoteChange. MODULE alone is imported, so that
    its receivers are connected. Changes appear after about a minute.
    """
    account = get_account(choice)
    watched = models or (find_model("ticket"),)
    functions = [function for place in places for function in _load(place, watched)]
    printer = _Printer(output, style or "text")
    if style is not None or not places:
        functions.append(printer.print_change)
    names = ", ".join(model._meta.verbose_name_plural for model in watched)
    try:
        begin = None if since is None else parse_start(since)
        values = {"account": account, "receivers": functions, "since": begin, **options}
        watcher = build_watcher(watched, cast("WatchOptions", values))
        output.note(f"watching {names} (Ctrl+C stops it)")
        run_watcher(watcher, printer.closed)
    except InvalidValue as error:
        raise click.UsageError(str(error)) from None
    except KeyboardInterrupt:
        # Before the first round; later, the command ends after the current change.
        return
    if printer.failure is not None:
        raise printer.failure


def _load(place: str, models: tuple[Any, ...]) -> list[Callable[..., Any]]:
    """Return the receivers of a place; none of a module, or of a function that is connected.

    Raises:
        UsageError: the place does not exist, or is no function.
    """
    if ":" not in place:
        load_module(place)
        return []
    function = load_object(place)
    if not callable(function):
        raise click.UsageError(f"{place} is not a function")
    connected = [
        unwrap(listener.function)
        for signal in _SIGNALS
        for model in models
        for listener in listeners_of(signal, model)
    ]
    return [] if function in connected else [_adapt(function)]


def _adapt(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a receiver for a function with one parameter, and others as they are."""
    parameters = inspect.signature(function).parameters.values()
    kinds = [parameter.kind for parameter in parameters]
    if len(kinds) != 1 or kinds[0] not in (
        inspect.Parameter.POSITIONAL_ONLY,
        inspect.Parameter.POSITIONAL_OR_KEYWORD,
    ):
        return function

    def receive(sender: Any, change: RemoteChange, instance: Any, **_: Any) -> None:
        function(evolve(change, instance=instance))

    return receive


class _Printer:
    """Prints changes; a closed output ends the command."""

    def __init__(self, output: Output, style: str) -> None:
        self._output, self._style = output, style
        self.closed = threading.Event()
        self.failure: OSError | None = None

    def print_change(self, sender: Any, change: RemoteChange, **_: Any) -> None:
        """Print a change in one line."""
        format_change = _format_json if self._style == "jsonl" else _format_text
        try:
            self._output.write(format_change(change))
            self._output.flush()
        except OSError as error:
            self.failure = error
            self.closed.set()


def _format_json(change: RemoteChange) -> str:
    """Return a change as JSON."""
    return dump_json(
        {
            "kind": change.kind,
            "model": change.model._meta.object_name,
            "id": change.pk,
            "moment": change.moment,
            "changes": {name: list(pair) for name, pair in change.changes.items()},
            "actor_id": change.actor_id,
            "source": change.source,
            "key": change.key,
        }
    )


def _format_text(change: RemoteChange) -> str:
    """Return a change for people: `2024-01-31T12:30:00Z changed Ticket 42 status: new -> open`."""
    moment = format_cell(change.moment) or "unknown time"
    changes = "; ".join(
        f"{name}: {format_cell(old)} -> {format_cell(new)}"
        for name, (old, new) in change.changes.items()
    )
    name = change.model._meta.object_name
    return f"{moment} {change.kind} {name} {change.pk} {changes}".rstrip()
