"""`QuerySet`: the lazy, chainable face."""

from __future__ import annotations

import time
from html import escape
from typing import Any, TypeVar

from zendesk_orm.account import connections
from zendesk_orm.errors import FieldError
from zendesk_orm.http.values import shortened
from zendesk_orm.plan.explain import explain
from zendesk_orm.plan.plan import Plan, Union
from zendesk_orm.plan.planner import plan
from zendesk_orm.query.custom import unsettled
from zendesk_orm.query.query import Query
from zendesk_orm.queryset.asynchronous import Asynchronous
from zendesk_orm.queryset.objects import Own
from zendesk_orm.queryset.refused import Refused


R = TypeVar("R")
S = TypeVar("S", bound="QuerySet[Any]")


class QuerySet(Asynchronous[R], Refused[R]):
    """Rows of a model that are fetched when they are read, a page at a time.

    Iterating reads pages as they are needed and keeps their records, so that
    a second pass is free; `iterator()` keeps nothing. No method but those that
    give rows or numbers makes a request; `repr()` never does.

    A subclass with methods of its own is a manager, too:
    `class Ticket(Model): objects = TicketQuerySet.as_manager()`.
    """

    @classmethod
    def as_manager(cls: type[S]) -> Own[S]:
        """Return the descriptor that makes this class the manager of a model."""
        return Own(cls)

    @property
    def plan(self) -> Plan | Union:
        """How the rows will be asked for.

        A request is made first, where custom fields are named and not known yet.

        Raises:
            NoEndpoint: they cannot be; the message tells why.
        """
        return plan(self._settled)

    def explain(self, *, format: str | None = None) -> str:  # noqa: A002 - Django's name
        """Return the requests of the query, their cost, and why nothing else was chosen.

        A length of time, such as `created_after=timedelta(days=30)`, is shown as the moment that
        would be sent now.

        Raises:
            FieldError: a format is asked for other than text.
        """
        if format not in (None, "text"):
            raise FieldError(f"explain() gives text, not {format!r}; .plan gives it as data")
        query = self._settled
        if self.db not in connections:
            return explain(query, now=time.time())
        account = connections[self.db]
        window = account.quota.get()
        return explain(query, window.total if window else None, account.transport.clock.now())

    async def aexplain(self, *, format: str | None = None) -> str:  # noqa: A002 - Django's name
        """Return what will be asked; see `explain()`, which makes no request."""
        return self.explain(format=format)

    def __repr__(self) -> str:
        """Return the query, and how many rows are at hand; makes no request."""
        if self._root and self._everything():
            return f"<Manager of {self._query.meta.object_name}>"
        read = f", {len(self._records)} read" if self._records or self._done else ""
        # A manager of one's own goes on as what it is; to a reader it is a query.
        name = "QuerySet" if hasattr(self, "get_queryset") else type(self).__name__
        return f"<{name} {shortened(str(self._query))}{read}>"

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the rows at hand, else the plan; makes no request."""
        if not self._records:
            # Which ids and tags are meant may take a request.
            told = repr(self) if unsettled(self._query.where, self._query.meta) else self.explain()
            return f"<pre>{escape(told)}</pre>"
        shown = "".join(f"<li>{escape(repr(record))}</li>" for record in self._records[:20])
        return f"<p>{escape(repr(self))}</p><ol>{shown}</ol>"

    def __getstate__(self) -> dict[str, Any]:
        """Return the query and what was read; no session."""
        return {
            "query": self._query,
            "alias": self._alias,
            "prefetch": self._prefetch,
            "root": self._root,
            "records": self._records if self._done else [],
            "done": self._done,
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        query: Query = state["query"]
        QuerySet.__init__(self, query, state["alias"])
        self._prefetch, self._root = state["prefetch"], state["root"]
        self._records, self._done = state["records"], state["done"]
