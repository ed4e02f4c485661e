"""Placeholders in the texts of macros, notifications and webhooks: `{{ticket.title}}`.

Source: https://support.zendesk.com/hc/en-us/articles/4408886858138
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from attrs import frozen

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.messages import BASE_URL
from zendesk_orm.emulator.storage.sql import Where
from zendesk_orm.schema.loading import load_datetime
from zendesk_orm.support import Brand, Comment, Group, Organization, TicketField, TicketForm, User


_PLACEHOLDER = re.compile(r"\{\{\s*([\w.]+)\s*(\|[^}]*)?\}\}")
#: A tag of Liquid: `{% if ticket.status == 'New' %}`.
_TAG = re.compile(r"\{%.*?%\}", re.DOTALL)
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

        Unknown placeholders, and tags and filters of Liquid, which are not run, count as ignored.

        Args:
            text: the text.
            escape: a function that escapes each value.
        """
        for match in _PLACEHOLDER.finditer(text):
            if match[2] or not self._is_known(match[1]):
                self._ignore(match[0])
        for tag in _TAG.findall(text):
            self._ignore(tag)
        return _PLACEHOLDER.sub(lambda match: escape(self.get(match[1])), text)

    def _ignore(self, part: str) -> None:
        self.context.ignored.note_rule("placeholder", part, f"ticket {self.ticket.get('id')}")

    def _is_known(self, name: str) -> bool:
        """Return True if the emulator knows a placeholder, which may be empty."""
        owner, _, key = name.partition(".")
        if owner != "ticket":
            return owner == "current_user"
        relation, _, field = key.partition(".")
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
        if key in _SPECIAL:
            return _SPECIAL[key](self)
        if key.startswith(_FIELD):
            return self._get_custom_field(key)
        date = key.removesuffix(_TIMESTAMP)
        value = self.ticket.get(_SYNONYMS.get(date, date))
        if key in _DATES:
            return _show_date(value)
        return _show(value).capitalize() if key in _WORDS else _show(value)

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
        field = self.context.store.get(TicketField._meta.label, int(pk) if pk.isdigit() else pk)
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
