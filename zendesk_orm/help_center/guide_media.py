"""The media library: files for the text and the attachments of articles.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/guide_medias/
"""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import datetime
from typing import Any

from zendesk_orm.api.actions import action
from zendesk_orm.api.vocabulary import DELETE, SHOW, listing, resource
from zendesk_orm.help_center.guide import THIRTY, GuideManager
from zendesk_orm.model import StringIdModel
from zendesk_orm.schema.fields import ReadOnly
from zendesk_orm.session.action_bodies import object_of, part_of


class GuideMediaManager(GuideManager["GuideMedia"]):
    """`GuideMedia.objects`, with uploads in three steps."""

    @action("POST", "guide/medias/upload_url", key="upload_url")
    def upload_url(self, content_type: str, file_size: int) -> dict[str, Any]:
        """Request an upload URL for a file: `asset_upload_id`, `url` and `headers`.

        Upload the file by a PUT with the headers and without credentials; then call
        `register(asset_upload_id, filename)`.

        Args:
            content_type: `image/png`.
            file_size: its size in bytes, 20 MB at most.

        Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/guide_medias/#create-upload-url-for-a-guide-media-object
        """
        body = {"content_type": content_type, "file_size": file_size}
        return self._call("upload_url", body, then=_upload_url)

    @action("POST", "guide/medias", key="media")
    def register(self, asset_upload_id: str, filename: str) -> GuideMedia:
        """Add an uploaded file to the library, and return it.

        Args:
            asset_upload_id: the id from `upload_url()`.
            filename: its name in the library.

        Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/guide_medias/#create-guide-media
        """
        body = {"asset_upload_id": asset_upload_id, "filename": filename}
        return self._call("register", body, then=lambda data: self._from_rows([data["media"]])[0])


def _upload_url(data: Any) -> dict[str, Any]:
    """Return the URL for an upload, and its headers."""
    # The reference has the headers in two places, and once as a string.
    upload = object_of(data, "upload_url")
    headers = data.get("headers") or upload.get("headers") or {}
    if isinstance(headers, str):
        with suppress(ValueError, RecursionError):
            headers = json.loads(headers)
    return {**upload, "headers": part_of({**data, "headers": headers}, "headers")}


class GuideMedia(StringIdModel):
    """A file of the media library, which articles can contain by its `url`."""

    objects = GuideMediaManager.as_manager()

    access_key: ReadOnly[str]
    name: ReadOnly[str]
    content_type: ReadOnly[str]
    size: ReadOnly[int]
    version: ReadOnly[int]
    url: ReadOnly[str]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    class Meta:
        singular = "media"
        plural = "medias"
        verbose_name = "guide media"
        api = resource("guide/medias", can=SHOW | DELETE) + listing(
            "guide/medias", key="records", default_order=None, paging=(THIRTY,)
        )
