"""Database files: those of emulators, and those of other programs."""

from __future__ import annotations

from collections.abc import Set as AbstractSet


def check_tables(names: AbstractSet[str]) -> None:
    """Check that a database with tables is one of an emulator, before anything is changed.

    Raises:
        ValueError: it belongs to another program.
    """
    if names and "rows" not in names:
        raise ValueError("it belongs to another program")
