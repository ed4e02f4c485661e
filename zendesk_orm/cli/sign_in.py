"""`zendesk-orm login` and `zendesk-orm logout`: sign a person in by OAuth, and out again."""

from __future__ import annotations

import os
import signal
import sys
import threading
import webbrowser
from argparse import ArgumentParser, Namespace
from contextlib import suppress

from zendesk_orm.cli.accounts import (
    SignIn,
    address_of,
    client_id_of,
    client_secret,
    place_of,
    store_of,
    stored_sign_in,
)
from zendesk_orm.cli.arguments import declare_sign_in, interrupt_by, whole_number
from zendesk_orm.cli.identity import identify
from zendesk_orm.errors import (
    ApiError,
    AuthenticationFailed,
    ConfigurationError,
    PermissionDenied,
    SignInRequired,
    TransportError,
    ZendeskError,
)
from zendesk_orm.http.oauth.authorization import AuthorizationRequest
from zendesk_orm.http.oauth.endpoint import TokenEndpoint
from zendesk_orm.http.oauth.grants import ACCESS_SECONDS, READ_WRITE, RefreshToken
from zendesk_orm.http.oauth.loopback import LoopbackServer, serves
from zendesk_orm.http.oauth.renewal import RenewingCredentials, missing_scopes
from zendesk_orm.http.oauth.stores import FileTokenStore, store_errors
from zendesk_orm.http.oauth.token import Token
from zendesk_orm.http.retry import RetryPolicy
from zendesk_orm.http.secret import Secret


#: The port of the redirect URL. It is fixed: Zendesk compares redirect URLs exactly.
_PORT = 8085
#: Seconds to wait for the browser.
_TIMEOUT = 300
#: Somebody is waiting: it is better to fail soon. Logging out sends twice as many requests as a
#: renewal while it holds the lock of the store.
RETRY = RetryPolicy(attempts=2, longest=30.0)


def declare_login(parser: ArgumentParser) -> None:
    """Declare the arguments of `zendesk-orm login`."""
    declare_sign_in(parser)
    parser.add_argument(
        "--scope", default=READ_WRITE, help="what to ask for, with spaces (%(default)s)"
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--port",
        type=whole_number(1, 65535),
        default=_PORT,
        help="of the redirect URL http://127.0.0.1:PORT/callback (%(default)s)",
    )
    where.add_argument("--redirect-uri", help="another redirect URL that is registered")
    parser.add_argument(
        "--no-browser",
        action="store_true",
        help="print the address to open, also on another machine, and take the redirect URL",
    )
    parser.add_argument(
        "--timeout",
        type=whole_number(1, 86_400),
        default=_TIMEOUT,
        help="seconds to wait for the browser (%(default)s)",
    )
    parser.add_argument(
        "--expires-in",
        type=whole_number(300, 172_800),
        default=ACCESS_SECONDS,
        help="seconds for which the first access token lasts (%(default)s)",
    )
    parser.set_defaults(run=_login)


def _login(given: Namespace) -> None:
    """Sign a person in, and store the tokens before anything else is done with them."""
    interrupt_by(signal.SIGINT)
    sign_in = _new_sign_in(given)
    secret = client_secret(given)
    request = AuthorizationRequest(
        sign_in.client_id,
        given.redirect_uri or f"http://127.0.0.1:{given.port}/callback",
        given.scope,
        secret,
        expires_in=given.expires_in,
    )
    with store_errors(sign_in.store, sign_in.key):
        sign_in.store.check(sign_in.key)
    redirect = _redirect(given, request, sign_in.base_url)
    endpoint = _endpoint(sign_in)
    try:
        token = request.exchange(endpoint, redirect)
    finally:
        endpoint.close()
    with store_errors(sign_in.store, sign_in.key), sign_in.store.lock(sign_in.key):
        sign_in.store.save(sign_in.key, token)
    _report(sign_in, token, request, secret)


def _new_sign_in(given: Namespace) -> SignIn:
    """Return where the tokens will belong; end the program if the arguments do not say it."""
    return SignIn(
        address_of(given)
        or given.fail("which account? Pass --subdomain or --base-url, or set ZENDESK_SUBDOMAIN"),
        client_id_of(given)
        or given.fail(
            "which OAuth client? Pass --client-id, the unique identifier that Admin Center shows "
            "under OAuth clients, or set ZENDESK_OAUTH_CLIENT_ID"
        ),
        store_of(given),
    )


def _redirect(given: Namespace, request: AuthorizationRequest, base_url: str) -> str:
    """Send the person to Zendesk, and return the address to which Zendesk redirects."""
    url = request.url(base_url)
    print(
        f"The redirect URL {request.redirect_uri} must be registered for the OAuth client.\n"
        "If Zendesk shows an error instead of a page to sign in, compare the redirect URL and "
        f"the client id {request.client_id} with Admin Center; if it knows no such account, check "
        f"the address {base_url}.",
        flush=True,
    )
    if not serves(request.redirect_uri):
        _show(request, url)
        return _typed(request)
    with LoopbackServer(request.redirect_uri, request.matches) as server:
        if given.no_browser or not webbrowser.open(url):
            _show(request, url)
            if sys.stdin.isatty():
                threading.Thread(target=_read, args=(server,), daemon=True).start()
        else:
            print("Continue in the browser window. (Ctrl+C stops waiting.)", flush=True)
        return server.wait(given.timeout)


