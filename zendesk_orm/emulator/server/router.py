"""Routes from paths to handlers, built from the declarations of the models.

Every declared endpoint has a route. Paths that their verb does not describe completely are
registered with `@route`, whether a model declares them or not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Any, ClassVar

from attrs import frozen
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, MapAdapter, Rule

from zendesk_orm.api.endpoint import Endpoint, Verb
from zendesk_orm.api.paging import OFFSET
from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud.paging import end_after_first_page
from zendesk_orm.emulator.messages import Request, Response, Target, parse_id
from zendesk_orm.emulator.server.errors import endpoint_not_found, unsupported_endpoint
from zendesk_orm.emulator.server.routes import (
    HANDLERS,
    PRODUCT_HANDLERS,
    ROUTES,
    SHARED_HANDLERS,
    Handler,
)
from zendesk_orm.emulator.server.unsupported import find_unsupported
from zendesk_orm.emulator.storage.undeclared_sideloads import add_sideloads
from zendesk_orm.schema import registry
from zendesk_orm.schema.options import Options


#: A method and a path.
_Key = tuple[str, str]

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


@frozen(eq=False)
class Route:
    """The targets of a method and path.

    Attributes:
        targets: a target for each model that declares the path, without values.
        names: the names of the placeholders.
    """

    targets: tuple[Target, ...]
    names: tuple[str, ...]

    def handle(self, context: Context, request: Request, values: Sequence[str]) -> Response:
        """Handle a request, given the values of the placeholders.

        Raises:
            HTTPError: the error response.
        """
        targets = self.bind(values)
        verb = targets[0].endpoint.verb
        if verb in SHARED_HANDLERS:
            return SHARED_HANDLERS[verb](context, request, targets)
        response = find_handler(targets[0])(context, request, targets[0])
        response = end_after_first_page(request, targets[0].endpoint.key, response)
        return add_sideloads(context, request, targets[0], response)

    def bind(self, values: Sequence[str]) -> list[Target]:
        """Return the targets with the values of the placeholders."""
        kwargs = {name: parse_id(value) for name, value in zip(self.names, values, strict=True)}
        return [Target(target.meta, target.endpoints, kwargs) for target in self.targets]


@frozen(eq=False)
class _Paths:
    """The paths of some models.

    Attributes:
        models: the models.
        maps: maps of paths to the keys of `routes`, in the order in which they are tried.
        routes: the routes by their method and path, with `{}` for placeholders.
    """

    models: list[Any]
    maps: tuple[MapAdapter, ...]
    routes: Mapping[_Key, Route]


class Router:
    """The paths of all models, including those that are declared later."""

    #: The paths of the last models. They do not depend on an account, so that emulators share them.
    _paths: ClassVar[_Paths] = _Paths([], (), {})

    @property
    def routes(self) -> Mapping[tuple[str, str], Route]:
        """The routes by method and path, with `{}` for placeholders."""
        return self._get_paths().routes

    def find(self, method: str, path: str) -> tuple[Route, list[str]]:
        """Return the route of a path, and the values of its placeholders.

        Raises:
            HTTPError: 404, if the path does not exist; 501, if the emulator does not support it.
        """
        paths = self._get_paths()
        for adapter in paths.maps:
            with suppress(HTTPException):
                key, values = adapter.match(f"/{path}", method)
                route = paths.routes[key]
                return route, [values[f"at{position}"] for position in range(len(route.names))]
        name = find_unsupported(method, path)
        raise unsupported_endpoint(name) if name else endpoint_not_found()

    def find_methods(self, path: str) -> set[str]:
        """Return the methods of a path.

        Raises:
            HTTPError: 404, if the path does not exist.
        """
        adapters = self._get_paths().maps
        methods = {name for adapter in adapters for name in adapter.allowed_methods(f"/{path}")}
        if not methods:
            raise endpoint_not_found()
        return methods

    def _get_paths(self) -> _Paths:
        models = registry.models()
        if models != Router._paths.models:
            Router._paths = _build_paths(models)
        return Router._paths


def find_handler(target: Target) -> Handler:
    """Return the handler of a target.

    Raises:
        HTTPError: 501, if the endpoint is declared but not emulated.
    """
    endpoint = target.endpoint
    key = (*_get_key(endpoint), target.meta.label)
    by_product = PRODUCT_HANDLERS.get((target.meta.app_label, endpoint.verb))
    handler = ROUTES.get(key) or by_product or HANDLERS.get(endpoint.verb)
    if handler is None:
        raise unsupported_endpoint(f"{endpoint.method} {endpoint.path}")
    return handler


def _build_paths(models: list[Any]) -> _Paths:
    """Return the paths of models; the names of placeholders make no difference."""
    groups: dict[_Key, list[tuple[Options, Endpoint]]] = {}
    included = {(method, path) for method, path, _ in ROUTES}
    declared: set[_Key] = set()
    for model in models:
        keys = included if model.__module__.startswith("zendesk_orm.") else declared
        for endpoint in model._meta.api:
            key = _get_key(endpoint)
            keys.add(key)
            groups.setdefault(key, []).append((model._meta, endpoint))
    for method, path, label in ROUTES:
        if (method, path) not in groups:
            meta = registry.find(*reversed(label.split(".")))._meta
            groups[method, path] = [(meta, _build_endpoint(method, path, meta))]
    routes = {
        key: Route(tuple(_build_targets(pairs)), pairs[0][1].placeholders)
        for key, pairs in groups.items()
    }
    maps = (_build_map(frozenset(declared - included)), _build_map(frozenset(included)))
    return _Paths(models, maps, routes)


@lru_cache(maxsize=2)
def _build_map(keys: frozenset[_Key]) -> MapAdapter:
    """Return a map of paths to their keys.

    The map of the library's own paths is built once: it takes longer than most emulators exist.
    """
    rules = []
    for method, path in sorted(keys):
        pattern = "/" + path.format(*(f"<at{position}>" for position in range(path.count("{}"))))
        rules.append(Rule(pattern, methods=[method], endpoint=(method, path), strict_slashes=False))
    return Map(rules, merge_slashes=False).bind("emulator")


def _build_targets(declared: Sequence[tuple[Options, Endpoint]]) -> list[Target]:
    """Return a target for each model, with all of its endpoints."""
    by_model: dict[str, list[tuple[Options, Endpoint]]] = {}
    for meta, endpoint in declared:
        by_model.setdefault(meta.label, []).append((meta, endpoint))
    return [
        Target(pairs[0][0], tuple(endpoint for _, endpoint in pairs)) for pairs in by_model.values()
    ]


def _build_endpoint(method: str, path: str, meta: Options) -> Endpoint:
    """Return the endpoint of an undeclared path, with the placeholders `{at0}`, `{at1}`, ..."""
    path = path.format(*(f"{{at{position}}}" for position in range(path.count("{}"))))
    return Endpoint(Verb.ACTION, path, meta.plural, method=method, paging=OFFSET)


def _get_key(endpoint: Endpoint) -> _Key:
    """Return method and path, with `{}` for placeholders; `~/` if it is not below `/api/v2/`."""
    path = _PLACEHOLDER.sub("{}", endpoint.path)
    return endpoint.method, f"~{path}" if path.startswith("/") else path
