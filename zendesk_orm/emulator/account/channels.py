"""Channels: pushed content of the channel framework, and tweets.

Source: https://developer.zendesk.com/api-reference/ticketing/channel_framework/channel_framework/
"""

from __future__ import annotations

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.server.errors import missing_parameter, not_found
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.store import dump_json
from zendesk_orm.emulator.tickets import tickets
from zendesk_orm.support import ChannelResource, Comment, MonitoredTwitterHandle, Ticket


@route("POST", "any_channel/push", ChannelResource)
def push(context: Context, request: Request, target: Target) -> Response:
    """Return a result for each pushed resource; every push succeeds.

    Raises:
        HTTPError: 400, if `instance_push_id` is missing.
    """
    _check_push_id(request)
    results = [
        {"external_resource_id": resource.get("external_id"), "status": {"code": "success"}}
        for resource in request.body.get("external_resources") or ()
    ]
    return Response(text=dump_json({"results": results}))


@route("POST", "any_channel/validate_token", ChannelResource)
@route("POST", "any_channel/channelback/report_error", ChannelResource)
def validate_token(context: Context, request: Request, target: Target) -> Response:
    """Return an empty response: every token is valid.

    Raises:
        HTTPError: 400, if `instance_push_id` is missing.
    """
    _check_push_id(request)
    return Response(200)


@route("POST", "channels/twitter/tickets", MonitoredTwitterHandle)
def create_ticket_from_tweet(context: Context, request: Request, target: Target) -> Response:
    """Create a ticket from a tweet.

    Raises:
        HTTPError: 404, if the handle does not exist; 400, if the id of the tweet is missing.
    """
    payload = request.get_object("ticket")
    handle = payload.get("monitored_twitter_handle_id")
    resources.get(context, MonitoredTwitterHandle._meta, handle)
    if not payload.get("twitter_status_message_id"):
        raise missing_parameter("twitter_status_message_id")
    text = f"Tweet {payload['twitter_status_message_id']}"
    tickets.create(context, Ticket._meta, {"subject": text, "comment": {"body": text}}, {})
    return Response(201)


@route("GET", "channels/twitter/tickets/{id}/statuses", MonitoredTwitterHandle)
def list_tweet_statuses(context: Context, request: Request, target: Target) -> Response:
    """Return the statuses of tweets, which were neither favorited nor retweeted."""
    comment = target.args[0]
    if context.store.get(Comment._meta.label, comment) is None:
        raise not_found()
    ids = request.get_ids() or [comment]
    rows = [
        {"id": pk, "favorited": False, "retweeted": False, "user_followed": False} for pk in ids
    ]
    return Response(text=dump_json({"statuses": rows}))


def _check_push_id(request: Request) -> None:
    if not request.body.get("instance_push_id"):
        raise missing_parameter("instance_push_id")
