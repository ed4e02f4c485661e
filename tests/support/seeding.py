"""Rows that only Zendesk creates, written directly into the emulator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any


if TYPE_CHECKING:
    from zendesk_orm import Model
    from zendesk_orm.emulator import Emulator


def seed_rows(
    emulator: Emulator, model: type[Model], *rows: dict[str, Any], parent: Any = None
) -> None:
    """Write rows of a model into an emulator; `parent` is the id of the owning object."""
    world = emulator._context
    with world.store.transaction():
        for row in rows:
            world.write(model._meta, row, parent=parent)


def build_suspended_row(pk: int, **values: Any) -> dict[str, Any]:
    """Return the row of a suspended ticket."""
    return {
        "id": pk,
        "author": {"id": None, "name": "Styx", "email": "styx@example.com"},
        "subject": f"Message {pk}",
        "content": "Domo arigato",
        "cause": "Detected as spam",
        "cause_id": 0,
        "ticket_id": None,
        "brand_id": None,
        "error_messages": None,
        "attachments": [],
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-01T00:00:00Z",
        **values,
    }
