"""The embedded Zendesk: the API over SQLite, routed by the models' own declarations."""

from __future__ import annotations


try:
    from zendesk_orm.emulator.emulator import Emulator
    from zendesk_orm.emulator.server.faults import Fault
except ModuleNotFoundError as missing:
    if (missing.name or "").partition(".")[0] != "werkzeug":
        raise
    raise ModuleNotFoundError(
        'the embedded Zendesk needs Werkzeug: pip install "zendesk_orm[emulator]"',
        name="werkzeug",
    ) from None


__all__ = ["Emulator", "Fault"]
