"""Where the next page is: Zendesk's styles of paging, as one table.

A style says how a page is asked for and where its answer keeps the rest. The
loop that walks the pages is in `session.pages` and knows no style.

Source: https://developer.zendesk.com/api-reference/introduction/pagination/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen


Params = tuple[tuple[str, str], ...]


@frozen
class Paging:
    """One style of paging.

    Attributes:
        name: what `explain()` calls it.
        size: the parameter that holds the page size, or `""`.
        page: the parameter that holds the page number, or `""` where pages
            can only be walked one after the other.
        largest: rows a page holds at most.
        sort: how an order is asked: `"sort"` (`sort=-id`) or `"sort_by"`
            (`sort_by=id&sort_order=desc`), or `""`.
    """

    name: str
    size: str = ""
    page: str = ""
    largest: int = 100
    sort: str = ""

    def sized(self, size: int, number: int = 1) -> Params:
        """Return the parameters that ask for page `number` (from 1) of `size` rows."""
        params: Params = ((self.size, str(size)),) if self.size else ()
        if self.page and number > 1:
            params += ((self.page, str(number)),)
        return params

    def sorted(self, wire: str, *, descending: bool) -> Params:
        """Return the parameters that ask for an order by the field that Zendesk calls `wire`."""
        if self.sort == "sort":
            return (("sort", f"-{wire}" if descending else wire),)
        return (("sort_by", wire), ("sort_order", "desc" if descending else "asc"))

    def next(self, data: Mapping[str, Any]) -> str | None:
        """Return the link to the next page, or None after the last one."""
        return None

    def count(self, data: Mapping[str, Any]) -> int | None:
        """Return how many rows there are in all, where the page tells."""
        count = data.get("count")
        return count if isinstance(count, int) else None


class _Once(Paging):
    """Everything in one answer."""


class _Cursor(Paging):
    def next(self, data: Mapping[str, Any]) -> str | None:
        """Follow `links.next` while `meta.has_more`: the link is there after the end, too."""
        if not data.get("meta", {}).get("has_more"):
            return None
        link = data.get("links", {}).get("next")
        return str(link) if link else None


class _Offset(Paging):
    def next(self, data: Mapping[str, Any]) -> str | None:
        link = data.get("next_page")
        return str(link) if link else None


class _Incremental(Paging):
    def next(self, data: Mapping[str, Any]) -> str | None:
        """Follow the link until `end_of_stream`: it is there after the end, too."""
        if data.get("end_of_stream"):
            return None
        link = data.get("after_url") or data.get("next_page")
        return str(link) if link else None

    def count(self, data: Mapping[str, Any]) -> int | None:
        """Tell nothing: the `count` of a time-based export is that of the page."""
        return None


class _Records(_Incremental):
    """Of exports of custom object records: the link is there after the end, `has_more` decides."""

    def next(self, data: Mapping[str, Any]) -> str | None:
        link = data.get("after_url")
        return str(link) if link and data.get("meta", {}).get("has_more") else None


class _NextUrl(Paging):
    """Chat's: a link to the next page, which is not there on the last one."""

    def next(self, data: Mapping[str, Any]) -> str | None:
        link = data.get("next_url")
        return str(link) if link else None


@frozen
class _Since(Paging):
    """Chat's for rows in the order of their ids: from the id after the last one on.

    The answer names no next page, and may hold its rows in several lists. One that is not
    full is the last.

    Attributes:
        path: where the rows are.
        limit: how many rows a page has; every request asks for as many.
    """

    path: str = ""
    limit: int = 100

    def next(self, data: Mapping[str, Any]) -> str | None:
        rows = [row for each in data.values() if isinstance(each, list) for row in each]
        if len(rows) < self.limit:
            return None
        last = max(row["id"] for row in rows)
        return f"/api/v2/{self.path}?limit={self.limit}&since_id={last + 1}"


@frozen
class _Stream(Paging):
    """Chat's exports: a link that is there after the end, too; a page not full is the last.

    Attributes:
        limit: how many rows a page has; every request asks for as many.
    """

    limit: int = 1000

    def next(self, data: Mapping[str, Any]) -> str | None:
        link, count = data.get("next_page"), data.get("count")
        full = isinstance(count, int) and count >= self.limit
        return str(link) if link and full else None

    def count(self, data: Mapping[str, Any]) -> int | None:
        """Tell nothing: the `count` is that of the page."""
        return None


class _Talk(Paging):
    """Talk's exports: a link that is there after the end, too, to the moment of the last row.

    How many rows a page has is not told, so it is followed as long as it leads on: the
    page behind the last one repeats the rows of the last moment, and no others.
    """

    def next(self, data: Mapping[str, Any]) -> str | None:
        link = data.get("next_page")
        rows = [row for each in data.values() if isinstance(each, list) for row in each]
        leads_on = len({row.get("updated_at") for row in rows}) > 1
        return str(link) if link and (leads_on or len(rows) >= self.largest) else None

    def count(self, data: Mapping[str, Any]) -> int | None:
        """Tell nothing: the `count` is that of the page."""
        return None


class _Older(Paging):
    """Of revisions: the newest come first, and a link leads to those before them."""

    def next(self, data: Mapping[str, Any]) -> str | None:
        link = data.get("before_url")
        return str(link) if link else None

    def count(self, data: Mapping[str, Any]) -> int | None:
        """Tell nothing: the `count` is that of the page."""
        return None


class _Skills(Paging):
    """Of exports of routing: a link that is there after the end, too; an empty page is the last."""

    def next(self, data: Mapping[str, Any]) -> str | None:
        link = data.get("next_page")
        return str(link) if link and data.get("count") else None

    def count(self, data: Mapping[str, Any]) -> int | None:
        """Tell nothing: the `count` is that of the page."""
        return None


def since(path: str, limit: int = 100) -> Paging:
    """Return the style of rows that are asked for by the id from which they go on.

    Args:
        path: where they are, after `/api/v2/`.
        limit: how many rows a page has.
    """
    return _Since("since id", path=path, limit=limit)


ONCE = _Once("once")
CURSOR = _Cursor("cursor", size="page[size]", sort="sort")
#: The same, of an endpoint that gives a thousand rows a page.
EXPORT = _Cursor("cursor", size="page[size]", largest=1000)
OFFSET = _Offset("offset", size="per_page", page="page", sort="sort_by")
INCREMENTAL = _Incremental("incremental", size="per_page", largest=1000)
#: The same, of custom object records.
RECORDS = _Records("incremental", size="per_page", largest=1000)
#: Of Chat: lists, and exports.
NEXT_URL = _NextUrl("next url")
STREAM = _Stream("export")
#: Of Talk: exports of calls and their legs.
CALLS = _Talk("export", largest=1000)
#: Of revisions of triggers.
OLDER = _Older("older", largest=1000)
#: Of changes to attributes of routing.
SKILLS = _Skills("export", largest=3000)
