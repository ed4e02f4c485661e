"""The paths around tickets that are measured, rated, pinned to and decided on.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_metrics/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from zendesk_orm.emulator import (
    measures_approvals,
    measures_metrics,
    measures_pins,
    measures_ratings,
    measures_searches,
    measures_streams,
    measures_tasks,
)
from zendesk_orm.emulator.world import Answer, Call, Target, World


ROUTES: Mapping[tuple[str, str, str], Callable[[World, Call, Target], Answer]] = {
    **measures_approvals.ROUTES,
    **measures_metrics.ROUTES,
    **measures_pins.ROUTES,
    **measures_ratings.ROUTES,
    **measures_searches.ROUTES,
    **measures_streams.ROUTES,
    **measures_tasks.ROUTES,
}
