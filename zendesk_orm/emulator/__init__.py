"""The embedded Zendesk: the API over SQLite, routed by the models' own declarations."""

from __future__ import annotations

from zendesk_orm.emulator.emulator import Emulator


__all__ = ["Emulator"]
