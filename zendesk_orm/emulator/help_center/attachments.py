"""Attachments of articles.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/article_attachments/
"""

from __future__ import annotations

from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import reads, resources
from zendesk_orm.emulator.crud.paging import select_page
from zendesk_orm.emulator.help_center.errors import invalid_field
from zendesk_orm.emulator.messages import BASE_URL, Request, Response, Target
from zendesk_orm.emulator.server.bodies import FormFile, parse_form
from zendesk_orm.emulator.server.errors import too_large
from zendesk_orm.emulator.server.routes import deletes, route
from zendesk_orm.emulator.storage.defaults import build_row
from zendesk_orm.emulator.storage.sql import Where, where_equal
from zendesk_orm.emulator.storage.store import DELETED, StoredRow, WriteResult, dump_json
from zendesk_orm.emulator.tickets.uploads import send_file
from zendesk_orm.help_center import Article, ArticleAttachment, GuideMedia
from zendesk_orm.schema.options import Options


#: Bytes of an attachment, and attachments that one request associates with an article.
MAX_SIZE, MAX_ATTACHMENTS = 20 * 1024 * 1024, 20
_META = ArticleAttachment._meta


@route("POST", "help_center/articles/{article}/attachments", ArticleAttachment)
@route("POST", "help_center/articles/attachments", ArticleAttachment)
def create(context: Context, request: Request, target: Target) -> Response:
    """Create an attachment from the file of a form, or from a media object.

    Raises:
        HTTPError: 400, if both are missing; 413, if the file is too large.
    """
    article = target.kwargs.get("article")
    if article is not None:
        resources.get(context, Article._meta, article)
    form, file = parse_form(request, "file")
    if file is None:
        file = _get_media(context, form.get("guide_media_id"))
    if len(file.content) > MAX_SIZE:
        raise too_large()
    name = file.name or "file"
    row = {**build_row(_META), "article_id": article, "locale": form.get("locale")}
    row |= {"file_name": name, "display_file_name": name, "content_type": file.type}
    row |= {"size": len(file.content), "inline": form.get("inline") == "true"}
    resources.initialize(context, _META, row)
    path = f"/hc/article_attachments/{row['id']}"
    row |= {"relative_path": path, "content_url": f"{BASE_URL}{path}"}
    row["url"] = f"{BASE_URL}/api/v2/help_center/articles/attachments/{row['id']}"
    context.write(_META, row)
    context.store.save_file(_build_token(row["id"]), name, file.type, file.content)
    return Response(201, dump_json({"article_attachment": row}))


@route("GET", "help_center/articles/{article}/attachments/inline", ArticleAttachment)
@route("GET", "help_center/{locale}/articles/{article}/attachments/inline", ArticleAttachment)
def list_inline(context: Context, request: Request, target: Target) -> Response:
    """Return a page of the attachments that are displayed within the text."""
    return _list_attachments(context, request, target, inline=True)


@route("GET", "help_center/articles/{article}/attachments/block", ArticleAttachment)
@route("GET", "help_center/{locale}/articles/{article}/attachments/block", ArticleAttachment)
def list_block(context: Context, request: Request, target: Target) -> Response:
    """Return a page of the attachments that are listed below the text."""
    return _list_attachments(context, request, target, inline=False)


@route("POST", "help_center/articles/{id}/bulk_attachments", Article)
@route("POST", "help_center/{locale}/articles/{id}/bulk_attachments", Article)
def associate(context: Context, request: Request, target: Target) -> Response:
    """Associate existing attachments with an article.

    Raises:
        HTTPError: 400, if there are too many; 404, if one does not exist.
    """
    article = target.kwargs["id"]
    resources.get(context, Article._meta, article)
    ids = request.body.get("attachment_ids") or []
    if len(ids) > MAX_ATTACHMENTS:
        raise invalid_field("attachment_ids", f"more than {MAX_ATTACHMENTS}")
    for pk in ids:
        stored = resources.get(context, _META, pk)
        context.write(_META, {**stored.doc, "article_id": article})
    return Response(200)


@deletes(ArticleAttachment)
def delete(context: Context, meta: Options, stored: StoredRow) -> WriteResult:
    """Delete an attachment and its file."""
    context.store.drop_file(_build_token(stored.id))
    return resources.delete(context, meta, stored)


@route("GET", "~/hc/article_attachments/{id}", ArticleAttachment)
def download(context: Context, request: Request, target: Target) -> Response:
    """Return the file of an attachment."""
    return send_file(context, _build_token(target.args[0]))


def _get_media(context: Context, pk: str | None) -> FormFile:
    """Return a media object as an empty file, because its bytes are not stored."""
    if not pk:
        raise invalid_field("file", "cannot be blank")
    row = resources.get(context, GuideMedia._meta, pk).doc
    return FormFile(row["name"], row["content_type"], b"")


def _list_attachments(
    context: Context, request: Request, target: Target, *, inline: bool
) -> Response:
    article = target.kwargs["article"]
    resources.get(context, Article._meta, article)
    where = where_equal("article_id", article) & where_equal("inline", int(inline))
    page = select_page(context, request, target, where & Where("state < ?", (DELETED,)))
    return Response(text=reads.render_list(target, page.texts, "", page.metadata))


def _build_token(pk: Any) -> str:
    return f"article attachment {pk}"
