"""The media library: files that articles hold in their text, or as attachments.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/guide_medias/
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from zendesk_orm.api.vocabulary import action, listed, resource
from zendesk_orm.help_center.guide import THIRTY, GuideManager
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import ReadOnly


class GuideMediaManager(GuideManager["GuideMedia"]):
    """`GuideMedia.objects`, which takes files in three steps."""

    def upload_url(self, content_type: str, file_size: int) -> dict[str, Any]:
        """Return where a file can be put: `asset_upload_id`, `url` and `headers`.

        It is put there by a PUT with the headers, and without credentials; then
        `register(asset_upload_id, filename)` makes it a part of the library.

        Args:
            content_type: `image/png`.
            file_size: the bytes that it has, 20 MB at most.

        Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/guide_medias/#create-upload-url-for-a-guide-media-object
        """
        data = self._call("upload_url", {"content_type": content_type, "file_size": file_size})
        # The reference shows the headers in two places, and once as text.
        headers = data.get("headers") or data["upload_url"].get("headers") or {}
        if isinstance(headers, str):
            headers = json.loads(headers)
        return {**data["upload_url"], "headers": headers}

    def register(self, asset_upload_id: str, filename: str) -> GuideMedia:
        """Make a file that was uploaded a part of the library, and return it.

        Args:
            asset_upload_id: what `upload_url()` gave.
            filename: what it will be called.

        Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/guide_medias/#create-guide-media
        """
        body = {"asset_upload_id": asset_upload_id, "filename": filename}
        return self._made([self._call("register", body)["media"]])[0]


class GuideMedia(Model):
    """A file of the media library, which articles can hold by its `url`."""

    objects = GuideMediaManager.as_manager()

    id: ReadOnly[str]  # type: ignore[assignment] # a word, not a number
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
        api = (
            resource("guide/medias", can="show delete")
            + listed("guide/medias", key="records", natural=None, paging=(THIRTY,))
            + action("upload_url", "POST", "guide/medias/upload_url", "upload_url")
            + action("register", "POST", "guide/medias", "media")
        )
