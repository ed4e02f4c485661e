"""Attachments of macros.

Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/macros/#json-format-for-macro-attachments
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.messages import BASE_URL, Request, Response, Target
from zendesk_orm.emulator.server.bodies import parse_form
from zendesk_orm.emulator.server.errors import (
    field_error,
    invalid_record,
    missing_parameter,
    not_found,
)
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage import defaults
from zendesk_orm.emulator.storage.sql import Where
from zendesk_orm.emulator.storage.store import DELETED, StoredRow, dump_json
from zendesk_orm.support import Macro, MacroAttachment


_META = MacroAttachment._meta
#: Files that a macro can have.
MAX_FILES = 5


@route("POST", "macros/{id}/attachments", Macro)
@route("POST", "macros/attachments", MacroAttachment)
def create(context: Context, request: Request, target: Target) -> Response:
    """Upload a file for a macro, or for a macro that is created later.

    Raises:
        HTTPError: 400, if the form contains no file; 422, if the macro has five files.
    """
    macro = target.args[0] if target.args else None
    if macro is not None:
        resources.get(context, Macro._meta, macro)
        files = Where("parent = ? AND state < ?", (macro, DELETED))
        if context.store.count(_META.label, files) >= MAX_FILES:
            text = f"Attachments: a macro can have at most {MAX_FILES}"
            raise invalid_record({"base": [field_error(text, "InvalidValue")]})
    name, kind, content = _parse_file(request)
    row = defaults.build_row(_META)
    resources.initialize(context, _META, row)
    row.pop("macro_id", None)
    row.update(
        filename=name,
        content_type=kind,
        size=len(content),
        content_url=f"{BASE_URL}/api/v2/macros/attachments/{row['id']}/content",
    )
    context.store.save_file(f"macro {row['id']}", name, kind, content)
    context.write(_META, row, parent=macro)
    return Response(201, dump_json({"macro_attachment": row}))


@route("GET", "macros/attachments/{id}/content", MacroAttachment)
def download(context: Context, request: Request, target: Target) -> Response:
    """Return the bytes of a file.

    Raises:
        HTTPError: 404, if the file does not exist.
    """
    file = context.store.get_file(f"macro {target.args[0]}")
    if file is None:
        raise not_found()
    return Response(200, headers={"Content-Type": file[1]}, content=file[2])


def attach_files(context: Context, macro: Any, ids: Iterable[Any]) -> None:
    """Attach uploaded files to a macro."""
    for pk in ids:
        stored = resources.get(context, _META, pk)
        row = StoredRow(stored.kind, stored.id, stored.doc, parent=macro)
        context.store.put([row], context.now())


def _parse_file(request: Request) -> tuple[str, str, bytes]:
    """Return name, type and bytes of the file in a form."""
    form, file = parse_form(request, "attachment")
    if file is None:
        raise missing_parameter("attachment")
    return form.get("filename") or file.name or "file", file.type, file.content
