"""How to reach an account: the arguments of `connect()`, or a URL."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from attrs import evolve, field, frozen

from zendesk_orm.errors import ConfigurationError
from zendesk_orm.http import auth
from zendesk_orm.http.arguments import instance_of
from zendesk_orm.http.auth import Credentials, check_secret
from zendesk_orm.http.hosts import LOOPBACK, MAX_LABEL, address_of, normalize_address, shown_address
from zendesk_orm.http.messaging import MessagingKey, MessagingToken
from zendesk_orm.http.oauth.grants import READ_WRITE, ClientCredentials, Grant, RefreshToken
from zendesk_orm.http.oauth.stores import FileTokenStore
from zendesk_orm.http.secret import Secret, conceal_arguments, hide
from zendesk_orm.messages import display, suggestion


#: The remedy if no account is configured.
HOW = (
    "call connect(subdomain=..., oauth=ClientCredentials(...)) first, or set ZENDESK_SUBDOMAIN "
    "with ZENDESK_OAUTH_CLIENT_ID and ZENDESK_OAUTH_CLIENT_SECRET (help(zendesk_orm.connect) "
    'lists the other ways); connect("emulator://") needs no account at all'
)

#: The forms of a URL, by scheme: the meaning of the parts before and after the colon.
URL_FORMS = {
    "zendesk": "zendesk://EMAIL:API_TOKEN@SUBDOMAIN",
    "zendesk+client": "zendesk+client://CLIENT_ID:SECRET@SUBDOMAIN?scope=read%20write",
    "zendesk+refresh": "zendesk+refresh://CLIENT_ID:SECRET@SUBDOMAIN?refresh_token=...&file=...",
    "zendesk+oauth": "zendesk+oauth://ACCESS_TOKEN@SUBDOMAIN",
    "zendesk+password": "zendesk+password://EMAIL:PASSWORD@SUBDOMAIN",
    "zendesk+anonymous": "zendesk+anonymous://SUBDOMAIN",
}
#: The parameters that a URL can have, by scheme.
_URL_PARAMETERS = {
    "zendesk+client": ("scope", "file"),
    "zendesk+refresh": ("refresh_token", "file"),
}
#: Control characters, which a password cannot contain, and halves of characters.
_CONTROL = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")


_TEXT = instance_of("a string", str)
_TOKEN = instance_of("a string or a function", str, Callable)
_GRANT = instance_of("ClientCredentials(...) or RefreshToken(...)", ClientCredentials, RefreshToken)
_FLAG = instance_of("True or False")
_HOST = instance_of("https://host", str)
_NAME = instance_of("the first part of the address (acme for acme.zendesk.com)", str)


@conceal_arguments
@frozen
class Settings:
    """Where an account is, and with which credentials it is reached.

    Attributes:
        subdomain: `acme` for `https://acme.zendesk.com`.
        base_url: the whole address instead.
        email: the user that a token or password belongs to.
        token, password, oauth_token: secrets; an OAuth token may be a function.
        oauth: how to sign in and renew.
        anonymous: whether to send no credentials.
        from_environment: whether environment variables hold them, which messages then name.
        messaging: a key or a token of Sunshine Conversations.
    """

    subdomain: str | None = field(default=None, validator=_NAME)
    base_url: str | None = field(default=None, validator=_HOST)
    email: str | None = field(default=None, validator=_TEXT)
    token: str | None = field(default=None, repr=False, converter=hide, validator=_TEXT)
    password: str | None = field(default=None, repr=False, converter=hide, validator=_TEXT)
    oauth_token: str | Callable[[], str] | None = field(
        default=None, repr=False, converter=hide, validator=_TOKEN
    )
    oauth: Grant | None = field(default=None, validator=_GRANT)
    anonymous: bool = field(default=False, validator=_FLAG)
    from_environment: bool = False
    messaging: MessagingKey | MessagingToken | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing was configured."""
        return self == Settings()

    def address(self) -> str:
        """Return the address of the host, in lower case and without a default port.

        Raises:
            ConfigurationError: the address is missing, ambiguous or invalid.
        """
        either = f"{self._label('subdomain')} or {self._label('base_url')}"
        if self.base_url and self.subdomain:
            raise ConfigurationError(f"two addresses: give {either}, not both")
        if self.base_url:
            return normalize_address(self.base_url)
        if not self.subdomain:
            empty = self.empty or self == Settings(from_environment=True)
            raise ConfigurationError(HOW if empty else f"no account is named: give {either}, too")
        name = self.subdomain.lower()
        plain = name.replace("-", "")
        if not name.isascii() or not plain.isalnum() or len(name) > MAX_LABEL:
            raise ConfigurationError(
                f"subdomain must be the first part of the address (acme for acme.zendesk.com), "
                f"not {display(shown_address(self.subdomain))}; {self._label('base_url')} takes a "
                "whole address"
            )
        return f"https://{name}.zendesk.com"

    @conceal_arguments
    def credentials(self, *, own_session: bool = False) -> Credentials | Grant | None:
        """Return the credentials, how to obtain them, or None if an own session has them.

        Args:
            own_session: whether `connect()` was arguments a `requests.Session`.

        Raises:
            ConfigurationError: credentials are missing, incomplete or ambiguous.
        """
        present = [
            self._label(name)
            for name in ("token", "password", "oauth_token", "oauth", "anonymous")
            if getattr(self, name)
        ]
        if len(present) > 1:
            raise ConfigurationError(f"too many credentials: {', '.join(present)}; give one kind")
        if not present:
            self._check_absence(own_session=own_session)
            return None if own_session or self.messaging is None else auth.anonymous()
        if self.token or self.password:
            return self._of_email("token" if self.token else "password")
        if self.email:
            raise ConfigurationError(
                f"{self._label('email')} belongs to {self._label('token')} or "
                f"{self._label('password')}, not to {present[0]}"
            )
        if self.oauth is not None:
            return self.oauth
        if self.oauth_token:
            return auth.oauth_token(self.oauth_token)
        return auth.anonymous()

    def _label(self, name: str) -> str:
        """Return the name of a setting in messages: an argument, or an environment variable."""
        if not self.from_environment:
            return f"{name}="
        return "ZENDESK_OAUTH_CLIENT_ID" if name == "oauth" else f"ZENDESK_{name.upper()}"

    def _check_absence(self, *, own_session: bool) -> None:
        if self.email:
            raise ConfigurationError(
                f"{self._label('email')} needs {self._label('token')} or "
                f"{self._label('password')} with it"
            )
        if not own_session and self.messaging is None:
            problem = (
                "set ZENDESK_OAUTH_CLIENT_ID and ZENDESK_OAUTH_CLIENT_SECRET"
                if self.from_environment
                else "pass oauth=ClientCredentials(...) or anonymous=True"
            )
            raise ConfigurationError(
                f"no credentials: {problem} (help(zendesk_orm.connect) lists them)"
            )

    def _of_email(self, name: str) -> Credentials:
        if not self.email:
            raise ConfigurationError(
                f"{self._label(name)} needs {self._label('email')}, the user that it belongs to"
            )
        if not self.email.isprintable() or set(": ") & set(self.email):
            raise ConfigurationError("email must be an e-mail address")
        if name == "token":
            # curl examples write the e-mail address with this suffix.
            return auth.api_token(
                self.email.removesuffix("/token"), check_secret("token", self.token)
            )
        secret = Secret(self.password or "")
        if _CONTROL.search(secret):
            raise ConfigurationError(
                "password must be the password and nothing else: it contains line breaks, control "
                "characters or halves of characters"
            )
        return auth.password(self.email, secret)


