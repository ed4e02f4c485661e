"""Blocks of code with other settings for the requests of an account: `with account.timeouts():`."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Generic, TypeVar

from attrs import define


T = TypeVar("T")


@define(eq=False)
class _Block(Generic[T]):
    """A block.

    Attributes:
        owner: identifies the account.
        settings: the settings of the block.
        is_over: whether the block was left, perhaps in the context of another task.
    """

    owner: object
    settings: T
    is_over: bool = False


class Blocks(Generic[T]):
    """The blocks of one kind that a thread or task is inside, for all accounts.

    Args:
        name: the name of the context variable.

    Attributes:
        current: the blocks, the innermost last.
    """

    def __init__(self, name: str) -> None:
        self.current: ContextVar[tuple[_Block[T], ...]] = ContextVar(name, default=())

    @contextmanager
    def enter(self, owner: object, settings: T) -> Generator[None]:
        """Use settings for an account inside the block."""
        block = _Block(owner, settings)
        self.current.set((*self.current.get(), block))
        try:
            yield
        finally:
            # Not by a token: suspended generators may leave their blocks in any order, and in the
            # context of another task.
            block.is_over = True
            self.current.set(tuple(other for other in self.current.get() if not other.is_over))

    def find(self, owner: object) -> list[T]:
        """Return the settings of the blocks that concern an account, the innermost last."""
        blocks = self.current.get()
        return [one.settings for one in blocks if one.owner is owner and not one.is_over]
