"""Labels of articles.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/article_labels/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from zendesk_orm.emulator import plain
from zendesk_orm.emulator.guide_translations import refused
from zendesk_orm.emulator.guide_words import label_of
from zendesk_orm.emulator.plain import Written
from zendesk_orm.emulator.store import DELETED, Stored, Where, dumped
from zendesk_orm.emulator.world import Answer, Call, Target, World
from zendesk_orm.help_center import Article, Label
from zendesk_orm.schema.options import Options


def add(world: World, call: Call, target: Target) -> Answer:
    """Answer with the label that an article has now.

    Raises:
        Refusal: it has no name.
    """
    article = plain.stored(world, Article._meta, target.values["id"])
    name = str(call.envelope("label").get("name") or "").strip()
    if not name:
        raise refused("name", "cannot be blank")
    label = label_of(world, name)
    names = [*dict.fromkeys([*article.doc["label_names"], name])]
    _write(world, article, names)
    return Answer(201, dumped({"label": label}))


def remove(world: World, call: Call, target: Target) -> Answer:
    """Answer with nothing: an article has the label no longer."""
    article = plain.stored(world, Article._meta, target.values["id"])
    label = plain.stored(world, Label._meta, target.values["label"])
    _write(world, article, [n for n in article.doc["label_names"] if n != label.doc["name"]])
    return Answer(204)


def delete(world: World, meta: Options, stored: Stored) -> Written:
    """Delete a label, and take it from all articles."""
    name = stored.doc["name"]
    sql = "EXISTS (SELECT 1 FROM json_each(doc, '$.label_names') WHERE value = ?)"
    where = Where("state < ?", (DELETED,)) & Where(sql, (name,))
    for doc in world.store.docs(Article._meta.label, where):
        row = Stored(Article._meta.label, doc["id"], doc)
        _write(world, row, [each for each in doc["label_names"] if each != name])
    return plain.delete(world, meta, stored)


def _write(world: World, article: Stored, names: Any) -> None:
    row = {**article.doc, "label_names": list(names), "updated_at": world.stamp()}
    world.write(Article._meta, row, state=article.state)


ROUTES: Mapping[tuple[str, str, str], Callable[[World, Call, Target], Answer]] = {
    ("POST", "help_center/articles/{}/labels", "help_center.Article"): add,
    ("POST", "help_center/{}/articles/{}/labels", "help_center.Article"): add,
    ("DELETE", "help_center/articles/{}/labels/{}", "help_center.Article"): remove,
    ("DELETE", "help_center/{}/articles/{}/labels/{}", "help_center.Article"): remove,
}
