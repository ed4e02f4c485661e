"""Zendesk's styles of paging: how a page is requested, and whether another one follows.

`Paging.continuation()` is the one place that decides whether a list has more pages. The loop
that reads the pages is in `session.pages` and knows no style.

Source: https://developer.zendesk.com/api-reference/introduction/pagination/
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from attrs import frozen

from zendesk_orm.http.hosts import query_of


Params = tuple[tuple[str, str], ...]

#: The keys of an envelope that can hold the link to the next page.
_KEYS = ("next_page", "next_page_url", "next_url", "after_url")
#: No endpoint has smaller pages than this, unless a smaller one is requested.
SMALLEST_FULL_PAGE = 100


@frozen
class Continuation:
    """Where a list continues after a page.

    Attributes:
        more: whether the response says that there are more rows.
        link: the link to them, or None.
        params: the parameters that request them if there is no link; () if unknown.
    """

    more: bool
    link: str | None = None
    params: Params = ()


LAST_PAGE = Continuation(more=False)


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
        cursor: the parameter that takes `after_cursor` if a page has no link, or `""`.
        overlaps: whether a page that repeats the previous one is the end of the list.
    """

    name: str
    size: str = ""
    page: str = ""
    largest: int = 100
    sort: str = ""
    cursor: str = ""
    overlaps: bool = False

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

    def continuation(self, data: Mapping[str, Any], read: int) -> Continuation:
        """Return whether the list continues after a page, and where.

        Everything in the response that says so counts, whatever style was requested: an endpoint
        may answer in another style, and a list must never end before its last row.

        Args:
            data: the body of the page.
            read: rows of the list read so far, with those of this page.
        """
        stated, link, cursor = _stated(data), self.link(data), _after_cursor(data)
        total = _number(data.get("count"))
        missing = total is not None and total > read
        if stated is False:
            # A link beside an explicit end is a place to continue later; it holds no missing row.
            return Continuation(more=True) if missing else LAST_PAGE
        if link is None:
            more = bool(stated or missing or cursor)
        else:
            more = bool(stated or missing) or self.leads_on(data, link)
        if not more:
            return LAST_PAGE
        params = ((self.cursor, cursor),) if self.cursor and cursor and link is None else ()
        return Continuation(True, link, params)

    def link(self, data: Mapping[str, Any]) -> str | None:
        """Return the link to the next page, under whatever key it is; None without a link."""
        links = data.get("links")
        # Events and profiles have a list of links.
        holders = [data, *(links if isinstance(links, list) else [links])]
        found = (
            holder[key]
            for holder in holders
            if isinstance(holder, Mapping)
            for key in (_KEYS if holder is data else ("next",))
            if isinstance(holder.get(key), str) and holder[key]
        )
        return next(found, None)

    def leads_on(self, data: Mapping[str, Any], link: str) -> bool:
        """Return whether a link leads to further rows if the response does not say so itself."""
        return True

    def count(self, data: Mapping[str, Any]) -> int | None:
        """Return the number of all rows of the list, if the page contains it."""
        return _number(data.get("count"))


class _PartialCount(Paging):
    """A style whose `count` is the number of rows on the page."""

    def count(self, data: Mapping[str, Any]) -> int | None:
        """Return None: the number of all rows is unknown."""
        return None


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

    def link(self, data: Mapping[str, Any]) -> str | None:
        """Return the link in the response, or one to the rows after the highest id."""
        found = super().link(data)
        ids = [row["id"] for row in _rows(data) if _number(row.get("id")) is not None]
        if found is not None or not ids or len(ids) < self.limit:
            return found
        last = max(ids)
        return f"/api/v2/{self.path}?limit={self.limit}&since_id={last + 1}"


@frozen
class _Stream(_PartialCount):
    """Chat's exports: a link that is there after the end, too; a page not full is the last.

    Attributes:
        limit: how many rows a page has; every request asks for as many.
    """

    limit: int = 1000

    def leads_on(self, data: Mapping[str, Any], link: str) -> bool:
        """Return whether the page is full, or does not say how many rows it has."""
        count = _number(data.get("count"))
        return count is None or count >= self.limit


