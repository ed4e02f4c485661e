"""Images in posts of the community.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/user_images/
"""

from __future__ import annotations

from typing import Any

from zendesk_orm.api.vocabulary import action
from zendesk_orm.manager import Manager
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import ReadOnly


class UserImageManager(Manager["UserImage"]):
    """`UserImage.objects`, which takes images in three steps."""

    def upload_url(self, content_type: str, file_size: int) -> dict[str, Any]:
        """Return where an image can be put: `token`, `url` and `headers`.

        It is put there by a PUT with the headers, and without credentials; then
        `register(token, brand_id)` gives the path by which a post shows it.

        Args:
            content_type: `image/jpeg`.
            file_size: the bytes that it has, 2 MB at most.

        Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/user_images/#create-image-upload-url-and-token
        """
        body = {"content_type": content_type, "file_size": file_size}
        found: dict[str, Any] = self._call("upload_url", body)["upload"]
        return found

    def register(self, token: str, brand_id: int | str) -> UserImage:
        """Return an image that was uploaded, with the path by which a post shows it.

        Args:
            token: what `upload_url()` gave.
            brand_id: the brand that it was uploaded for.

        Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/user_images/#create-image-path
        """
        body = {"token": token, "brand_id": str(brand_id)}
        return self._made([self._call("register", body)["user_image"]])[0]


class UserImage(Model):
    """An image for a post of the community; its id is its path."""

    objects = UserImageManager.as_manager()

    id: ReadOnly[str]  # type: ignore[assignment] # the path, in the place of an id
    path: ReadOnly[str]
    content_type: ReadOnly[str]
    size: ReadOnly[int]

    class Meta:
        known_by = "path"
        api = action("upload_url", "POST", "guide/user_images/uploads", "upload") + action(
            "register", "POST", "guide/user_images", "user_image"
        )
