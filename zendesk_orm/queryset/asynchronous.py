"""Asynchronous twins of methods that make requests.

An asynchronous method runs the method without `a` in a thread, in the session of the task that
awaits it, as Django does.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Generator
from typing import TYPE_CHECKING, Any, TypeVar, cast

from zendesk_orm.session.threads import run_in_thread


if TYPE_CHECKING:
    from typing import Concatenate

    from typing_extensions import ParamSpec

    P = ParamSpec("P")
    S = TypeVar("S")

T_co = TypeVar("T_co", covariant=True)


class Call(Coroutine[Any, Any, T_co]):
    """The type of the coroutines of asynchronous methods, for type checkers and editors.

    jedi does not find the result of a `Coroutine`, but that of `__await__()`.
    """

    if TYPE_CHECKING:

        def __await__(self) -> Generator[Any, Any, T_co]: ...


def asynchronous(
    method: Callable[Concatenate[S, P], T_co],
) -> Callable[Concatenate[S, P], Call[T_co]]:
    """Return an asynchronous twin of a method, which runs the method in a thread.

    ::

        class QuerySet:
            def get(self, **lookups): ...
            aget = asynchronous(get)

    If a subclass overrides `get()`, its `aget()` runs the new method.

    Args:
        method: a method of a class with a `_session`.
    """
    name = method.__name__

    async def call_in_thread(self: Any, /, *args: Any, **kwargs: Any) -> Any:
        return await run_in_thread(self._session, getattr(self, name), *args, **kwargs)

    call_in_thread.__name__ = f"a{name}"
    call_in_thread.__qualname__ = f"{method.__qualname__.rpartition('.')[0]}.a{name}"
    call_in_thread.__module__ = method.__module__
    call_in_thread.__doc__ = f"Run `{name}()` in a thread, without blocking the event loop."
    # inspect.signature() follows it.
    vars(call_in_thread)["__wrapped__"] = method
    twin: Any = call_in_thread
    return cast("Callable[Concatenate[S, P], Call[T_co]]", twin)
