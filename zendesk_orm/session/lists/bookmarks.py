"""Bookmarks: the place in a result up to which rows were yielded."""

from __future__ import annotations

from typing import Any

from attrs import evolve

from zendesk_orm.query.query import Query
from zendesk_orm.session.lists.positions import Position, ResumeToken, row_ids, to_place


#: The characters of a token at most, so that a task queue or a cookie of a few kilobytes holds it.
MAX_TOKEN_LENGTH = 8_000
#: The ids that are remembered for a token at most; ids without gaps need the fewest bytes.
MAX_TOKEN_IDS = 10_000


def _find_lasting(page: Any) -> Position | None:
    """Return the position of a page, if another process can begin to read there."""
    position: Position | None = page.position
    return position if position is not None and position.is_lasting else None


def _begin_together(page: Any, other: Any) -> bool:
    """Return whether two pages begin at the same place; a failed one can have another size."""
    first, second = _find_lasting(page), _find_lasting(other)
    if first is None or second is None:
        return first is second
    return first.part is second.part and first.read == second.read


class Bookmark:
    """The place in a result up to which rows were yielded.

    Args:
        token: the token by which an earlier iteration is continued, or None.
    """

    def __init__(self, token: ResumeToken | None = None) -> None:
        self._token = token
        # The ids of yielded rows before the present page: of pages with the same position, and of
        # the page before them, because exports can repeat its rows.
        self._ids: list[Any] = [] if token is None else list(token.ids)
        self._earlier: list[Any] = []
        self._page: Any = None
        # The first page with the present position, and the rows of others that were yielded since.
        self._first: Any = None
        self._yielded = 0
        self._is_lost = False

    def begin_page(self, query: Query, page: Any) -> bool:
        """Note that a page begins, and that all rows of the page before it were yielded.

        Args:
            query: the query.
            page: a `RecordPage`, which may stand for a failure.

        Returns:
            Whether the page is the present one now; a failure elsewhere, for example of a request
            for related objects, is not.
        """
        if page.error is not None and page.position is None:
            return False
        previous, self._page = self._page, page
        if self._first is None:
            self._first = page
        if previous is not None and not self._is_lost:
            self._add(query, previous, page)
        return True

    def _add(self, query: Query, previous: Any, page: Any) -> None:
        """Add the rows of a page that was yielded; another page follows it."""
        if previous.rows is None:
            self._is_lost = True
            return
        # A new list: copies of the bookmark share the present one.
        self._ids = [*self._ids, *row_ids(query, previous.rows)]
        self._yielded += len(previous.rows)
        if not _begin_together(page, previous):
            self._earlier, self._ids = self._ids, []
            self._first, self._yielded = page, 0
        self._is_lost = len(self._ids) > MAX_TOKEN_IDS

    def token(self, query: Query, digested: str, yielded: int | None) -> str | None:
        """Return the token for the rows after the last one that was yielded.

        Args:
            query: the query, with the moment of its relative times.
            digested: its digest.
            yielded: rows of the present page that were yielded; None for all.

        Returns:
            The token, or None if the iteration cannot be resumed elsewhere, or the token would be
            too long.
        """
        page, ids = self._page, list(self._ids)
        place = None if self._token is None else self._token.place
        if page is not None:
            if self._is_lost or page.rows is None:
                return None
            rows = page.rows[:yielded]
            position = self._find_position()
            place = None if position is None else to_place(position, self._yielded + len(rows))
            if position is not None and place is None:
                return None
            ids += row_ids(query, rows)
        earlier = self._earlier
        while len(earlier) + len(ids) <= MAX_TOKEN_IDS:
            content = ResumeToken(digested, query.moment, frozenset([*earlier, *ids]), place)
            token = content.encode()
            if len(token) <= MAX_TOKEN_LENGTH:
                return token
            if place is None or not earlier:
                break
            # Rows that a page repeats are the last ones of the page before it.
            earlier = earlier[len(earlier) // 2 + 1 :]
        return None

    def _find_position(self) -> Position | None:
        """Return the present position, with the window that was left where it began."""
        position, first = _find_lasting(self._page), _find_lasting(self._first)
        if position is None or first is None:
            return None
        return evolve(position, skip=first.skip, rows=first.rows)