@frozen
class _ByMoment(_PartialCount):
    """Exports whose link, present after the end as well, leads to the moment of the last row.

    The page after the last one repeats the rows of the last moment, and contains no others.

    Attributes:
        moment: the key that holds the moment of a row.
        overlaps: see `Paging`.
    """

    moment: str = "updated_at"
    overlaps: bool = True

    def leads_on(self, data: Mapping[str, Any], link: str) -> bool:
        """Return False if the link leads to the very rows of this page, and they are all."""
        rows = _rows(data)
        moments = {str(row.get(self.moment)) for row in rows}
        if len(moments) != 1 or len(rows) >= SMALLEST_FULL_PAGE:
            return bool(rows)
        return not _starts_at(link, moments.pop())


class _Older(_PartialCount):
    """Of revisions: the newest come first, and a link leads to those before them."""

    def continuation(self, data: Mapping[str, Any], read: int) -> Continuation:
        """Return where the older revisions are; `after_url` leads to newer ones."""
        kept = {key: value for key, value in data.items() if not key.startswith("after_")}
        return super().continuation(kept, read)

    def link(self, data: Mapping[str, Any]) -> str | None:
        """Return the link to older revisions."""
        link = data.get("before_url")
        return link if link and isinstance(link, str) else super().link(data)


class _Skills(_PartialCount):
    """Of exports of routing: a link that is there after the end, too; an empty page is the last."""

    def leads_on(self, data: Mapping[str, Any], link: str) -> bool:
        """Return whether the page has rows, or does not say how many."""
        return data.get("count") != 0


def _stated(data: Mapping[str, Any]) -> bool | None:
    """Return whether the response states that there is more; None if it states nothing."""
    meta, ended = data.get("meta"), data.get("end_of_stream")
    found = [data.get("has_more"), None if ended is None else not ended]
    if isinstance(meta, Mapping):
        found.append(meta.get("has_more"))
    stated = [bool(each) for each in found if each is not None]
    return any(stated) if stated else None


def _after_cursor(data: Mapping[str, Any]) -> str | None:
    """Return the cursor behind the page's last row, wherever the response has it."""
    meta = data.get("meta")
    found = meta.get("after_cursor") if isinstance(meta, Mapping) else data.get("after_cursor")
    return str(found) if found and isinstance(found, (str, int)) else None


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _rows(data: Mapping[str, Any]) -> list[Any]:
    """Return the rows of a page, which may be in several lists."""
    lists = (each for each in data.values() if isinstance(each, list))
    return [row for each in lists for row in each if isinstance(row, Mapping)]


def rows_of(data: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    """Return the objects of one list of a page; none if it is missing."""
    found = data.get(key)
    return [row for row in (found if isinstance(found, list) else ()) if isinstance(row, dict)]


def _starts_at(link: str, moment: str) -> bool:
    """Return whether a link asks for the rows since a moment."""
    start = query_of(link).get("start_time")
    try:
        since = datetime.fromisoformat(moment.replace("Z", "+00:00")).timestamp()
        return start is not None and float(start) == since
    except ValueError:
        return start == moment


def since(path: str, limit: int = 100) -> Paging:
    """Return the style of rows that are asked for by the id from which they go on.

    Args:
        path: where they are, after `/api/v2/`.
        limit: how many rows a page has.
    """
    return _Since("since id", path=path, limit=limit)


ONCE = Paging("once")
CURSOR = Paging("cursor", size="page[size]", sort="sort", cursor="page[after]")
#: The same, of an endpoint that gives a thousand rows a page.
EXPORT = Paging("cursor", size="page[size]", largest=1000, cursor="page[after]")
OFFSET = Paging("offset", size="per_page", page="page", sort="sort_by")
INCREMENTAL = _PartialCount("incremental", size="per_page", largest=1000)
#: Of Chat: lists, and exports.
NEXT_URL = Paging("next url")
STREAM = _Stream("export")
#: Of Talk: exports of calls and their legs.
CALLS = _ByMoment("export", largest=1000)
#: Of events of ticket metrics.
EVENTS = _ByMoment("export", largest=1000, moment="time")
#: Of revisions of triggers.
OLDER = _Older("older", largest=1000)
#: Of changes to attributes of routing.
SKILLS = _Skills("export", largest=3000)
