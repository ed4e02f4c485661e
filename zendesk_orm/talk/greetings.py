"""Greetings and their categories.

The ids of Zendesk's default greetings are strings: `voicemail_en`.

Source: https://developer.zendesk.com/api-reference/voice/talk-api/greetings/
"""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.actions import action
from zendesk_orm.api.endpoint import Verb
from zendesk_orm.api.paging import OFFSET, ONCE
from zendesk_orm.api.vocabulary import READ, resource
from zendesk_orm.model import Model
from zendesk_orm.relations import Many, RefList, by
from zendesk_orm.schema.fields import Field, Id, ReadOnly, Ref
from zendesk_orm.session import downloads
from zendesk_orm.session.downloads import Remote


if TYPE_CHECKING:
    from zendesk_orm.talk.ivrs import Ivr
    from zendesk_orm.talk.phone_numbers import PhoneNumber


_PATH = "channels/voice/greetings"


class GreetingCategory(Model):
    """The occasion of a greeting: `voicemail`, `hold`, `callback`."""

    name: ReadOnly[str]

    greetings: Many[Greeting] = by("category")

    class Meta:
        cache_seconds = 300
        plural = "greeting_categories"
        api = resource(
            "channels/voice/greeting_categories", can=READ, fits_in_memory=True, paging=(ONCE,)
        )


class Greeting(Model):
    """An audio message that is played to callers."""

    id: ReadOnly[Any]  # an int, or a string for default greetings
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
        cache_seconds = 300
        api = resource(_PATH, fits_in_memory=True, paging=(OFFSET,))

    @action("GET", f"{_PATH}/{{id}}/upload")
    def download(
        self, to: str | os.PathLike[str] | None = None, *, overwrite: bool = False
    ) -> Path:
        """Save the audio file to a path or a directory, and return the path.

        Args:
            to: a path, or a directory in which the file keeps its name; the current
                directory by default.
            overwrite: whether to replace an existing file.

        Raises:
            FileExistsError: the file exists; raised before the download.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/voice/talk-api/greetings/#get-greeting-audio-file
        """
        return downloads.save_to(
            self._session().transport, self._remote(), to, overwrite=overwrite, progress=None
        )

    def read(self) -> bytes:
        """Return the audio file as bytes; it raises the errors of `download()`."""
        buffer = io.BytesIO()
        downloads.write_to(self._session().transport, self._remote(), buffer, None)
        return buffer.getvalue()

    def _remote(self) -> Remote:
        path = self._meta.endpoint(Verb.ACTION, "download").fill_path({"id": self.pk})
        link = f"{self._session().transport.base_url}{path}"
        return Remote((link,), self.audio_name, f"greeting-{self.pk}", None)
