"""Parser of the query language of search.

Source: https://support.zendesk.com/hc/en-us/articles/4408886879258
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from attrs import frozen

from zendesk_orm.emulator.server.errors import invalid_search


#: Fields by their names in `order_by:`.
_ORDERS = {
    "created": "created_at",
    "created_at": "created_at",
    "updated": "updated_at",
    "updated_at": "updated_at",
    "commented": "updated_at",
    "priority": "priority",
    "status": "status",
    "ticket_type": "type",
}

#: The maximum number of terms. That of Zendesk is unknown; SQLite limits the number of values.
MAX_TERMS = 1_000

_TERM = re.compile(
    r"""(?P<minus>-?)
        (?:(?P<keyword>\w[\w.]*)(?P<op><=|>=|[:<>]))?
        (?:"(?P<quoted>[^"]*)"?|(?P<plain>[^\s"]\S*))""",
    re.VERBOSE | re.UNICODE,
)


@frozen
class SearchTerm:
    """A term of a query, such as `printer`, `-tags:vip` or `created>2026-01-31`.

    Attributes:
        value: the value.
        keyword: the property; "" for a search in all text fields.
        op: `:`, `<`, `>`, `<=` or `>=`.
        quoted: whether the value was in quotes.
        negated: whether the term started with a minus.
    """

    value: str
    keyword: str = ""
    op: str = ":"
    quoted: bool = False
    negated: bool = False


@frozen
class SearchQuery:
    """A parsed query.

    Attributes:
        terms: the terms that a row has to match; see `alternatives`.
        types: the types of `type:`; () for all types.
        order: the field of `order_by:`, or "".
        descending: whether `sort:` is descending.
    """

    terms: tuple[SearchTerm, ...] = ()
    types: tuple[str, ...] = ()
    order: str = ""
    descending: bool = True

    def alternatives(self) -> Iterator[list[SearchTerm]]:
        """Yield lists of terms. A row has to match one term of each list.

        Terms with the same keyword are alternatives, except for negated terms and bounds.
        """
        groups: dict[object, list[SearchTerm]] = {}
        for position, term in enumerate(self.terms):
            is_alternative = term.keyword and term.op == ":" and not term.negated
            groups.setdefault(term.keyword if is_alternative else position, []).append(term)
        yield from groups.values()


def parse(text: str) -> SearchQuery:
    """Parse a query.

    Raises:
        HTTPError: 422, if it has too many terms.
    """
    terms: list[SearchTerm] = []
    types: list[str] = []
    order, descending = "", True
    for match in _TERM.finditer(text):
        term = _build_term(match)
        if term.keyword == "order_by":
            order = _ORDERS.get(term.value.lower(), "")
        elif term.keyword == "sort":
            descending = term.value.lower() != "asc"
        elif term.keyword == "type" and not term.negated:
            types.append(term.value.lower())
        else:
            terms.append(term)
    if len(terms) > MAX_TERMS:
        raise invalid_search(f"the query has more than {MAX_TERMS} terms")
    return SearchQuery(tuple(terms), tuple(types), order, descending)


def _build_term(match: re.Match[str]) -> SearchTerm:
    quoted = match["quoted"]
    return SearchTerm(
        match["plain"] if quoted is None else quoted,
        (match["keyword"] or "").lower(),
        match["op"] or ":",
        quoted is not None,
        bool(match["minus"]),
    )
