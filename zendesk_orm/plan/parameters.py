"""Values of conditions as parts of paths and as parameters."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from zendesk_orm.api.endpoint import Endpoint
from zendesk_orm.http.values import join, path_segment, to_text
from zendesk_orm.query.ago import Ago
from zendesk_orm.query.predicate import Subquery


def located(endpoint: Endpoint, named: Mapping[str, Any]) -> str:
    """Return the endpoint's path, from the host on, with the values in its placeholders."""
    path = endpoint.url
    for name in endpoint.placeholders:
        path = path.replace(f"{{{name}}}", _path_value(name, named[name]))
    return path


def _path_value(name: str, value: Any) -> str:
    # Only explain() has a subquery here: when rows are read, its values are known.
    return repr(value) if isinstance(value, Subquery) else path_segment(name, value)


def join_values(values: tuple[Any, ...]) -> str:
    """Return values as the members of one parameter."""
    # Only explain() has a subquery here: when rows are read, its values are known.
    if any(isinstance(each, Subquery) for each in values):
        return ",".join(map(str, values))
    return join(values)


def parameter_text(parameter: str, value: Any) -> str:
    """Return the value of a parameter as it is sent."""
    if isinstance(value, (Subquery, Ago)):
        # Only explain() comes here: when rows are read, ids and moments are known.
        return repr(value)
    if isinstance(value, datetime) and parameter in ("start_time", "end_time"):
        return str(int(value.timestamp()))
    return to_text(value)
