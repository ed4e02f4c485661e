"""Requests the next page of an export before the rows of the last one are decoded.

The cursor of the next page is at the end of a response. A thousand rows take about half as long
to decode as Zendesk needs to find the next thousand, so both are done at the same time. The
decoded page decides which request follows; a page that was requested early and is not the next
one is dropped.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from threading import Event
from typing import Any

from attrs import evolve, frozen

from zendesk_orm.errors import MalformedResponse
from zendesk_orm.http.clock import CURRENT_OPERATION
from zendesk_orm.http.request import Request
from zendesk_orm.plan.plan import Plan
from zendesk_orm.session.prefetcher import Prefetcher, is_own_thread, withdraw_call
from zendesk_orm.session.responses import Page, following


#: Pages with fewer rows are decoded too quickly to gain anything.
_FEWEST_ROWS = 1000
#: Bytes at the end of a body in which its links are looked for.
_END = 4096
#: Seconds for which a thread waits, so that the other one can send its request: decoding a body
#: keeps all other threads from running.
_HEAD_START = 0.002


@frozen
class _Sent:
    """A page that was requested early.

    Attributes:
        request: its request.
        page: the future of the page.
        process: the process whose thread reads it.
    """

    request: Request
    page: Any
    process: int


class EarlyRequests:
    """The request for the next page of a list, sent before its last page is decoded.

    It is sent only while the caller waits for the last page. So it never sends more requests than
    a list that is read one page ahead.

    Args:
        prefetcher: reads the page in one of its threads.
        read: returns the page of a request.
    """

    def __init__(self, prefetcher: Prefetcher, read: Callable[[Plan, Request], Page]) -> None:
        self._prefetcher = prefetcher
        self._read = read
        self._sent: _Sent | None = None
        #: Set while the caller waits for a page.
        self.waiting = Event()

    def watch(self, plan: Plan, request: Request) -> Request:
        """Return the request for a page so that its body leads to the next request, if it may.

        Args:
            plan: the plan of the list.
            request: the request for the page.
        """
        is_export = plan.endpoint.paging.largest >= _FEWEST_ROWS and not plan.has_page_numbers
        if not is_export or plan.query.windowed or not is_own_thread():
            return request

        def send_next(body: bytes) -> None:
            # A page that was requested early, and is not used yet, is followed by no other one.
            if self._sent is None and self.waiting.is_set() and self._prefetcher.may_fetch():
                next_request = find_next_request(plan, request, body)
                if next_request is not None:
                    self._send(plan, next_request)

        return evolve(request, on_body=send_next)

    def pop(self, request: Request) -> Page | None:
        """Return the page of a request that was sent early, or None if it was not sent.

        Raises:
            ApiError, TransportError.
        """
        sent, self._sent = self._sent, None
        if sent is None or sent.process != os.getpid() or sent.request != request:
            return None
        return None if withdraw_call(sent.page) else sent.page.result()

    def _send(self, plan: Plan, request: Request) -> None:
        page = self._prefetcher.submit(CURRENT_OPERATION.get(), self._read, plan, request)
        self._sent = _Sent(request, page, os.getpid())
        time.sleep(_HEAD_START)


def find_next_request(plan: Plan, request: Request, body: bytes) -> Request | None:
    """Return the request for the page after one whose rows are not decoded yet.

    Args:
        plan: the plan of the list.
        request: the request for the page.
        body: the body of the page.

    Returns:
        The request, or None if the end of the body does not name it.
    """
    try:
        # The rows are not counted, so their number must not indicate that some are missing.
        return following(request, plan.endpoint.paging, parse_end(body), sys.maxsize)
    except MalformedResponse:
        return None


def parse_end(body: bytes) -> Mapping[str, Any]:
    """Return the members of a JSON object that follow its last list; {} if there are none."""
    end = body[-_END:]
    for member in re.finditer(rb'(?<=\],)"', end):
        # Only at a member of the object itself do the brackets of the remainder match.
        with suppress(ValueError):
            return dict(json.loads(b"{" + end[member.start() :]))
    return {}
