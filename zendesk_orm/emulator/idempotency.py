"""`Idempotency-Key`: a second sending gets the first answer, and has no second effect.

Source: https://developer.zendesk.com/api-reference/ticketing/introduction/#idempotency
"""

from __future__ import annotations

import json
from collections.abc import Callable

from attrs import evolve

from zendesk_orm.emulator.refusals import other_parameters
from zendesk_orm.emulator.store import dumped
from zendesk_orm.emulator.world import Answer, Call, World


#: Seconds for which a key is remembered.
REMEMBERED = 2 * 3600


def once(world: World, call: Call, answer: Callable[[], Answer]) -> Answer:
    """Answer, or give the answer again that the same key got before.

    Raises:
        Refusal: the key came before with another body, or the call is refused.
    """
    key = call.headers.get("idempotency-key")
    if not key:
        return answer()
    found = world.store.execute(
        "SELECT body, answer FROM idempotency WHERE key = ? AND at > ?",
        (key, world.now() - REMEMBERED),
    )
    if found:
        body, told = found[0]
        if body != call.text:
            raise other_parameters()
        status, text, headers = json.loads(told)
        return Answer(status, text, {**headers, "x-idempotency-lookup": "hit"})
    fresh = answer()
    told = dumped([fresh.status, fresh.text, dict(fresh.headers)])
    world.store.execute(
        "REPLACE INTO idempotency VALUES (?, ?, ?, ?)", (key, call.text, told, world.now())
    )
    return evolve(fresh, headers={**fresh.headers, "x-idempotency-lookup": "miss"})
