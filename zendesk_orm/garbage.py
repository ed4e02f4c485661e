"""Collections of garbage, which reading thousands of rows does not need."""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def pause_collections() -> Generator[None]:
    """Start no collection of garbage in the block, which creates thousands of objects at once.

    None of them is garbage. Python would start a collection for every 700 of them, and some of
    these visit all objects of the program.
    """
    is_paused = gc.isenabled()
    try:
        if is_paused:
            gc.disable()
        yield
    finally:
        if is_paused:
            gc.enable()
