"""The overview: account, clock, faults and the latest requests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from attrs import asdict, fields
from markupsafe import Markup

from zendesk_orm.emulator.console.html import Child, element
from zendesk_orm.emulator.console.layout import (
    build_card,
    build_empty,
    build_message,
    build_page,
    build_table,
    build_url,
)
from zendesk_orm.emulator.console.records import count_rows
from zendesk_orm.emulator.console.requests import LATEST, build_facts, build_log
from zendesk_orm.emulator.context import format_timestamp
from zendesk_orm.emulator.control.controls import Controls
from zendesk_orm.emulator.seeds.new_account import OWNER
from zendesk_orm.emulator.server.faults import Fault
from zendesk_orm.emulator.server.ignored import sorted_parts


#: The durations of the buttons of the clock.
STEPS: Mapping[str, Mapping[str, float]] = {
    "1 minute": {"minutes": 1},
    "1 hour": {"hours": 1},
    "1 day": {"days": 1},
    "30 days": {"days": 30},
}
#: The values of a fault by its description.
FAILURES: Mapping[str, Mapping[str, Any]] = {
    "503 Service Unavailable": {"status": 503, "headers": {"Retry-After": "5"}},
    "500 Internal Server Error": {"status": 500},
    "502 Bad Gateway": {"status": 502},
    "429 Too Many Requests": {"status": 429, "headers": {"Retry-After": "60"}},
    "401 Unauthorized": {"status": 401},
    "Broken connection": {"disconnect": True},
    "Broken connection after the request was handled": {"disconnect": True, "applied": True},
    "Body cut off in the middle": {"truncate": True},
    "Body that is not JSON": {"status": 200, "body": "<html>"},
    "5 seconds late": {"latency": 5},
}
_IGNORED = 10


def build_overview(emulator: Controls, url: str, error: str = "") -> str:
    """Return the overview.

    Args:
        emulator: the emulator.
        url: scheme and host of the server.
        error: the reason why a change was rejected, or "".
    """
    aside = element(
        "div",
        _build_clock(emulator),
        _build_faults(emulator),
        _build_ignored(emulator),
        class_="side",
    )
    return build_page(
        "Overview",
        "Overview",
        element("h1", "Overview"),
        build_message(error, is_error=True) if error else None,
        _build_figures(emulator, url),
        element("div", element("div", build_log(emulator, LATEST)), aside, class_="columns"),
    )


def _build_figures(emulator: Controls, url: str) -> Markup:
    switches = emulator.switches
    counts = count_rows(emulator)
    limit = "none" if switches.rate_limit is None else f"{switches.rate_limit:,} per minute"
    user = OWNER if switches.token is None else f"{OWNER} with the token"
    return element(
        "div",
        build_facts(
            (
                ("API", element("code", f"{url}/api/v2/")),
                ("User", "OAuth" if switches.oauth == "strict" else user),
                ("Rate limit", limit),
                ("Records", element("a", f"{sum(counts.values()):,}", href=build_url("records"))),
                ("Requests", element("span", f"{emulator.log.total:,}", id="total")),
            )
        ),
        class_="figures",
    )


def _build_clock(emulator: Controls) -> Markup:
    buttons = [
        element("button", f"+ {label}", name="step", value=label, aria_label=f"Advance by {label}")
        for label in STEPS
    ]
    return build_card(
        "Clock",
        element("p", format_clock(emulator), id="time", class_="clock"),
        element(
            "p", "Jobs, search index, tokens and rate limits follow this clock.", class_="hint"
        ),
        element(
            "form",
            element("div", buttons, class_="buttons"),
            method="post",
            action=build_url("clock"),
        ),
    )


def format_clock(emulator: Controls) -> str:
    """Return the time of the account."""
    text = format_timestamp(emulator.clock.now())
    return f"{text[:10]} {text[11:19]} UTC"


def _build_faults(emulator: Controls) -> Markup:
    faults = list(emulator.faults)
    items = [element("li", _build_fault(fault)) for fault in faults]
    listed = element("ul", items, class_="faults") if faults else build_empty("No request fails.")
    options = [element("option", name) for name in FAILURES]
    form = element(
        "form",
        element(
            "label",
            "Requests",
            element("input", name="route", value="* /api/v2/*", required=True, spellcheck="false"),
        ),
        element("label", "Failure", element("select", options, name="failure")),
        element(
            "div",
            _build_number("Share in %", "chance", value="100", min="0", max="100"),
            _build_number("Times", "times", min="1", placeholder="no limit"),
            class_="pair",
        ),
        element("button", "Inject fault", class_="primary"),
        method="post",
        action=build_url("faults"),
    )
    clear = element(
        "form",
        element("button", "Remove all"),
        method="post",
        action=build_url("faults", "clear"),
    )
    return build_card("Faults", listed, clear if len(faults) > 1 else None, form)


def _build_number(label: str, name: str, **attributes: Any) -> Markup:
    field = element("input", name=name, type="number", step="1", **attributes)
    return element("label", label, field)


def _build_fault(fault: Fault) -> Child:
    """Return a fault with a button that removes it."""
    text = describe_fault(fault)
    return [
        element("div", element("code", fault.route), element("small", text)),
        element(
            "form",
            element("input", type="hidden", name="fault", value=json.dumps(asdict(fault))),
            element("button", "Remove", aria_label=f"Remove {fault.route}, {text}"),
            method="post",
            action=build_url("faults", "remove"),
        ),
    ]


def describe_fault(fault: Fault) -> str:
    """Return the values of a fault that differ from the defaults, without the route."""
    parts = []
    for attribute in fields(Fault):
        value = getattr(fault, attribute.name)
        if attribute.name != "route" and value and value != attribute.default:
            parts.append(attribute.name if value is True else f"{attribute.name} {value}")
    return ", ".join(parts)


def _build_ignored(emulator: Controls) -> Markup | None:
    parts = sorted_parts(emulator.ignored)[:_IGNORED]
    if not parts:
        return None
    rows = [
        element(
            "tr",
            element("td", part.request),
            element("td", part.kind, " ", element("b", part.name)),
            element("td", number),
        )
        for part, number in parts
    ]
    table = build_table("Ignored parts of requests", ("Request", "Part", "Times"), rows)
    hint = element("p", "Zendesk ignores these without an error. Are they misspelt?", class_="hint")
    return build_card("Ignored parts", hint, table)
