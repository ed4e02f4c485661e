"""Names of files that others chose, made safe to write to."""

from __future__ import annotations

import re


#: Bytes that a name may have; file systems take 255, and some add to them.
_MOST_BYTES = 200
#: What no name may hold: control characters, marks that turn the direction of text around
#: (`gpj.exe` shown as `exe.jpg`), and what Windows takes for something else.
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069<>:"|?*]')
#: Names that are devices of Windows, whatever follows the first dot.
_DEVICE = re.compile(
    r"(CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(COM|LPT)[0-9¹²³])\s*(\.|$)", re.IGNORECASE
)


def safe_name(name: str | None, otherwise: str) -> str:
    """Return a name that stays in the directory where it is put, on any system.

    Args:
        name: the name that somebody gave a file.
        otherwise: the name where nothing is left of it.
    """
    # Half a character, as JSON can hold it, is no name to any file system.
    text = (name or "").encode("utf-8", "replace").decode()
    text = re.split(r"[/\\]", text)[-1]
    # Windows drops what stands at the end; `..` goes with it.
    text = _FORBIDDEN.sub("_", text).lstrip().rstrip(". ")
    if _DEVICE.match(text):
        text = f"_{text}"
    return _short(text) or otherwise


def _short(name: str) -> str:
    """Return a name that is not too long, with its ending."""
    whole = name.encode()
    if len(whole) <= _MOST_BYTES:
        return name
    stem, dot, ending = name.rpartition(".")
    tail = f"{dot}{ending}".encode()
    if not stem or len(tail) > 20:
        stem, tail = name, b""
    kept = stem.encode()[: _MOST_BYTES - len(tail)]
    # A character that was cut through is left out.
    return (kept.decode(errors="ignore").rstrip(". ") or "_") + tail.decode()
