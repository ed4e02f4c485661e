"""Decorators that register handlers, and other functions of one model.

`@route` registers a handler of a path, `@handles` a handler of a verb, `@creates`, `@updates` and
`@deletes` the functions that write the rows of a model, `@lookup` a condition for a placeholder
of a path, and `@job` the function of a job.

`load_handlers()` imports every module of the emulator, so that all functions are registered before
the first request.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

from zendesk_orm.api.endpoint import Verb
from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.storage.sql import Where
from zendesk_orm.emulator.storage.store import StoredRow, WriteResult
from zendesk_orm.messages import display
from zendesk_orm.schema.options import Options
from zendesk_orm.schema.record import Record


#: Handles a request to a path of one model.
Handler = Callable[[Context, Request, Target], Response]
#: Handles a request to a path that several models share.
SharedHandler = Callable[[Context, Request, Sequence[Target]], Response]
#: Creates a row, given the payload and the values of the path.
Create = Callable[[Context, Options, Mapping[str, Any], Mapping[str, Any]], WriteResult]
#: Updates a row, given the payload.
Update = Callable[[Context, Options, StoredRow, Mapping[str, Any]], WriteResult]
#: Deletes a row.
Delete = Callable[[Context, Options, StoredRow], WriteResult]
#: Returns the condition for the rows that belong to the value of a placeholder.
Lookup = Callable[[Context, Any], Where]
#: Runs a job and returns its results.
JobFunction = Callable[..., Any]

_F = TypeVar("_F", bound=Callable[..., Any])

_PLACEHOLDER = re.compile(r"\{\w+\}")

#: Handlers of endpoints that their verb describes completely.
HANDLERS: dict[Verb, Handler] = {}
#: Handlers of endpoints of one product, by its name and the verb.
PRODUCT_HANDLERS: dict[tuple[str, Verb], Handler] = {}
#: Handlers of paths that several models share, by verb.
SHARED_HANDLERS: dict[Verb, SharedHandler] = {}
#: Handlers by method, path with `{}` for each placeholder, and label of the model.
ROUTES: dict[tuple[str, str, str], Handler] = {}
#: Functions that create, update or delete rows of one model, by label.
CREATES: dict[str, Create] = {}
UPDATES: dict[str, Update] = {}
DELETES: dict[str, Delete] = {}
#: Functions that select the rows of a path, by label of the model and name of the placeholder.
LOOKUPS: dict[tuple[str, str], Lookup] = {}
#: Functions of jobs, by name.
JOBS: dict[str, JobFunction] = {}


def route(method: str, path: str, model: type[Record]) -> Callable[[_F], _F]:
    """Register the decorated function as the handler of a method and path.

    The path need not be declared by the model. A path that starts with `~/` is on the
    account's host, but not below `/api/v2/`.
    """

    def register(handler: _F) -> _F:
        return _add(ROUTES, (method, _PLACEHOLDER.sub("{}", path), model._meta.label), handler)

    return register


def handles(*verbs: Verb, product: str = "") -> Callable[[_F], _F]:
    """Register the decorated function as the handler of all endpoints with one of the verbs.

    A handler that `route` registers for a path takes precedence.

    Args:
        verbs: the verbs.
        product: the product whose endpoints it handles; "" for all without such a handler.
    """

    def register(handler: _F) -> _F:
        for verb in verbs:
            if product:
                _add(PRODUCT_HANDLERS, (product, verb), handler)
            else:
                _add(HANDLERS, verb, handler)
        return handler

    return register


def handles_across_models(verb: Verb) -> Callable[[_F], _F]:
    """Register the decorated function as the handler of the paths with a verb.

    Several models share each of these paths.
    """
    return lambda handler: _add(SHARED_HANDLERS, verb, handler)


def creates(model: type[Record]) -> Callable[[_F], _F]:
    """Register the decorated function as the one that creates rows of a model."""
    return lambda function: _add(CREATES, model._meta.label, function)


def updates(model: type[Record]) -> Callable[[_F], _F]:
    """Register the decorated function as the one that updates rows of a model."""
    return lambda function: _add(UPDATES, model._meta.label, function)


def deletes(model: type[Record]) -> Callable[[_F], _F]:
    """Register the decorated function as the one that deletes rows of a model."""
    return lambda function: _add(DELETES, model._meta.label, function)


def lookup(model: type[Record], name: str) -> Callable[[_F], _F]:
    """Register the decorated function as the one that selects rows by a placeholder of a path.

    It is needed only if the placeholder is neither a field nor a relation of the model.
    """
    return lambda function: _add(LOOKUPS, (model._meta.label, name), function)


def job(name: str) -> Callable[[_F], _F]:
    """Register the decorated function as the one that runs jobs of this name."""
    return lambda function: _add(JOBS, name, function)


@cache
def load_handlers() -> None:
    """Import every module of the emulator, which registers all handlers."""
    package = importlib.import_module("zendesk_orm.emulator")
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        importlib.import_module(module.name)


def _add(table: dict[Any, Any], key: Any, function: _F) -> _F:
    existing = table.setdefault(key, function)
    if existing is not function:
        raise RuntimeError(f"{key} has two handlers: {display(existing)} and {display(function)}")
    return function
