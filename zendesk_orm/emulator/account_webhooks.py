"""Webhooks: made without what they authenticate themselves with, tested, and signed.

No request leaves the emulator: whoever is called answers 200.

Source: https://developer.zendesk.com/api-reference/webhooks/webhooks-api/webhooks/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from zendesk_orm.emulator import plain, writes
from zendesk_orm.emulator.account_webhook_rows import made, secret, told
from zendesk_orm.emulator.paging import page
from zendesk_orm.emulator.reads import listing
from zendesk_orm.emulator.refusals import missing_parameter, not_found
from zendesk_orm.emulator.store import DELETED, Where, dumped, value_of
from zendesk_orm.emulator.world import Answer, Call, Target, World
from zendesk_orm.support import InvocationAttempt, Webhook, WebhookInvocation


_META = Webhook._meta


def create(world: World, call: Call, target: Target) -> Answer:
    """Answer with a webhook that is new, or like another one.

    Raises:
        Refusal: it lacks something, or there is none to be like.
    """
    like = call.params.get("clone_webhook_id")
    if like is None:
        return writes.create(world, call, target)
    row = plain.stored(world, _META, like).doc
    payload = {**row, "name": f"{row['name']} (copy)"}
    return Answer(201, dumped({"webhook": made(world, _META, payload, {}).row}))


def update(world: World, call: Call, target: Target) -> Answer:
    """Answer with nothing: the webhook is changed.

    Raises:
        Refusal: there is no such webhook.
    """
    stored = plain.stored(world, _META, target.places[0])
    payload = call.envelope("webhook")
    row = {**stored.doc, **plain.taken(_META, payload, new=False), **told(payload)}
    world.pass_second(stored.doc.get("updated_at") or "")
    row |= {"updated_at": world.stamp(), "updated_by": str(world.author)}
    row = {key: value for key, value in row.items() if value is not None}
    world.write(_META, row, parent=stored.parent)
    return Answer(204)


def list_rows(world: World, call: Call, target: Target) -> Answer:
    """Answer with a page of webhooks, or of those whose name has a text in it."""
    where = Where("state < ?", (DELETED,))
    text = call.params.get("filter[name_contains]")
    if text:
        where &= Where(f"instr(lower({value_of('name')}), ?) > 0", (text.lower(),))
    found = page(world, call, target, where)
    return Answer(text=listing(target, found.texts, "", found.about))


def test(world: World, call: Call, target: Target) -> Answer:
    """Answer with what the other side would say.

    Raises:
        Refusal: neither a webhook tells where to, nor the request.
    """
    request = call.envelope("request")
    pk = call.params.get("webhook_id")
    asked = {**(plain.stored(world, _META, pk).doc if pk else {}), **request}
    if not asked.get("endpoint"):
        raise missing_parameter("endpoint")
    answer = {
        "headers": [{"key": "Content-Type", "value": "text/plain"}],
        "status_code": 200,
        "payload": f"{asked.get('http_method', 'POST')} {asked['endpoint']}",
    }
    return Answer(text=dumped({"response": answer}))


def signing_secret(world: World, call: Call, target: Target) -> Answer:
    """Answer with the secret of a webhook."""
    return _signed(str(plain.stored(world, _META, target.places[0]).parent))


def reset_signing_secret(world: World, call: Call, target: Target) -> Answer:
    """Answer with another secret of a webhook."""
    stored, another = plain.stored(world, _META, target.places[0]), secret(world)
    world.write(_META, stored.doc, parent=another)
    return _signed(another, 201)


def list_invocations(world: World, call: Call, target: Target) -> Answer:
    """Answer with a page of the times that a webhook was called."""
    pk = plain.stored(world, _META, target.places[0]).id
    where = Where("state < ? AND parent = ?", (DELETED, pk))
    at = value_of("latest_completed_at")
    for name, sql in (
        ("status", f"{value_of('status')} = ?"),
        ("from_ts", f"{at} >= ?"),
        ("to_ts", f"{at} <= ?"),
    ):
        asked = call.params.get(f"filter[{name}]")
        if asked:
            where &= Where(sql, (asked,))
    found = page(world, call, target, where)
    return Answer(text=listing(target, found.texts, "", found.about))


def list_attempts(world: World, call: Call, target: Target) -> Answer:
    """Answer with the requests of one call; all of them have the id of the webhook.

    Raises:
        Refusal: the webhook was never called so.
    """
    webhook, invocation = target.places
    stored = world.store.row(WebhookInvocation._meta.label, invocation)
    if stored is None or stored.parent != webhook:
        raise not_found()
    below = Where("parent = ?", (invocation,))
    rows = world.store.docs(InvocationAttempt._meta.label, below)
    return Answer(text=dumped({"attempts": [{**row, "id": webhook} for row in rows]}))


def _signed(known: str, status: int = 200) -> Answer:
    return Answer(status, dumped({"signing_secret": {"secret": known, "algorithm": "SHA256"}}))


ROUTES: Mapping[tuple[str, str, str], Callable[[World, Call, Target], Answer]] = {
    ("GET", "webhooks", _META.label): list_rows,
    ("POST", "webhooks", _META.label): create,
    ("PATCH", "webhooks/{}", _META.label): update,
    ("PUT", "webhooks/{}", _META.label): update,
    ("POST", "webhooks/test", _META.label): test,
    ("GET", "webhooks/{}/signing_secret", _META.label): signing_secret,
    ("POST", "webhooks/{}/signing_secret", _META.label): reset_signing_secret,
    ("GET", "webhooks/{}/invocations", WebhookInvocation._meta.label): list_invocations,
    ("GET", "webhooks/{}/invocations/{}/attempts", WebhookInvocation._meta.label): list_attempts,
}
