"""Channels that are others': pushed content, tweets and integrations.

Source: https://developer.zendesk.com/api-reference/ticketing/channel_framework/channel_framework/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from zendesk_orm.emulator import plain, tickets
from zendesk_orm.emulator.paging import number
from zendesk_orm.emulator.refusals import missing_parameter, not_found
from zendesk_orm.emulator.store import DELETED, Where, dumped, value_of
from zendesk_orm.emulator.world import Answer, Call, Target, World
from zendesk_orm.support import Comment, Integration, JiraLink, MonitoredTwitterHandle, Ticket


#: Links that a page has.
_LINKS = 1000
_HANDLE, _INTEGRATION = MonitoredTwitterHandle._meta, Integration._meta


def push(world: World, call: Call, target: Target) -> Answer:
    """Answer with what became of each thing that was pushed.

    Raises:
        Refusal: it does not say for whom.
    """
    _demand(call)
    results = [
        {
            "external_resource_id": each.get("external_id"),
            "status": {"code": "success"},
        }
        for each in call.body.get("external_resources") or ()
    ]
    return Answer(text=dumped({"results": results}))


def validate_token(world: World, call: Call, target: Target) -> Answer:
    """Answer with nothing: every token is one.

    Raises:
        Refusal: there is none.
    """
    _demand(call)
    return Answer(200)


def tweet_to_ticket(world: World, call: Call, target: Target) -> Answer:
    """Answer with nothing: there is a ticket.

    Raises:
        Refusal: there is no such handle, or no tweet.
    """
    asked = call.envelope("ticket")
    plain.stored(world, _HANDLE, asked.get("monitored_twitter_handle_id"))
    if not asked.get("twitter_status_message_id"):
        raise missing_parameter("twitter_status_message_id")
    said = f"Tweet {asked['twitter_status_message_id']}"
    tickets.create(world, Ticket._meta, {"subject": said, "comment": {"body": said}}, {})
    return Answer(201)


def statuses(world: World, call: Call, target: Target) -> Answer:
    """Answer with what became of tweets: nothing."""
    pk = target.places[0]
    if world.store.get(Comment._meta.label, pk) is None:
        raise not_found()
    ids = call.ids() or [pk]
    rows = [
        {"id": each, "favorited": False, "retweeted": False, "user_followed": False} for each in ids
    ]
    return Answer(text=dumped({"statuses": rows}))


def list_links(world: World, call: Call, target: Target) -> Answer:
    """Answer with links between tickets and issues, from the one after `since_id` on."""
    where = Where("state < ?", (DELETED,))
    for name in ("ticket_id", "issue_id"):
        if name in call.params:
            where &= Where(f"{value_of(name)} = ?", (call.params[name],))
    if "since_id" in call.params:
        where &= Where("id > ?", (number(call, "since_id"),))
    found = world.store.texts(JiraLink._meta.label, where, most=_LINKS)
    return Answer(text=f'{{"links":[{",".join(row[0] for row in found)}]}}')


def register(world: World, call: Call, target: Target) -> Answer:
    """Answer with an integration, and the client that was made for it."""
    name = str(target.places[0])
    client: dict[str, Any] = {
        "id": world.store.next_id(),
        "identifier": f"zis_{name}",
        "secret": f"integration-secret-{world.store.next_id('secret')}",
    }
    row = {
        "description": call.body.get("description"),
        "jwt_public_key": None,
        "zendesk_oauth_client": client,
    }
    world.write(_INTEGRATION, {"name": name, **row})
    return Answer(text=dumped(row))


def upload_bundle(world: World, call: Call, target: Target) -> Answer:
    """Answer with nothing: an integration has what it is made of.

    Raises:
        Refusal: there is no such integration.
    """
    plain.stored(world, _INTEGRATION, target.places[0])
    return Answer(200)


def install(world: World, call: Call, target: Target) -> Answer:
    """Answer with nothing: a job spec of an integration is installed, or no longer.

    Raises:
        Refusal: there is no such integration.
    """
    _, _, rest = call.params.get("job_spec_name", "").partition(":")
    plain.stored(world, _INTEGRATION, rest.partition(":")[0])
    return Answer(204 if call.method == "DELETE" else 200)


def _demand(call: Call) -> None:
    if not call.body.get("instance_push_id"):
        raise missing_parameter("instance_push_id")


_REGISTRY = "~/api/services/zis/registry"
_PUSHED = "support.ChannelResource"
ROUTES: Mapping[tuple[str, str, str], Callable[[World, Call, Target], Answer]] = {
    ("POST", "any_channel/push", _PUSHED): push,
    ("POST", "any_channel/validate_token", _PUSHED): validate_token,
    ("POST", "any_channel/channelback/report_error", _PUSHED): validate_token,
    ("POST", "channels/twitter/tickets", _HANDLE.label): tweet_to_ticket,
    ("GET", "channels/twitter/tickets/{}/statuses", _HANDLE.label): statuses,
    ("GET", "~/api/services/jira/links", JiraLink._meta.label): list_links,
    ("POST", f"{_REGISTRY}/{{}}", _INTEGRATION.label): register,
    ("POST", f"{_REGISTRY}/{{}}/bundles", _INTEGRATION.label): upload_bundle,
    ("POST", f"{_REGISTRY}/job_specs/install", _INTEGRATION.label): install,
    ("DELETE", f"{_REGISTRY}/job_specs/install", _INTEGRATION.label): install,
}
