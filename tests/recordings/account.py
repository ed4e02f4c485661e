"""The recorded calls of addresses, webhooks and engagements.

Webhooks and engagements have endpoints that no other model uses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from tests.recordings.expected import check_records
from tests.recordings.replay import Exchange
from zendesk_orm.api.paging import CURSOR, LAST_PAGE
from zendesk_orm.http.request import Request
from zendesk_orm.support import Engagement, RecipientAddress, Webhook, WebhookResponse


if TYPE_CHECKING:
    from tests.recordings.player import Player

MODELS: Mapping[str, Any] = {
    "engagements": Engagement,
    "recipient_addresses": RecipientAddress,
    "webhooks": Webhook,
}
#: Parameters of lists, and their lookups in the library.
_NAMES = {"ticket_id": "ticket"}


def read_engagements(player: Player, exchange: Exchange) -> None:
    """Read all pages of engagements, by the links that Zendesk returned."""
    asked = {_NAMES.get(name, name): int(value) for name, value in exchange.query}
    left = [outcome for outcome in player.tape.unused if outcome.path == exchange.path]

    records = list(Engagement.objects.using(player.account.alias).filter(**asked))

    rows = [row for outcome in left for row in outcome.response["agent_engagement_data"]]
    check_records([Engagement._meta.with_id(row) for row in rows], records)
    assert all(outcome.used for outcome in left)


def read_webhooks(player: Player, exchange: Exchange) -> None:
    """Read a page of webhooks without parameters for its size."""
    player.not_public.add("list without parameters of paging")
    request = Request("GET", exchange.path, exchange.query)
    data = player.account.transport.send(request).data

    check_records(
        exchange.response["webhooks"],
        player.account.current().materialize(Webhook, data["webhooks"]),
    )
    assert CURSOR.continuation(data, len(data["webhooks"])) == LAST_PAGE


def create_webhook(player: Player, exchange: Exchange) -> None:
    """Save a new webhook, whose response contains no secret."""
    player.create(exchange)


def get_webhook(player: Player, exchange: Exchange) -> None:
    """Get a webhook by its id."""
    name = exchange.path.rsplit("/", 1)[1]

    webhook = Webhook.objects.using(player.account.alias).get(name)

    check_records([exchange.response["webhook"]], [webhook])


def update_webhook(player: Player, exchange: Exchange) -> None:
    """Save a changed webhook, whose response has no body."""
    webhook = _create_webhook(player, exchange)
    values = {key: value for key, value in exchange.request["webhook"].items() if key != "id"}
    for name, value in values.items():
        setattr(webhook, name, value)

    webhook.save(using=player.account.alias)

    assert exchange.sent == {"webhook": values}
    assert webhook.changes() == {}
    assert values == {name: getattr(webhook, name) for name in values}


def replace_webhook(player: Player, exchange: Exchange) -> None:
    """Save a webhook: the recorded client sent all keys, the library sends the changes."""
    player.not_public.add("whole webhook by PUT")
    assert player.account.transport.send(
        Request("PUT", exchange.path, exchange.query, json=exchange.request)
    ).data is None  # fmt: skip


def delete_webhook(player: Player, exchange: Exchange) -> None:
    """Delete a webhook."""
    assert _create_webhook(player, exchange).delete() == (1, {"support.Webhook": 1})
    assert exchange.sent is None


def test_webhook_request(player: Player, exchange: Exchange) -> None:
    """Call `test()` of a webhook that exists or not."""
    request = exchange.request["request"]
    webhook = exchange.parameter("webhook_id")

    if webhook is None:
        answer = Webhook.objects.using(player.account.alias).test(**request)
    else:
        answer = player.objects[Webhook, webhook].test(**request)

    check_records([exchange.response["response"]], [answer])
    assert type(answer) is WebhookResponse
    assert exchange.request == exchange.sent


def _create_webhook(player: Player, exchange: Exchange) -> Any:
    name = exchange.path.rsplit("/", 1)[1]
    webhook = player.objects.get((Webhook, name))
    if webhook is None:
        webhook = Webhook(id=name)
        webhook.attach_to(player.account.current())
    return webhook


CALLS: tuple[tuple[str, str, Callable[[Player, Exchange], None]], ...] = (
    ("GET", r"engagements", read_engagements),
    ("GET", r"webhooks", read_webhooks),
    ("GET", r"webhooks/\w+", get_webhook),
    ("POST", r"webhooks", create_webhook),
    ("PATCH", r"webhooks/\w+", update_webhook),
    ("PUT", r"webhooks/\w+", replace_webhook),
    ("DELETE", r"webhooks/\w+", delete_webhook),
    ("POST", r"webhooks/test", test_webhook_request),
)
