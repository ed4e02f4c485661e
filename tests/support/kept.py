"""Rows that Zendesk makes by itself, and no call can make."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any


if TYPE_CHECKING:
    from zendesk_orm import Model
    from zendesk_orm.emulator import Emulator


def keep(emulator: Emulator, model: type[Model], *rows: dict[str, Any], parent: Any = None) -> None:
    """Let an emulator have rows, below another where that is what they belong to."""
    world = emulator._world
    with world.store.transaction():
        for row in rows:
            world.write(model._meta, row, parent=parent)
