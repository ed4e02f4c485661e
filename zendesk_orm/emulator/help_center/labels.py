"""Labels of articles.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/article_labels/
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.help_center.errors import invalid_field
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.server.routes import deletes, route
from zendesk_orm.emulator.storage.defaults import build_row
from zendesk_orm.emulator.storage.sql import Where, where_contains
from zendesk_orm.emulator.storage.store import DELETED, StoredRow, WriteResult, dump_json
from zendesk_orm.help_center import Article, Label
from zendesk_orm.schema.options import Options


@route("POST", "help_center/articles/{id}/labels", Article)
@route("POST", "help_center/{locale}/articles/{id}/labels", Article)
def add_label(context: Context, request: Request, target: Target) -> Response:
    """Add a label to an article, and return the label.

    Raises:
        HTTPError: 400, if the name is missing.
    """
    article = resources.get(context, Article._meta, target.kwargs["id"])
    name = str(request.get_object("label").get("name") or "").strip()
    if not name:
        raise invalid_field("name", "cannot be blank")
    label = get_or_create(context, name)
    _set_labels(context, article, dict.fromkeys([*article.doc["label_names"], name]))
    return Response(201, dump_json({"label": label}))


@route("DELETE", "help_center/articles/{id}/labels/{label}", Article)
@route("DELETE", "help_center/{locale}/articles/{id}/labels/{label}", Article)
def remove_label(context: Context, request: Request, target: Target) -> Response:
    """Remove a label from an article."""
    article = resources.get(context, Article._meta, target.kwargs["id"])
    label = resources.get(context, Label._meta, target.kwargs["label"])
    _remove_from(context, article, label.doc["name"])
    return Response(204)


@deletes(Label)
def delete(context: Context, meta: Options, stored: StoredRow) -> WriteResult:
    """Delete a label, and remove it from all articles."""
    name, label = stored.doc["name"], Article._meta.label
    where = Where("state < ?", (DELETED,)) & where_contains("label_names", name)
    for doc in context.store.select(label, where):
        _remove_from(context, StoredRow(label, doc["id"], doc), name)
    return resources.delete(context, meta, stored)


def get_or_create(context: Context, name: str) -> dict[str, Any]:
    """Return the label with a name, which is created if it does not exist."""
    for label in context.store.find(Label._meta.label, "name", name):
        if label["name"] == name:
            return label
    row = {**build_row(Label._meta), "name": name}
    resources.initialize(context, Label._meta, row)
    context.write(Label._meta, row)
    return row


def _remove_from(context: Context, article: StoredRow, name: str) -> None:
    _set_labels(context, article, (label for label in article.doc["label_names"] if label != name))


def _set_labels(context: Context, article: StoredRow, names: Iterable[str]) -> None:
    row = {**article.doc, "label_names": list(names), "updated_at": context.timestamp()}
    context.write(Article._meta, row, state=article.state)
