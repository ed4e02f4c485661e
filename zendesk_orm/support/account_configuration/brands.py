"""Brands.

Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/brands/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from zendesk_orm.api.actions import action
from zendesk_orm.api.paging import CURSOR
from zendesk_orm.api.vocabulary import CRUD, listing, resource
from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.annotations import Self
from zendesk_orm.messages import display
from zendesk_orm.model import Model
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.relations import Many, RefList
from zendesk_orm.schema.fields import Field, Lookup, ReadOnly
from zendesk_orm.schema.row import Row
from zendesk_orm.session.action_bodies import record_of
from zendesk_orm.support.tickets.attachments import Attachment
from zendesk_orm.write.files import File, outgoing
from zendesk_orm.write.forms import send_form


if TYPE_CHECKING:
    from zendesk_orm import help_center, talk
    from zendesk_orm.support.account_configuration.brand_agents import BrandAgent
    from zendesk_orm.support.account_configuration.security_settings import RemoteAuthentication
    from zendesk_orm.support.business_rules.triggers import Trigger
    from zendesk_orm.support.integrations.twitter import MonitoredTwitterHandle
    from zendesk_orm.support.tickets.suspended_tickets import SuspendedTicket
    from zendesk_orm.support.tickets.ticket_forms import TicketForm
    from zendesk_orm.support.tickets.tickets import Ticket

HelpCenterState = Literal["enabled", "disabled", "restricted"]

#: The name of the form field that contains the image.
_PART = "brand[logo][uploaded_data]"


class BrandManager(Manager["Brand"]):
    """`Brand.objects`."""

    def default(self) -> Brand:
        """Return the default brand of the account, which new tickets without a brand get.

        Raises:
            DoesNotExist: the caller may not see it.
            ApiError, TransportError.
        """
        return self.get(default=True)

    @action("GET", "brands/check_host_mapping")
    def try_host_mapping(self, *, host_mapping: str, subdomain: str) -> HostMapping:
        """Check whether a custom host can be mapped to a subdomain.

        Args:
            host_mapping: the host: `help.acme.com`.
            subdomain: the subdomain of the account.

        Returns:
            The result; an invalid mapping does not raise an error.

        Raises:
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/brands/#check-host-mapping-validity
        """
        row = self._call("try_host_mapping", host_mapping=host_mapping, subdomain=subdomain)
        return record_of(HostMapping, row)


class Brand(Model):
    """A brand of the account, with its address and help center.

    `Brand.objects.filter(include_deleted=True)` also returns deleted brands.
    """

    objects = BrandManager.as_manager()

    url: ReadOnly[str]
    name: Field[str]
    brand_url: Field[str | None]
    subdomain: Field[str]
    host_mapping: Field[str | None]
    has_help_center: Field[bool]
    help_center_state: ReadOnly[HelpCenterState]
    active: Field[bool]
    default: Field[bool]
    is_deleted: ReadOnly[bool]
    logo: ReadOnly[Attachment | None]
    ticket_form_ids: ReadOnly[list[int]]
    ticket_forms: RefList[TicketForm]
    signature_template: Field[str | None]
    user_separation: Field[str | None]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    tickets: Many[Ticket]
    agents: Many[BrandAgent]
    triggers: Many[Trigger]
    suspended_tickets: Many[SuspendedTicket]
    monitored_twitter_handles: Many[MonitoredTwitterHandle]
    remote_authentications: Many[RemoteAuthentication]
    badge_categories: Many[help_center.BadgeCategory]
    custom_claims: Many[help_center.CustomClaim]
    themes: Many[help_center.Theme]
    lines: Many[talk.Line]
    phone_numbers: Many[talk.PhoneNumber]

    assignable_from: Lookup[Brand]
    include_deleted: Lookup[bool]

    class Meta:
        cache_seconds = 300
        required = ("name", "subdomain")
        api = resource("brands", can=CRUD) + listing(
            "brands",
            filters=("assignable_from", "include_deleted"),
            # Zendesk orders brands by name.
            default_order=None,
            fits_in_memory=True,
            paging=(CURSOR,),
        )

    @action("GET", "brands/{id}/check_host_mapping")
    def check_host_mapping(self) -> HostMapping:
        """Check whether the custom host of the brand resolves to the account.

        Returns:
            The result; an invalid mapping does not raise an error.

        Raises:
            InvalidValue: the brand was never saved.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/brands/#check-host-mapping-validity-for-an-existing-brand
        """
        return record_of(HostMapping, self._call("check_host_mapping"))

    @action("PUT", "brands/{id}/logo", key="brand")
    def set_logo(self, file: File, filename: str | None = None) -> Self:
        """Upload an image as the brand's logo.

        Args:
            file: a path, bytes, or a file opened for reading bytes.
            filename: its name in Zendesk; by default the last part of its path.

        Returns:
            The brand, with its new logo.

        Raises:
            InvalidValue: the brand was never saved; the file has no name, or is not an image.
            OSError: the file cannot be read.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/brands/#update-brand-logo
        """
        if self.pk is None:
            raise InvalidValue(f"{display(self)} must be saved before its logo is set")
        image, session = outgoing(file, filename), self._session()
        if not image.type.startswith("image/"):
            raise InvalidValue(
                f"the logo must be an image, not {display(image.name)}: {image.type}"
            )

        def store(row: Row) -> None:
            session.store(self, row)

        path = {"id": self.pk}
        send_form(
            session, Brand, "set_logo", image, part=_PART, path=path, then=store, in_dry_run=None
        )
        return self

    @action("DELETE", "brands/{id}/logo")
    def delete_logo(self) -> Self:
        """Remove the logo, if the brand has one.

        Returns:
            The brand, without a logo.

        Raises:
            InvalidValue: the brand was never saved.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/brands/#delete-brand-logo
        """

        def expire(_: Any) -> None:
            self._session().expire(self)

        self._call("delete_logo", then=expire, in_dry_run=None)
        return self


class HostMapping(Model):
    """The result of checking whether a host resolves to the account."""

    cname: ReadOnly[str | None]
    expected_cnames: ReadOnly[list[str]]
    is_valid: ReadOnly[bool]
    reason: ReadOnly[str | None]
