"""A numbered page that was too large for Zendesk, put together from smaller ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import evolve

from zendesk_orm.errors import ZendeskError
from zendesk_orm.http.page_size import first_part, get_param, is_too_large, set_params, smaller_page
from zendesk_orm.http.request import Request, Response
from zendesk_orm.plan.plan import Plan
from zendesk_orm.session.responses import envelope, objects_in


class PageParts:
    """The parts in which the numbered pages of one list are requested.

    After a page was too large, all later pages are requested in parts of the size that succeeded.

    Attributes:
        largest: the most rows of a part; None to request whole pages.
    """

    def __init__(self) -> None:
        self.largest: int | None = None

    def shorten(self, request: Request) -> Request:
        """Return the request for the first part of a page, or for the whole page."""
        if self.largest is None or not request.page_param or request.reduced:
            return request
        if int(get_param(request, request.size_param) or 0) <= self.largest:
            return request
        return first_part(request, self.largest) or request

    def reduce(self, request: Request, error: ZendeskError) -> None:
        """Begin with smaller parts after all attempts to read a page have failed."""
        if not request.page_param or not is_too_large(error):
            return
        part = smaller_page(self.shorten(request))
        if part is not None:
            self._note(part)

    def _note(self, part: Request) -> None:
        size = int(get_param(part, part.size_param) or 0) if part.page_param else 0
        if size:
            self.largest = size if self.largest is None else min(self.largest, size)

    def read_whole_page(
        self, plan: Plan, request: Request, response: Response, send: Callable[[Request], Response]
    ) -> dict[str, Any]:
        """Return the envelope of a page of which a part was sent, as if all had been sent at once.

        Args:
            plan: the plan of the list.
            request: the request for the page.
            response: the response, with the request for the first part.
            send: sends a request for another part, which may be divided again.
        """
        part: Request = response.request or request
        self._note(part)
        data = envelope(part, response)
        if not part.page_param:
            # The next page continues behind the rows of this one.
            return data
        size, page_size = (
            int(get_param(message, part.size_param) or 0) for message in (part, request)
        )
        number, first = (
            int(get_param(message, part.page_param) or 1) for message in (request, part)
        )
        key = plan.endpoint.key
        for following in range(first + 1, first + page_size // size):
            if len(objects_in(data, key)) < size * (following - first):
                break
            again = set_params(part, {part.page_param: str(following)})
            again = evolve(again, reduced=False, attempt=1, timing=None)
            answer = send(again)
            reduced = answer.request is not None and answer.request.reduced
            next_data = (
                self.read_whole_page(plan, again, answer, send)
                if reduced
                else envelope(again, answer)
            )
            lists = (key, *plan.includes)
            joined = {
                name: [*objects_in(data, name), *objects_in(next_data, name)] for name in lists
            }
            data = {**next_data, **joined}
        link = data.get("next_page")
        if isinstance(link, str):
            values = {part.size_param: str(page_size), part.page_param: str(number + 1)}
            data["next_page"] = set_params(Request("GET", link), values).path
        return data
