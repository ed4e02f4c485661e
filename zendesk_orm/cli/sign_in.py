"""`zendesk-orm login` and `zendesk-orm logout`: sign in by OAuth, and revoke the tokens."""

from __future__ import annotations

import os
import signal
import sys
import threading
import webbrowser
from contextlib import suppress

import click

from zendesk_orm.cli.accounts import (
    SignIn,
    describe_store,
    find_sign_in,
    get_base_url,
    get_client_id,
    get_store,
    read_client_secret,
)
from zendesk_orm.cli.identity import identify
from zendesk_orm.cli.options import (
    AccountChoice,
    IntegerBetween,
    accept_sign_in,
    command,
    exclude,
    interrupt_by,
)
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
#: A person waits for the command, so it fails soon. Logging out sends twice as many requests as
#: a renewal while it holds the lock of the store.
RETRY = RetryPolicy(attempts=2, longest=30.0)


@command(
    examples=[
        'zendesk-orm login --subdomain acme --client-id my_app --scope "read write"',
        "zendesk-orm login --subdomain acme --client-id my_app --no-browser",
    ]
)
@accept_sign_in
@click.option("--scope", default=READ_WRITE, show_default=True, help="the requested scopes")
@click.option(
    "--port",
    type=IntegerBetween(1, 65535),
    help=f"the port of the redirect URL http://127.0.0.1:PORT/callback ({_PORT})",
)
@click.option("--redirect-uri", help="another registered redirect URL")
@click.option(
    "--no-browser",
    is_flag=True,
    help="print the address, which may be opened on another machine, and read the redirect URL",
)
@click.option(
    "--timeout",
    type=IntegerBetween(1, 86_400),
    default=_TIMEOUT,
    show_default=True,
    help="seconds to wait for the browser",
)
@click.option(
    "--expires-in",
    type=IntegerBetween(300, 172_800),
    default=ACCESS_SECONDS,
    show_default=True,
    help="lifetime of the first access token in seconds",
)
def login(
    choice: AccountChoice,
    scope: str,
    port: int | None,
    redirect_uri: str | None,
    timeout: int,
    expires_in: int,
    *,
    no_browser: bool,
) -> None:
    """Sign in by OAuth, in the browser, and store the tokens.

    The redirect URL must be registered for the OAuth client in Admin Center.
    """
    exclude({"--redirect-uri": redirect_uri, "--port": port})
    interrupt_by(signal.SIGINT)
    sign_in = _new_sign_in(choice)
    secret = read_client_secret(choice)
    try:
        request = AuthorizationRequest(
            sign_in.client_id,
            redirect_uri or f"http://127.0.0.1:{port or _PORT}/callback",
            scope,
            secret,
            expires_in=expires_in,
        )
    except ConfigurationError as error:
        raise click.UsageError(str(error)) from None
    # The tokens are stored before they are used.
    with store_errors(sign_in.store, sign_in.key):
        sign_in.store.check(sign_in.key)
    redirect = _request_redirect(request, sign_in.base_url, timeout, opens_browser=not no_browser)
    endpoint = _make_endpoint(sign_in)
    try:
        token = request.exchange(endpoint, redirect)
    finally:
        endpoint.close()
    with store_errors(sign_in.store, sign_in.key), sign_in.store.lock(sign_in.key):
        sign_in.store.save(sign_in.key, token)
    _report_sign_in(sign_in, token, request, secret)


def _new_sign_in(choice: AccountChoice) -> SignIn:
    """Return the sign-in to create.

    Raises:
        UsageError: the options do not contain the account or the client.
    """
    base_url = get_base_url(choice)
    if base_url is None:
        raise click.UsageError(
            "which account? Pass --subdomain or --base-url, or set ZENDESK_SUBDOMAIN"
        )
    client_id = get_client_id(choice)
    if client_id is None:
        raise click.UsageError(
            "which OAuth client? Pass --client-id, the unique identifier that Admin Center shows "
            "under OAuth clients, or set ZENDESK_OAUTH_CLIENT_ID"
        )
    return SignIn(base_url, client_id, get_store(choice))


def _request_redirect(
    request: AuthorizationRequest, base_url: str, timeout: int, *, opens_browser: bool
) -> str:
    """Open the sign-in page of Zendesk, and return the address to which Zendesk redirects."""
    url = request.url(base_url)
    print(
        f"The redirect URL {request.redirect_uri} must be registered for the OAuth client.\n"
        "If Zendesk shows an error instead of a page to sign in, compare the redirect URL and "
        f"the client id {request.client_id} with Admin Center; if the account does not "
        f"exist, check the address {base_url}.",
        flush=True,
    )
    if not serves(request.redirect_uri):
        _print_address(request, url)
        return _read_redirect(request)
    with LoopbackServer(request.redirect_uri, request.matches) as server:
        if not opens_browser or not webbrowser.open(url):
            _print_address(request, url)
            if sys.stdin.isatty():
                threading.Thread(target=_submit_lines, args=(server,), daemon=True).start()
        else:
            print("Continue in the browser window. (Ctrl+C stops waiting.)", flush=True)
        return server.wait(timeout)


