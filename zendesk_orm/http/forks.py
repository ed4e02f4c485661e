"""What a forked child must not inherit: locks that a thread of its parent held."""

from __future__ import annotations

import os
from typing import Protocol
from weakref import WeakSet


class Forkable(Protocol):
    """An object with locks, connections or threads of its process."""

    def reset_after_fork(self) -> None:
        """Replace what belongs to the parent process."""
        ...


_registered: WeakSet[Forkable] = WeakSet()


def reset_after_fork(instance: Forkable) -> None:
    """Call `instance.reset_after_fork()` in each child that this process forks."""
    _registered.add(instance)


def _reset_all() -> None:
    for instance in list(_registered):
        instance.reset_after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_reset_all)
