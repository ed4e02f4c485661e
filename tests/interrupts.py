"""Interruptions at a chosen line of the library, as by Ctrl+C."""

from __future__ import annotations

import linecache
import sys
from pathlib import Path
from types import FrameType
from typing import Any

from typing_extensions import Self

import zendesk_orm


_ROOT = f"{Path(zendesk_orm.__file__).parent}/"
_EMULATOR = f"{_ROOT}emulator/"


class Interruption:
    """A block in which `KeyboardInterrupt` is raised before one line of the library.

    Lines before which Python handles no signal are not counted: the end of a `with` block, and a
    `return` of a row or page that was just taken.

    Args:
        number: the number of the line, 1 being the first; None to count the lines only.
        paths: count the lines of these modules and packages only: `write/save.py`.
    """

    def __init__(self, number: int | None, *paths: str) -> None:
        self._number = number
        self._prefixes = tuple(_ROOT + path for path in paths) or (_ROOT,)
        #: The lines that were executed.
        self.count = 0
        self._entered: dict[int, set[int]] = {}

    def __enter__(self) -> Self:
        sys.settrace(self._begin)
        return self

    def __exit__(self, *exc: object) -> None:
        sys.settrace(None)

    def _begin(self, frame: FrameType, event: str, arg: Any) -> Any:
        """Watch a call of the library, but none by the emulator, which stands for Zendesk."""
        caller: FrameType | None = frame
        if not frame.f_code.co_filename.startswith(self._prefixes):
            return None
        while caller is not None:
            if caller.f_code.co_filename.startswith(_EMULATOR):
                return None
            caller = caller.f_back
        self._entered.pop(id(frame), None)
        return self._count

    def _count(self, frame: FrameType, event: str, arg: Any) -> Any:
        if event == "line" and not self._is_uninterrupted(frame):
            self.count += 1
            if self.count == self._number:
                raise KeyboardInterrupt(
                    f"at {frame.f_code.co_filename[len(_ROOT) :]}:{frame.f_lineno}"
                )
        return self._count

    def _is_uninterrupted(self, frame: FrameType) -> bool:
        text = linecache.getline(frame.f_code.co_filename, frame.f_lineno).strip()
        if text.startswith("with "):
            entered = self._entered.setdefault(id(frame), set())
            is_end = frame.f_lineno in entered
            entered.add(frame.f_lineno)
            return is_end
        return text in ("return row", "return page")
