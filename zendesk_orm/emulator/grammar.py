"""The search language, read: a text becomes terms.

Source: https://support.zendesk.com/hc/en-us/articles/4408886879258
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from attrs import frozen


#: What `order_by:` calls the fields it sorts by.
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

_TERM = re.compile(
    r"""(?P<minus>-?)
        (?:(?P<keyword>\w[\w.]*)(?P<op><=|>=|[:<>]))?
        (?:"(?P<quoted>[^"]*)"?|(?P<plain>[^\s"]\S*))""",
    re.VERBOSE | re.UNICODE,
)


@frozen
class Term:
    """One word of a query.

    Attributes:
        value: what is looked for.
        keyword: the property it is looked for in; "" for anywhere.
        op: `:`, `<`, `>`, `<=` or `>=`.
        quoted: whether it stood in quotes.
        negated: whether a minus stood before it.
    """

    value: str
    keyword: str = ""
    op: str = ":"
    quoted: bool = False
    negated: bool = False


@frozen
class Question:
    """A query, read.

    Attributes:
        terms: what has to hold; those that `alternatives` puts together are an `or`.
        types: the types that `type:` names; () for all.
        order: the field that `order_by:` names, or "".
        descending: what `sort:` says.
    """

    terms: tuple[Term, ...] = ()
    types: tuple[str, ...] = ()
    order: str = ""
    descending: bool = True

    def alternatives(self) -> Iterator[list[Term]]:
        """Yield terms of which one has to hold: those that repeat a keyword.

        Bare words, what is negated and bounds all have to hold by themselves.
        """
        groups: dict[object, list[Term]] = {}
        for position, term in enumerate(self.terms):
            repeated = term.keyword and term.op == ":" and not term.negated
            groups.setdefault(term.keyword if repeated else position, []).append(term)
        yield from groups.values()


def read(text: str) -> Question:
    """Return what a query asks."""
    terms: list[Term] = []
    types: list[str] = []
    order, descending = "", True
    for found in _TERM.finditer(text):
        term = _term(found)
        if term.keyword == "order_by":
            order = _ORDERS.get(term.value.lower(), "")
        elif term.keyword == "sort":
            descending = term.value.lower() != "asc"
        elif term.keyword == "type" and not term.negated:
            types.append(term.value.lower())
        else:
            terms.append(term)
    return Question(tuple(terms), tuple(types), order, descending)


def _term(found: re.Match[str]) -> Term:
    quoted = found["quoted"]
    return Term(
        found["plain"] if quoted is None else quoted,
        (found["keyword"] or "").lower(),
        found["op"] or ":",
        quoted is not None,
        bool(found["minus"]),
    )
