"""Liquid in the texts of rules: tags, filters and loops, with limits.

Source: https://support.zendesk.com/hc/en-us/articles/4408883291290
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timezone
from functools import cache
from importlib.util import find_spec
from typing import Any

from zendesk_orm.extras import require_extra


#: Limits of one text: characters of the template, of its output and of each value, bits of
#: numbers, and iterations of all loops together.
MAX_TEMPLATE, MAX_OUTPUT, MAX_VALUE, MAX_BITS, MAX_ITERATIONS = (
    65_536,
    500_000,
    100_000,
    512,
    10_000,
)
#: The keys of a template's variables that no template can name.
_ESCAPE, _NOW, _ERRORS = "\0escape", "\0now", "\0errors"
_REPLACING = frozenset({"replace", "replace_first", "replace_last"})
#: The function that counts a part of a template as ignored.
Ignore = Callable[[str], None]


@cache
def is_installed() -> bool:
    """Return True if the package `python-liquid` is installed."""
    return find_spec("liquid") is not None


def render(
    text: str,
    variables: Mapping[str, Any],
    *,
    escape: Callable[[str], str],
    now: float,
    ignore: Ignore,
    show_errors: bool = True,
) -> str:
    """Return the text of a template.

    Args:
        text: the template.
        variables: its variables by name.
        escape: a function that escapes each value.
        now: the current time, in seconds since the epoch.
        ignore: a function that counts unknown filters and errors as ignored.
        show_errors: whether the text contains the messages of errors.

    Raises:
        ModuleNotFoundError: `is_installed()` is False.
    """
    errors: list[str] = []
    output = _render(text, {**variables, _ESCAPE: escape, _NOW: now, _ERRORS: errors}, ignore)
    for error in errors:
        ignore(error)
        if not show_errors:
            output = output.replace(error, "", 1)
    return output


def _render(text: str, variables: Mapping[str, Any], ignore: Ignore) -> str:
    """Return the text of a template, or the message of Liquid if the template is invalid."""
    environment, errors = _build_environment(), variables[_ERRORS]
    if len(text) > MAX_TEMPLATE:
        return _add_error(errors, "Liquid syntax error", "the template is too large")
    try:
        template = environment.from_string(text)
        names = template.filter_names()
    except _list_errors() as error:
        return _add_error(errors, "Liquid syntax error", error)
    for name in names:
        if name not in environment.filters:
            ignore(f"| {name}")
    try:
        return str(template.render(variables))
    except _list_errors() as error:
        errors.clear()
        return _add_error(errors, "Liquid error", error)


def _add_error(errors: list[str], kind: str, error: Any) -> str:
    """Add a message in the form of Liquid, `Liquid error: divided by 0`, and return it."""
    lines = str(error).splitlines() or [type(error).__name__]
    errors.append(f"{kind}: {lines[0]}")
    return errors[-1]


def _import(name: str) -> Any:
    with require_extra("liquid"):
        return importlib.import_module(name)


def _list_errors() -> tuple[type[Exception], ...]:
    """Return the errors that a template causes."""
    error = _import("liquid.exceptions").LiquidError
    others = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
    return (error, *others)


@cache
def _build_environment() -> Any:
    """Return the environment of all templates."""
    liquid = _import("liquid")
    environment = liquid.Environment(tolerance=liquid.Mode.STRICT, strict_filters=False)
    environment.loop_iteration_limit = MAX_ITERATIONS
    environment.local_namespace_limit = 5 * MAX_VALUE
    environment.output_stream_limit = MAX_OUTPUT
    for name, function in environment.filters.items():
        environment.filters[name] = _limit(name, function)
    environment.filters["date"] = _build_date_filter(environment.filters["date"])
    output = _import("liquid.builtin.output")
    node = type("OutputNode", (output.OutputNode,), {"render_to_output": _render_output})
    environment.add_tag(type("Output", (output.Output,), {"node_class": node}))
    return environment


def _render_output(node: Any, context: Any, buffer: Any) -> int:
    """Write the value of `{{ ... }}`, or the message of its error."""
    exceptions = _import("liquid.exceptions")
    try:
        value = node.expression.evaluate(context)
    except exceptions.ResourceLimitError:
        raise
    except _list_errors() as error:
        text = _add_error(context.globals[_ERRORS], "Liquid error", error)
    else:
        shown = _import("liquid.stringify").to_liquid_string(value, autoescape=False)
        text = context.globals[_ESCAPE](shown)
    return int(buffer.write(text))


def _limit(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a filter that raises instead of building a value that is too large."""
    error = _import("liquid.exceptions").ResourceLimitError

    @functools.wraps(function)
    def call(left: Any, *args: Any, **kwargs: Any) -> Any:
        for value in (left, *args):
            if _is_large(value):
                raise error(f"{name}: the value is too large", token=None)
        if name in _REPLACING and len(args) > 1:
            size = len(str(left)) + str(left).count(str(args[0])) * len(str(args[1]))
            if size > MAX_VALUE:
                raise error(f"{name}: the value is too large", token=None)
        result = function(left, *args, **kwargs)
        if _is_large(result):
            raise error(f"{name}: the value is too large", token=None)
        return result

    return call


def _is_large(value: Any) -> bool:
    if isinstance(value, (str, list, tuple, range)):
        return len(value) > MAX_VALUE
    return isinstance(value, int) and value.bit_length() > MAX_BITS


def _build_date_filter(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the filter of dates, for which "now" is the time of the account."""

    def show_date(left: Any, *args: Any, context: Any, **kwargs: Any) -> Any:
        if left in ("now", "today"):
            left = datetime.fromtimestamp(context.globals[_NOW], timezone.utc)
        elif isinstance(left, str) and len(left) > 100:
            return left
        return function(left, *args, environment=context.env, **kwargs)

    vars(show_date)["with_context"] = True
    return show_date


class Node:
    """An object of a template, whose values are those of placeholders: `ticket.requester`.

    Args:
        get: returns the value of a key; None if it is empty.
        text: the text of the object itself.
    """

    def __init__(self, get: Callable[[str], Any], text: str = "") -> None:
        self._get = get
        self._text = text

    def __getitem__(self, key: Any) -> Any:
        """Return the value of a key.

        Raises:
            KeyError: the key is not a text, such as the position in a list.
        """
        if not isinstance(key, str) or key in ("first", "last", "size"):
            raise KeyError(key)
        return self._get(key)

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __len__(self) -> int:
        return len(self._text)

    def __bool__(self) -> bool:
        return True

    def __str__(self) -> str:
        return self._text
