"""Zendesk's styles of paging: how a page is requested, and whether another one follows.

`Paging.continuation()` is the one place that decides whether a list has more pages. The loop
that reads the pages is in `session.lists.pages` and knows no style.

Source: https://developer.zendesk.com/api-reference/introduction/pagination/
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeGuard, TypeVar

from attrs import frozen

from zendesk_orm.errors import MalformedResponse, UnexpectedValue
from zendesk_orm.http.hosts import query_of
from zendesk_orm.messages import display


T = TypeVar("T")
Params = tuple[tuple[str, str], ...]

#: The keys of an envelope that can hold the link to the next page.
_KEYS = ("next_page", "next_page_url", "next_url", "after_url")
#: No endpoint has smaller pages than this, unless a smaller one is requested.
SMALLEST_FULL_PAGE = 100
#: The parameters that a page of an export can begin with.
_PLACE = ("cursor", "start_time", "start_id")


@frozen
class Continuation:
    """The continuation of a list after a page.

    Attributes:
        has_more: whether the response indicates more rows.
        link: the link to them, or None.
        params: the parameters that request them if there is no link; () if unknown.
    """

    has_more: bool
    link: str | None = None
    params: Params = ()


LAST_PAGE = Continuation(has_more=False)


@frozen
class Paging:
    """One style of paging.

    Attributes:
        name: its name in `explain()`.
        size: the parameter that holds the page size, or `""`.
        page: the parameter that holds the page number, or `""` if pages can only be read one after
            the other.
        largest: rows a page holds at most.
        sort: how an order is requested: `"sort"` (`sort=-id`) or `"sort_by"`
            (`sort_by=id&sort_order=desc`), or `""`.
        cursor: the parameter that takes `after_cursor` if a page has no link, or `""`.
        overlaps: whether a page that repeats the previous one is the end of the list.
        ticks: units of times in parameters in a second; if 1, only `start_time` and `end_time`
            are numbers.
        place: for exports, the parameters that hold the place of a page. The others, such as
            `include`, are sent again if a link lacks them.
    """

    name: str
    size: str = ""
    page: str = ""
    largest: int = 100
    sort: str = ""
    cursor: str = ""
    overlaps: bool = False
    ticks: int = 1
    place: tuple[str, ...] = ()

    def page_params(self, size: int, number: int = 1) -> Params:
        """Return the parameters that request page `number` (from 1) of `size` rows."""
        params: Params = ((self.size, str(size)),) if self.size else ()
        if self.page and number > 1:
            params += ((self.page, str(number)),)
        return params

    def order_params(self, wire: str, *, descending: bool) -> Params:
        """Return the parameters that request an order by a field, given by Zendesk's name."""
        if self.sort == "sort":
            return (("sort", f"-{wire}" if descending else wire),)
        return (("sort_by", wire), ("sort_order", "desc" if descending else "asc"))

    def normalize(self, data: dict[str, Any]) -> dict[str, Any]:
        """Return the body of a page with its rows in the usual form; for subclasses."""
        return data

    def continuation(self, data: Mapping[str, Any], read: int) -> Continuation:
        """Return the continuation of the list after a page.

        Every indication in the response counts, regardless of the requested style: an endpoint may
        answer in another style, and a list must never end before its last row.

        Args:
            data: the body of the page.
            read: rows of the list read so far, with those of this page.

        Raises:
            UnexpectedValue: a flag or a link has a wrong type.
        """
        stated, link, cursor = get_has_more(data), self.link(data), after_cursor(data)
        total = _number(data.get("count"))
        missing = total is not None and total > read
        if stated is False:
            # A link next to an explicit end is a position to continue later, not a missing row.
            return Continuation(has_more=True) if missing else LAST_PAGE
        if link is None:
            has_more = bool(stated or missing or cursor)
        else:
            has_more = bool(stated or missing) or self.leads_on(data, link)
        if not has_more:
            return LAST_PAGE
        params = ((self.cursor, cursor),) if self.cursor and cursor and link is None else ()
        return Continuation(True, link, params)

    def link(self, data: Mapping[str, Any]) -> str | None:
        """Return the link to the next page, under whatever key it is; None without a link.

        Raises:
            UnexpectedValue: a link is no text.
        """
        links = data.get("links")
        # Events and profiles have a list of links.
        holders = links if isinstance(links, list) else [_read(data, "links", dict)]
        candidates = [_read(data, key, str) for key in _KEYS if key in data]
        candidates += [_read(item, "next", str) for item in holders if isinstance(item, dict)]
        return next(filter(None, candidates), None)

    def leads_on(self, data: Mapping[str, Any], link: str) -> bool:
        """Return True if a link leads to further rows although the response does not state that."""
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
    """Chat's style for rows in the order of their ids: a page starts at a given id.

    Responses contain no link to the next page, and may hold rows in several lists. A page that is
    not full is the last.

    Attributes:
        path: the path of the rows, after `/api/v2/`.
        limit: the number of rows of a page, which every request contains.
    """

    path: str = ""
    limit: int = 100

    def link(self, data: Mapping[str, Any]) -> str | None:
        """Return the link in the response, or one to the rows after the highest id."""
        link = super().link(data)
        ids = [row["id"] for row in _rows(data) if _number(row.get("id")) is not None]
        if link is not None or not ids or len(ids) < self.limit:
            return link
        last = max(ids)
        return f"/api/v2/{self.path}?limit={self.limit}&since_id={last + 1}"