@conceal_arguments
def from_url(url: str, arguments: Settings) -> Settings:
    """Return the settings, completed by those of a URL; `URL_FORMS` lists its forms.

    Raises:
        ConfigurationError: the URL has another form.
    """
    parts = _split(url)
    allowed = _URL_PARAMETERS.get(parts.scheme, ())
    given_twice, parameters = set(), dict[str, str]()
    # A plus sign is one, as in the other parts of the URL; only scopes hold none.
    for name, value in parse_qsl(parts.query.replace("+", "%2B"), keep_blank_values=True):
        if name not in allowed:
            raise ConfigurationError(
                f"{parts.scheme}:// has no parameter {display(name)}" + suggestion(name, allowed)
            )
        given_twice |= {name} & set(parameters)
        parameters[name] = value
    for name, value in parameters.items():
        if not value or name in given_twice:
            raise ConfigurationError(f"parameter {display(name)} of the URL must have one value")
    user, secret = unquote(parts.username or ""), unquote(parts.password or "")
    place = parts.netloc.rpartition("@")[2].lower()
    host = parts.hostname or ""
    is_subdomain = place == host and "." not in host and host not in LOOPBACK
    where: dict[str, Any] = {"subdomain": host} if is_subdomain else {"base_url": address_of(place)}
    settings = {**where, **_of_scheme(parts.scheme, user, secret, parameters)}
    for name in ("subdomain", "base_url", *settings):
        if getattr(arguments, name):
            raise ConfigurationError(f"{name}= and the URL contradict each other: give one of them")
    return evolve(arguments, **settings)


