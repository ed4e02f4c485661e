"""Files of articles: sent in a form, put on articles, and given back.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/article_attachments/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from zendesk_orm.emulator import plain, reads
from zendesk_orm.emulator.forms import parse_form
from zendesk_orm.emulator.guide_translations import refused
from zendesk_orm.emulator.paging import page
from zendesk_orm.emulator.plain import Written
from zendesk_orm.emulator.refusals import not_found, too_large
from zendesk_orm.emulator.store import DELETED, Stored, Where, dumped, value_of
from zendesk_orm.emulator.templates import blank
from zendesk_orm.emulator.world import HOME, Answer, Call, Target, World
from zendesk_orm.help_center import Article, ArticleAttachment, GuideMedia
from zendesk_orm.schema.options import Options


#: Bytes that an attachment may have, and attachments that one call puts on an article.
LARGEST, MOST = 20 * 1024 * 1024, 20


def create(world: World, call: Call, target: Target) -> Answer:
    """Answer with the attachment that a file has become, or a file of the media library.

    Raises:
        Refusal: there is no file, or it is too large.
    """
    article = target.values.get("article")
    if article is not None:
        plain.stored(world, Article._meta, article)
    form, file = parse_form(call, "file")
    media = form.get("guide_media_id")
    if file is not None:
        name, type_, content = file.name or "file", file.type, file.content
    else:
        found = plain.stored(world, GuideMedia._meta, media) if media else None
        if found is None:
            raise refused("file", "cannot be blank")
        name, type_, content = found.doc["name"], found.doc["content_type"], b""
    if len(content) > LARGEST:
        raise too_large()
    meta = ArticleAttachment._meta
    row = {**blank(meta), "article_id": article, "locale": form.get("locale")}
    row |= {"file_name": name, "display_file_name": name, "content_type": type_}
    row |= {"size": len(content), "inline": form.get("inline") == "true"}
    plain.begin(world, meta, row)
    place = f"/hc/article_attachments/{row['id']}"
    row |= {"relative_path": place, "content_url": f"{HOME}{place}"}
    row["url"] = f"{HOME}/api/v2/help_center/articles/attachments/{row['id']}"
    world.write(meta, row)
    world.store.keep_file(_token(row["id"]), name, type_, content)
    return Answer(201, dumped({"article_attachment": row}))


def list_inline(world: World, call: Call, target: Target) -> Answer:
    """Answer with the files that are a part of the text."""
    return _listed(world, call, target, inline=True)


def list_block(world: World, call: Call, target: Target) -> Answer:
    """Answer with the files that are listed below the text."""
    return _listed(world, call, target, inline=False)


def associate(world: World, call: Call, target: Target) -> Answer:
    """Answer with nothing: files belong to an article now.

    Raises:
        Refusal: there are too many, or one is not there.
    """
    plain.stored(world, Article._meta, target.values["id"])
    ids = call.body.get("attachment_ids") or []
    if len(ids) > MOST:
        raise refused("attachment_ids", f"more than {MOST}")
    for pk in ids:
        stored = plain.stored(world, ArticleAttachment._meta, pk)
        world.write(ArticleAttachment._meta, {**stored.doc, "article_id": target.values["id"]})
    return Answer(200)


def delete(world: World, meta: Options, stored: Stored) -> Written:
    """Delete a file."""
    world.store.drop_file(_token(stored.id))
    return plain.delete(world, meta, stored)


def download(world: World, call: Call, target: Target) -> Answer:
    """Answer with the bytes of a file."""
    found = world.store.file(_token(target.places[0]))
    if found is None:
        raise not_found()
    name, kind, content = found
    headers = {
        "Content-Type": kind,
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
    }
    return Answer(200, headers=headers, content=content)


def _listed(world: World, call: Call, target: Target, *, inline: bool) -> Answer:
    article = target.values["article"]
    plain.stored(world, Article._meta, article)
    where = Where(f"{value_of('article_id')} = ? AND state < ?", (article, DELETED))
    where &= Where(f"{value_of('inline')} = ?", (int(inline),))
    found = page(world, call, target, where)
    return Answer(text=reads.listing(target, found.texts, "", found.about))


def _token(pk: Any) -> str:
    return f"article attachment {pk}"


_ATTACHMENT, _PATH = "help_center.ArticleAttachment", "articles/{}/attachments"
ROUTES: Mapping[tuple[str, str, str], Callable[[World, Call, Target], Answer]] = {
    ("POST", f"help_center/{_PATH}", _ATTACHMENT): create,
    ("POST", "help_center/articles/attachments", _ATTACHMENT): create,
    ("GET", f"help_center/{_PATH}/inline", _ATTACHMENT): list_inline,
    ("GET", f"help_center/{{}}/{_PATH}/inline", _ATTACHMENT): list_inline,
    ("GET", f"help_center/{_PATH}/block", _ATTACHMENT): list_block,
    ("GET", f"help_center/{{}}/{_PATH}/block", _ATTACHMENT): list_block,
    ("POST", "help_center/articles/{}/bulk_attachments", "help_center.Article"): associate,
    ("POST", "help_center/{}/articles/{}/bulk_attachments", "help_center.Article"): associate,
    # At the account's host, but not of its API.
    ("GET", "~/hc/article_attachments/{}", _ATTACHMENT): download,
}
