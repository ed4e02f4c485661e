"""The models that an account's plan includes."""

from __future__ import annotations

from typing import Any

from zendesk_orm.errors import MissingScope, PermissionDenied
from zendesk_orm.query.query import Query
from zendesk_orm.session.connection import Connection


#: Seconds for which the results are cached.
_SECONDS = 3600


class Offers:
    """Finds out whether an account can read a model, and caches the results."""

    def __init__(self) -> None:
        self._results: dict[type[Any], tuple[float, bool]] = {}

    def contains(self, account: Connection, model: type[Any]) -> bool:
        """Return whether rows of a model can be read.

        Raises:
            NoEndpoint: no endpoint lists rows of the model.
            ApiError: the request failed for another reason; TransportError.
        """
        now = account.transport.clock.now()
        cached = self._results.get(model)
        if cached is None or now - cached[0] > _SECONDS:
            cached = self._results[model] = (now, _is_readable(account, model))
        return cached[1]


def _is_readable(account: Connection, model: type[Any]) -> bool:
    try:
        for _ in account.current().fetch(Query.of(model).slice(0, 1)):
            break
    except MissingScope:
        # The account may offer it; only the token may not read it.
        raise
    except PermissionDenied:
        return False
    return True
