"""Locales in paths: `help_center/de/articles` as a variant of `help_center/articles`.

Objects read in a locale belong to a session of that locale, which adds the locale to paths
that have such a variant. An article in German and the same article in English are therefore
two objects, each of which is changed, voted on and refreshed in its locale.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/articles/
"""

from __future__ import annotations

import re
from typing import Any, TypeVar, cast
from weakref import WeakKeyDictionary

from attrs import evolve

from zendesk_orm import fork
from zendesk_orm.api.arguments import check_arguments
from zendesk_orm.api.endpoint import Api, Endpoint, Verb
from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.annotations import Self
from zendesk_orm.http.request import Request, Response
from zendesk_orm.http.transport import Transport
from zendesk_orm.messages import display
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.schema.arguments import require_text
from zendesk_orm.schema.fields import CreateOnly
from zendesk_orm.session.session import Session


R = TypeVar("R")

_ROOT = "help_center/"
_PLACEHOLDER = re.compile(r"\\\{\w+\\\}")

#: The requests that have a variant with the locale: method and pattern of the path.
_LOCALIZED: set[tuple[str, re.Pattern[str]]] = set()


def localize(api: Api) -> Api:
    """Return the endpoints and their variants that have the locale in the path.

    Variants of lists come first and require `locale`: the planner prefers the first of two
    equally good endpoints. Other variants are not planned; sessions of a locale use them.
    """
    variants = Api(tuple(map(_add_locale, api)))
    for endpoint in api:
        path = _PLACEHOLDER.sub(r"[0-9]+", re.escape(endpoint.url))
        _LOCALIZED.add((endpoint.method, re.compile(path)))
    return variants + api


def _add_locale(endpoint: Endpoint) -> Endpoint:
    path = endpoint.path.replace(_ROOT, f"{_ROOT}{{locale}}/", 1)
    if endpoint.verb is Verb.LIST:
        return evolve(endpoint, path=path)
    # Endpoints of one object use the path without a locale unless a locale is selected.
    call = endpoint.call or (f"{endpoint.name}()" if endpoint.name else "")
    return evolve(endpoint, path=path, name=f"{endpoint.name} in a locale".strip(), call=call)


class LocaleSession(Session):
    """A session that adds the locale to the paths of its requests, if they have a variant.

    Args:
        base: the caller's session.
        locale: `de`, `en-us`.
    """

    def __init__(self, base: Session, locale: str) -> None:
        super().__init__(base.account, explicit=base.explicit)
        self.locale = locale

    @property
    def transport(self) -> Transport:
        """The transport of the account, which adds the locale to paths."""
        return cast("Transport", _LocaleTransport(self.account.transport, self.locale))


class _LocaleTransport:
    """A transport that adds the locale to paths."""

    def __init__(self, transport: Transport, locale: str) -> None:
        self._transport = transport
        self._locale = locale

    def send(self, request: Request) -> Response:
        """Send a request, with the locale in its path if there is such a variant."""
        path = request.path
        if any(
            method == request.method and pattern.fullmatch(path) for method, pattern in _LOCALIZED
        ):
            path = path.replace(_ROOT, f"{_ROOT}{self._locale}/", 1)
        return self._transport.send(evolve(request, path=path))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


_sessions: WeakKeyDictionary[Session, dict[str, LocaleSession]] = WeakKeyDictionary()
_lock = fork.Lock()


def session_in(base: Session, locale: str) -> LocaleSession:
    """Return the session of a locale for another session, which is created once.

    Raises:
        InvalidValue: the locale is invalid.
    """
    if isinstance(base, LocaleSession) and base.locale == locale:
        return base
    if not re.fullmatch(r"[\w-]+", require_text("locale", locale)):
        raise InvalidValue(f"locale must have the form 'en-us', not {display(locale)}")
    with _lock:
        sessions = _sessions.setdefault(base, {})
        return sessions.setdefault(locale, LocaleSession(base, locale))


class LocalizedManager(Manager[R]):
    """A manager of objects that exist in several locales.

    `filter(locale="de")` returns German objects, whose changes are saved in German.
    """

    @property
    def _session(self) -> Session:
        base = super()._session
        locale = self._query.exact_values.get("locale")
        return base if locale is None else session_in(base, locale)

    def _get_fixed_values(self) -> dict[str, Any]:
        values, fixed = super()._get_fixed_values(), self._query.exact_values
        if "locale" in fixed and isinstance(self._query.meta.fields.get("locale"), CreateOnly):
            values["locale"] = fixed["locale"]
        return values

    @check_arguments
    def in_locale(self, locale: str) -> Self:
        """Return the same rows in a locale, without those that are not translated."""
        return self.filter(locale=locale)
