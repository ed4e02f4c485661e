"""Webhooks with their secrets and invocations. `courier` sends their requests.

Source: https://developer.zendesk.com/api-reference/webhooks/webhooks-api/webhooks/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources, writes
from zendesk_orm.emulator.crud.paging import select_page
from zendesk_orm.emulator.crud.reads import render_list
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.server.errors import (
    field_error,
    invalid_record,
    missing_parameter,
    not_found,
)
from zendesk_orm.emulator.server.routes import creates, route
from zendesk_orm.emulator.storage.sql import Where, json_value
from zendesk_orm.emulator.storage.store import DELETED, WriteResult, dump_json
from zendesk_orm.emulator.webhooks.deliveries import (
    TEST_SIGNING_KEY,
    build,
    dump_private,
    load_private,
)
from zendesk_orm.emulator.webhooks.events import PREFIX
from zendesk_orm.emulator.webhooks.pauses import TRIAL_WEBHOOKS
from zendesk_orm.schema.options import Options
from zendesk_orm.support import InvocationAttempt, Webhook, WebhookInvocation


_META = Webhook._meta
_REQUIRED = ("name", "status", "endpoint", "http_method", "request_format")
#: Keys of an authentication that are not secret.
_PUBLIC_KEYS = frozenset({"username", "name"})


@creates(Webhook)
def create(
    context: Context, meta: Options, payload: Mapping[str, Any], path: Mapping[str, Any]
) -> WriteResult:
    """Create a webhook with a signing secret.

    Raises:
        HTTPError: 422, if a required field is missing, the endpoint is not a URL, the subscriptions
            contain events and business rules, or a trial account has too many webhooks.
    """
    number = context.store.count(meta.label, Where("state < ?", (DELETED,)))
    if context.switches.trial and number >= TRIAL_WEBHOOKS:
        text = f"Trial accounts have at most {TRIAL_WEBHOOKS} webhooks"
        raise invalid_record({"base": [field_error(text, "LimitExceeded")]})
    for name in _REQUIRED:
        if not payload.get(name):
            text = f"{name.capitalize()}: cannot be blank"
            raise invalid_record({name: [field_error(text, "BlankValue")]})
    _check(payload, {})
    also = {"created_by": str(context.user_id), **_hide_secrets(payload)}
    written = resources.create(context, meta, payload, path, also)
    # Recorded: fields that were never set are missing.
    row = {key: value for key, value in written.row.items() if value is not None}
    row.pop("updated_at", None)
    private = dump_private(_generate_secret(context), payload.get("authentication"))
    context.write(meta, row, parent=private)
    return WriteResult(row)


@route("POST", "webhooks", Webhook)
def create_or_clone(context: Context, request: Request, target: Target) -> Response:
    """Create a webhook, or a copy of the one in `clone_webhook_id`.

    Raises:
        HTTPError: 422, if a required field is missing; 404, if the original does not exist.
    """
    original = request.params.get("clone_webhook_id")
    if original is None:
        return writes.create(context, request, target)
    stored = resources.get(context, _META, original)
    payload = {**stored.doc, "name": f"{stored.doc['name']} (copy)"}
    if authentication := load_private(stored).get("authentication"):
        payload["authentication"] = authentication
    return Response(201, dump_json({"webhook": create(context, _META, payload, {}).row}))


@route("PATCH", "webhooks/{id}", Webhook)
@route("PUT", "webhooks/{id}", Webhook)
def update(context: Context, request: Request, target: Target) -> Response:
    """Update a webhook.

    Raises:
        HTTPError: 404, if the webhook does not exist; 422, if a value is invalid.
    """
    stored = resources.get(context, _META, target.args[0])
    payload = request.get_object("webhook")
    _check(payload, stored.doc)
    values = resources.select_fields(_META, payload, new=False)
    row = {**stored.doc, **values, **_hide_secrets(payload)}
    context.advance_past(stored.doc.get("updated_at") or "")
    row |= {"updated_at": context.timestamp(), "updated_by": str(context.user_id)}
    row = {key: value for key, value in row.items() if value is not None}
    private = load_private(stored)
    if "authentication" in payload:
        private["authentication"] = payload["authentication"]
    text = dump_private(private.get("secret"), private.get("authentication"))
    context.write(_META, row, parent=text)
    return Response(204)


@route("GET", "webhooks", Webhook)
def list_webhooks(context: Context, request: Request, target: Target) -> Response:
    """Return a page of webhooks, filtered by a part of their names."""
    where = Where("state < ?", (DELETED,))
    text = request.params.get("filter[name_contains]")
    if text:
        where &= Where(f"instr(lower({json_value('name')}), ?) > 0", (text.lower(),))
    page = select_page(context, request, target, where)
    metadata = page.metadata
    is_first = not {"page[after]", "page[before]"} & request.params.keys()
    if is_first and not metadata.get("meta", {}).get("has_more", True):
        # Recorded: the only page has neither links nor cursors.
        metadata = {"meta": {"has_more": False}}
    return Response(text=render_list(target, page.texts, "", metadata))


@route("POST", "webhooks/test", Webhook)
def test(context: Context, request: Request, target: Target) -> Response:
    """Send a test request, and return its response.

    Raises:
        HTTPError: 400, if neither the webhook nor the request has an endpoint.
    """
    pk = request.params.get("webhook_id")
    payload = request.get_object("request") if "request" in request.body or not pk else {}
    stored = resources.get(context, _META, pk) if pk else None
    private = load_private(stored) if stored else {"secret": TEST_SIGNING_KEY}
    authentication = payload.get("authentication") or private.get("authentication")
    settings = {**(stored.doc if stored else {}), **payload, "authentication": authentication}
    if not settings.get("endpoint"):
        raise missing_parameter("endpoint")
    content = payload.get("payload")
    if isinstance(content, list) and _are_pairs(content):
        content = [(name, value) for name, value in content]
    elif not isinstance(content, str):
        content = dump_json(content or {})
    delivery = build(context, settings, str(pk or ""), private["secret"], content)
    return Response(test=delivery)


@route("GET", "webhooks/{id}/signing_secret", Webhook)
def show_signing_secret(context: Context, request: Request, target: Target) -> Response:
    """Return the signing secret of a webhook."""
    stored = resources.get(context, _META, target.args[0])
    return _respond_with_secret(str(load_private(stored).get("secret") or ""))


@route("POST", "webhooks/{id}/signing_secret", Webhook)
def reset_signing_secret(context: Context, request: Request, target: Target) -> Response:
    """Replace the signing secret of a webhook, and return the new one."""
    stored, secret = resources.get(context, _META, target.args[0]), _generate_secret(context)
    authentication = load_private(stored).get("authentication")
    context.write(_META, stored.doc, parent=dump_private(secret, authentication))
    return _respond_with_secret(secret, 201)


@route("GET", "webhooks/{webhook}/invocations", WebhookInvocation)
def list_invocations(context: Context, request: Request, target: Target) -> Response:
    """Return a page of the invocations of a webhook, filtered by status and time."""
    pk = resources.get(context, _META, target.args[0]).id
    where = Where("state < ? AND parent = ?", (DELETED, pk))
    completed_at = json_value("latest_completed_at")
    for name, sql in (
        ("status", f"{json_value('status')} = ?"),
        ("from_ts", f"{completed_at} >= ?"),
        ("to_ts", f"{completed_at} <= ?"),
    ):
        value = request.params.get(f"filter[{name}]")
        if value:
            where &= Where(sql, (value,))
    page = select_page(context, request, target, where)
    return Response(text=render_list(target, page.texts, "", page.metadata))


@route("GET", "webhooks/{webhook}/invocations/{id}/attempts", WebhookInvocation)
def list_attempts(context: Context, request: Request, target: Target) -> Response:
    """Return the attempts of an invocation; the id of each is that of the webhook.

    Raises:
        HTTPError: 404, if the webhook has no such invocation.
    """
    webhook, invocation = target.args
    stored = context.store.get_row(WebhookInvocation._meta.label, invocation)
    if stored is None or stored.parent != webhook:
        raise not_found()
    where = Where("parent = ?", (invocation,))
    rows = context.store.select(InvocationAttempt._meta.label, where)
    return Response(text=dump_json({"attempts": [{**row, "id": webhook} for row in rows]}))


def _check(payload: Mapping[str, Any], before: Mapping[str, Any]) -> None:
    """Check the values of a webhook, which cannot be changed from events to rules or back.

    Raises:
        HTTPError: 422, if the endpoint is not a URL, or the subscriptions are invalid.
    """
    endpoint = payload.get("endpoint", before.get("endpoint"))
    if not _is_url(str(endpoint)):
        text = "Endpoint: must be a URL"
        raise invalid_record({"endpoint": [field_error(text, "InvalidValue")]})
    names = payload.get("subscriptions") or ()
    others = before.get("subscriptions") or ()
    kinds = {str(name).startswith(PREFIX) for name in (*names, *others)}
    if names and len(kinds) > 1:
        text = "Subscriptions: events and conditional_ticket_events exclude each other"
        raise invalid_record({"subscriptions": [field_error(text, "InvalidValue")]})


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _are_pairs(items: list[Any]) -> bool:
    """Return True if each item is a name with a value."""
    return all(isinstance(item, list) and list(map(type, item)) == [str, str] for item in items)


def _hide_secrets(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return the authentication of a payload without its secrets."""
    authentication = payload.get("authentication")
    if not isinstance(authentication, dict):
        return {}
    values = {key: value for key, value in authentication.items() if key != "data"}
    secrets = authentication.get("data") or {}
    data = {key: value for key, value in secrets.items() if key in _PUBLIC_KEYS}
    return {"authentication": {**values, **({"data": data} if data else {})}}


def _generate_secret(context: Context) -> str:
    """Return a unique string in place of a secret."""
    return f"signing-secret-{context.store.next_id('signing secret')}"


def _respond_with_secret(secret: str, status: int = 200) -> Response:
    signing_secret = {"secret": secret, "algorithm": "SHA256"}
    return Response(status, dump_json({"signing_secret": signing_secret}))
