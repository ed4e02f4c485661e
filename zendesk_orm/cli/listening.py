"""`zendesk-orm listen`: shows and forwards the deliveries of webhooks."""

from __future__ import annotations

import signal
from typing import Any

import click

from zendesk_orm.cli.accounts import get_account
from zendesk_orm.cli.conditions import parse_start
from zendesk_orm.cli.formatting import dump_json, format_cell
from zendesk_orm.cli.options import (
    AccountChoice,
    IntegerBetween,
    accept_account,
    command,
    interrupt_by,
)
from zendesk_orm.cli.output import Output
from zendesk_orm.errors import ConfigurationError, InvalidValue
from zendesk_orm.sync.webhooks.listening import WebhookEvent
from zendesk_orm.sync.webhooks.listening import listen as listen_to_webhooks


_DAY = 86_400


@command(
    examples=[
        "zendesk-orm listen",
        "zendesk-orm listen --forward http://127.0.0.1:8000/zendesk --format jsonl",
        "zendesk-orm listen --endpoint https://example.com/hook --event ticket.created",
    ]
)
@click.option("--forward", metavar="URL", help="send each delivery to this URL, signed again")
@click.option("--endpoint", metavar="URL", help="create a webhook for this public URL until Ctrl+C")
@click.option(
    "--event",
    "events",
    multiple=True,
    metavar="NAME",
    help="an event of that webhook: ticket.created; may be repeated",
)
@click.option(
    "--since", metavar="TIME", help="begin at 2024-01-01, 2024-01-31T12:30Z or 4hours ago, not now"
)
@click.option(
    "--interval",
    type=IntegerBetween(1, _DAY),
    default=5,
    show_default=True,
    help="seconds between two rounds",
)
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "jsonl"]),
    default="text",
    show_default=True,
    help="the form of each delivery",
)
@accept_account
@click.pass_obj
def listen(
    output: Output,
    /,
    choice: AccountChoice,
    events: tuple[str, ...],
    since: str | None,
    style: str,
    **options: Any,
) -> None:
    """Show the deliveries of an account's webhooks, and forward them, until Ctrl+C.

    Zendesk records the deliveries, so that a program on this machine can receive them although
    Zendesk cannot reach it. Without --endpoint, the active webhooks are used and not changed.
    """
    interrupt_by(signal.SIGINT, signal.SIGTERM)
    account = get_account(choice)
    before = account.requests_sent
    try:
        start = None if since is None else parse_start(since)
        deliveries = listen_to_webhooks(account, events=events or None, since=start, **options)
        output.note("listening to webhooks (Ctrl+C stops it)")
        for event in deliveries:
            output.write(_format_json(event) if style == "jsonl" else _format_text(event))
            output.flush()
    except InvalidValue as error:
        raise click.UsageError(str(error)) from None
    except ConfigurationError as error:
        text = str(error)
        for name in ("endpoint", "events", "forward"):
            text = text.replace(f"{name}=", f"--{name.removesuffix('s')}")
        is_usage = account.requests_sent == before
        raise (click.UsageError if is_usage else ConfigurationError)(text) from None
    except KeyboardInterrupt:
        # A temporary webhook is deleted.
        return


def _format_json(event: WebhookEvent) -> str:
    """Return a delivery as JSON."""
    return dump_json(
        {
            "event": event.name,
            "webhook": event.webhook.pk,
            "invocation_id": event.invocation_id,
            "moment": event.moment,
            "status": event.status,
            "status_code": event.status_code,
            "forwarded": event.forwarded,
            "error": event.error,
            "payload": event.payload,
        }
    )


def _format_text(event: WebhookEvent) -> str:
    """Return a delivery for people: `2024-01-31T12:30:00Z ticket.created success 200`."""
    parts = [
        format_cell(event.moment) or "unfinished",
        event.name or "request of a trigger",
        event.status,
        format_cell(event.status_code),
    ]
    if event.forwarded is not None or event.error:
        parts += ["forwarded", format_cell(event.forwarded) or event.error]
    return format_cell(" ".join(part for part in parts if part))