def _split(url: object) -> SplitResult:
    """Return the parts of a URL that has one of the forms.

    Raises:
        ConfigurationError: it has another form. The message shows nothing of the URL: where a
            character was not percent-encoded, any part may be one of a secret.
    """
    try:
        parts = urlsplit(url if isinstance(url, str) else "")
        # A subdomain has no port; a host has one.
        host = parts.hostname or ""
        misplaced = parts.port is not None and not ("." in host or ":" in host or host in LOOPBACK)
    except ValueError:
        parts, misplaced = SplitResult("", "", "", "", ""), False
    form = URL_FORMS.get(parts.scheme, "")
    users, secrets = form.count("@"), form.partition("@")[0].count(":") - 1
    if (
        not form
        or not parts.hostname
        or misplaced
        or parts.path not in ("", "/")
        or "#" in (url if isinstance(url, str) else "")
        or "@" in parts.query
        or (parts.username is not None and not users)
        or (parts.password is not None and not secrets)
    ):
        raise ConfigurationError(
            "the URL must have one of these forms, each part percent-encoded: "
            f"{', '.join(URL_FORMS.values())}, emulator://"
        )
    return parts


def _of_scheme(
    scheme: str, user: str, secret: str, parameters: Mapping[str, str]
) -> dict[str, Any]:
    """Return the settings that the parts of a URL stand for."""
    if scheme == "zendesk+anonymous":
        return {"anonymous": True}
    if scheme == "zendesk+oauth":
        return {"oauth_token": user}
    if scheme == "zendesk+password":
        return {"email": user, "password": secret}
    if scheme == "zendesk+client":
        return {"oauth": client_grant(user, secret, _scope(parameters), parameters.get("file"))}
    if scheme == "zendesk+refresh":
        refresh = parameters.get("refresh_token")
        return {"oauth": refresh_grant(user, secret, refresh, parameters.get("file"))}
    settings = {"email": user, "token": secret}
    return {name: value for name, value in settings.items() if value}


def _scope(parameters: Mapping[str, str]) -> str | None:
    """Return the scope of a URL, in which `+` stands for a space, as forms write it."""
    scope = parameters.get("scope")
    return None if scope is None else scope.replace("+", " ")


def client_grant(
    client_id: str, secret: str | None, scope: str | None, file: str | None
) -> ClientCredentials:
    """Return the grant of a program, whose tokens are in a file if there is a path."""
    return ClientCredentials(
        client_id,
        check_secret("client_secret", secret),
        READ_WRITE if scope is None else scope,
        store=None if file is None else FileTokenStore(file),
    )


def refresh_grant(
    client_id: str, secret: str | None, refresh_token: str | None, file: str | None
) -> RefreshToken:
    """Return the grant of a person, whose tokens are in a file."""
    # Rotated tokens have to outlive the process: the file is the one of `zendesk-orm login`.
    return RefreshToken(
        client_id, refresh_token or None, secret or None, store=FileTokenStore(file or None)
    )


def emulator_class() -> Any:
    """Import and return `Emulator`.

    Raises:
        ConfigurationError: a package that it needs is not installed.
    """
    # Seam: the emulator is the top layer, and is imported only if it is used.
    try:
        return importlib.import_module("zendesk_orm.emulator").Emulator
    except ModuleNotFoundError as error:
        if error.name != "werkzeug":
            raise
        raise ConfigurationError(str(error)) from error
