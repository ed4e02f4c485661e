"""Endpoints of methods, such as `ticket.merge()`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from zendesk_orm.api.arguments import check_arguments
from zendesk_orm.api.endpoint import Api, Endpoint, Verb
from zendesk_orm.api.paging import ONCE


F = TypeVar("F", bound=Callable[..., Any])
#: Attribute of a decorated function that holds its endpoints.
_ACTIONS = "_actions"


def alters_data(function: F) -> F:
    """Mark a method that changes data: `{{ ticket.delete }}` in a template of Django does nothing.

    Overriding methods have to be marked, too.

    Source: https://docs.djangoproject.com/en/5.2/ref/templates/api/#variables-and-lookups
    """
    vars(function)["alters_data"] = True
    return function


def action(
    method: str,
    path: str,
    key: str = "",
    *,
    name: str = "",
    call: str = "",
    removes: bool = False,
    repeatable: bool = False,
) -> Callable[[F], F]:
    """Decorate a method of a model or of its manager with the endpoint that it calls.

    The endpoint becomes part of `Model._meta.api`. The method sends the request with
    `self._call(name, ...)`. `check_arguments()` checks its arguments by their annotations.

    >>> class Message(Ticket):
    ...     @action("PUT", "tickets/{id}/mark_as_spam", removes=True)
    ...     def report(self) -> None:
    ...         self._call("report")
    >>> Message.objects.get(2990).report()

    Methods that call several endpoints are decorated several times, each time with another
    `name`. For class methods, write `@classmethod` above.

    Args:
        method: HTTP method.
        path: path after `/api/v2/`; placeholders are filled with fields of the object.
        key: name of the row in the response, or `job_status`; "" without an envelope.
        name: name of the action; by default the name of the decorated method.
        call: how the method is called, if its name does not show that: `delete(permanent=True)`.
        removes: whether Zendesk answers the path with 404 afterwards.
        repeatable: whether a POST has the same effect if it is sent twice.
    """

    def decorate(function: F) -> F:
        (endpoint,) = action_endpoint(
            name or function.__name__,
            method,
            path,
            key,
            call=call,
            removes=removes,
            repeatable=repeatable,
        )
        others = getattr(function, _ACTIONS, ())
        checked = function if others else check_arguments(function)
        setattr(checked, _ACTIONS, (endpoint, *others))
        return checked if method == "GET" else alters_data(checked)

    return decorate


def action_endpoint(
    name: str,
    method: str,
    path: str,
    key: str = "",
    *,
    call: str = "",
    removes: bool = False,
    repeatable: bool = False,
) -> Api:
    """Declare the endpoint of a method that several models inherit, each with another path.

    The arguments are those of `action()`; `name` is the name of the inherited method.
    """
    endpoint = Endpoint(
        Verb.ACTION,
        path,
        key,
        method=method,
        name=name,
        call=call,
        paging=ONCE,
        removes=removes,
        repeatable=repeatable,
    )
    return Api((endpoint,))


def actions_of(*classes: type) -> Iterator[Endpoint]:
    """Yield the endpoints of the methods in the bodies of classes that `action()` decorates."""
    for cls in classes:
        for value in vars(cls).values():
            yield from getattr(value, _ACTIONS, ())
