"""Images in posts of the community.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/user_images/
"""

from __future__ import annotations

from typing import Any

from zendesk_orm.api.actions import action
from zendesk_orm.model import StringIdModel
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.schema.fields import ReadOnly
from zendesk_orm.session.action_bodies import object_of


class UserImageManager(Manager["UserImage"]):
    """`UserImage.objects`, with uploads in three steps."""

    @action("POST", "guide/user_images/uploads", key="upload")
    def upload_url(self, content_type: str, file_size: int) -> dict[str, Any]:
        """Request an upload URL for an image: `token`, `url` and `headers`.

        Upload the image by a PUT with the headers and without credentials; then call
        `register(token, brand_id)`, which returns the path for posts.

        Args:
            content_type: `image/jpeg`.
            file_size: its size in bytes, 2 MB at most.

        Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/user_images/#create-image-upload-url-and-token
        """
        body = {"content_type": content_type, "file_size": file_size}
        return self._call("upload_url", body, then=lambda data: object_of(data, "upload"))

    @action("POST", "guide/user_images", key="user_image")
    def register(self, token: str, brand_id: int | str) -> UserImage:
        """Register an uploaded image, and return it with its path for posts.

        Args:
            token: the token from `upload_url()`.
            brand_id: the id of the brand of the image.

        Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/user_images/#create-image-path
        """
        body = {"token": token, "brand_id": str(brand_id)}
        return self._call(
            "register", body, then=lambda data: self._from_rows([data["user_image"]])[0]
        )


class UserImage(StringIdModel):
    """An image for a post of the community; its id is its path."""

    objects = UserImageManager.as_manager()

    path: ReadOnly[str]
    content_type: ReadOnly[str]
    size: ReadOnly[int]

    class Meta:
        pk_key = "path"
