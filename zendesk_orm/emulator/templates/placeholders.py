"""Placeholders in the texts of macros, notifications and webhooks: `{{ticket.title}}`.

Source: https://support.zendesk.com/hc/en-us/articles/4408886858138
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any

from attrs import frozen

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.messages import BASE_URL, parse_id
from zendesk_orm.emulator.storage.sql import Where
from zendesk_orm.emulator.templates import dynamic_texts, liquid
from zendesk_orm.emulator.templates.liquid import Node
from zendesk_orm.schema.loading import load_datetime
from zendesk_orm.support import Brand, Comment, Group, Organization, TicketField, TicketForm, User


_PLACEHOLDER = re.compile(r"\{\{\s*([\w.]+)\s*\}\}")
#: Outputs that only Liquid renders: `{{ ticket.title | upcase }}`, `{{- ticket.title -}}`.
_LIQUID_OUTPUT = re.compile(r"\{\{[^{}]*[-|\['\"]")
#: Fields that are shown as dates, and the end of the names of their timestamps.
_DATES, _TIMESTAMP = frozenset({"created_at", "updated_at", "due_date"}), "_with_timestamp"
#: Fields of a ticket whose values are shown as words: `open` as `Open`.
_WORDS = frozenset({"status", "priority", "ticket_type"})
#: Names of placeholders that are not those of fields.
_SYNONYMS = {"title": "subject", "ticket_type": "type", "due_date": "due_at"}
_OPTION_TITLE, _FIELD = "ticket_field_option_title_", "ticket_field_"
_RELATED = {
    "requester": (User, "requester_id"),
    "assignee": (User, "assignee_id"),
    "submitter": (User, "submitter_id"),
    "organization": (Organization, "organization_id"),
    "group": (Group, "group_id"),
    "brand": (Brand, "brand_id"),
}


@frozen
class Placeholders:
    """The values of the placeholders of a ticket.

    Attributes:
        context: the account.
        ticket: the row of the ticket.
        user_id: the id of the current user.
    """

    context: Context
    ticket: Mapping[str, Any]
    user_id: int

    def render(self, text: str, escape: Callable[[str], str] = str) -> str:
        """Return a text with the values of its placeholders; unknown ones are removed.

        Unknown placeholders, unknown filters and errors of Liquid count as ignored. So do all tags
        and filters if `python-liquid` is not installed.

        Args:
            text: the text.
            escape: a function that escapes each value.
        """
        if "dc." in text:
            locale_id = dynamic_texts.get_locale(self.context, self.ticket.get("requester_id"))
            text = dynamic_texts.resolve(self.context, text, locale_id)
        if _uses_liquid(text):
            if liquid.is_installed():
                return self._render_liquid(text, escape)
            self._ignore('Liquid, which needs pip install "zendesk_orm[liquid]"')
        for match in _PLACEHOLDER.finditer(text):
            if not self._is_known(match[1]):
                self._ignore(match[0])
        return _PLACEHOLDER.sub(lambda match: escape(self.get(match[1])), text)

    def _render_liquid(self, text: str, escape: Callable[[str], str]) -> str:
        variables = {
            "ticket": self._build_node("ticket"),
            "current_user": self._build_node("current_user"),
        }
        return liquid.render(
            text,
            variables,
            escape=escape,
            now=self.context.now(),
            ignore=self._ignore,
            show_errors=self.context.switches.liquid_errors,
        )

    def _build_node(self, path: str) -> Node:
        """Return the object of templates for a path, such as `ticket.requester`."""

        def get(key: str) -> Any:
            name = f"{path}.{key}"
            if name in _LISTS:
                return _LISTS[name](self)
            if name in _COMMENT_NAMES:
                comment = self._get_latest_comment(key)
                return None if comment is None else self.build_comment(comment, self.get(name))
            if name.removeprefix("ticket.") in _RELATED or key in ("custom_fields", "organization"):
                return self._build_node(name)
            if not self._is_known(name):
                self._ignore(f"{{{{{name}}}}}")
            value = self.get(name)
            return (parse_id(value) if key == "id" else value) or None

        return Node(cache(get))

    def build_comment(self, comment: Mapping[str, Any], text: str = "") -> Node:
        """Return the object of templates for a comment."""

        def get(key: str) -> Any:
            if key == "author":
                return Node(lambda name: self._get_user_value(comment["author_id"], name))
            build_value = _COMMENT_VALUES.get(key)
            if build_value is None:
                self._ignore(f"{{{{comment.{key}}}}}")
                return None
            return build_value(comment)

        return Node(get, text or str(comment.get("body") or ""))

    def _get_user_value(self, pk: Any, key: str) -> Any:
        """Return a value of a user for templates, or None if it is empty."""
        value = self._get_related_value(User, pk, key)
        return (parse_id(value) if key == "id" else value) or None

    def _get_latest_comment(self, key: str) -> Mapping[str, Any] | None:
        comments = self.get_comments(public="public" in key)
        return comments[0] if comments else None

    def list_copied_users(self) -> list[Node]:
        """Return the objects of templates for the users in copy."""
        ids = self.ticket.get("email_cc_ids") or self.ticket.get("collaborator_ids") or ()
        return [Node(partial(self._get_user_value, pk)) for pk in ids]

    def list_custom_fields(self) -> list[tuple[str, Any]]:
        """Return the custom fields of the ticket as pairs of id and value."""
        fields = self.ticket.get("custom_fields") or ()
        return [(str(item["id"]), item["value"]) for item in fields]

    def _ignore(self, part: str) -> None:
        self.context.ignored.note_rule("placeholder", part, f"ticket {self.ticket.get('id')}")

    def _is_known(self, name: str) -> bool:
        """Return True if the emulator knows a placeholder, which may be empty."""
        owner, _, key = name.partition(".")
        if owner != "ticket":
            return owner == "current_user"
        relation, _, field = key.partition(".")
        if f"ticket.{relation}" in _COMMENT_NAMES and field:
            return field in _COMMENT_VALUES or field.startswith("author.")
        if (relation in _RELATED and field) or key in _SPECIAL or key.startswith(_FIELD):
            return True
        key = key.removesuffix(_TIMESTAMP)
        return _SYNONYMS.get(key, key) in self.ticket

    def get(self, name: str) -> str:
        """Return the value of a placeholder, or "" if it is unknown or empty."""
        owner, _, key = name.partition(".")
        if owner == "current_user":
            return self._get_related_value(User, self.user_id, key)
        if owner != "ticket":
            return ""
        relation, _, field = key.partition(".")
        if relation in _RELATED and field:
            model, wire = _RELATED[relation]
            return self._get_related_value(model, self.ticket.get(wire), field)
        if f"ticket.{relation}" in _COMMENT_NAMES and field:
            return self._get_comment_value(relation, field)
        if key in _SPECIAL:
            return _SPECIAL[key](self)
        if key.startswith(_FIELD):
            return self._get_custom_field(key)
        date = key.removesuffix(_TIMESTAMP)
        value = self.ticket.get(_SYNONYMS.get(date, date))
        if key in _DATES:
            return _show_date(value)
        return _show(value).capitalize() if key in _WORDS else _show(value)

    def _get_comment_value(self, name: str, field: str) -> str:
        """Return a value of the latest comment: `author.name`, `value`."""
        comment = self._get_latest_comment(name)
        if comment is None:
            return ""
        relation, _, key = field.partition(".")
        if relation == "author" and key:
            return self._get_related_value(User, comment["author_id"], key)
        build_value = _COMMENT_VALUES.get(field)
        return "" if build_value is None else _show(build_value(comment))

    def _get_related_value(self, model: Any, pk: Any, key: str) -> str:
        row = self.context.store.get(model._meta.label, pk) or {}
        name = str(row.get("name") or "")
        if key == "first_name":
            return name.partition(" ")[0]
        if key == "last_name":
            return name.rpartition(" ")[2]
        prefix, _, field = key.partition(".")
        if prefix == "custom_fields":
            values = row.get("user_fields") or row.get("organization_fields") or {}
            return _show(values.get(field))
        if prefix == "organization" and field:
            return self._get_related_value(Organization, row.get("organization_id"), field)
        return _show(row.get(key))

    def _get_custom_field(self, key: str) -> str:
        """Return the value of a custom field, or the title of its option."""
        titled = key.startswith(_OPTION_TITLE)
        pk = key.removeprefix(_OPTION_TITLE if titled else _FIELD)
        fields = self.ticket.get("custom_fields") or ()
        value = next((item["value"] for item in fields if str(item["id"]) == pk), None)
        if not titled:
            return _show(value)
        field = self.context.store.get(TicketField._meta.label, parse_id(pk))
        options = (field or {}).get("custom_field_options") or ()
        titles = {option["value"]: option["name"] for option in options}
        return _show(titles.get(value, value) if not isinstance(value, list) else value)

    def get_comments(self, *, public: bool = False) -> list[dict[str, Any]]:
        """Return the comments of the ticket, the newest first."""
        where = Where("parent = ?", (self.ticket.get("id"),))
        rows = self.context.store.select(Comment._meta.label, where, "id DESC")
        return [row for row in rows if row["public"] or not public]

    def get_latest(self, key: str, *, public: bool = False) -> str:
        """Return a text of the latest comment."""
        comments = self.get_comments(public=public)
        return str(comments[0].get(key) or "") if comments else ""

    def format_comments(self, *, public: bool = False) -> str:
        """Return the texts of all comments with their authors, the newest first."""
        parts = []
        for comment in self.get_comments(public=public):
            author = self.context.store.get(User._meta.label, comment["author_id"]) or {}
            heading = f"{author.get('name', '')}, {comment['created_at']}"
            parts.append(f"{heading}\n\n{comment['body']}")
        return "\n\n----------------------------------------------\n\n".join(parts)

    def get_form(self) -> str:
        """Return the name of the form of the ticket."""
        row = self.context.store.get(TicketForm._meta.label, self.ticket.get("ticket_form_id"))
        return str((row or {}).get("name") or "")

    def get_account(self) -> str:
        """Return the name of the account: that of its default brand."""
        row = self.context.store.get(Brand._meta.label, self.context.brand_id) or {}
        return str(row.get("name") or "")


def _uses_liquid(text: str) -> bool:
    """Return True if a text has tags, such as `{% if ... %}`, or outputs with more than a name."""
    return -1 < text.find("{%") < text.rfind("%}") or _LIQUID_OUTPUT.search(text) is not None


def escape_json(text: str) -> str:
    """Return a text as it appears inside a string of JSON."""
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _show_date(timestamp: Any) -> str:
    """Return a date as in the reference: `May 18, 2014`."""
    if not timestamp:
        return ""
    date = load_datetime(timestamp)
    return f"{date:%B} {date.day}, {date.year}"


def _show(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(map(str, value))
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None or isinstance(value, dict) else str(value)


#: The latest comments, whose values can be named: `ticket.latest_comment.author.name`.
_COMMENT_NAMES = frozenset({"ticket.latest_comment", "ticket.latest_public_comment"})
_COMMENT_VALUES: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
    "id": lambda comment: comment["id"],
    "created_at": lambda comment: _show_date(comment["created_at"]),
    "created_at_with_time": lambda comment: comment["created_at"],
    "is_public": lambda comment: comment["public"],
    "value": lambda comment: comment["body"],
    "value_rich": lambda comment: comment["html_body"],
    "attachments": lambda comment: [
        {"filename": item.get("file_name"), "url": item.get("content_url")}
        for item in comment.get("attachments") or ()
    ],
}
#: Values that are lists in templates.
_LISTS: Mapping[str, Callable[[Placeholders], list[Any]]] = {
    "ticket.comments": lambda it: [it.build_comment(row) for row in it.get_comments()],
    "ticket.public_comments": lambda it: [
        it.build_comment(row) for row in it.get_comments(public=True)
    ],
    "ticket.ccs": Placeholders.list_copied_users,
    "ticket.custom_fields": Placeholders.list_custom_fields,
}
_SPECIAL: Mapping[str, Callable[[Placeholders], str]] = {
    "account": Placeholders.get_account,
    "ticket_form": Placeholders.get_form,
    "via": lambda it: str((it.ticket.get("via") or {}).get("channel") or "").capitalize(),
    "url": lambda it: f"{BASE_URL.partition('//')[2]}/agent/tickets/{it.ticket.get('id')}",
    "link": lambda it: f"{BASE_URL}/agent/tickets/{it.ticket.get('id')}",
    "description": lambda it: html.unescape(str(it.ticket.get("description") or "")),
    "latest_comment": lambda it: it.get_latest("body"),
    "latest_comment_formatted": lambda it: it.get_latest("body"),
    "latest_comment_html": lambda it: it.get_latest("html_body"),
    "latest_comment_rich": lambda it: it.get_latest("html_body"),
    "latest_public_comment": lambda it: it.get_latest("body", public=True),
    "latest_public_comment_formatted": lambda it: it.get_latest("body", public=True),
    "latest_public_comment_html": lambda it: it.get_latest("html_body", public=True),
    "latest_public_comment_rich": lambda it: it.get_latest("html_body", public=True),
    "comments_formatted": Placeholders.format_comments,
    "public_comments_formatted": lambda it: it.format_comments(public=True),
}
