"""Templates of paths, from the declarations of endpoints: `/api/v2/tickets/{id}`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import define, field

from zendesk_orm.schema import registry


@define(eq=False)
class _Node:
    """A place in the tree of all paths.

    Attributes:
        segments: the next places by segment.
        placeholder: the next place for any other segment.
        template: the template of the path that ends here.
    """

    segments: dict[str, _Node] = field(factory=dict)
    placeholder: _Node | None = None
    template: str | None = None

    def add(self, segments: Sequence[str], template: str) -> None:
        """Add a template; the first one of a path stays."""
        if not segments:
            self.template = self.template or template
        elif "{" in segments[0]:
            self.placeholder = self.placeholder or _Node()
            self.placeholder.add(segments[1:], template)
        else:
            self.segments.setdefault(segments[0], _Node()).add(segments[1:], template)

    def find(self, segments: Sequence[str]) -> str | None:
        """Return the template of a path; segments that are spelt out win over placeholders."""
        if not segments:
            return self.template
        nodes = (self.segments.get(segments[0]), self.placeholder)
        templates = (node.find(segments[1:]) for node in nodes if node is not None)
        return next(filter(None, templates), None)


class UrlTemplates:
    """The templates of the paths that loaded models declare."""

    def __init__(self) -> None:
        self._root = _Node()
        self._version = -1

    def find(self, path: str) -> str | None:
        """Return the template of a path, or None if no loaded model declares it."""
        if self._version != registry.version:
            self._version, self._root = registry.version, _build()
        return self._root.find(_split(path))


def _build() -> _Node:
    root = _Node()
    for model in registry.models():
        api: Any = model._meta.api
        for endpoint in api or ():
            root.add(_split(endpoint.url), endpoint.url)
    return root


def _split(path: str) -> list[str]:
    return path.removesuffix(".json").strip("/").split("/")
