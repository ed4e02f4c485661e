"""Search among generated rows, type by type."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud.paging import sort_expression
from zendesk_orm.emulator.messages import Target
from zendesk_orm.emulator.search.keywords import compile_query
from zendesk_orm.emulator.search.parser import SearchQuery
from zendesk_orm.emulator.storage.sql import Where, json_value
from zendesk_orm.emulator.storage.store import DELETED


def concerns_generated_rows(
    context: Context, query: SearchQuery, targets: Sequence[Target]
) -> bool:
    """Return True if a searched type has generated rows."""
    if not context.store.generated:
        return False
    return any(
        target.meta.label in context.store.generated for target in _select_targets(query, targets)
    )


class Search:
    """A search whose rows of each type are selected separately.

    Args:
        context: the account.
        query: the query.
        targets: the types that can be searched.
    """

    def __init__(self, context: Context, query: SearchQuery, targets: Sequence[Target]) -> None:
        self._context = context
        self._conditions = [
            (target, Where("state < ?", (DELETED,)) & compile_query(context, target, query))
            for target in _select_targets(query, targets)
        ]

    def select(
        self, order: str, direction: str, limit: int, after: tuple[Any, ...] | None = None
    ) -> list[tuple[Any, ...]]:
        """Return text, id, sort value and type of the first results.

        Args:
            order: the field of the order.
            direction: `ASC` or `DESC`.
            limit: the number of results.
            after: sort value, the same, and id of the row after which the results start.

        Raises:
            HTTPError: 501, if generated rows cannot be sorted like this.
        """
        rows: list[tuple[Any, ...]] = []
        for target, condition in self._conditions:
            is_time = order == "created_at"
            value = json_value(order) if is_time else sort_expression(order, target.meta)
            where = condition
            if after is not None:
                where &= Where(f"{value} < ? OR ({value} = ? AND id < ?)", after)
            results = self._context.store.select_texts(
                target.meta.label,
                where,
                f"{value} {direction}, id {direction}",
                limit=limit,
                extra=value,
            )
            rows += [(*result, target.endpoint.type) for result in results]
        rows.sort(key=lambda row: (row[2], row[1]), reverse=direction == "DESC")
        return rows[:limit]

    def count(self) -> int:
        """Return the number of results."""
        store = self._context.store
        return sum(store.count(target.meta.label, where) for target, where in self._conditions)


def _select_targets(query: SearchQuery, targets: Sequence[Target]) -> list[Target]:
    """Return the types of a query."""
    return [target for target in targets if not query.types or target.endpoint.type in query.types]
