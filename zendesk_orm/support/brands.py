"""Brands.

Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/brands/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal

from zendesk_orm.api.paging import CURSOR
from zendesk_orm.api.vocabulary import action, listed, resource
from zendesk_orm.errors import InvalidValue
from zendesk_orm.manager import Manager
from zendesk_orm.model import Model
from zendesk_orm.relations import Many, RefList
from zendesk_orm.schema.fields import Field, Lookup, ReadOnly
from zendesk_orm.support.attachments import Attachment
from zendesk_orm.write import actions, forms
from zendesk_orm.write.uploads import File, outgoing
from zendesk_orm.write.writer import take_over


if TYPE_CHECKING:
    from typing_extensions import Self

    from zendesk_orm import help_center, talk
    from zendesk_orm.support.brand_agents import BrandAgent
    from zendesk_orm.support.security_settings import RemoteAuthentication
    from zendesk_orm.support.suspended_tickets import SuspendedTicket
    from zendesk_orm.support.ticket_forms import TicketForm
    from zendesk_orm.support.tickets import Ticket
    from zendesk_orm.support.triggers import Trigger
    from zendesk_orm.support.twitter import MonitoredTwitterHandle

HelpCenterState = Literal["enabled", "disabled", "restricted"]

#: What Zendesk calls the picture in the form that it is sent in.
_PART = "brand[logo][uploaded_data]"


class BrandManager(Manager["Brand"]):
    """`Brand.objects`."""

    def default(self) -> Brand:
        """Return the default brand of the account: that of tickets for which none is given.

        Raises:
            DoesNotExist: the caller may not see it.
            ApiError, TransportError.
        """
        return self.get(default=True)

    def try_host_mapping(self, *, host_mapping: str, subdomain: str) -> HostMapping:
        """Check whether a host of one's own could be mapped to a subdomain.

        Args:
            host_mapping: the host: `help.acme.com`.
            subdomain: the subdomain of the account.

        Returns:
            The verdict; it is no error if the mapping is not valid.

        Raises:
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/brands/#check-host-mapping-validity
        """
        row = self._call("try_host_mapping", host_mapping=host_mapping, subdomain=subdomain)
        return HostMapping.from_row(row)


class Brand(Model):
    """A face of the account towards customers, with its own address and help center.

    Deleted brands are among the others when they are asked for:
    `Brand.objects.filter(include_deleted=True)`.
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
    lines: Many[talk.Line]
    phone_numbers: Many[talk.PhoneNumber]

    assignable_from: Lookup[Brand]
    include_deleted: Lookup[bool]

    class Meta:
        keep = 300
        required = ("name", "subdomain")
        api = (
            resource("brands", can="show create update delete")
            + listed(
                "brands",
                takes="assignable_from include_deleted",
                # By name.
                natural=None,
                small=True,
                paging=(CURSOR,),
            )
            + action("check_host_mapping", "GET", "brands/{id}/check_host_mapping")
            + action("try_host_mapping", "GET", "brands/check_host_mapping")
            + action("set_logo", "PUT", "brands/{id}/logo", "brand")
            + action("delete_logo", "DELETE", "brands/{id}/logo")
        )

    def check_host_mapping(self) -> HostMapping:
        """Check whether the brand's own host leads to the account.

        Returns:
            The verdict; it is no error if the mapping is not valid.

        Raises:
            InvalidValue: it was never saved.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/brands/#check-host-mapping-validity-for-an-existing-brand
        """
        return HostMapping.from_row(self._call("check_host_mapping"))

    def set_logo(self, file: File, filename: str | None = None) -> Self:
        """Send a picture, and let it be the brand's logo.

        Args:
            file: a path, bytes, or a file that is open for reading bytes.
            filename: what it will be called; by default the last part of its path.

        Returns:
            The brand, with its new logo.

        Raises:
            InvalidValue: the brand was never saved; the file has no name, or is no picture.
            OSError: the file cannot be read.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/brands/#update-brand-logo
        """
        if self.pk is None:
            raise InvalidValue(f"{self!r} was never saved; there is nothing to give a logo to")
        picture, session = outgoing(file, filename), self._session()
        if not picture.type.startswith("image/"):
            raise InvalidValue(f"set_logo() wants a picture, not {picture.name!r}: {picture.type}")
        row = forms.send(session, Brand, "set_logo", picture, part=_PART, places={"id": self.pk})
        if row is None:
            return self
        take_over(session, self, row)
        session.account.recent.note(Brand, self.pk, None, self._row)
        return self

    def delete_logo(self) -> Self:
        """Take the logo away; a brand without one stays as it is.

        Returns:
            The brand, without a logo.

        Raises:
            InvalidValue: it was never saved.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/brands/#delete-brand-logo
        """
        self._call("delete_logo")
        actions.outdated(self._session(), self)
        return self


class HostMapping(Model):
    """Whether a host leads to an account, and where it leads if it does not."""

    cname: ReadOnly[str | None]
    expected_cnames: ReadOnly[list[str]]
    is_valid: ReadOnly[bool]
    reason: ReadOnly[str | None]