@frozen
class _Stream(_PartialCount):
    """Chat's exports: the link exists after the end, too; a page that is not full is the last.

    Attributes:
        limit: the number of rows of a page, which every request contains.
    """

    limit: int = 1000

    def leads_on(self, data: Mapping[str, Any], link: str) -> bool:
        """Return True if the page is full, or has no row count."""
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
        """Return False if the link leads to the same rows again, and they are complete."""
        rows = _rows(data)
        moments = {str(row.get(self.moment)) for row in rows}
        if len(moments) != 1 or len(rows) >= SMALLEST_FULL_PAGE:
            return bool(rows)
        return not _starts_at(link, moments.pop())


class _Older(_PartialCount):
    """Lists of revisions: the newest are first, and a link leads to older ones."""

    def continuation(self, data: Mapping[str, Any], read: int) -> Continuation:
        """Return the continuation to older revisions; `after_url` leads to newer ones."""
        older = {key: value for key, value in data.items() if not key.startswith("after_")}
        return super().continuation(older, read)

    def link(self, data: Mapping[str, Any]) -> str | None:
        """Return the link to older revisions."""
        return _read(data, "before_url", str) or super().link(data)


@frozen
class _Newest(_Older):
    """Ticket audits, the newest first; a list that ends before its last row is an error."""

    def normalize(self, data: dict[str, Any]) -> dict[str, Any]:
        """Return the body of a page with its rows in the order of the list.

        Raises:
            MalformedResponse: Zendesk has ignored the direction, and returned the oldest rows.
        """
        if "before_url" not in data and get_has_more(data):
            problem = "the oldest audits instead of the newest; omit order_by('-created_at')"
            raise MalformedResponse("GET", "/api/v2/ticket_audits", 200, description=problem)
        rows = data.get("audits")
        return {**data, "audits": sorted(rows, key=_age, reverse=True)} if _is_rows(rows) else data

    def leads_on(self, data: Mapping[str, Any], link: str) -> bool:
        """Return True if the page has rows: the link may exist after the end, too."""
        return bool(rows_of(data, "audits"))


class _Skills(_PartialCount):
    """Exports of routing: the link exists after the end, too; an empty page is the last."""

    def leads_on(self, data: Mapping[str, Any], link: str) -> bool:
        """Return True if the page has rows, or no row count."""
        return data.get("count") != 0


class _Backward(_PartialCount):
    """Messages of a conversation: the newest page is first, and links lead to earlier ones.

    Rows inside a page are in the order of time, and are reversed here. Whether `hasMore` counts
    earlier or later messages is unconfirmed, so that it does not end a list. If nothing leads to
    either, it counts earlier ones that are missing.
    """

    def normalize(self, data: dict[str, Any]) -> dict[str, Any]:
        """Return the body of a page with the newest row first."""
        return {
            key: value[::-1] if isinstance(value, list) else value for key, value in data.items()
        }

    def continuation(self, data: Mapping[str, Any], read: int) -> Continuation:
        """Return the continuation to earlier messages."""
        meta, link = _read(data, "meta", dict) or {}, self.link(data)
        cursor = meta.get("beforeCursor")
        if link is None and not cursor:
            leads_to_later = super().link(data) or after_cursor(data)
            return Continuation(has_more=bool(get_has_more(data)) and not leads_to_later)
        if not _rows(data):
            return LAST_PAGE
        return Continuation(True, link, () if link else ((self.cursor, str(cursor)),))

    def link(self, data: Mapping[str, Any]) -> str | None:
        """Return the link to earlier messages."""
        return _read(_read(data, "links", dict) or {}, "prev", str) or None


