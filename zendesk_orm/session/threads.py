"""Work in threads: for tasks of asyncio, and for pages that are fetched ahead."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any, TypeVar

from zendesk_orm.session.session import Session


T = TypeVar("T")


async def threaded(session: Session, function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """Call a function in a thread of its own, in the session of the task that awaits it.

    Args:
        session: the task's session.
        function: what to call.
        args, kwargs: its arguments.

    Returns:
        What it returns.
    """

    def run() -> T:
        with session.account.lent(session):
            return function(*args, **kwargs)

    # Seam: asyncio is loaded by those who use it.
    asyncio: Any = importlib.import_module("asyncio")
    done: T = await asyncio.to_thread(run)
    return done
