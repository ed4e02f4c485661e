"""The recorded calls about addresses, webhooks and engagements.

The last two are made in ways of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from tests.recordings.expected import same
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
#: Parameters of lists, and what the library calls them.
_NAMES = {"ticket_id": "ticket"}


def engaged(player: Player, exchange: Exchange) -> None:
    """Read engagements to their end, by the links that Zendesk gives."""
    asked = {_NAMES.get(name, name): int(value) for name, value in exchange.query}
    left = [each for each in player.tape.left if each.path == exchange.path]

    records = list(Engagement.objects.using(player.account.alias).filter(**asked))

    rows = [row for each in left for row in each.response["agent_engagement_data"]]
    same([Engagement._meta.identified(row) for row in rows], records)
    assert all(each.used for each in left)


def listed(player: Player, exchange: Exchange) -> None:
    """Read the page of webhooks that comes when nothing is said of its size."""
    player.not_public.add("list without parameters of paging")
    request = Request("GET", exchange.path, exchange.query)
    data = player.account.transport.send(request).data

    same(
        exchange.response["webhooks"],
        player.account.current().take_in(Webhook, data["webhooks"]),
    )
    assert CURSOR.continuation(data, len(data["webhooks"])) == LAST_PAGE


def created(player: Player, exchange: Exchange) -> None:
    """Save a new webhook, of which nothing that is secret comes back."""
    player.created(exchange)


def shown(player: Player, exchange: Exchange) -> None:
    """Get a webhook by its id."""
    name = exchange.path.rsplit("/", 1)[1]

    webhook = Webhook.objects.using(player.account.alias).get(name)

    same([exchange.response["webhook"]], [webhook])


def updated(player: Player, exchange: Exchange) -> None:
    """Save a changed webhook, which is answered with nothing."""
    webhook = _webhook(player, exchange)
    said = {key: value for key, value in exchange.request["webhook"].items() if key != "id"}
    for name, value in said.items():
        setattr(webhook, name, value)

    webhook.save(using=player.account.alias)

    assert {"webhook": said} == exchange.sent
    assert {} == webhook.changes()
    assert said == {name: getattr(webhook, name) for name in said}


def replaced(player: Player, exchange: Exchange) -> None:
    """Send a whole webhook, for which the library sends what changed."""
    player.not_public.add("whole webhook by PUT")
    assert player.account.transport.send(
        Request("PUT", exchange.path, exchange.query, json=exchange.request)
    ).data is None  # fmt: skip


def deleted(player: Player, exchange: Exchange) -> None:
    """Delete a webhook."""
    assert (1, {"support.Webhook": 1}) == _webhook(player, exchange).delete()
    assert exchange.sent is None


def tested(player: Player, exchange: Exchange) -> None:
    """Let a webhook, or one that does not exist, make a request."""
    request = exchange.request["request"]
    webhook = exchange.asked("webhook_id")

    if webhook is None:
        answer = Webhook.objects.using(player.account.alias).test(**request)
    else:
        answer = player.objects[Webhook, webhook].test(**request)

    same([exchange.response["response"]], [answer])
    assert type(answer) is WebhookResponse
    assert exchange.request == exchange.sent


def _webhook(player: Player, exchange: Exchange) -> Any:
    name = exchange.path.rsplit("/", 1)[1]
    known = player.objects.get((Webhook, name))
    if known is None:
        known = Webhook(id=name)
        known.attach_to(player.account.current())
    return known


CALLS: tuple[tuple[str, str, Callable[[Player, Exchange], None]], ...] = (
    ("GET", r"engagements", engaged),
    ("GET", r"webhooks", listed),
    ("GET", r"webhooks/\w+", shown),
    ("POST", r"webhooks", created),
    ("PATCH", r"webhooks/\w+", updated),
    ("PUT", r"webhooks/\w+", replaced),
    ("DELETE", r"webhooks/\w+", deleted),
    ("POST", r"webhooks/test", tested),
)