def get_has_more(data: Mapping[str, Any]) -> bool | None:
    """Return True if the response states that there are more rows; None if it states nothing."""
    meta, ended = _read(data, "meta", dict) or {}, _read(data, "end_of_stream", bool)
    flags = [None if ended is None else not ended]
    for holder, key in ((data, "has_more"), (meta, "has_more"), (meta, "hasMore")):
        if key in holder:
            flags.append(_read(holder, key, bool))
    stated = [flag for flag in flags if flag is not None]
    return any(stated) if stated else None


def _read(holder: Mapping[str, Any], key: str, kind: type[T]) -> T | None:
    """Return a flag or a link of a page; None if it is missing.

    A value of another type is an error: the list would end early, or never.
    """
    value = holder.get(key)
    if value is None or isinstance(value, kind):
        return value
    raise UnexpectedValue(f"{key} is {display(value)}, which cannot be read as {kind.__name__}")


def after_cursor(data: Mapping[str, Any]) -> str | None:
    """Return the cursor after the last row of the page, or None."""
    meta = data.get("meta")
    holder, key = (meta, "afterCursor") if isinstance(meta, Mapping) else (data, "")
    cursor = holder.get("after_cursor") or holder.get(key)
    return str(cursor) if cursor and isinstance(cursor, (str, int)) else None


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _rows(data: Mapping[str, Any]) -> list[Any]:
    """Return the rows of a page, which may be in several lists."""
    lists = (value for value in data.values() if isinstance(value, list))
    return [row for rows in lists for row in rows if isinstance(row, Mapping)]


def rows_of(data: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    """Return the objects of one list of a page; [] if it is missing."""
    rows = data.get(key)
    return [row for row in (rows if isinstance(rows, list) else ()) if isinstance(row, dict)]


def _is_rows(value: Any) -> TypeGuard[list[Any]]:
    """Return whether a value is a list of rows, and of nothing else."""
    return isinstance(value, list) and all(isinstance(row, Mapping) for row in value)


def _age(row: Any) -> tuple[str, int]:
    """Return the time and the id of a row, by which rows are sorted."""
    created_at, pk = row.get("created_at"), row.get("id")
    return str(created_at), pk if isinstance(pk, int) else 0


def _starts_at(link: str, moment: str) -> bool:
    """Return True if a link requests the rows since a moment."""
    start = query_of(link).get("start_time")
    try:
        since = datetime.fromisoformat(moment.replace("Z", "+00:00")).timestamp()
        return start is not None and float(start) == since
    except ValueError:
        return start == moment


def since(path: str, limit: int = 100) -> Paging:
    """Return the style of pages that start at a given id.

    Args:
        path: the path of the rows, after `/api/v2/`.
        limit: the number of rows of a page.
    """
    return _Since("since id", path=path, limit=limit)


ONCE = Paging("once")
#: Paths that identify a row by another field than its id, and return the row instead of a list.
ONE = Paging("one")
CURSOR = Paging("cursor", size="page[size]", sort="sort", cursor="page[after]")
#: Cursor pagination of exports, with a thousand rows a page.
EXPORT = Paging("cursor", size="page[size]", largest=1000, cursor="page[after]")
OFFSET = Paging("offset", size="per_page", page="page", sort="sort_by")
INCREMENTAL = _PartialCount("incremental", size="per_page", largest=1000, place=_PLACE)
#: Chat: lists and exports.
NEXT_URL = Paging("next url")
STREAM = _Stream("export", place=_PLACE)
#: The same, with times in microseconds.
MICROSECOND_STREAM = _Stream("export", place=_PLACE, ticks=1_000_000)
#: Talk: exports of calls and their legs.
CALLS = _ByMoment("export", largest=1000, place=_PLACE)
#: Events of ticket metrics.
EVENTS = _ByMoment("export", largest=1000, moment="time", place=_PLACE)
#: Revisions of triggers.
OLDER = _Older("older", largest=1000)
#: Ticket audits by the earlier style of cursors, which have two directions. Not larger than pages
#: by cursor, so that queries without an order keep the order of these.
NEWEST = _Newest("newest first", size="limit", largest=100)
#: Changes of routing attributes.
SKILLS = _Skills("export", largest=3000)
#: Sunshine Conversations: most lists, and messages.
CONVERSATIONS = Paging("cursor", size="page[size]", cursor="page[after]")
MESSAGES = _Backward("newest first", cursor="page[before]")
