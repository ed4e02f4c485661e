"""The pages of the logged requests."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any

from markupsafe import Markup

from zendesk_orm.emulator.console.html import Child, element
from zendesk_orm.emulator.console.layout import (
    build_card,
    build_empty,
    build_page,
    build_table,
    build_trail,
    build_url,
)
from zendesk_orm.emulator.console.values import build_json
from zendesk_orm.emulator.context import format_timestamp
from zendesk_orm.emulator.control.controls import Controls
from zendesk_orm.emulator.server.request_log import LoggedRequest


#: The number of requests of the overview, and of the page of requests.
LATEST, ALL = 25, 200
#: The headings of the columns, and whether they contain numbers.
_COLUMNS = {
    "No.": False,
    "Time": False,
    "Request": False,
    "Status": False,
    "ms": True,
    "Cost": False,
    "Left": True,
    "Bytes": True,
}
_KINDS = ((500, "failed"), (400, "rejected"), (300, "redirected"), (0, "succeeded"))


def build_requests(emulator: Controls) -> str:
    """Return the page of the latest requests."""
    return build_page(
        "Requests",
        "Requests",
        element("h1", "Requests"),
        element(
            "p",
            f"The latest {ALL} of {emulator.log.total:,} requests. Cost is the number of requests "
            "that a response counted for the rate limit, and the limits that Zendesk documents "
            "for its endpoint.",
            class_="lead",
        ),
        build_log(emulator, ALL),
    )


def build_log(emulator: Controls, size: int) -> Markup:
    """Return a table of the latest requests, which a script updates."""
    entries = find_entries(emulator, size)
    controls = element(
        "div",
        element("button", "Pause", type="button", id="pause", aria_pressed="false", hidden=True),
        element("span", "", id="state", role="status"),
        class_="tools",
    )
    table = build_table(
        "Requests, the latest first",
        list(_COLUMNS),
        build_rows(entries),
        id="log",
        data_size=size,
        data_source=build_url("requests", "rows"),
        data_total=emulator.log.total,
    )
    empty = element(
        "p",
        "No request yet. Send one: ",
        element("code", "curl -u owner@example.com/token:emulated …/api/v2/users/me"),
        class_="empty",
        id="empty",
        hidden=bool(entries),
    )
    return build_card("Requests to the API", controls, table, empty, name="requests")


def find_entries(emulator: Controls, size: int, after: int = 0) -> list[LoggedRequest]:
    """Return the latest requests after a number, the latest first."""
    entries = reversed(list(emulator.log))
    return [entry for entry in islice(entries, size) if entry.number > after]


def build_rows(entries: Iterable[LoggedRequest]) -> list[Markup]:
    """Return the rows of a table for requests."""
    return [_build_row(entry) for entry in entries]


def _build_row(entry: LoggedRequest) -> Markup:
    cells = (
        element("a", entry.number, href=build_url("requests", entry.number)),
        _build_time(entry),
        [element("b", entry.method, class_="method"), " ", element("code", entry.url)],
        [build_status(entry), element("small", " fault") if entry.fault else None],
        f"{entry.milliseconds:.1f}",
        build_cost(entry),
        "-" if entry.remaining is None else f"{entry.remaining:,}",
        f"{entry.size:,}",
    )
    return element(
        "tr",
        [
            element("td", cell, class_="number" if is_number else None)
            for cell, is_number in zip(cells, _COLUMNS.values(), strict=True)
        ],
    )


def _build_time(entry: LoggedRequest) -> Markup:
    text = format_timestamp(entry.time)
    return element("time", text[11:19], datetime=text, title=text)


def build_status(entry: LoggedRequest) -> Markup:
    """Return the status of a response."""
    if entry.status is None:
        return element("span", "broken", class_="status failed")
    kind = next(kind for first, kind in _KINDS if entry.status >= first)
    return element("span", entry.status, class_=f"status {kind}")


def build_cost(entry: LoggedRequest) -> Child:
    """Return the cost of a request: 1 for the rate limit, and the limits of its endpoint."""
    if not entry.limits:
        return element("span", "0", title="not limited")
    others = [name.partition("/")[0] for name in entry.limits[1:]]
    return ["1 ", [element("small", name) for name in others]]


def build_request(entry: LoggedRequest) -> str:
    """Return the page of a request."""
    facts: list[tuple[str, Child]] = [
        ("Time", format_timestamp(entry.time)),
        ("Status", build_status(entry)),
        ("Duration", f"{entry.milliseconds:.1f} ms"),
        ("Size of the response", f"{entry.size:,} bytes"),
        ("User", _build_user(entry)),
        ("Counts for the limits", ", ".join(entry.limits) or "none"),
        ("Requests left", "not reported" if entry.remaining is None else f"{entry.remaining:,}"),
        ("Fault", entry.fault.route if entry.fault else "none"),
    ]
    title = f"{entry.method} {entry.path}"
    return build_page(
        title,
        "Requests",
        build_trail(("Requests", build_url("requests"))),
        element("h1", f"No. {entry.number}: ", element("code", title)),
        build_card("Response", build_facts(facts)),
        build_card(
            "Parameters", build_json(entry.params) if entry.params else build_empty("None.")
        ),
        build_card("Body", build_empty("None.") if entry.body is None else build_json(entry.body)),
    )


def _build_user(entry: LoggedRequest) -> Child:
    if not entry.user_id:
        return "not authenticated"
    return element("a", entry.user_id, href=build_url("records", "support.User", entry.user_id))


def build_facts(facts: Iterable[tuple[str, Any]]) -> Markup:
    """Return a list of names and values."""
    rows = [element("div", element("dt", name), element("dd", value)) for name, value in facts]
    return element("dl", rows)
