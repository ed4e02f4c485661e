"""Every operation that Zendesk describes, and every request of zenpy, has a call."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

import pytest

from tests.contract.chapters import ANNOUNCED, NOT_COVERED
from tests.contract.coverage import PAGE, find_missing, find_nameless, find_served, list_rows, page
from tests.contract.known import merge_tables
from tests.contract.spec import FOLDER, PREFIX, hide_placeholders, needs_spec, read_operations


pytestmark = needs_spec

INVENTORY = FOLDER.parent / "zenpy" / "inventory.md"
_ROW = re.compile(r"^\| \d+ \| (.+?) \| `(GET|POST|PUT|PATCH|DELETE) ([^`]+)`", re.MULTILINE)

#: Requests that zenpy can send to any resource, whether Zendesk supports them or not.
_INVENTED = re.compile(r"(show|create|update|destroy)_many$")

#: Further requests of zenpy that Zendesk does not support, or no longer supports.
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
def _read_requests_of_zenpy() -> Mapping[tuple[str, str], str]:
    """Return the requests of zenpy, by method and path, with their calls."""
    if not INVENTORY.is_file():
        pytest.skip("the inventory of zenpy, ../shared/zenpy, is not here")
    result: dict[tuple[str, str], str] = {}
    for call, method, path in _ROW.findall(INVENTORY.read_text(encoding="utf-8")):
        bare = hide_placeholders(path.partition("?")[0]).removesuffix(".json").removeprefix(PREFIX)
        place = method, bare if bare.startswith("/api/") else bare.lstrip("/")
        result.setdefault(place, call)
    return result


def test_every_operation_is_served() -> None:
    """A described operation has a call, or a reason for its omission."""
    assert [f"{item.method} {item.path}" for item in find_missing()] == []


def test_nearly_every_operation_is_served() -> None:
    """At least 95 percent of the operations of Support, Help Center and Talk have a call."""
    left_out = [
        place for place in merge_tables("NOT_SERVED") if tuple(place.split()) in read_operations()
    ]

    assert len(left_out) <= len(read_operations()) * 0.05


def test_reasons_for_omissions_are_needed() -> None:
    """Each omitted operation is described and not served."""
    tables = {**merge_tables("NOT_SERVED"), **merge_tables("SERVED_BY_OTHERS")}
    places = {tuple(place.split(" ", 1)) for place in tables}

    assert places <= read_operations().keys()
    assert places & find_served().keys() == set()


def test_other_calls_exist() -> None:
    """Each call that replaces an operation serves another one."""
    calls = {call for calls in find_served().values() for call in calls}

    assert set(merge_tables("SERVED_BY_OTHERS").values()) - calls == set()


def test_chapters_are_listed_once() -> None:
    """No chapter is both covered and not covered, and each announcement has its day."""
    covered = {row.chapter for row in list_rows() if row.calls}

    assert covered & {chapter.name for chapter in NOT_COVERED} == set()
    days = [item.checked for item in (*NOT_COVERED, *ANNOUNCED)]
    assert [day for day in days if not re.fullmatch(r"20\d\d-\d\d-\d\d", day)] == []


def test_every_action_is_a_method() -> None:
    """Each action is a method of its model or its manager."""
    assert list(find_nameless()) == []


def test_every_request_of_zenpy_is_served() -> None:
    """Every request of zenpy that Zendesk supports has a call."""
    reasons = {*NOT_REAL, *merge_tables("NOT_SERVED"), *merge_tables("SERVED_BY_OTHERS")}
    unserved = {
        f"{method} {path}"
        for method, path in _read_requests_of_zenpy()
        if (method, path) not in find_served()
        if (method, path) in read_operations() or not _INVENTED.search(path)
    }

    assert unserved - reasons == set()
    assert {*NOT_REAL} <= unserved


def test_the_page_is_up_to_date() -> None:
    """`docs/coverage.md` equals the output of `python -m tests.contract.coverage --write`."""
    assert PAGE.read_text(encoding="utf-8") == page()
