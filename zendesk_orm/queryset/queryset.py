"""`QuerySet`: the lazy, chainable face."""

from __future__ import annotations

from typing import Any, TypeVar

from zendesk_orm.account import connections
from zendesk_orm.plan.explain import explain
from zendesk_orm.plan.plan import Plan, Union
from zendesk_orm.plan.planner import plan
from zendesk_orm.queryset.refused import Refused


R = TypeVar("R")


class QuerySet(Refused[R]):
    """Rows of a model that are fetched when they are read, a page at a time.

    Iterating reads pages as they are needed and keeps their records, so that
    a second pass is free; `iterator()` keeps nothing. No method but those that
    give rows or numbers makes a request; `repr()` never does.
    """

    @property
    def plan(self) -> Plan | Union:
        """How the rows will be asked for.

        Raises:
            NoEndpoint: they cannot be; the message tells why.
        """
        return plan(self._query)

    def explain(self) -> str:
        """Return what will be asked, what it costs, and why nothing else was chosen."""
        alias = self.db
        window = connections[alias].quota.get() if alias in connections else None
        return explain(self._query, window.total if window else None)

    def __repr__(self) -> str:
        """Return the query, and how many rows are at hand; makes no request."""
        read = f", {len(self._records)} read" if self._records or self._done else ""
        return f"<{type(self).__name__} {self._query}{read}>"

    def __getstate__(self) -> dict[str, Any]:
        """Return the query and what was read; no session."""
        return {
            "query": self._query,
            "alias": self._alias,
            "records": self._records if self._done else [],
            "done": self._done,
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        QuerySet.__init__(self, state["query"], state["alias"])
        self._records, self._done = state["records"], state["done"]
