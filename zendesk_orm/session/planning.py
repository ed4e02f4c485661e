"""How the queries of a session are answered: by Zendesk's endpoints, or by a database.

A QuerySet asks the session's `Planning` for everything that depends on this.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from zendesk_orm.errors import NoEndpoint
from zendesk_orm.plan.explain import explain
from zendesk_orm.plan.plan import UnionPlan
from zendesk_orm.plan.planner import plan
from zendesk_orm.query.aggregates import Aggregate
from zendesk_orm.query.query import Query


if TYPE_CHECKING:
    from zendesk_orm.session.session import Session


class Planning(Protocol):
    """Plans the queries of a session.

    Attributes:
        reads_zendesk: whether rows are read from Zendesk, as they are now.
    """

    reads_zendesk: bool

    def plan(self, query: Query) -> Any:
        """Return the plan of a query.

        Raises:
            NoEndpoint: the query cannot be answered.
        """
        ...

    def explain(self, session: Session, query: Query) -> str:
        """Return a text with the plan of a query and its cost."""
        ...

    def can_answer(self, query: Query) -> bool:
        """Return whether a query can be answered."""
        ...

    def is_cheap(self, query: Query, *, complete: bool = False) -> bool:
        """Return whether the first rows can be read without reading many others.

        Args:
            query: the query.
            complete: whether all rows are needed rather than the first ones.
        """
        ...

    def aggregate(
        self, session: Session, query: Query, aggregates: Mapping[str, Aggregate]
    ) -> dict[str, Any] | None:
        """Return aggregates over all rows, or None if they have to be computed client-side."""
        ...

    def group(
        self, session: Session, query: Query, aggregates: Mapping[str, Aggregate]
    ) -> list[dict[str, Any]] | None:
        """Return the groups of rows with equal values, or None to compute them client-side.

        Args:
            session: the session.
            query: the query, whose projection contains the values.
            aggregates: the aggregates of each group.
        """
        ...

    def explain_groups(
        self, session: Session, query: Query, aggregates: Mapping[str, Aggregate]
    ) -> str | None:
        """Return how groups are computed, or None if they are computed client-side."""
        ...


class ZendeskPlanning:
    """Plans queries by Zendesk's endpoints."""

    reads_zendesk = True

    def plan(self, query: Query) -> Any:
        """Return the plan of a query; see `Planning`."""
        return plan(query)

    def explain(self, session: Session, query: Query) -> str:
        """Return the requests of a query, their cost, and why other endpoints were not used."""
        account = session.account
        window = account.quota.get()
        per_minute, now = window.total if window else None, account.transport.clock.now()
        text = explain(query, per_minute, now, at_once=1 + account.ahead.depth)
        return account.transport.messaging.fill(text)

    def can_answer(self, query: Query) -> bool:
        """Return whether an endpoint can answer a query."""
        try:
            plan(query)
        except NoEndpoint:
            return False
        return True

    def is_cheap(self, query: Query, *, complete: bool = False) -> bool:
        """Return whether the first rows can be read without many others; see `Planning`."""
        try:
            chosen = plan(query)
        except NoEndpoint:
            return False
        plans = chosen.plans if isinstance(chosen, UnionPlan) else (chosen,)
        return all(part.is_small or not (complete or part.sorts_rows) for part in plans)

    def aggregate(
        self, session: Session, query: Query, aggregates: Mapping[str, Aggregate]
    ) -> dict[str, Any] | None:
        """Return None: Zendesk only counts, which `count()` does."""
        return None

    def group(
        self, session: Session, query: Query, aggregates: Mapping[str, Aggregate]
    ) -> list[dict[str, Any]] | None:
        """Return None: Zendesk does not group rows."""
        return None

    def explain_groups(
        self, session: Session, query: Query, aggregates: Mapping[str, Aggregate]
    ) -> str | None:
        """Return None: groups are computed client-side."""
        return None


#: The planning of all sessions with Zendesk.
ZENDESK = ZendeskPlanning()


def explain_unconnected(query: Query) -> str:
    """Return the result of `explain()` for an account that is not connected."""
    return explain(query, now=time.time())
