"""The newer paths of Guide: content tags, redirect rules, the media library, images, badges.

Recorded: that there is no content tag to delete is no error, and that there is none to
change is an answer without a body.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/content_tags/
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from typing import Any

from zendesk_orm.emulator import plain, reads
from zendesk_orm.emulator.paging import page
from zendesk_orm.emulator.plain import Written
from zendesk_orm.emulator.refusals import (
    RECORDED,
    UNCONFIRMED,
    Refusal,
    missing_parameter,
    not_found,
)
from zendesk_orm.emulator.store import DELETED, Stored, Where, dumped, value_of
from zendesk_orm.emulator.templates import blank
from zendesk_orm.emulator.world import HOME, Answer, Call, Target, World, is_number
from zendesk_orm.help_center import (
    Article,
    Badge,
    BadgeCategory,
    ContentTag,
    GuideMedia,
    Post,
    RedirectRule,
    Topic,
)
from zendesk_orm.schema.options import Options


#: Rows that one page may be asked for.
MOST = 30

#: What begins with a text, by the parameter that names it.
_PREFIXES: Mapping[str, str] = {
    "filter[name_prefix]": "name",
    "filter[redirect_from_prefix]": "redirect_from",
}
_LARGEST_MEDIA, _LARGEST_IMAGE = 20 * 1024 * 1024, 2_000_000


def list_rows(world: World, call: Call, target: Target) -> Answer:
    """Answer with a page of tags, rules or media.

    Raises:
        Refusal: a page would be too large.
    """
    size = call.params.get("page[size]", "10")
    if not is_number(size) or int(size) > MOST:
        raise _refused("BadRequest", "Invalid property", 400)
    where = Where("state < ?", (DELETED,))
    for parameter, wire in _PREFIXES.items():
        text = call.params.get(parameter)
        if text:
            where &= Where(f"substr({value_of(wire)}, 1, ?) = ?", (len(text), text))
    found = page(world, call, target, where)
    about = dict(found.about)
    if not world.switches.guide_links:
        about.pop("links", None)
    return Answer(text=reads.listing(target, found.texts, "", about))


def change_tag(world: World, call: Call, target: Target) -> Answer:
    """Answer with a content tag as it is now."""
    stored = world.store.row(target.meta.label, target.values["id"])
    if stored is None:
        raise Refusal(404, None, RECORDED)
    written = plain.update(world, target.meta, stored, call.envelope("content_tag"))
    return Answer(text=dumped({"content_tag": written.row}))


def delete_tag(world: World, call: Call, target: Target) -> Answer:
    """Answer with nothing, whether there was a tag or not."""
    stored = world.store.row(target.meta.label, target.values["id"])
    if stored is not None:
        _replace(world, stored.id, None)
        plain.delete(world, target.meta, stored)
    return Answer(204)


def merge_tags(world: World, call: Call, target: Target) -> Answer:
    """Answer with a job that is done already: tags are another tag now, or are gone.

    Raises:
        Refusal: there is no such thing to do, or no tag to stay.
    """
    job = call.envelope("job")
    action, items = job.get("action"), job.get("items") or []
    into = (job.get("attributes") or {}).get("target_content_tag_id")
    if action not in ("delete", "merge"):
        raise _refused("BadRequest", "Invalid property", 400)
    if action == "merge" and world.store.get(ContentTag._meta.label, into) is None:
        raise _refused("BadRequest", "Invalid property", 400)
    for pk in items:
        stored = world.store.row(ContentTag._meta.label, pk)
        if stored is not None:
            _replace(world, pk, into)
            plain.delete(world, ContentTag._meta, stored)
    return Answer(201, dumped({"job": {"results": items, "status": "completed"}}))


def redirect(world: World, call: Call, target: Target) -> Answer:
    """Answer with nothing: an address leads to another now."""
    said = call.envelope("redirect_rule")
    if not said.get("redirect_from") or not said.get("redirect_to"):
        raise missing_parameter("redirect_from")
    meta = RedirectRule._meta
    found = world.store.find(meta.label, "redirect_from", said["redirect_from"])
    row = found[0] if found else {**blank(meta), "brand_id": str(world.brand)}
    row |= {"redirect_from": said["redirect_from"], "redirect_to": said["redirect_to"]}
    row["redirect_status"] = str(said.get("redirect_status", 301))
    if found:
        row["updated_at"] = world.stamp()
    else:
        plain.begin(world, meta, row)
    world.write(meta, row)
    return Answer(204)


def media_upload_url(world: World, call: Call, target: Target) -> Answer:
    """Answer with where a file for the media library can be put."""
    pk, headers = _place(world, call, _LARGEST_MEDIA)
    told = {"asset_upload_id": pk, "url": f"{HOME}/uploads/{pk}", "headers": json.dumps(headers)}
    world.store.keep_file(f"asset {pk}", "", headers["Content-Type"], _sized(call))
    return Answer(text=dumped({"upload_url": told}))


def create_media(world: World, call: Call, target: Target) -> Answer:
    """Answer with a file of the media library.

    Raises:
        Refusal: nothing was put under that id.
    """
    asset = world.store.file(f"asset {call.body.get('asset_upload_id')}")
    if asset is None or not call.body.get("filename"):
        raise _refused("BadRequest", "Invalid property", 400)
    meta = GuideMedia._meta
    row = {**blank(meta), "name": call.body["filename"], "content_type": asset[1]}
    row |= {"size": int(asset[2]), "version": 1, "access_key": _word(world)}
    plain.begin(world, meta, row)
    row["url"] = f"/guide-media/{row['access_key']}"
    world.write(meta, row)
    return Answer(text=dumped({"media": row}))


def image_upload_url(world: World, call: Call, target: Target) -> Answer:
    """Answer with where an image can be put."""
    pk, headers = _place(world, call, _LARGEST_IMAGE)
    told = {"token": pk, "url": f"{HOME}/uploads/{pk}", "headers": headers}
    world.store.keep_file(f"image {pk}", "", headers["Content-Type"], _sized(call))
    return Answer(text=dumped({"upload": told}))


def create_image(world: World, call: Call, target: Target) -> Answer:
    """Answer with the path of an image.

    Raises:
        Refusal: nothing was put under that token.
    """
    token = call.body.get("token")
    found = world.store.file(f"image {token}")
    if found is None or not call.body.get("brand_id"):
        raise not_found()
    told = {"path": f"/hc/user_images/{token}", "content_type": found[1], "size": int(found[2])}
    return Answer(201, dumped({"user_image": told}))


def icon_upload(world: World, call: Call, target: Target) -> Answer:
    """Answer with where the icon of a badge can be put."""
    pk, headers = _place(world, call, _LARGEST_IMAGE)
    told = {"id": pk, "url": f"{HOME}/uploads/{pk}", "headers": headers}
    return Answer(201, dumped({"badge_icon_upload": told}))


def list_badges(world: World, call: Call, target: Target) -> Answer:
    """Answer with all badges, or those of a brand."""
    where = Where("state < ?", (DELETED,))
    brand = call.params.get("brand_id")
    if brand:
        categories = world.store.find(BadgeCategory._meta.label, "brand_id", brand)
        ids = [each["id"] for each in categories]
        marks = ", ".join("?" * len(ids))
        where &= Where(f"{value_of('badge_category_id')} IN ({marks})", ids)
    found = page(world, call, target, where)
    return Answer(text=reads.listing(target, found.texts, "", found.about))


def write_badge(
    world: World, meta: Options, payload: Mapping[str, Any], given: Mapping[str, Any]
) -> Written:
    """Make a badge, with the icon that was put under an id."""
    icon = payload.get("icon_upload_id")
    also = {"icon_url": f"{HOME}/hc/badges/{icon}"} if icon else {}
    if world.store.get(BadgeCategory._meta.label, payload.get("badge_category_id")) is None:
        raise _refused("BadRequest", "Invalid property", 400)
    return plain.create(world, meta, payload, given, also)


def change_badge(
    world: World, meta: Options, stored: Stored, payload: Mapping[str, Any]
) -> Written:
    """Change a badge; an icon that is None is taken away."""
    icon = payload.get("icon_upload_id")
    also: dict[str, Any] = {}
    if "icon_upload_id" in payload:
        also["icon_url"] = f"{HOME}/hc/badges/{icon}" if icon else None
    return plain.update(world, meta, stored, payload, also)


def delete_category(world: World, meta: Options, stored: Stored) -> Written:
    """Delete a category of badges.

    Raises:
        Refusal: it holds some.
    """
    if world.store.find(Badge._meta.label, "badge_category_id", stored.id):
        raise _refused("UnprocessibleEntity", "The request could not be processed", 422)
    return plain.delete(world, meta, stored)


def create_topic(
    world: World, meta: Options, payload: Mapping[str, Any], given: Mapping[str, Any]
) -> Written:
    """Make a topic; recorded."""
    also: dict[str, Any] = {"follower_count": 0, "community_id": world.owner}
    if payload.get("manageable_by") is None:
        also["manageable_by"] = "staff"
    if payload.get("position") is None:
        also["position"] = 0
    written = plain.create(world, meta, payload, given, also)
    return _addressed(world, written.row)


def change_topic(
    world: World, meta: Options, stored: Stored, payload: Mapping[str, Any]
) -> Written:
    """Change a topic; recorded."""
    return _addressed(world, plain.update(world, meta, stored, payload).row)


def show_session(world: World, call: Call, target: Target) -> Answer:
    """Answer with the token of whoever asks."""
    seed = random.Random(f"session {world.author}")  # noqa: S311 - not secret
    return Answer(text=dumped({"current_session": {"csrf_token": f"{seed.getrandbits(128):032x}"}}))


def _addressed(world: World, row: dict[str, Any]) -> Written:
    slug = "-".join(str(row["name"]).split())
    row["url"] = f"{HOME}/api/v2/help_center/community/topics/{row['id']}.json"
    row["html_url"] = f"{HOME}/hc/en-us/community/topics/{row['id']}-{slug}"
    world.write(Topic._meta, row)
    return Written(row)


def _replace(world: World, pk: Any, into: Any) -> None:
    """Put one content tag in the place of another, or none, wherever it is named."""
    sql = "EXISTS (SELECT 1 FROM json_each(doc, '$.content_tag_ids') WHERE value = ?)"
    for model in (Article, Post):
        meta = model._meta
        for row in world.store.docs(meta.label, Where("state < ?", (DELETED,)) & Where(sql, (pk,))):
            tags = (into if each == pk else each for each in row["content_tag_ids"])
            row["content_tag_ids"] = [*dict.fromkeys(each for each in tags if each is not None)]
            world.write(meta, row)


def _place(world: World, call: Call, largest: int) -> tuple[str, dict[str, str]]:
    kind, size = call.body.get("content_type"), call.body.get("file_size")
    if not kind or not isinstance(size, int) or size > largest:
        raise _refused("BadRequest", "Invalid property", 400)
    return _word(world), {"Content-Type": kind, "X-Amz-Server-Side-Encryption": "AES256"}


def _sized(call: Call) -> bytes:
    return str(call.body["file_size"]).encode()


def _word(world: World) -> str:
    return f"01{world.store.next_id():024X}"


def _refused(code: str, title: str, status: int) -> Refusal:
    error = {"code": code, "meta": {}, "status": str(status), "title": title}
    return Refusal(status, {"errors": [error]}, UNCONFIRMED)


ROUTES: Mapping[tuple[str, str, str], Callable[[World, Call, Target], Answer]] = {
    ("GET", "guide/content_tags", "help_center.ContentTag"): list_rows,
    ("PUT", "guide/content_tags/{}", "help_center.ContentTag"): change_tag,
    ("DELETE", "guide/content_tags/{}", "help_center.ContentTag"): delete_tag,
    ("POST", "guide/content_tags/jobs", "help_center.ContentTag"): merge_tags,
    ("GET", "guide/redirect_rules", "help_center.RedirectRule"): list_rows,
    ("POST", "guide/redirect_rules", "help_center.RedirectRule"): redirect,
    ("GET", "guide/medias", "help_center.GuideMedia"): list_rows,
    ("POST", "guide/medias/upload_url", "help_center.GuideMedia"): media_upload_url,
    ("POST", "guide/medias", "help_center.GuideMedia"): create_media,
    ("POST", "guide/user_images/uploads", "help_center.UserImage"): image_upload_url,
    ("POST", "guide/user_images", "help_center.UserImage"): create_image,
    ("GET", "gather/badges", "help_center.Badge"): list_badges,
    ("POST", "gather/badges/icon_uploads", "help_center.Badge"): icon_upload,
    ("GET", "help_center/sessions", "help_center.HelpCenterSession"): show_session,
}
