"""What macros do to tickets, and the files that they add.

Source: https://developer.zendesk.com/documentation/ticketing/reference-guides/actions-reference/
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from zendesk_orm.emulator import plain, ruling_writes, templates
from zendesk_orm.emulator.forms import parse_form
from zendesk_orm.emulator.plain import Written
from zendesk_orm.emulator.refusals import complaint, invalid_record, missing_parameter, not_found
from zendesk_orm.emulator.store import DELETED, Stored, Where, dumped
from zendesk_orm.emulator.world import HOME, Answer, Call, Target, World, is_number, number_or_word
from zendesk_orm.schema.options import Options
from zendesk_orm.support import Macro, MacroAttachment, Ticket, User


#: Files that a macro can have.
MOST_FILES = 5

_BRACES = re.compile(r"\{\{\s*([\w.]+)\s*\}\}")
#: Actions whose name is that of a field which they set.
_FIELDS = frozenset(
    {
        "status",
        "priority",
        "type",
        "subject",
        "group_id",
        "assignee_id",
        "brand_id",
        "ticket_form_id",
        "custom_status_id",
    }
)
_NUMBERS = frozenset({"group_id", "assignee_id", "brand_id", "ticket_form_id", "custom_status_id"})
#: What a macro that is made of a ticket sets.
_COPIED = ("status", "priority", "type", "group_id", "assignee_id")


def apply(world: World, call: Call, target: Target) -> Answer:
    """Answer with what a macro changes; braces stay as they are."""
    macro = plain.stored(world, Macro._meta, target.places[0]).doc
    return Answer(text=dumped({"result": {"ticket": _effect(world, macro, {})}}))


def apply_to(world: World, call: Call, target: Target) -> Answer:
    """Answer with a ticket as it would be."""
    ticket = plain.stored(world, Ticket._meta, target.places[0]).doc
    macro = plain.stored(world, Macro._meta, target.places[1]).doc
    effect = _effect(world, macro, ticket)
    fields = effect.pop("fields", ())
    values = {each["id"]: each["value"] for each in ticket["custom_fields"]}
    values.update({each["id"]: each["value"] for each in _listed(fields)})
    custom = [{"id": pk, "value": value} for pk, value in values.items()]
    shown = {**ticket, **effect, "custom_fields": custom, "fields": custom}
    return Answer(text=dumped({"result": {"ticket": shown}}))


def new(world: World, call: Call, target: Target) -> Answer:
    """Answer with a macro that was not kept: like another, or like a ticket."""
    macro, ticket = call.params.get("macro_id"), call.params.get("ticket_id")
    row = templates.blank(Macro._meta)
    if macro:
        known = plain.stored(world, Macro._meta, number_or_word(macro)).doc
        row.update({key: known[key] for key in row if key not in {"id", "url", "position"}})
        row.update(created_at=None, updated_at=None)
    elif ticket:
        known = plain.stored(world, Ticket._meta, number_or_word(ticket)).doc
        row["title"] = row["raw_title"] = known["subject"]
        row["actions"] = [
            {"field": name, "value": str(known[name])} for name in _COPIED if known.get(name)
        ]
        if known["tags"]:
            row["actions"].append({"field": "set_tags", "value": " ".join(known["tags"])})
    else:
        raise missing_parameter("macro_id")
    return Answer(text=dumped({"macro": row}))


def categories(world: World, call: Call, target: Target) -> Answer:
    """Answer with what stands before `::` in titles."""
    rows = world.store.docs(Macro._meta.label, Where("state < ?", (DELETED,)))
    found = sorted({row["title"].partition("::")[0] for row in rows if "::" in row["title"]})
    return Answer(text=dumped({"categories": found}))


def upload(world: World, call: Call, target: Target) -> Answer:
    """Answer with a file that was kept, for a macro or for none yet.

    Raises:
        Refusal: there is no file in the form, or the macro has five.
    """
    macro = target.places[0] if target.places else None
    if macro is not None:
        plain.stored(world, Macro._meta, macro)
        held = Where("parent = ? AND state < ?", (macro, DELETED))
        if world.store.count(MacroAttachment._meta.label, held) >= MOST_FILES:
            text = f"Attachments: at most {MOST_FILES}"
            raise invalid_record({"base": [complaint(text, "InvalidValue")]})
    name, kind, content = _file(call)
    row = templates.blank(MacroAttachment._meta)
    plain.begin(world, MacroAttachment._meta, row)
    row.pop("macro_id", None)
    row.update(
        filename=name,
        content_type=kind,
        size=len(content),
        content_url=f"{HOME}/api/v2/macros/attachments/{row['id']}/content",
    )
    world.store.keep_file(f"macro {row['id']}", name, kind, content)
    world.write(MacroAttachment._meta, row, parent=macro)
    return Answer(201, dumped({"macro_attachment": row}))


def download(world: World, call: Call, target: Target) -> Answer:
    """Answer with the bytes of a file.

    Raises:
        Refusal: there is no such file.
    """
    found = world.store.file(f"macro {target.places[0]}")
    if found is None:
        raise not_found()
    return Answer(200, headers={"Content-Type": found[1]}, content=found[2])


def create(
    world: World, meta: Options, payload: Mapping[str, Any], given: Mapping[str, Any]
) -> Written:
    """Make a macro, with files that none had."""
    written = ruling_writes.create(world, meta, payload, given)
    _claim(world, written.row["id"], payload)
    return written


def update(world: World, meta: Options, stored: Stored, payload: Mapping[str, Any]) -> Written:
    """Change a macro, and give it files that none had."""
    _claim(world, stored.id, payload)
    return ruling_writes.update(world, meta, stored, payload)


def _claim(world: World, macro: Any, payload: Mapping[str, Any]) -> None:
    for pk in payload.get("attachments") or ():
        stored = plain.stored(world, MacroAttachment._meta, pk)
        world.store.put([Stored(stored.kind, stored.id, stored.doc, parent=macro)], world.now())


def _file(call: Call) -> tuple[str, str, bytes]:
    """Return name, type and bytes of the file in a form."""
    form, given = parse_form(call, "attachment")
    if given is None:
        raise missing_parameter("attachment")
    return form.get("filename") or given.name or "file", given.type, given.content


def _effect(world: World, macro: Mapping[str, Any], ticket: Mapping[str, Any]) -> dict[str, Any]:
    """Return the new values of a ticket, by name; of none where no ticket is given."""
    found: dict[str, Any] = {}
    comment: dict[str, Any] = {}
    fields: list[dict[str, Any]] = []
    for action in macro["actions"]:
        name, value = str(action.get("field")), action.get("value")
        if name in _FIELDS:
            found[name] = _value(world, name, value)
        elif name.startswith("custom_fields_"):
            fields.append({"id": int(name.removeprefix("custom_fields_")), "value": value})
        elif name.endswith("_tags"):
            found["tags"] = _tags(name, value, found.get("tags", ticket.get("tags")) or [])
        elif name in {"comment_value", "comment_value_html"}:
            key = "html_body" if name.endswith("html") else "body"
            text = value[-1] if isinstance(value, list) else value
            comment[key] = _filled(world, str(text), ticket)
        elif name == "comment_mode_is_public":
            comment["public"] = str(value) == "true"
    if comment:
        comment.setdefault("public", True)
        if "body" in comment:
            comment["scoped_body"] = [["channel:all", comment["body"]]]
        found["comment"] = comment
    if fields:
        found["fields"] = fields[0] if len(fields) == 1 else fields
    return found


def _value(world: World, name: str, value: Any) -> Any:
    if value in ("current_user", "current_groups"):
        user = world.store.get(User._meta.label, world.author) or {}
        return world.author if name == "assignee_id" else user.get("default_group_id")
    if name in _NUMBERS:
        return int(value) if is_number(str(value)) else None
    return value


def _tags(name: str, value: Any, before: list[str]) -> list[str]:
    given = plain.tags(value)
    if name == "set_tags":
        return given
    if name == "remove_tags":
        return [tag for tag in before if tag not in given]
    return plain.tags([*before, *given])


def _filled(world: World, text: str, ticket: Mapping[str, Any]) -> str:
    """Return a text with what stands in braces filled in, as far as the emulator knows it."""
    if not ticket:
        return text
    users = {
        name: world.store.get(User._meta.label, pk) or {}
        for name, pk in (
            ("ticket.requester", ticket.get("requester_id")),
            ("ticket.assignee", ticket.get("assignee_id")),
            ("current_user", world.author),
        )
    }

    def put(found: re.Match[str]) -> str:
        word = found[1]
        owner, _, key = word.rpartition(".")
        if owner in users:
            return str(users[owner].get(key) or "")
        if owner == "ticket":
            return str(ticket.get({"title": "subject"}.get(key, key)) or "")
        return found[0]

    return _BRACES.sub(put, text)


def _listed(fields: Any) -> list[dict[str, Any]]:
    return [fields] if isinstance(fields, dict) else list(fields)


_MACRO, _FILE = "support.Macro", "support.MacroAttachment"
ROUTES: Mapping[tuple[str, str, str], Callable[[World, Call, Target], Answer]] = {
    ("GET", "macros/{}/apply", _MACRO): apply,
    ("GET", "tickets/{}/macros/{}/apply", _MACRO): apply_to,
    ("GET", "macros/new", _MACRO): new,
    ("GET", "macros/categories", _MACRO): categories,
    ("POST", "macros/{}/attachments", _MACRO): upload,
    ("POST", "macros/attachments", _FILE): upload,
    ("GET", "macros/attachments/{}/content", _FILE): download,
}
