"""The paths of rules, and of what they are made of, that are answered by hand.

Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/triggers/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from zendesk_orm.emulator import (
    ruling_content,
    ruling_definitions,
    ruling_fields,
    ruling_forms,
    ruling_lists,
    ruling_macros,
    ruling_many,
    ruling_revisions,
    ruling_routing,
    ruling_views,
)
from zendesk_orm.emulator.world import Answer, Call, Target, World


ROUTES: Mapping[tuple[str, str, str], Callable[[World, Call, Target], Answer]] = {
    **ruling_content.ROUTES,
    **ruling_definitions.ROUTES,
    **ruling_fields.ROUTES,
    **ruling_forms.ROUTES,
    **ruling_lists.ROUTES,
    **ruling_macros.ROUTES,
    **ruling_many.ROUTES,
    **ruling_revisions.ROUTES,
    **ruling_routing.ROUTES,
    **ruling_views.ROUTES,
}
