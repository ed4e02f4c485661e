"""Phone numbers of the account, and phone numbers that can be bought.

Source: https://developer.zendesk.com/api-reference/voice/talk-api/phone_numbers/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.paging import OFFSET, ONCE
from zendesk_orm.api.vocabulary import listing, resource
from zendesk_orm.model import Model, StringIdModel
from zendesk_orm.relations import RefList
from zendesk_orm.schema.fields import Field, Id, Lookup, ReadOnly, Ref, WriteOnly


if TYPE_CHECKING:
    from zendesk_orm.support.account_configuration.brands import Brand
    from zendesk_orm.support.groups.groups import Group
    from zendesk_orm.support.ticket_management.schedules import Schedule
    from zendesk_orm.talk.greetings import Greeting
    from zendesk_orm.talk.ivrs import Ivr

_PATH = "channels/voice/phone_numbers"


class PhoneNumber(Model):
    """A phone number of the account, with the settings of its calls.

    Buy new numbers with `AvailablePhoneNumber.buy()`.
    """

    number: ReadOnly[str]
    display_number: ReadOnly[str]
    name: ReadOnly[str | None]
    nickname: Field[str | None]
    external: ReadOnly[bool]
    toll_free: ReadOnly[bool]
    location: ReadOnly[str | None]
    country_code: ReadOnly[str]
    line_type: Field[str | None]
    brand: Ref[Brand | None]
    brand_id: Id[int | None]
    default_group: Ref[Group | None]
    default_group_id: Id[int | None]
    group_ids: Field[list[int]]
    groups: RefList[Group]
    sms_group: Ref[Group | None]
    sms_group_id: Id[int | None]
    ivr: Ref[Ivr | None]
    ivr_id: Id[int | None]
    schedule: Ref[Schedule | None]
    schedule_id: Id[int | None]
    priority: Field[int | None]
    greeting_ids: Field[list[Any]]
    greetings: RefList[Greeting]
    default_greeting_ids: ReadOnly[list[str]]
    categorised_greetings: ReadOnly[dict[str, Any]]
    categorised_greetings_with_sub_settings: ReadOnly[dict[str, Any]]
    capabilities: Field[dict[str, Any]]
    voice_enabled: Field[bool]
    sms_enabled: Field[bool]
    outbound_enabled: Field[bool]
    failover_number: Field[str | None]
    recorded: Field[bool]
    transcription: Field[bool]
    call_recording_consent: Field[str | None]
    settings: Field[dict[str, Any]]
    created_at: ReadOnly[datetime]
    token: WriteOnly[str | None]

    class Meta:
        cache_seconds = 300
        api = resource(_PATH, fits_in_memory=True, paging=(OFFSET,))


class AvailablePhoneNumber(StringIdModel):
    """A phone number that can be bought; its id is the token for the purchase.

    ::

        for number in AvailablePhoneNumber.objects.filter(country="US", area_code="415"):
            print(number.display_number, number.price)
    """

    token: ReadOnly[str]
    number: ReadOnly[str]
    display_number: ReadOnly[str]
    toll_free: ReadOnly[bool]
    location: ReadOnly[str | None]
    country_code: ReadOnly[str]
    price: ReadOnly[str | None]
    address_requirements: ReadOnly[str | None]

    country: Lookup[str]
    area_code: Lookup[str]
    contains: Lookup[str]

    class Meta:
        pk_key = "token"
        api = listing(
            f"{_PATH}/search",
            key="phone_numbers",
            filters=("country", "area_code", "contains", "toll_free"),
            required=("country",),
            default_order=None,
            fits_in_memory=True,
            paging=(ONCE,),
        )

    def buy(self, **values: Any) -> PhoneNumber:
        """Buy the number for its monthly price, and return it as a number of the account.

        Args:
            values: fields of the phone number (`nickname="Sales"`), set by a second request.

        Raises:
            FieldError, InvalidValue: before anything is sent.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/voice/talk-api/phone_numbers/#create-phone-number
        """
        alias = self._session().alias
        settings = PhoneNumber(**values)
        number = PhoneNumber(token=self.token).save(using=alias)
        for name in settings.changes():
            setattr(number, name, getattr(settings, name))
        return number.save()
