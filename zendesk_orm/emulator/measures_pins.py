"""Content that is pinned to tickets.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_content_pins/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from zendesk_orm.emulator import plain
from zendesk_orm.emulator.refusals import UNCONFIRMED, Refusal, invalid_attribute, missing_parameter
from zendesk_orm.emulator.store import DELETED, Where, dumped, value_of
from zendesk_orm.emulator.templates import blank
from zendesk_orm.emulator.world import HOME, Answer, Call, Target, World, number_or_word
from zendesk_orm.support import Ticket, TicketContentPin


_PIN = TicketContentPin._meta
_REQUIRED = ("ticket_id", "content_id", "content_type")

Handler = Callable[[World, Call, Target], Answer]


def create(world: World, call: Call, target: Target) -> Answer:
    """Answer with the pin, without an envelope.

    Raises:
        Refusal: it does not say what to pin to which ticket, or that is pinned already.
    """
    given = call.envelope("ticket_content_pin")
    for name in _REQUIRED:
        if name not in given:
            raise missing_parameter(name)
        if not isinstance(given[name], str):
            raise invalid_attribute(name, f"{name} must be a string")
    ticket, content = given["ticket_id"], given["content_id"]
    plain.stored(world, Ticket._meta, number_or_word(ticket))
    where = Where(
        f"state < ? AND {value_of('ticket_id')} = ? AND {value_of('content_id')} = ?",
        (DELETED, ticket, content),
    )
    if world.store.count(_PIN.label, where):
        text = f"The content with ID {content} is already pinned to this ticket."
        raise Refusal(422, {"error": "ContentAlreadyPinned", "description": text}, UNCONFIRMED)
    row = blank(_PIN) | {name: given.get(name) for name in (*_REQUIRED, "locale")}
    plain.begin(world, _PIN, row)
    row["url"] = f"{HOME}/hc/articles/{content}"
    row["account_id"] = "1"
    world.write(_PIN, row)
    return Answer(201, dumped(row))


def delete(world: World, call: Call, target: Target) -> Answer:
    """Answer with the pin that is gone.

    Raises:
        Refusal: it is not there.
    """
    stored = plain.stored(world, _PIN, target.places[0])
    return Answer(200, dumped(plain.delete(world, _PIN, stored).row))


ROUTES: Mapping[tuple[str, str, str], Handler] = {
    ("POST", "ticket_content_pins", _PIN.label): create,
    ("DELETE", "ticket_content_pins/{}", _PIN.label): delete,
}
