"""`Idempotency-Key`: a repeated request gets the first response and has no further effect.

Source: https://developer.zendesk.com/api-reference/ticketing/introduction/#idempotency
"""

from __future__ import annotations

import json
from collections.abc import Callable

from attrs import evolve

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.messages import Request, Response
from zendesk_orm.emulator.server.errors import idempotency_mismatch
from zendesk_orm.emulator.storage.store import dump_json


#: Seconds for which a key is valid.
KEY_SECONDS = 2 * 3600


def run_once(context: Context, request: Request, handle: Callable[[], Response]) -> Response:
    """Handle a request, or return the response to an earlier request with the same key.

    Raises:
        HTTPError: 400, if the key was used with another body; any error of the handler.
    """
    key = request.headers.get("idempotency-key")
    if not key:
        return handle()
    rows = context.store.execute(
        "SELECT body, answer FROM idempotency WHERE key = ? AND at > ?",
        (key, context.now() - KEY_SECONDS),
    )
    if rows:
        body, stored = rows[0]
        if body != request.text:
            raise idempotency_mismatch()
        status, text, headers = json.loads(stored)
        return Response(status, text, {**headers, "x-idempotency-lookup": "hit"})
    response = handle()
    stored = dump_json([response.status, response.text, dict(response.headers)])
    context.store.execute(
        "REPLACE INTO idempotency VALUES (?, ?, ?, ?)", (key, request.text, stored, context.now())
    )
    return evolve(response, headers={**response.headers, "x-idempotency-lookup": "miss"})
