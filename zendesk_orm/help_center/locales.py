"""The locale in the path: `help_center/de/articles` besides `help_center/articles`.

Whoever reads in a locale works in a session of that locale, where the paths that have a
counterpart with the locale are replaced by it. So an article in German and the same in
English are two objects, each of which is changed, voted on and read anew in its own locale.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/articles/
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeVar, cast
from weakref import WeakKeyDictionary

from attrs import evolve

from zendesk_orm import fork
from zendesk_orm.api.endpoint import Api, Endpoint, Verb
from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.request import Request, Response
from zendesk_orm.http.transport import Transport
from zendesk_orm.manager import Manager
from zendesk_orm.schema.fields import CreateOnly
from zendesk_orm.session.session import Session


if TYPE_CHECKING:
    from typing_extensions import Self

R = TypeVar("R")

_ROOT = "help_center/"
_PLACEHOLDER = re.compile(r"\\\{\w+\\\}")

#: The calls that have a counterpart with the locale: method, and what the path looks like.
_COUNTERPARTS: set[tuple[str, re.Pattern[str]]] = set()


def localized(api: Api) -> Api:
    """Return the endpoints with their counterparts that have the locale in the path.

    Those that a query is answered by come first, and need `locale`: the planner takes the
    first of two that are as good. The others are never asked for by themselves: a session
    of a locale takes them instead.
    """
    twins = Api(tuple(map(_twin, api)))
    for endpoint in api:
        path = _PLACEHOLDER.sub(r"[0-9]+", re.escape(endpoint.url))
        _COUNTERPARTS.add((endpoint.method, re.compile(path)))
    return twins + api


def _twin(endpoint: Endpoint) -> Endpoint:
    path = endpoint.path.replace(_ROOT, f"{_ROOT}{{locale}}/", 1)
    if endpoint.verb is Verb.LIST:
        return evolve(endpoint, path=path)
    # One row is asked for by the plain path where nobody says which locale is meant.
    call = endpoint.call or (f"{endpoint.name}()" if endpoint.name else "")
    return evolve(endpoint, path=path, name=f"{endpoint.name} in a locale".strip(), call=call)


class LocaleSession(Session):
    """A session whose calls have the locale in their path, where there is such a path.

    Args:
        base: the session of whoever asks.
        locale: `de`, `en-us`.
    """

    def __init__(self, base: Session, locale: str) -> None:
        super().__init__(base.account, explicit=base.explicit)
        self.locale = locale

    @property
    def transport(self) -> Transport:
        """The way to the account's host, by the paths of the locale."""
        return cast("Transport", _Way(self.account.transport, self.locale))


class _Way:
    """A transport that puts the locale into the path; else it is the account's."""

    def __init__(self, transport: Transport, locale: str) -> None:
        self._transport = transport
        self._locale = locale

    def send(self, request: Request) -> Response:
        """Send a request, by the path of the locale if there is one."""
        path = request.path
        if any(method == request.method and each.fullmatch(path) for method, each in _COUNTERPARTS):
            path = path.replace(_ROOT, f"{_ROOT}{self._locale}/", 1)
        return self._transport.send(evolve(request, path=path))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


_sessions: WeakKeyDictionary[Session, dict[str, LocaleSession]] = WeakKeyDictionary()
_lock = fork.Lock()


def session_in(base: Session, locale: str) -> LocaleSession:
    """Return the session of a locale that belongs to another: the same each time.

    Raises:
        InvalidValue: it is no locale.
    """
    if isinstance(base, LocaleSession) and base.locale == locale:
        return base
    if not re.fullmatch(r"[\w-]+", locale):
        raise InvalidValue(f"locale wants the form 'en-us', not {locale!r}")
    with _lock:
        made = _sessions.setdefault(base, {})
        return made.setdefault(locale, LocaleSession(base, locale))


class LocalizedManager(Manager[R]):
    """The manager of what is there in several locales.

    `filter(locale="de")` reads in German, and gives objects that are changed in German.
    """

    @property
    def _session(self) -> Session:
        base = super()._session
        locale = self._query.fixed.get("locale")
        return base if locale is None else session_in(base, locale)

    def _given(self) -> dict[str, Any]:
        given, fixed = super()._given(), self._query.fixed
        if "locale" in fixed and isinstance(self._query.meta.fields.get("locale"), CreateOnly):
            given["locale"] = fixed["locale"]
        return given

    def in_locale(self, locale: str) -> Self:
        """Return the same rows, in a locale; those that are not translated are left out."""
        return self.filter(locale=locale)
