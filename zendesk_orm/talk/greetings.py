"""Greetings, and the categories that they are of.

The ids of greetings that Zendesk brings along are words: `voicemail_en`.

Source: https://developer.zendesk.com/api-reference/voice/talk-api/greetings/
"""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.endpoint import Verb
from zendesk_orm.api.paging import OFFSET, ONCE
from zendesk_orm.api.vocabulary import READ, action, resource
from zendesk_orm.model import Model
from zendesk_orm.plan.parameters import located
from zendesk_orm.relations import Many, RefList, by
from zendesk_orm.schema.fields import Field, Id, ReadOnly, Ref
from zendesk_orm.session import downloads
from zendesk_orm.session.downloads import Remote


if TYPE_CHECKING:
    from zendesk_orm.talk.ivrs import Ivr
    from zendesk_orm.talk.phone_numbers import PhoneNumber


_PATH = "channels/voice/greetings"


class GreetingCategory(Model):
    """An occasion on which callers are greeted: `voicemail`, `hold`, `callback`."""

    name: ReadOnly[str]

    greetings: Many[Greeting] = by("category")

    class Meta:
        keep = 300
        plural = "greeting_categories"
        api = resource("channels/voice/greeting_categories", can=READ, small=True, paging=(ONCE,))


class Greeting(Model):
    """What callers hear on some occasion."""

    id: ReadOnly[Any]  # a number, or a word of those that Zendesk brings along
    name: Field[str]
    category: Ref[GreetingCategory]
    category_id: Id[int]
    active: ReadOnly[bool]
    default: ReadOnly[bool]
    default_lang: Field[bool]
    pending: Field[bool]
    has_sub_settings: Field[bool]
    audio_name: Field[str | None]
    audio_url: Field[str | None]
    upload_id: Field[int | None]
    phone_number_ids: Field[list[int]]
    phone_numbers: RefList[PhoneNumber]
    ivr_ids: Field[list[int]]
    ivrs: RefList[Ivr]

    class Meta:
        keep = 300
        api = resource(_PATH, small=True, paging=(OFFSET,)) + action(
            "download", "GET", f"{_PATH}/{{id}}/upload"
        )

    def download(
        self, to: str | os.PathLike[str] | None = None, *, overwrite: bool = False
    ) -> Path:
        """Write the greeting's sound to a path, or into a directory, and return the path.

        Args:
            to: a path, or a directory, where it gets the name of its file; the present
                directory by default.
            overwrite: whether a file that is at the path may be replaced.

        Raises:
            FileExistsError: there is a file at the path, and nothing was asked for.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/voice/talk-api/greetings/#get-greeting-audio-file
        """
        return downloads.saved(
            self._session().transport, self._remote(), to, overwrite=overwrite, progress=None
        )

    def read(self) -> bytes:
        """Return the bytes of the greeting's sound; see `download()` for what is raised."""
        whole = io.BytesIO()
        downloads.poured(self._session().transport, self._remote(), whole, None)
        return whole.getvalue()

    def _remote(self) -> Remote:
        path = located(self._meta.endpoint(Verb.ACTION, "download"), {"id": self.pk})
        link = f"{self._session().transport.base_url}{path}"
        return Remote((link,), self.audio_name, f"greeting-{self.pk}", None)
