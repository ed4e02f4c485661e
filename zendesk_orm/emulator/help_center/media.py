"""The media library, user images, and the addresses that their files are uploaded to.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/guide_medias/
"""

from __future__ import annotations

import json

from attrs import frozen

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.help_center.errors import invalid_property
from zendesk_orm.emulator.messages import BASE_URL, Request, Response, Target
from zendesk_orm.emulator.server.errors import not_found
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.defaults import build_row
from zendesk_orm.emulator.storage.store import dump_json
from zendesk_orm.help_center import GuideMedia, UserImage


#: Sizes in bytes.
MAX_MEDIA_SIZE, MAX_IMAGE_SIZE = 20 * 1024 * 1024, 2_000_000


@frozen
class MediaUpload:
    """An address that a file can be uploaded to.

    Attributes:
        id: the id of the upload.
        url: the address.
        headers: headers of the request that uploads the file.
    """

    id: str
    url: str
    headers: dict[str, str]


def create_upload(context: Context, request: Request, max_size: int) -> MediaUpload:
    """Return an address for a file of the content type and size in the body.

    Raises:
        HTTPError: 400, if type or size is missing, or the size exceeds `max_size`.
    """
    kind, size = request.body.get("content_type"), request.body.get("file_size")
    if not kind or not isinstance(size, int) or size > max_size:
        raise invalid_property()
    pk = _generate_id(context)
    headers = {"Content-Type": kind, "X-Amz-Server-Side-Encryption": "AES256"}
    return MediaUpload(pk, f"{BASE_URL}/uploads/{pk}", headers)


@route("POST", "guide/medias/upload_url", GuideMedia)
def create_media_upload(context: Context, request: Request, target: Target) -> Response:
    """Return the address that a file for the media library can be uploaded to."""
    upload = create_upload(context, request, MAX_MEDIA_SIZE)
    _save_upload(context, f"asset {upload.id}", request)
    headers = json.dumps(upload.headers)
    body = {"asset_upload_id": upload.id, "url": upload.url, "headers": headers}
    return Response(text=dump_json({"upload_url": body}))


@route("POST", "guide/medias", GuideMedia)
def create_media(context: Context, request: Request, target: Target) -> Response:
    """Create a media object from an upload.

    Raises:
        HTTPError: 400, if the upload does not exist or the file name is missing.
    """
    asset = context.store.get_file(f"asset {request.body.get('asset_upload_id')}")
    if asset is None or not request.body.get("filename"):
        raise invalid_property()
    _, kind, size = asset
    meta = GuideMedia._meta
    row = {**build_row(meta), "name": request.body["filename"], "content_type": kind}
    row |= {"size": int(size), "version": 1, "access_key": _generate_id(context)}
    resources.initialize(context, meta, row)
    row["url"] = f"/guide-media/{row['access_key']}"
    context.write(meta, row)
    return Response(text=dump_json({"media": row}))


@route("POST", "guide/user_images/uploads", UserImage)
def create_image_upload(context: Context, request: Request, target: Target) -> Response:
    """Return the address that a user image can be uploaded to."""
    upload = create_upload(context, request, MAX_IMAGE_SIZE)
    _save_upload(context, f"image {upload.id}", request)
    body = {"token": upload.id, "url": upload.url, "headers": upload.headers}
    return Response(text=dump_json({"upload": body}))


@route("POST", "guide/user_images", UserImage)
def create_image(context: Context, request: Request, target: Target) -> Response:
    """Create a user image from an upload, and return its path.

    Raises:
        HTTPError: 404, if the upload does not exist or the brand is missing.
    """
    token = request.body.get("token")
    image = context.store.get_file(f"image {token}")
    if image is None or not request.body.get("brand_id"):
        raise not_found()
    _, kind, size = image
    row = {"path": f"/hc/user_images/{token}", "content_type": kind, "size": int(size)}
    return Response(201, dump_json({"user_image": row}))


def _save_upload(context: Context, token: str, request: Request) -> None:
    """Save the announced type and size of a file, as its bytes are never received."""
    size = str(request.body["file_size"]).encode()
    context.store.save_file(token, "", request.body["content_type"], size)


def _generate_id(context: Context) -> str:
    return resources.generate_ulid(context)
