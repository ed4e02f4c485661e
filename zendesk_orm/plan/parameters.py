"""Parts of requests: paths, parameters and pages."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any

from zendesk_orm.api.endpoint import Endpoint
from zendesk_orm.api.paging import Params
from zendesk_orm.http.values import join, path_segment, to_text
from zendesk_orm.query.checkpoint import Checkpoint
from zendesk_orm.query.dates import RelativeTime
from zendesk_orm.query.predicate import Condition, Predicate, Subquery, conditions
from zendesk_orm.query.query import Query


#: The most pages that page numbers can reach.
MAX_PAGES = 100


# Only `explain()` passes subqueries and relative times: when a query is read, their values are
# known.


def path_text(name: str, value: Any) -> str:
    """Return a value as the text of a placeholder."""
    return repr(value) if isinstance(value, Subquery) else path_segment(name, value)


def join_values(values: tuple[Any, ...]) -> str:
    """Return values joined by commas, for one parameter."""
    if any(isinstance(value, Subquery) for value in values):
        return ",".join(map(str, values))
    return join(values)


def parameter_text(parameter: str, value: Any, ticks: int = 1) -> str:
    """Return a value as the text of a parameter.

    Args:
        parameter: the name of the parameter.
        value: the value.
        ticks: units of a time in a second.
    """
    if isinstance(value, (Subquery, RelativeTime)):
        return repr(value)
    is_number = ticks != 1 or parameter in ("start_time", "end_time")
    if isinstance(value, datetime) and is_number:
        return str(int(value.timestamp()) * ticks + value.microsecond * ticks // 1_000_000)
    return to_text(value)


def parameter_lookup(condition: Condition) -> str:
    """Return the key of a condition in `Endpoint.filters`: `role`, `role__in`."""
    return condition.name if condition.op == "exact" else f"{condition.name}__{condition.op}"


def filter_params(endpoint: Endpoint, pushed: Predicate) -> Params:
    """Return the parameters of a list's filters, after its fixed ones that they do not replace."""
    values = {parameter_lookup(item): item.value for item in conditions(pushed)}
    params: dict[str, tuple[str, ...]] = {}
    for name, key in endpoint.filters.items():
        value = values.get(name)
        if isinstance(value, Checkpoint):
            params |= {parameter: (text,) for parameter, text in value.params}
        elif name in values:
            items = value if isinstance(value, tuple) else (value,)
            texts = tuple(parameter_text(key, item, endpoint.paging.ticks) for item in items)
            # The ends of a range share a parameter.
            params[key] = (*params.get(key, ()), *texts) if name.endswith("__lte") else texts
    fixed = (pair for pair in endpoint.fixed_params if pair[0] not in params)
    return (*fixed, *((key, text) for key, texts in params.items() for text in texts))


def side_load_name(query: Query, name: str) -> str:
    """Return the name of a relation's side-load: `users`."""
    model: Any = query.meta.relations[name].model
    plural: str = model._meta.plural
    return plural


@lru_cache(maxsize=1024)
def smallest_window(start: int, stop: int, largest: int) -> tuple[int, int]:
    """Return the size and the number of the page with which a window spans the fewest pages.

    Args:
        start, stop: the window.
        largest: the largest page size.
    """
    stop = max(stop, start + 1)
    sizes = range(min(-(-stop // MAX_PAGES), largest), largest + 1)
    size = min(sizes, key=lambda size: -(-stop // size) - start // size)
    return size, start // size + 1
