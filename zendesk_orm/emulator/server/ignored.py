"""Parts of requests that Zendesk accepts and ignores, which are counted.

An unknown keyword of search, parameter, side-load or key of a body is a mistake that
no error reports. Tests can require zero.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from attrs import frozen

from zendesk_orm.emulator.messages import Request, Target


#: Names of `include` that are read by single handlers, by label of the model.
_HANDLED = {
    "support.Ticket": frozenset({"metric_sets"}),
    "support.TicketEvent": frozenset({"comment_events"}),
}
_WORD = re.compile(r"[\w.]+")


@frozen
class Ignored:
    """A part of requests that was ignored.

    Attributes:
        kind: `keyword` for a keyword of a search, `parameter` for one of the query string,
            `include` for a side-load, `key` for a key of a body, `condition` or `action` for a
            part of a business rule, `placeholder` for one of its texts, `option` for a value that
            is no option of a drop-down field.
        name: the keyword, the name of the side-load, or the key with its object:
            `ticket.subjet`.
        request: method and path of the request, with `*` for ids: `PUT tickets/*`; for a part
            of a rule or a field its kind and id, `trigger 128`.
    """

    kind: str
    name: str
    request: str

    def __str__(self) -> str:
        return f"{self.request}: {self.kind} {self.name}"


class IgnoredParts(Counter[Ignored]):
    """The numbers of ignored parts. It is empty, and false, if nothing was ignored."""

    def note(self, kind: str, names: Iterable[str], request: Request) -> None:
        """Count parts of a request."""
        path = "/".join("*" if part.isdigit() else part for part in request.path.split("/"))
        for name in names:
            self[Ignored(kind, name, f"{request.method} {path}")] += 1

    def note_rule(self, kind: str, name: str, rule: str) -> None:
        """Count a part of a business rule, or a value of a field."""
        self[Ignored(kind, name, rule)] += 1

    def describe(self) -> str:
        """Return a line for each part."""
        return "\n".join(f"{part} ({number} x)" for part, number in sorted_parts(self))


def sorted_parts(parts: Counter[Ignored]) -> list[tuple[Ignored, int]]:
    """Return parts and their numbers by request, kind and name."""
    return sorted(parts.items(), key=lambda item: (item[0].request, item[0].kind, item[0].name))


def find_ignored_includes(
    request: Request, targets: Sequence[Target], undeclared: Iterable[str]
) -> list[str]:
    """Return the names of `include` that none of the targets side-loads.

    Args:
        request: the request.
        targets: the targets of its path.
        undeclared: names that are side-loaded without being declared.
    """
    include = request.params.get("include", "")
    if not include:
        return []
    supported = {*undeclared, *(target.meta.plural for target in targets)}
    for target in targets:
        supported |= _HANDLED.get(target.meta.label, frozenset())
        for endpoint in target.endpoints:
            supported |= endpoint.includes
    return [name for name in dict.fromkeys(_WORD.findall(include)) if name not in supported]
