"""Smaller pages: a page that takes too long, or is too large, is requested again in parts.

Zendesk ends requests that take too long with 504, and the proxy in front of it with 524. The same
request fails again as long as the same rows are too many; with fewer rows, it succeeds.

Source: https://github.com/airbytehq/airbyte/issues/52059,
https://github.com/airbytehq/airbyte/pull/86479, https://github.com/estuary/connectors/pull/3616
"""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

from attrs import evolve

from zendesk_orm.errors import RequestTimeout, ResponseTooLarge, ServerError, ZendeskError
from zendesk_orm.http.hosts import query_of
from zendesk_orm.http.request import Request
from zendesk_orm.log import child


#: The statuses of requests that took too long.
TOO_SLOW = frozenset({504, 524})
#: Rows of a page at least, and of the parts of a numbered page.
SMALLEST_PAGE, _SMALLEST_PART = 10, 5


def is_too_large(error: ZendeskError) -> bool:
    """Return whether a page with fewer rows may not fail in the same way."""
    if isinstance(error, ServerError):
        return error.status in TOO_SLOW
    return isinstance(error, (RequestTimeout, ResponseTooLarge))


def get_param(request: Request, name: str) -> str | None:
    """Return the value of a parameter, which may be part of the path."""
    return dict(request.params).get(name) or query_of(request.path).get(name)


def set_params(request: Request, values: dict[str, str]) -> Request:
    """Return a request with other values of parameters; a parameter of the path stays in it."""
    path, separator, query = request.path.partition("?")
    pairs = parse_qsl(query, keep_blank_values=True)
    in_path = {name for name, _ in pairs}
    if separator and not in_path.isdisjoint(values):
        path = f"{path}?{urlencode([(name, values.get(name, text)) for name, text in pairs])}"
    else:
        path = request.path
    params = tuple((name, values.get(name, text)) for name, text in request.params)
    present = in_path | {name for name, _ in params}
    new = tuple(pair for pair in values.items() if pair[0] not in present)
    return evolve(request, path=path, params=(*params, *new))


def smaller_page(request: Request) -> Request | None:
    """Return the request for the first half of a page, or less; None if it cannot be divided."""
    text = get_param(request, request.size_param) if request.size_param else None
    if text is None or not text.isdecimal():
        return None
    size = int(text)
    if request.page_param:
        return first_part(request, size // 2)
    if size <= SMALLEST_PAGE:
        return None
    # A cursor is a position: it is followed by any number of rows.
    values = {request.size_param: str(max(SMALLEST_PAGE, size // 2))}
    return evolve(set_params(request, values), reduced=True)


def first_part(request: Request, largest: int) -> Request | None:
    """Return the request for the first part of a numbered page; None if it cannot be divided.

    Args:
        request: the request for the page.
        largest: the most rows of the part.
    """
    size = int(get_param(request, request.size_param) or 0)
    # Only pages of a divisor of the size begin where this one does.
    sizes = (part for part in range(min(largest, size), _SMALLEST_PART - 1, -1) if not size % part)
    part = next(sizes, None)
    if part is None:
        return None
    number = (int(get_param(request, request.page_param) or 1) - 1) * (size // part) + 1
    values = {request.size_param: str(part), request.page_param: str(number)}
    return evolve(set_params(request, values), reduced=True)


def reduce_page(request: Request, error: ZendeskError) -> Request:
    """Return the request of the next attempt: for fewer rows, if they were too many."""
    smaller = smaller_page(request) if request.size_param and is_too_large(error) else None
    if smaller is None:
        return request
    child("http").warning(
        "%s %s: pages have %s rows from now on, because one of %s failed (%s)",
        request.method,
        request.visible_path,
        get_param(smaller, request.size_param),
        get_param(request, request.size_param),
        type(error).__name__,
    )
    return smaller


def reduce_cursor_page(request: Request, error: ZendeskError) -> Request:
    """Return the request with which reading by cursor continues after its attempts failed.

    The attempts had fewer and fewer rows. The next ones begin with half as many as these did, so
    that a page that is far too large is passed after some more of them.
    """
    return request if request.page_param else reduce_page(request, error)
