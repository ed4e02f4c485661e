"""The keywords of search, by type: what is declared, and what Zendesk has besides.

Source: https://support.zendesk.com/hc/en-us/articles/4408886879258
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from zendesk_orm.emulator.conditions import (
    Choice,
    Exactly,
    Flag,
    Meaning,
    Members,
    Moment,
    Named,
    Person,
    Words,
    anywhere,
)
from zendesk_orm.emulator.grammar import Term
from zendesk_orm.emulator.store import Where, value_of
from zendesk_orm.emulator.world import Target, World, is_number
from zendesk_orm.schema.fields import Ref
from zendesk_orm.schema.options import Options
from zendesk_orm.support import Comment, User


#: Keywords that the reference does not name. Source: recordings, `created_at>2023-01-01`.
_SYNONYMS = {"created_at": "created", "updated_at": "updated"}
#: Fields of text that are looked for whole, not by their words.
_WHOLE = frozenset({"external_id", "phone", "recipient", "subdomain"})
_CUSTOM = re.compile(r"custom_field_(\d{1,18})", re.ASCII)
_NUMBER = re.compile(r"-?\d{1,18}(\.\d{1,18})?", re.ASCII)


def condition(world: World, target: Target, term: Term) -> Where:
    """Return what a term asks of the rows of a type; rows never match what the type lacks."""
    if not term.keyword:
        found = _bare(target.meta, term)
    else:
        meaning = _meaning(world, target, term.keyword)
        found = meaning(world, term) if meaning else Where("0")
    return ~found if term.negated else found


def _bare(meta: Options, term: Term) -> Where:
    """Return where a word without a keyword is looked for: among the words, and tickets' ids."""
    found = anywhere(term.value, phrase=term.quoted)
    if meta.singular == "ticket" and is_number(term.value):
        return found | Where("id = ?", (int(term.value),))
    return found


def _meaning(world: World, target: Target, keyword: str) -> Meaning | None:
    meta = target.meta
    keyword = _SYNONYMS.get(keyword, keyword)
    if meta.label == "support.Ticket":
        if keyword == "external_id" and not world.switches.external_id_searchable:
            return None
        custom = _CUSTOM.fullmatch(keyword)
        if custom:
            return _custom_field(int(custom[1]))
    besides = BESIDES.get(meta.label, {})
    if keyword in besides:
        return besides[keyword]
    for name, declared in target.endpoint.takes.items():
        if declared == keyword:
            return _declared(meta, name)
    keyed = f"{meta.singular}_fields"
    return Exactly(value_of(f'{keyed}."{keyword}"')) if keyed in meta.fields else None


def _declared(meta: Options, name: str) -> Meaning | None:
    """Return the meaning of a keyword by the kind of the field that it is declared for."""
    field = meta.get_field(name)
    if isinstance(field, Ref):
        other = field.model._meta
        kind = Person if other.label == User._meta.label else Named
        return kind(field.id.wire, other.label)
    if field.kind.choices:
        return Choice(field.wire)
    if field.wire == "email":
        return _email
    by_kind: Mapping[str, type] = {
        "datetime": Moment,
        "date": Moment,
        "bool": Flag,
        "list": Members,
        "str": Words,
    }
    made = by_kind.get(field.kind.name)
    if made is None or field.wire in _WHOLE:
        return Exactly(value_of(field.wire))
    meaning: Meaning = made(field.wire)
    return meaning


def _email(world: World, term: Term) -> Where:
    """Match an address, or a part of one; quotes make no difference."""
    return Words("email")(world, term)


def _custom_field(pk: int) -> Meaning:
    def meaning(world: World, term: Term) -> Where:
        value = {"checked": "1", "unchecked": "0"}.get(term.value.lower(), term.value)
        # A multi-select holds a list; of any other value, json_each gives the value itself.
        inner = (
            "SELECT 1 FROM json_each(doc, '$.custom_fields') AS field, "
            "json_each(field.value, '$.value') AS one "
            "WHERE json_extract(field.value, '$.id') = ? AND"
        )
        if term.value == "none":
            return Where(f"NOT EXISTS ({inner} one.value IS NOT NULL)", (pk,))
        holds = "=" if term.op == ":" else term.op
        number: Any = value
        if _NUMBER.fullmatch(value):
            number = float(value) if "." in value else int(value)
        sql = f"EXISTS ({inner} (one.value {holds} ? OR one.value {holds} ?))"
        return Where(sql, (pk, value, number))

    return meaning


def _any_field(world: World, term: Term) -> Where:
    inner = "SELECT 1 FROM json_each(doc, '$.custom_fields')"
    sql = f"EXISTS ({inner} WHERE json_extract(value, '$.value') = ? COLLATE NOCASE)"
    return Where(sql, (term.value,))


def _said(world: World, term: Term) -> Where:
    """Match the words of comments, of which the description is the first."""
    words = anywhere(term.value.rstrip("*"), phrase=not term.value.endswith("*"))
    sql = f"id IN (SELECT parent FROM rows WHERE kind = ? AND {words.sql})"  # noqa: S608 - values are bound
    return Where(sql, (Comment._meta.label, *words.values))


def _commenter(world: World, term: Term) -> Where:
    author = Person("author_id", User._meta.label)(world, term)
    sql = f"id IN (SELECT parent FROM rows WHERE kind = ? AND ({author.sql}))"  # noqa: S608 - values are bound
    return Where(sql, (Comment._meta.label, *author.values))


def _copied(world: World, term: Term) -> Where:
    """Match who is copied in: among the collaborators and the e-mail copies."""
    where = Where("0")
    for name in ("collaborator_ids", "email_cc_ids"):
        # `value` is the member, so that it can be asked as if it were a field.
        person = Person("author_id", User._meta.label)(world, term)
        sql = person.sql.replace(value_of("author_id"), "value")
        each = f"json_each(doc, '$.{name}')"
        where |= Where(f"EXISTS (SELECT 1 FROM {each} WHERE {sql})", person.values)  # noqa: S608 - values are bound
    return where


def _solved(world: World, term: Term) -> Where:
    """Match when it was solved: for a ticket that is, when it was last updated."""
    solved = Where(f"{value_of('status')} IN ('solved', 'closed')")
    return solved & Moment("updated_at")(world, term)


def _has_attachment(world: World, term: Term) -> Where:
    sql = (
        "id IN (SELECT parent FROM rows WHERE kind = ? "
        "AND json_array_length(doc, '$.attachments') > 0)"
    )
    found = Where(sql, (Comment._meta.label,))
    return found if term.value.lower() == "true" else ~found


BESIDES: Mapping[str, Mapping[str, Meaning]] = {
    "support.Ticket": {
        "solved": _solved,
        "description": _said,
        "comment": _said,
        "commenter": _commenter,
        "cc": _copied,
        "via": Exactly(value_of("via.channel")),
        "fieldvalue": _any_field,
        "has_attachment": _has_attachment,
        "satisfaction": Exactly(value_of("satisfaction_rating.score")),
        "form": Exactly(value_of("ticket_form_id")),
        "support_type": Exactly(value_of("support_type")),
    },
    "support.User": {"group": Named("default_group_id", "support.Group")},
}
