"""Talk's lines: numbers that are bought, digital lines, and what callers hear.

Source: https://developer.zendesk.com/api-reference/voice/talk-api/phone_numbers/
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from zendesk_orm.emulator import plain
from zendesk_orm.emulator.paging import numbered, whole_number
from zendesk_orm.emulator.refusals import (
    complaint,
    invalid_record,
    missing_parameter,
    not_found,
)
from zendesk_orm.emulator.store import DELETED, Where, dumped
from zendesk_orm.emulator.world import Answer, Call, Target, World
from zendesk_orm.talk import DigitalLine, Greeting, PhoneNumber


#: Numbers that a search finds.
_FOUND = 3
_PREFIX = {"US": "+1", "CA": "+1", "GB": "+44", "IE": "+353", "DE": "+49"}
_TOLL_FREE, _LOCAL = "800", "415"


def available(world: World, call: Call, target: Target) -> Answer:
    """Answer with numbers that can be bought.

    Raises:
        Refusal: no country is named.
    """
    country = call.params.get("country")
    if not country:
        raise missing_parameter("country")
    toll_free = call.params.get("toll_free") == "true"
    area = _TOLL_FREE if toll_free else call.params.get("area_code") or _LOCAL
    rows = [row for row in _numbers(country, area) if _contains(row, call.params.get("contains"))]
    return Answer(text=dumped({"phone_numbers": rows}))


def buy(world: World, call: Call, target: Target) -> Answer:
    """Answer with a number that now is the account's.

    Raises:
        Refusal: the token is none that a search gave.
    """
    payload = call.envelope("phone_number")
    country, _, number = str(payload.get("token")).partition(":")
    if not number.startswith("+"):
        raise invalid_record({"token": [complaint("Token: is invalid", "InvalidValue")]})
    also = {
        "number": number,
        "display_number": number,
        "name": number,
        "country_code": country,
        "toll_free": _TOLL_FREE in number,
        "external": False,
        "line_type": "phone",
        "capabilities": {"sms": False, "mms": False, "voice": True},
        "voice_enabled": True,
    }
    return _made(world, target, payload, also)


def open_line(world: World, call: Call, target: Target) -> Answer:
    """Answer with a new digital line."""
    also = {"line_id": f"{world.store.next_id():032x}", "line_type": "digital"}
    return _made(world, target, call.envelope("digital_line"), also)


def list_lines(world: World, call: Call, target: Target) -> Answer:
    """Answer with phone numbers and digital lines, in the order of their ids."""
    alive = Where("state < ?", (DELETED,))
    kinds = (PhoneNumber._meta.label, DigitalLine._meta.label)
    rows = [row for kind in kinds for row in world.store.docs(kind, alive)]
    rows.sort(key=lambda row: int(row["id"]))
    number, size = whole_number(call, "page", 1), whole_number(call, "per_page", 100, most=100)
    page = rows[(number - 1) * size : number * size]
    return Answer(text=dumped({"lines": page, **numbered(call, number, size, len(rows))}))


def create_greeting(world: World, call: Call, target: Target) -> Answer:
    """Answer with a new greeting, whose id is a number."""
    also = {"id": world.store.next_id(), "default": False, "active": False}
    return _made(world, target, call.envelope("greeting"), also)


def sound(world: World, call: Call, target: Target) -> Answer:
    """Answer with the sound of a greeting.

    Raises:
        Refusal: it has none.
    """
    row = plain.stored(world, Greeting._meta, target.places[0]).doc
    found = world.store.file(str(row["upload_id"]))
    if found is None:
        raise not_found()
    _, kind, content = found
    return Answer(200, headers={"Content-Type": kind}, content=content)


def _numbers(country: str, area: str) -> Iterator[dict[str, Any]]:
    for place in range(_FOUND):
        number = f"{_PREFIX.get(country, '+999')}{area}555010{place}"
        yield {
            "number": number,
            "display_number": number,
            "toll_free": area == _TOLL_FREE,
            "location": "CA",
            "country_code": country,
            "token": f"{country}:{number}",
            "price": "1.0",
            "address_requirements": "none",
        }


def _contains(row: Mapping[str, Any], wanted: str | None) -> bool:
    return not wanted or wanted in row["number"]


def _made(
    world: World, target: Target, payload: Mapping[str, Any], also: Mapping[str, Any]
) -> Answer:
    row = plain.create(world, target.meta, payload, {}, also).row
    return Answer(201, dumped({target.meta.singular: row}))


_VOICE = "channels/voice"
ROUTES: Mapping[tuple[str, str, str], Callable[[World, Call, Target], Answer]] = {
    ("GET", f"{_VOICE}/phone_numbers/search", "talk.AvailablePhoneNumber"): available,
    ("POST", f"{_VOICE}/phone_numbers", "talk.PhoneNumber"): buy,
    ("POST", f"{_VOICE}/digital_lines", "talk.DigitalLine"): open_line,
    ("GET", f"{_VOICE}/lines", "talk.Line"): list_lines,
    ("POST", f"{_VOICE}/greetings", "talk.Greeting"): create_greeting,
    ("GET", f"{_VOICE}/greetings/{{}}/upload", "talk.Greeting"): sound,
}
