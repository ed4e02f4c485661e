"""Lines of Talk: phone numbers, digital lines and greetings.

Source: https://developer.zendesk.com/api-reference/voice/talk-api/phone_numbers/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.crud.paging import build_offset_links, parse_count
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.server.errors import (
    field_error,
    invalid_record,
    missing_parameter,
    not_found,
)
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.sql import Where
from zendesk_orm.emulator.storage.store import DELETED, dump_json
from zendesk_orm.talk import AvailablePhoneNumber, DigitalLine, Greeting, Line, PhoneNumber


#: Results of a search for available numbers.
_SEARCH_RESULTS = 3
_COUNTRY_PREFIXES = {"US": "+1", "CA": "+1", "GB": "+44", "IE": "+353", "DE": "+49"}
_TOLL_FREE, _LOCAL = "800", "415"


@route("GET", "channels/voice/phone_numbers/search", AvailablePhoneNumber)
def search_available(context: Context, request: Request, target: Target) -> Response:
    """Return numbers that can be bought.

    Raises:
        HTTPError: 400, if the country is missing.
    """
    country = request.params.get("country")
    if not country:
        raise missing_parameter("country")
    is_toll_free = request.params.get("toll_free") == "true"
    area = _TOLL_FREE if is_toll_free else request.params.get("area_code") or _LOCAL
    digits = request.params.get("contains") or ""
    rows = [row for row in _generate_numbers(country, area) if digits in row["number"]]
    return Response(text=dump_json({"phone_numbers": rows}))


@route("POST", "channels/voice/phone_numbers", PhoneNumber)
def buy_number(context: Context, request: Request, target: Target) -> Response:
    """Buy a number with the token of a search result, and return it.

    Raises:
        HTTPError: 422, if the token is invalid.
    """
    payload = request.get_object("phone_number")
    country, _, number = str(payload.get("token")).partition(":")
    if not number.startswith("+"):
        raise invalid_record({"token": [field_error("Token: is invalid", "InvalidValue")]})
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
    return _create(context, target, payload, also)


@route("POST", "channels/voice/digital_lines", DigitalLine)
def create_digital_line(context: Context, request: Request, target: Target) -> Response:
    """Create a digital line."""
    also = {"line_id": f"{context.store.next_id():032x}", "line_type": "digital"}
    return _create(context, target, request.get_object("digital_line"), also)


@route("GET", "channels/voice/lines", Line)
def list_lines(context: Context, request: Request, target: Target) -> Response:
    """Return a page of phone numbers and digital lines, ordered by id."""
    where = Where("state < ?", (DELETED,))
    labels = (PhoneNumber._meta.label, DigitalLine._meta.label)
    rows = [row for label in labels for row in context.store.select(label, where)]
    rows.sort(key=lambda row: int(row["id"]))
    number = parse_count(request, "page", 1)
    size = parse_count(request, "per_page", 100, limit=100)
    page = rows[(number - 1) * size : number * size]
    links = build_offset_links(request, number, size, len(rows))
    return Response(text=dump_json({"lines": page, **links}))


@route("POST", "channels/voice/greetings", Greeting)
def create_greeting(context: Context, request: Request, target: Target) -> Response:
    """Create a greeting, whose id is a number."""
    also = {"id": context.store.next_id(), "default": False, "active": False}
    return _create(context, target, request.get_object("greeting"), also)


@route("GET", "channels/voice/greetings/{id}/upload", Greeting)
def download_greeting(context: Context, request: Request, target: Target) -> Response:
    """Return the audio file of a greeting.

    Raises:
        HTTPError: 404, if the greeting has no audio file.
    """
    row = resources.get(context, Greeting._meta, target.args[0]).doc
    file = context.store.get_file(str(row["upload_id"]))
    if file is None:
        raise not_found()
    _, kind, content = file
    return Response(200, headers={"Content-Type": kind}, content=content)


def _generate_numbers(country: str, area: str) -> Iterator[dict[str, Any]]:
    for last_digit in range(_SEARCH_RESULTS):
        number = f"{_COUNTRY_PREFIXES.get(country, '+999')}{area}555010{last_digit}"
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


def _create(
    context: Context, target: Target, payload: Mapping[str, Any], also: Mapping[str, Any]
) -> Response:
    row = resources.create(context, target.meta, payload, {}, also).row
    return Response(201, dump_json({target.meta.singular: row}))
