"""Paths to handlers, made of what the models declare.

A resource that is declared today is emulated today; the paths that no verb
tells everything about are in `handlers.BY_HAND`, whether a model declares them or not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, ClassVar

from attrs import frozen
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, MapAdapter, Rule

from zendesk_orm.api.endpoint import Endpoint, Verb
from zendesk_orm.api.paging import OFFSET
from zendesk_orm.emulator.handlers import BY_HAND, HANDLERS, SHARED, Handler
from zendesk_orm.emulator.paging import end_after_first_page
from zendesk_orm.emulator.refusals import no_endpoint, not_emulated
from zendesk_orm.emulator.sideloads_by_hand import add_sideloads
from zendesk_orm.emulator.world import Answer, Call, Target, World, number_or_word
from zendesk_orm.schema import registry
from zendesk_orm.schema.options import Options


_PLACEHOLDER = re.compile(r"\{(\w+)\}")


@frozen(eq=False)
class Route:
    """What one method and path lead to: the targets, without what a call puts into the path."""

    targets: tuple[Target, ...]
    names: tuple[str, ...]

    def answer(self, world: World, call: Call, given: Sequence[str]) -> Answer:
        """Answer a call whose path has the given words in its placeholders.

        Raises:
            Refusal: it is refused.
        """
        targets = self.at(given)
        verb = targets[0].endpoint.verb
        if verb in SHARED:
            return SHARED[verb](world, call, targets)
        answer = _handler(targets[0])(world, call, targets[0])
        answer = end_after_first_page(call, targets[0].endpoint.key, answer)
        return add_sideloads(world, call, targets[0], answer)

    def at(self, given: Sequence[str]) -> list[Target]:
        """Return the targets with the words of the path in place."""
        values = {name: number_or_word(word) for name, word in zip(self.names, given, strict=True)}
        return [Target(target.meta, target.endpoints, values) for target in self.targets]


class Router:
    """The paths of every model that is declared, also of those declared later."""

    #: The last map that was made, and the models that it was made of. It knows nothing of an
    #: account, so that emulators share it: making it takes longer than most of their lives.
    _made: ClassVar[tuple[list[Any], MapAdapter | None]] = ([], None)

    def find(self, method: str, path: str) -> tuple[Route, list[str]]:
        """Return the route of a path, and what stands in its placeholders.

        Raises:
            Refusal: there is none.
        """
        try:
            route, found = self._paths().match(f"/{path}", method)
        except HTTPException:
            raise no_endpoint() from None
        return route, [found[f"at{position}"] for position in range(len(route.names))]

    def _paths(self) -> MapAdapter:
        models = registry.models()
        built_of, paths = Router._made
        if paths is None or models != built_of:
            paths = Map(list(_rules(models)), merge_slashes=False).bind("emulator")
            Router._made = models, paths
        return paths


def _rules(models: Sequence[Any]) -> list[Rule]:
    """Return a rule for each method and path, whatever the placeholders are called."""
    groups: dict[tuple[str, str], list[tuple[Options, Endpoint]]] = {}
    for model in models:
        for endpoint in model._meta.api:
            groups.setdefault(_place(endpoint), []).append((model._meta, endpoint))
    for method, path, label in BY_HAND:
        if (method, path) not in groups:
            meta = registry.find(*reversed(label.split(".")))._meta
            groups[method, path] = [(meta, _undeclared(method, path, meta))]
    rules = []
    for (method, path), declared in groups.items():
        route = Route(tuple(_targets(declared)), declared[0][1].placeholders)
        pattern = "/" + path.format(*(f"<at{position}>" for position in range(path.count("{}"))))
        rules.append(Rule(pattern, methods=[method], endpoint=route, strict_slashes=False))
    return rules


def _targets(declared: Sequence[tuple[Options, Endpoint]]) -> list[Target]:
    by_model: dict[str, list[tuple[Options, Endpoint]]] = {}
    for meta, endpoint in declared:
        by_model.setdefault(meta.label, []).append((meta, endpoint))
    return [
        Target(several[0][0], tuple(endpoint for _, endpoint in several))
        for several in by_model.values()
    ]


def _undeclared(method: str, path: str, meta: Options) -> Endpoint:
    """Return the endpoint of a path that no model declares: `{at0}`, `{at1}` are its places."""
    numbered = path.format(*(f"{{at{position}}}" for position in range(path.count("{}"))))
    return Endpoint(Verb.ACTION, numbered, meta.plural, method=method, paging=OFFSET)


def _place(endpoint: Endpoint) -> tuple[str, str]:
    """Return method and path; one with `~` is the account's host's, but not below `/api/v2/`."""
    path = _shape(endpoint.path)
    return endpoint.method, f"~{path}" if path.startswith("/") else path


def _shape(path: str) -> str:
    return _PLACEHOLDER.sub("{}", path)


def _handler(target: Target) -> Handler:
    endpoint = target.endpoint
    place = _place(endpoint)
    found = BY_HAND.get((*place, target.meta.label)) or HANDLERS.get(endpoint.verb)
    if found is None:
        raise not_emulated(f"{endpoint.method} {endpoint.path}")
    return found