def _show(request: AuthorizationRequest, url: str) -> None:
    print(f"Open this address and sign in:\n\n  {url}\n", flush=True)
    if sys.stdin.isatty():
        print(
            "If that browser is on another machine, it will end at a page that cannot be loaded. "
            f"Copy its address, {request.redirect_uri}?..., and paste it here:",
            flush=True,
        )


def _read(server: LoopbackServer) -> None:
    """Take pasted addresses from the terminal, until one answers the request."""
    # Not sys.stdin: a thread that waits in its buffer makes Python abort when the program ends.
    with os.fdopen(os.dup(sys.stdin.fileno()), "rb", buffering=0) as lines:
        for line in iter(lines.readline, b""):
            if server.submit(line.decode("utf-8", "replace").strip()):
                return
            print(
                "This is not the redirect URL of this sign-in: paste the whole address", flush=True
            )


def _typed(request: AuthorizationRequest) -> str:
    """Return the redirect URL that somebody pastes, if no program receives it."""
    for line in sys.stdin:
        if request.matches(line.strip()):
            return line.strip()
        print("This is not the redirect URL of this sign-in: paste the whole address", flush=True)
    raise ConfigurationError(
        f"a redirect to {request.redirect_uri} does not reach this program: paste it in a terminal"
    )


def _report(
    sign_in: SignIn, token: Token, request: AuthorizationRequest, secret: Secret | None
) -> None:
    """Print who signed in, where the tokens are, and how a program uses them."""
    missing = missing_scopes(request.scope, token.scope)
    if missing:
        _warn(
            f"{sign_in.host} granted {token.scope!r} only, without {' '.join(missing)}: the name "
            "does not exist, or the client may not have it"
        )
    if token.refresh_token is None:
        _warn("there is no refresh token: when the access token expires, sign in again")
    try:
        identity = identify(sign_in.connect(secret))
    except ZendeskError as error:
        _warn(f"the tokens are stored, but {sign_in.host} did not say who signed in: {error}")
        print(f"Signed in to {sign_in.host}.")
    else:
        print(f"Signed in to {sign_in.host} as {identity.user}.")
    print(f"The tokens are stored in {place_of(sign_in.store)}. Use them in Python by\n")
    print(f"  {_statement(sign_in, secret)}")


def _statement(sign_in: SignIn, secret: Secret | None) -> str:
    """Return the line of Python that connects by a sign-in."""
    subdomain = sign_in.host.removesuffix(".zendesk.com")
    if sign_in.base_url == f"https://{subdomain}.zendesk.com":
        where = f'subdomain="{subdomain}"'
    else:
        where = f'base_url="{sign_in.base_url}"'
    store = repr(sign_in.store)
    if isinstance(sign_in.store, FileTokenStore) and sign_in.store.path == FileTokenStore().path:
        store = "FileTokenStore()"
    more = "" if secret is None else 'client_secret=os.environ["ZENDESK_OAUTH_CLIENT_SECRET"], '
    return f'connect({where}, oauth=RefreshToken("{sign_in.client_id}", {more}store={store}))'


def _warn(text: str) -> None:
    print(f"zendesk-orm: warning: {' '.join(text.split())}", file=sys.stderr)


def _endpoint(sign_in: SignIn) -> TokenEndpoint:
    return TokenEndpoint(sign_in.base_url, retry=RETRY)


def declare_logout(parser: ArgumentParser) -> None:
    """Declare the arguments of `zendesk-orm logout`."""
    declare_sign_in(parser)
    parser.add_argument(
        "--local", action="store_true", help="only delete the tokens here, and revoke nothing"
    )
    parser.set_defaults(run=_logout)


def _logout(given: Namespace) -> None:
    """Revoke the tokens of a sign-in at Zendesk, then delete them from the store."""
    sign_in = stored_sign_in(given)
    secret = None if given.local else client_secret(given)
    # Other processes must not renew the tokens meanwhile.
    with store_errors(sign_in.store, sign_in.key), sign_in.store.lock(sign_in.key):
        if not given.local:
            try:
                _revoke(sign_in, secret)
            except (ApiError, TransportError) as error:
                raise ZendeskError(
                    f"the tokens were not revoked: {error}. Try again, or let --local delete them "
                    "from the store only"
                ) from None
        sign_in.store.delete(sign_in.key)
    done = "deleted here, and not revoked" if given.local else "revoked and deleted"
    print(f"Signed out of {sign_in.host}: the tokens of client {sign_in.client_id} are {done}.")


def _revoke(sign_in: SignIn, secret: Secret | None) -> None:
    """Revoke the access token; an expired one is renewed first, to end the refresh token, too.

    Raises:
        ApiError, TransportError.
    """
    grant = RefreshToken(sign_in.client_id, client_secret=secret, store=sign_in.store)
    endpoint = _endpoint(sign_in)
    credentials = RenewingCredentials(grant, endpoint)
    try:
        token = credentials.token
        try:
            # 403 is an answer to a living token whose scopes forbid to look at it.
            with suppress(PermissionDenied):
                endpoint.current(token.access_token)
        except AuthenticationFailed:
            credentials.renew(credentials.authorization())
            token = credentials.token
        endpoint.revoke(token.access_token)
    except SignInRequired:
        # Both tokens are dead: there is nothing left to revoke.
        pass
    finally:
        endpoint.close()
