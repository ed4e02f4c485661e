"""What recorded headers say of rate limits, in every spelling that Zendesk has used."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from tests.recordings.replay import exchanges, names, needs_recordings, played
from zendesk_orm.http.quota import Window
from zendesk_orm.http.request import Request


pytestmark = needs_recordings

#: The names of the account's window: allowed, left, seconds until it opens anew.
SPELLINGS = (
    ("ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"),
    ("rate-limit", "rate-limit-remaining", "rate-limit-reset"),
    ("x-rate-limit", "x-rate-limit-remaining", "-"),
)
ENDPOINT = re.compile(r"zendesk-rate-?limit-(?P<name>[\w-]+)")
WINDOW = re.compile(r"total=(\d+); ?remaining=(\d+); ?resets=(\d+)")


def _windows(headers: Mapping[str, str]) -> dict[str, Window]:
    """Return the windows of an answer, read by the letter."""
    found = {}
    for total, left, resets in reversed(SPELLINGS):
        if total in headers:
            seconds = headers.get(resets)
            found["account"] = Window(
                int(headers[total]), int(headers[left]), int(seconds) if seconds else None
            )
    for header, value in headers.items():
        if match := ENDPOINT.fullmatch(header):
            numbers = WINDOW.fullmatch(value)
            assert numbers, f"{header}: {value}"
            found[match["name"]] = Window(*map(int, numbers.groups()))
    return found


@pytest.mark.parametrize("name", names())
def test_every_answer_tells_what_is_left(name: str) -> None:
    """After each answer the account knows each window that its headers report."""
    for exchange in exchanges(name):
        if exchange.status >= 400:
            continue
        request = Request(exchange.method, exchange.path, exchange.query, json=exchange.request)
        with played([exchange], name) as (account, _):
            account.transport.send(request)

            told = _windows(exchange.headers)
            assert told == {each: account.quota.get(each) for each in told}
            assert ("account" in told) is (account.quota.get() is not None)


@pytest.mark.parametrize("spelling", SPELLINGS, ids=lambda spelling: spelling[0])
def test_every_spelling_is_recorded(spelling: tuple[str, str, str]) -> None:
    """The recordings hold each of the spellings, so that none is read only in theory."""
    recorded = {header for name in names() for each in exchanges(name) for header in each.headers}

    assert {*spelling} - {"-"} <= recorded


def test_windows_of_endpoints_are_recorded() -> None:
    """So do they hold windows of single endpoints."""
    recorded = {
        window for name in names() for each in exchanges(name) for window in _windows(each.headers)
    }

    assert {"account", "tickets-index", "tickets-update"} <= recorded