def _print_address(request: AuthorizationRequest, url: str) -> None:
    """Print the address to open, and ask for the redirect URL."""
    print(f"Open this address and sign in:\n\n  {url}\n", flush=True)
    if sys.stdin.isatty():
        print(
            "If that browser is on another machine, it will end at a page that cannot be loaded. "
            f"Copy its address, {request.redirect_uri}?..., and paste it here:",
            flush=True,
        )


def _submit_lines(server: LoopbackServer) -> None:
    """Read addresses from the terminal until one is the redirect URL of the sign-in."""
    # Not sys.stdin: a thread that waits in its buffer makes Python abort when the program ends.
    with os.fdopen(os.dup(sys.stdin.fileno()), "rb", buffering=0) as lines:
        for line in iter(lines.readline, b""):
            if server.submit(line.decode("utf-8", "replace").strip()):
                return
            print(
                "This is not the redirect URL of this sign-in: paste the whole address", flush=True
            )


def _read_redirect(request: AuthorizationRequest) -> str:
    """Return the redirect URL that a person pastes, if no server receives it.

    Raises:
        ConfigurationError: the input ended before.
    """
    for line in sys.stdin:
        if request.matches(line.strip()):
            return line.strip()
        print("This is not the redirect URL of this sign-in: paste the whole address", flush=True)
    raise ConfigurationError(
        f"a redirect to {request.redirect_uri} does not reach this program: paste it in a terminal"
    )


def _report_sign_in(
    sign_in: SignIn, token: Token, request: AuthorizationRequest, secret: Secret | None
) -> None:
    """Print the signed-in user, the store of the tokens, and code that uses them."""
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
        _warn(f"the tokens are stored, but {sign_in.host} did not return the user: {error}")
        print(f"Signed in to {sign_in.host}.")
    else:
        print(f"Signed in to {sign_in.host} as {identity.user}.")
    print(f"The tokens are stored in {describe_store(sign_in.store)}. Use them in Python by\n")
    print(f"  {_format_connect(sign_in, secret)}")


def _format_connect(sign_in: SignIn, secret: Secret | None) -> str:
    """Return the line of Python that connects with a sign-in."""
    subdomain = sign_in.host.removesuffix(".zendesk.com")
    if sign_in.base_url == f"https://{subdomain}.zendesk.com":
        account = f'subdomain="{subdomain}"'
    else:
        account = f'base_url="{sign_in.base_url}"'
    store = repr(sign_in.store)
    if isinstance(sign_in.store, FileTokenStore) and sign_in.store.path == FileTokenStore().path:
        store = "FileTokenStore()"
    arguments = [f'"{sign_in.client_id}"']
    if secret is not None:
        arguments.append('client_secret=os.environ["ZENDESK_OAUTH_CLIENT_SECRET"]')
    arguments.append(f"store={store}")
    return f"connect({account}, oauth=RefreshToken({', '.join(arguments)}))"


def _warn(text: str) -> None:
    """Print a warning on stderr."""
    print(f"zendesk-orm: warning: {' '.join(text.split())}", file=sys.stderr)


def _make_endpoint(sign_in: SignIn) -> TokenEndpoint:
    """Return the token endpoint of the account."""
    return TokenEndpoint(sign_in.base_url, retry=RETRY)


@command(
    examples=[
        "zendesk-orm logout",
        "zendesk-orm logout --subdomain acme --client-id my_app --local",
    ]
)
@accept_sign_in
@click.option(
    "--local", is_flag=True, help="delete the tokens from the store without revoking them"
)
def logout(choice: AccountChoice, *, local: bool) -> None:
    """Revoke the tokens of a sign-in at Zendesk, then delete them from the store."""
    sign_in = find_sign_in(choice)
    secret = None if local else read_client_secret(choice)
    # Other processes must not renew the tokens meanwhile.
    with store_errors(sign_in.store, sign_in.key), sign_in.store.lock(sign_in.key):
        if not local:
            try:
                _revoke(sign_in, secret)
            except (ApiError, TransportError) as error:
                raise ZendeskError(
                    f"the tokens were not revoked: {error}. Try again, or pass --local to delete "
                    "them from the store only"
                ) from None
        sign_in.store.delete(sign_in.key)
    result = "deleted here, and not revoked" if local else "revoked and deleted"
    print(f"Signed out of {sign_in.host}: the tokens of client {sign_in.client_id} are {result}.")


def _revoke(sign_in: SignIn, secret: Secret | None) -> None:
    """Revoke the access token, after renewing an expired one to invalidate the refresh token.

    Raises:
        ApiError, TransportError.
    """
    grant = RefreshToken(sign_in.client_id, client_secret=secret, store=sign_in.store)
    endpoint = _make_endpoint(sign_in)
    credentials = RenewingCredentials(grant, endpoint)
    try:
        token = credentials.token
        try:
            # Zendesk answers 403 if the token is valid but its scopes do not allow the request.
            with suppress(PermissionDenied):
                endpoint.current(token.access_token)
        except AuthenticationFailed:
            credentials.renew(credentials.authorization())
            token = credentials.token
        endpoint.revoke(token.access_token)
    except SignInRequired:
        # Both tokens are already invalid.
        pass
    finally:
        endpoint.close()
