"""Every operation that Zendesk describes, and every request of zenpy, has a call."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

import pytest

from tests.contract.coverage import PAGE, missing, nameless, page, served
from tests.contract.known import merge_tables
from tests.contract.spec import FOLDER, PREFIX, needs_spec, operations, shape


pytestmark = needs_spec

INVENTORY = FOLDER.parent / "zenpy" / "inventory.md"
_ROW = re.compile(r"^\| \d+ \| (.+?) \| `(GET|POST|PUT|PATCH|DELETE) ([^`]+)`", re.MULTILINE)

#: Requests that zenpy can send to any resource, whether Zendesk supports them or not.
_INVENTED = re.compile(r"(show|create|update|destroy)_many$")

#: Further requests of zenpy that Zendesk does not support, or not any more.
NOT_REAL: Mapping[str, str] = {
    **dict.fromkeys(
        [f"{method} chat/stream/chats" for method in ("GET", "POST", "PUT", "DELETE")],
        "real time: streams of another kind, out of scope",
    ),
    "POST chat/account": "an account is shown and changed",
    "PUT chat/bans/{}": "bans are made and lifted",
    "DELETE guide/content_tags": "zenpy's form for many, which Zendesk does not have",
    "PUT guide/content_tags": "the same",
    "PUT macros": "the same",
    "GET help_center/sections/{}/access_policy": "replaced by user segments in 2017",
    "PUT help_center/sections/{}/access_policy": "the same",
    "GET services/jira/links/{}": "a link is listed by ticket or issue",
    "GET skips/{}": "skips have no page of their own",
    "GET tags/{}": "tags have no page of their own",
    "GET topics": "the forums of before 2013",
    "GET topics/{}": "the same",
    "PUT webhooks/{}": "PATCH does the same with what changed",
}


@cache
def _zenpy() -> Mapping[tuple[str, str], str]:
    """Return the requests of zenpy, by method and path, with their calls."""
    if not INVENTORY.is_file():
        pytest.skip("the inventory of zenpy, ../shared/zenpy, is not here")
    result: dict[tuple[str, str], str] = {}
    for call, method, path in _ROW.findall(INVENTORY.read_text(encoding="utf-8")):
        bare = shape(path.partition("?")[0]).removesuffix(".json").removeprefix(PREFIX)
        place = method, bare if bare.startswith("/api/") else bare.lstrip("/")
        result.setdefault(place, call)
    return result


def test_every_operation_is_served() -> None:
    """A described operation has a call, or is left out for a reason."""
    assert [f"{item.method} {item.path}" for item in missing()] == []


def test_nearly_every_operation_is_served() -> None:
    """Of Support, Help Center and Talk, at least 95 percent are served."""
    left_out = [
        place for place in merge_tables("NOT_SERVED") if tuple(place.split()) in operations()
    ]

    assert len(left_out) <= len(operations()) * 0.05


def test_reasons_for_omissions_are_needed() -> None:
    """Each omitted operation is described and not served."""
    places = {tuple(place.split(" ", 1)) for place in merge_tables("NOT_SERVED")}

    assert places <= operations().keys()
    assert places & served().keys() == set()


def test_every_action_is_a_method() -> None:
    """Each action is a method of its model or its manager."""
    assert list(nameless()) == []


def test_every_request_of_zenpy_is_served() -> None:
    """Requests that Zendesk does not support are excepted."""
    reasons = {*NOT_REAL, *merge_tables("NOT_SERVED")}
    unserved = {
        f"{method} {path}"
        for method, path in _zenpy()
        if (method, path) not in served()
        if (method, path) in operations() or not _INVENTED.search(path)
    }

    assert unserved - reasons == set()
    assert {*NOT_REAL} <= unserved


def test_the_page_is_up_to_date() -> None:
    """`docs/coverage.md` equals the output of `python -m tests.contract.coverage --write`."""
    assert PAGE.read_text(encoding="utf-8") == page()
