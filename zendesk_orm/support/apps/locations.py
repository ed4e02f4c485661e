"""Locations of apps in Zendesk's interface, and the order of the installations there.

Source: https://developer.zendesk.com/api-reference/ticketing/apps/app_locations/
"""

from __future__ import annotations

from collections.abc import Iterable

from zendesk_orm import support
from zendesk_orm.api.actions import action
from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import LIST, resource
from zendesk_orm.model import Model, StringIdModel
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.schema.fields import ReadOnly
from zendesk_orm.session.action_bodies import part_of


class AppLocation(Model):
    """A place in Zendesk's interface that can show apps, such as `ticket_sidebar`."""

    name: ReadOnly[str]
    host_application: ReadOnly[str]
    product_code: ReadOnly[int | None]
    orderable: ReadOnly[bool | None]
    collapsible: ReadOnly[bool | None]
    visible: ReadOnly[bool | None]

    class Meta:
        plural = "locations"
        verbose_name = "location of apps"
        verbose_name_plural = "locations of apps"
        cache_seconds = 300
        api = resource(
            "apps/locations", can=LIST, default_order=None, fits_in_memory=True, paging=(ONCE,)
        )


class AppLocationInstallationManager(Manager["AppLocationInstallation"]):
    """`AppLocationInstallation.objects`, which reorders installations."""

    @action("POST", "apps/location_installations/reorder", key="location_installation")
    def reorder(
        self, location_name: str, installations: Iterable[support.AppInstallation | int]
    ) -> AppLocationInstallation:
        """Set the order of the installations at a location.

        Args:
            location_name: the name of the location: `ticket_sidebar`.
            installations: the installations, or their ids, in the new order.

        Raises:
            InvalidValue: an installation was never saved.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/apps/app_location_installations/#reorder-app-installations-for-location
        """
        ids = self._session.ids_of("AppInstallation", installations, "reorder")
        body = {"location_name": location_name, "installations": ids}
        return self._call(
            "reorder",
            body,
            # Sources differ in whether the response has a body.
            then=lambda data: self._from_rows([part_of(data, "location_installation") or body])[0],
        )


class AppLocationInstallation(StringIdModel):
    """The installations at a location, in their order."""

    objects = AppLocationInstallationManager.as_manager()

    location_name: ReadOnly[str]
    #: The ids of the installations.
    installations: ReadOnly[list[int]]

    class Meta:
        pk_key = "location_name"
        plural = "location_installations"
        verbose_name = "order of apps at a location"
        verbose_name_plural = "orders of apps at locations"
        api = resource(
            "apps/location_installations",
            can=LIST,
            default_order=None,
            fits_in_memory=True,
            paging=(ONCE,),
        )
