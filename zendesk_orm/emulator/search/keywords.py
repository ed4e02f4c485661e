"""Keywords of search by type: those that are declared, and further ones of Zendesk.

Source: https://support.zendesk.com/hc/en-us/articles/4408886879258
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from attrs import evolve

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.messages import Target, is_number
from zendesk_orm.emulator.search.conditions import (
    BooleanProperty,
    ChoiceProperty,
    Compiler,
    DateProperty,
    ExactProperty,
    ListProperty,
    ReferenceProperty,
    TextProperty,
    UserProperty,
    where_text,
)
from zendesk_orm.emulator.search.parser import SearchQuery, SearchTerm
from zendesk_orm.emulator.storage.sql import (
    Where,
    json_items,
    json_value,
    where_any_item,
    where_in,
    where_in_items,
    where_in_rows,
)
from zendesk_orm.emulator.storage.store import DELETED
from zendesk_orm.emulator.storage.words import normalize_words
from zendesk_orm.schema.fields import Ref
from zendesk_orm.schema.options import Options
from zendesk_orm.support import Comment, User


#: Undocumented keywords. Source: recordings, `created_at>2023-01-01`.
_SYNONYMS = {"created_at": "created", "updated_at": "updated"}
#: Text fields that are compared as a whole, and not by their words.
_UNTOKENIZED = frozenset({"external_id", "phone", "recipient", "subdomain"})
_CUSTOM = re.compile(r"custom_field_(\d{1,18})", re.ASCII)
#: Types of custom fields whose words are compared.
_TEXTS = frozenset({"text", "textarea"})
#: Channels by their names in searches.
_CHANNELS = {"mail": "email", "phone": "voice"}
_NUMBER = re.compile(r"-?\d{1,18}(\.\d{1,18})?", re.ASCII)
_USER = User._meta.label
_MEMBERSHIP, _MEMBER = "support.GroupMembership", json_value("user_id")


def compile_query(context: Context, target: Target, query: SearchQuery) -> Where:
    """Return the condition for the rows of a type that match a query."""
    where = Where()
    for alternatives in query.alternatives():
        group = compile_term(context, target, alternatives[0])
        for term in alternatives[1:]:
            group |= compile_term(context, target, term)
        where &= group
    return where


def compile_term(context: Context, target: Target, term: SearchTerm) -> Where:
    """Return the condition of a term for the rows of one type.

    No row matches a keyword that its type does not have.
    """
    if not term.keyword:
        where = _compile_text(target.meta, term)
    else:
        compiler = _find_compiler(context, target, term.keyword)
        where = compiler(context, term) if compiler else Where("0")
    return ~where if term.negated else where


def is_keyword(context: Context, target: Target, keyword: str) -> bool:
    """Return True if a type has a keyword: one of Zendesk, or the key of a custom field."""
    meta = target.meta
    if f"{meta.singular}_fields" not in meta.fields:
        return _find_compiler(context, target, keyword) is not None
    keyword = _SYNONYMS.get(keyword, keyword)
    if keyword in UNDECLARED.get(meta.label, {}) or keyword in target.endpoint.filters.values():
        return True
    return bool(context.store.find(f"{meta.label}Field", "key", keyword))


def _compile_text(meta: Options, term: SearchTerm) -> Where:
    """Return the condition of a term without a keyword: words, or the id of a ticket."""
    where = where_text(term.value, phrase=term.quoted)
    if meta.singular == "ticket" and is_number(term.value):
        return where | Where("id = ?", (int(term.value),))
    return where


def _find_compiler(context: Context, target: Target, keyword: str) -> Compiler | None:
    """Return the compiler of a keyword, or None if the type does not have the keyword."""
    meta = target.meta
    keyword = _SYNONYMS.get(keyword, keyword)
    if meta.label == "support.Ticket":
        if keyword == "external_id" and not context.switches.external_id_searchable:
            return None
        custom = _CUSTOM.fullmatch(keyword)
        if custom:
            return _custom_field_compiler(context, int(custom[1]))
    undeclared = UNDECLARED.get(meta.label, {})
    if keyword in undeclared:
        return undeclared[keyword]
    for name, parameter in target.endpoint.filters.items():
        if parameter == keyword:
            return _field_compiler(meta, name)
    custom_fields = f"{meta.singular}_fields"
    if custom_fields in meta.fields:
        return ExactProperty(json_value(f'{custom_fields}."{keyword}"'))
    return None


def _field_compiler(meta: Options, name: str) -> Compiler | None:
    """Return the compiler of a declared keyword, by the kind of its field."""
    field = meta.get_field(name)
    if isinstance(field, Ref):
        label = field.model._meta.label
        reference = UserProperty if label == _USER else ReferenceProperty
        return reference(json_value(field.id.wire), label)
    if field.kind.choices:
        return ChoiceProperty(field.wire)
    if field.wire == "email":
        return TextProperty("email")
    by_kind: Mapping[str, type] = {
        "datetime": DateProperty,
        "date": DateProperty,
        "bool": BooleanProperty,
        "list": ListProperty,
        "str": TextProperty,
    }
    property_type = by_kind.get(field.kind.name)
    if property_type is None or field.wire in _UNTOKENIZED:
        return ExactProperty(json_value(field.wire))
    compiler: Compiler = property_type(field.wire)
    return compiler


def _custom_field_compiler(context: Context, pk: int) -> Compiler:
    """Return the compiler of the keyword of a custom field."""
    type_ = (context.store.get("support.TicketField", pk) or {}).get("type")
    fields = json_items("custom_fields")
    items = json_items("value", "field.value")
    # A multi-select holds a list; json_each returns any other value as the only item.
    table = f"{fields} AS field, {items} AS item"
    is_field = Where(f"{json_value('id', 'field.value')} = ?", (pk,))
    has_value = where_any_item(table, is_field & Where("ifnull(item.value, '') != ''"))

    def compile_value(context: Context, term: SearchTerm) -> Where:
        value = term.value.lower()
        if value in ("none", "*"):
            return has_value if value == "*" else ~has_value
        if type_ == "checkbox" and value == "unchecked":
            # A checkbox that was never set is not checked.
            return ~where_any_item(table, is_field & Where("item.value = 1"))
        if type_ in _TEXTS and term.op == ":":
            return where_any_item(table, is_field & _where_words("item.value", term))
        text = {"checked": "1", "unchecked": "0"}.get(value, term.value)
        number: Any = text
        if _NUMBER.fullmatch(text):
            number = float(text) if "." in text else int(text)
        sign = "=" if term.op == ":" else term.op
        matches = Where(f"item.value {sign} ? OR item.value {sign} ?", (text, number))
        return where_any_item(table, is_field & matches)

    return compile_value


def _compile_any_custom_field(context: Context, term: SearchTerm) -> Where:
    """Return the condition that a custom field contains the words."""
    return where_any_item(
        json_items("custom_fields"), _where_words(json_value("value", "value"), term)
    )


def _where_words(sql: str, term: SearchTerm) -> Where:
    """Return the condition that a text contains the words of a term; `*` ends the start of one."""
    words = normalize_words(term.value)
    if term.value.endswith("*"):
        words = words.rstrip()
    return Where(f"instr(normalize_words({sql}), ?) > 0", (words,)) if words else Where("0")


def _where_comment(where: Where) -> Where:
    """Return the condition that a ticket has a comment that matches a condition."""
    return where_in_rows("id", Comment._meta.label, where, "parent")


def _compile_comment(context: Context, term: SearchTerm) -> Where:
    """Return the condition that a comment contains the words; the description is the first."""
    return _where_comment(where_text(term.value.rstrip("*"), phrase=not term.value.endswith("*")))


def _compile_commenter(context: Context, term: SearchTerm) -> Where:
    """Return the condition that a user has written a comment."""
    return _where_comment(UserProperty(json_value("author_id"), _USER)(context, term))


def _compile_cc(context: Context, term: SearchTerm) -> Where:
    """Return the condition that a user is an e-mail copy, or a collaborator but no follower."""
    where = UserProperty("value", _USER)(context, term)
    collaborators, copies = json_items("collaborator_ids"), json_items("email_cc_ids")
    follows = where_in_items("value", json_items("follower_ids"))
    return where_any_item(collaborators, where & ~follows) | where_any_item(copies, where)


def _compile_solved_at(context: Context, term: SearchTerm) -> Where:
    """Return the condition for the time of solving: the last update of a solved ticket."""
    is_solved = where_in(json_value("status"), ("solved", "closed"))
    return is_solved & DateProperty("updated_at")(context, term)


def _compile_satisfaction(context: Context, term: SearchTerm) -> Where:
    """Return the condition on the rating of a ticket: `good`, `badwithcomment`, `offered`."""
    score, with_comment, _ = term.value.lower().partition("withcomment")
    where = ExactProperty(json_value("satisfaction_rating.score"))(
        context, evolve(term, value=score)
    )
    if not with_comment:
        return where
    return where & Where(f"ifnull({json_value('satisfaction_rating.comment')}, '') != ''")


def _compile_channel(context: Context, term: SearchTerm) -> Where:
    """Return the condition on the channel of a ticket, whose name differs in searches."""
    channel = _CHANNELS.get(term.value.lower(), term.value)
    return ExactProperty(json_value("via.channel"))(context, evolve(term, value=channel))


def _compile_user_group(context: Context, term: SearchTerm) -> Where:
    """Return the condition that a user is a member of a group, or that it is the default one."""
    if term.value.lower() == "none" and not term.quoted:
        is_member = where_in_rows("id", _MEMBERSHIP, Where("state < ?", (DELETED,)), _MEMBER)
        return ~is_member & Where(f"{json_value('default_group_id')} IS NULL")
    of_group = ReferenceProperty(json_value("group_id"), "support.Group")(context, term)
    is_member = where_in_rows("id", _MEMBERSHIP, Where("state < ?", (DELETED,)) & of_group, _MEMBER)
    of_default = ReferenceProperty(json_value("default_group_id"), "support.Group")
    return is_member | of_default(context, term)


def _compile_whatsapp(context: Context, term: SearchTerm) -> Where:
    """Return the condition that a user has a number of WhatsApp."""
    is_number = Where(f"state < ? AND {json_value('type')} = 'whatsapp'", (DELETED,))
    has_value = ExactProperty(json_value("value"))(context, term)
    return where_in_rows("id", "support.UserIdentity", is_number & has_value, "parent")


def _compile_user(context: Context, term: SearchTerm) -> Where:
    """Return the condition of `user:`, which finds users by name, e-mail address or phone."""
    return UserProperty("id", _USER)(context, term)


def _compile_has_attachment(context: Context, term: SearchTerm) -> Where:
    where = _where_comment(Where(f"json_array_length({json_value('attachments')}) > 0"))
    return where if term.value.lower() == "true" else ~where


#: Compilers of keywords that no model declares, by label and keyword.
UNDECLARED: Mapping[str, Mapping[str, Compiler]] = {
    "support.Ticket": {
        "solved": _compile_solved_at,
        "description": _compile_comment,
        "comment": _compile_comment,
        "commenter": _compile_commenter,
        "cc": _compile_cc,
        "via": _compile_channel,
        "fieldvalue": _compile_any_custom_field,
        "has_attachment": _compile_has_attachment,
        "satisfaction": _compile_satisfaction,
        "form": ReferenceProperty(json_value("ticket_form_id"), "support.TicketForm"),
        "support_type": ExactProperty(json_value("support_type")),
    },
    "support.User": {
        "group": _compile_user_group,
        "user": _compile_user,
        "whatsapp": _compile_whatsapp,
    },
}
