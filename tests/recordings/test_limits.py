"""Recorded headers of rate limits, in all spellings."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from tests.recordings.replay import list_names, needs_recordings, play, read_exchanges
from zendesk_orm.http.limits import Window, find_api
from zendesk_orm.http.request import Request


pytestmark = needs_recordings

#: The headers of the account's window: limit, remaining, seconds until it resets.
SPELLINGS = (
    ("ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"),
    ("rate-limit", "rate-limit-remaining", "rate-limit-reset"),
    ("x-rate-limit", "x-rate-limit-remaining", "-"),
)
ENDPOINT = re.compile(r"zendesk-rate-?limit-(?P<name>[\w-]+)")
WINDOW = re.compile(r"total=(\d+); ?remaining=(\d+); ?resets=(\d+)")


def _parse_windows(headers: Mapping[str, str]) -> dict[str, Window]:
    """Return the windows of a response, read without the library."""
    result = {}
    for total, left, resets in reversed(SPELLINGS):
        if total in headers:
            seconds = headers.get(resets)
            result["account"] = Window(
                int(headers[total]), int(headers[left]), int(seconds) if seconds else None
            )
    for header, value in headers.items():
        if match := ENDPOINT.fullmatch(header):
            numbers = WINDOW.fullmatch(value)
            assert numbers, f"{header}: {value}"
            result[match["name"]] = Window(*map(int, numbers.groups()))
    return result


@pytest.mark.parametrize("name", list_names())
def test_the_quota_is_read_from_every_response(name: str) -> None:
    """After each response, the account has each window of its headers."""
    for exchange in read_exchanges(name):
        if exchange.status >= 400:
            continue
        request = Request(exchange.method, exchange.path, exchange.query, json=exchange.request)
        with play([exchange], name) as (account, _):
            account.transport.send(request)

            windows = _parse_windows(exchange.headers)
            api = find_api(exchange.path)
            if "account" in windows:
                windows[api] = windows.pop("account")
            assert windows == {name: account.quota.get(name) for name in windows}
            assert (api in windows) is (account.quota.get(api) is not None)


@pytest.mark.parametrize("spelling", SPELLINGS, ids=lambda spelling: spelling[0])
def test_every_spelling_is_recorded(spelling: tuple[str, str, str]) -> None:
    """The recordings contain each spelling of the headers, so that all are tested."""
    recorded = {
        header
        for name in list_names()
        for exchange in read_exchanges(name)
        for header in exchange.headers
    }

    assert {*spelling} - {"-"} <= recorded


def test_windows_of_endpoints_are_recorded() -> None:
    """The recordings contain windows of single endpoints."""
    recorded = {
        window
        for name in list_names()
        for exchange in read_exchanges(name)
        for window in _parse_windows(exchange.headers)
    }

    assert {"account", "tickets-index", "tickets-update"} <= recorded
