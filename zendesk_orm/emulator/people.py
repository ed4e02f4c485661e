"""The paths around users that are answered by hand.

Source: https://developer.zendesk.com/api-reference/ticketing/users/users/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from zendesk_orm.emulator import (
    people_accounts,
    people_activities,
    people_deleted,
    people_end_users,
    people_groups,
    people_requests,
    people_sessions,
)
from zendesk_orm.emulator.world import Answer, Call, Target, World


ROUTES: Mapping[tuple[str, str, str], Callable[[World, Call, Target], Answer]] = {
    **people_accounts.ROUTES,
    **people_activities.ROUTES,
    **people_deleted.ROUTES,
    **people_end_users.ROUTES,
    **people_groups.ROUTES,
    **people_requests.ROUTES,
    **people_sessions.ROUTES,
}
