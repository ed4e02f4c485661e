"""Lines: phone numbers and digital lines in one list.

Source: https://developer.zendesk.com/api-reference/voice/talk-api/lines/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from zendesk_orm.api.paging import OFFSET
from zendesk_orm.api.vocabulary import LIST, resource
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Id, ReadOnly, ReadOnlyRef
from zendesk_orm.talk.digital_lines import DigitalLine
from zendesk_orm.talk.phone_numbers import PhoneNumber


if TYPE_CHECKING:
    from zendesk_orm.support.account_configuration.brands import Brand

Type = Literal["phone", "digital"]


class Line(Model):
    """A phone number or a digital line with their common fields; `extra` has the others."""

    nickname: ReadOnly[str | None]
    line_type: ReadOnly[Type]
    country_code: ReadOnly[str | None]
    external: ReadOnly[bool | None]
    priority: ReadOnly[int | None]
    brand: ReadOnlyRef[Brand | None]
    brand_id: Id[int | None]

    class Meta:
        cache_seconds = 300
        api = resource("channels/voice/lines", can=LIST, fits_in_memory=True, paging=(OFFSET,))

    @property
    def itself(self) -> PhoneNumber | DigitalLine:
        """The phone number or the digital line of this row. Reading a field fetches it."""
        session = self._session()
        if self.line_type == "digital":
            return session.refer(DigitalLine, self.pk)
        return session.refer(PhoneNumber, self.pk)
