"""Names of tests that are the same in every process, as running them side by side needs."""

from __future__ import annotations

from typing import Any


def named(value: Any) -> str | None:
    """Return the text of a value, or None for what would show where it lies in memory."""
    text = str(value)
    return None if " at 0x" in text else text[:40]
