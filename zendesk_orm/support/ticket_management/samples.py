"""Samples of incremental exports, for trying an export without its rate limit.

Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_exports/#incremental-sample-export
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

from attrs import evolve

from zendesk_orm.api.actions import action_endpoint
from zendesk_orm.api.endpoint import Api
from zendesk_orm.errors import InvalidValue
from zendesk_orm.messages import display
from zendesk_orm.model import Model
from zendesk_orm.queryset.queryset import Manager


R = TypeVar("R", bound=Model)


def sample_of(plural: str, **params: str) -> Api:
    """Declare the sample of an incremental export, which `SampledManager.sample()` reads.

    Args:
        plural: the name of the rows in the path and in the envelope.
        params: query parameters of every request.
    """
    (endpoint,) = action_endpoint("sample", "GET", f"incremental/{plural}/sample", plural)
    return Api((evolve(endpoint, fixed_params=tuple(params.items())),))


class SampledManager(Manager[R]):
    """A manager of rows that an incremental export contains."""

    def sample(self, changed_since: datetime) -> list[R]:
        """Return up to 50 rows that have changed since a time.

        A sample has the rows of `changed_since()`, and another rate limit: ten requests in twenty
        minutes.

        Args:
            changed_since: the time, more than a minute ago.

        Raises:
            InvalidValue: the time has no time zone.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_exports/#incremental-sample-export
        """
        moment: Any = changed_since
        if not isinstance(moment, datetime) or moment.tzinfo is None:
            raise InvalidValue(
                f"sample() requires a datetime with a time zone, not {display(moment)}"
            )
        model: Any = self.model
        key = model._meta.plural
        return self._call(
            "sample",
            then=lambda data: self._from_rows(data[key]),
            start_time=int(changed_since.timestamp()),
        )
