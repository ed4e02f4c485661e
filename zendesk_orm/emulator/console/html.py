"""HTML elements as escaped text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from markupsafe import Markup, escape


#: A child of an element: text, which is escaped, an element, nothing, or several of them.
Child = Any

_VOID = frozenset({"br", "hr", "input", "link", "meta"})
_DOCTYPE = Markup("<!DOCTYPE html>\n")
_NOTHING = Markup()


def element(name: str, /, *children: Child, **attributes: Any) -> Markup:
    """Return an element with children and attributes, whose values are escaped.

    ::

        element("a", "Tickets & more", href="/tickets", class_="link", aria_current="page")

    Args:
        name: the name of the element.
        children: elements, texts, iterables of both, or None for no child.
        attributes: the attributes, with underscores for hyphens; None and False leave one out, and
            True is an attribute without a value.
    """
    head = join(_format_attribute(key, value) for key, value in attributes.items())
    if name in _VOID:
        return Markup("<{}{}>").format(name, head)
    return Markup("<{0}{1}>{2}</{0}>").format(name, head, join(children))


def join(children: Iterable[Child]) -> Markup:
    """Return children as one escaped text."""
    return _NOTHING.join(_flatten(children))


def build_document(*children: Child) -> Markup:
    """Return an HTML document."""
    return _DOCTYPE + element("html", *children, lang="en")


def _format_attribute(key: str, value: Any) -> Markup:
    if value is None or value is False:
        return _NOTHING
    name = key.rstrip("_").replace("_", "-")
    return Markup(" {}").format(name) if value is True else Markup(' {}="{}"').format(name, value)


def _flatten(children: Iterable[Child]) -> Iterator[Markup]:
    for child in children:
        if child is None:
            continue
        if isinstance(child, Iterable) and not isinstance(child, str):
            yield from _flatten(child)
        else:
            yield escape(child)
