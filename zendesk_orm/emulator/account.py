"""The paths around the account that are answered by hand: one table of all.

Source: https://developer.zendesk.com/api-reference/ticketing/introduction/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from zendesk_orm.emulator import (
    account_brands,
    account_channels,
    account_collections,
    account_members,
    account_organizations,
    account_places,
    account_rows,
    account_tags,
    account_webhooks,
)
from zendesk_orm.emulator.oauth import routes
from zendesk_orm.emulator.world import Answer, Call, Target, World


ROUTES: Mapping[tuple[str, str, str], Callable[[World, Call, Target], Answer]] = {
    **account_brands.ROUTES,
    **account_channels.ROUTES,
    **account_collections.ROUTES,
    **account_members.ROUTES,
    **routes.ROUTES,
    **account_organizations.ROUTES,
    **account_places.ROUTES,
    **account_rows.ROUTES,
    **account_tags.ROUTES,
    **account_webhooks.ROUTES,
}
