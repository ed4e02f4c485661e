"""The server of `zendesk-orm emulator` and `demo`, and the text that they print."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable

from zendesk_orm.emulator import Emulator, Fault
from zendesk_orm.emulator.seeds.new_account import OWNER
from zendesk_orm.emulator.server.request_log import ACCESS_LOGGER


__all__ = ["OWNER", "Emulator", "Fault", "describe_server", "log_requests", "serve"]


def serve(
    zendesk: Emulator, host: str, port: int, describe: Callable[[Emulator, str], str]
) -> None:
    """Serve an emulator until the server is stopped or the process is interrupted.

    Args:
        zendesk: the emulator.
        host, port: the address to listen at.
        describe: returns the text to print, for the address of the server.
    """
    with zendesk.serve(host, port) as server:
        try:
            print(describe(zendesk, server.url), flush=True)
            server.wait()
        except KeyboardInterrupt:
            pass
    # The responses that had been started are sent.
    print("stopped", flush=True)


def log_requests() -> None:
    """Print a line for each request to stderr."""
    logger = logging.getLogger(ACCESS_LOGGER)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(message)s"))
    logger.handlers[:] = [handler]
    logger.setLevel(logging.INFO)
    logger.propagate = False


def describe_server(
    zendesk: Emulator, url: str, place: str | None, token: str | None, *, strict: bool
) -> str:
    """Return the address of a server, its credentials, its console, and its rows.

    Args:
        zendesk: the emulator.
        url: the address.
        place: the file of the rows, or None.
        token: the only API token that is accepted, or None.
        strict: whether OAuth is checked.
    """
    credentials = f"any, such as {OWNER} with the API token 'emulated'"
    if strict:
        credentials = "OAuth, see below"
    elif token is not None:
        credentials = f"{OWNER} with the API token of --token"
    elif zendesk.switches.anonymous_owner:
        credentials += f"; {OWNER} without credentials"
    else:
        credentials += "; none with --anonymous-owner"
    counts = zendesk.count_rows()
    tickets, users = (counts.get(f"support.{name}", 0) for name in ("Ticket", "User"))
    text = (
        f"Zendesk at {url}/api/v2/ (Ctrl+C stops it)\n"
        f"  credentials  {credentials}\n"
        f"  console      {url}/\n"
        f"  rows         {tickets:,} tickets and {users:,} users, in {place or 'memory'}"
    )
    return f"{text}\n{_describe_clients(zendesk, url)}" if strict else text


def _describe_clients(zendesk: Emulator, url: str) -> str:
    """Return how programs connect and persons sign in."""
    client = zendesk.oauth_client
    return (
        "A program signs in by\n\n"
        f'  connect(base_url="{url}", oauth=ClientCredentials("{client.identifier}", '
        f'"{client.secret}"))\n\n'
        "and a person by\n\n"
        f"  zendesk-orm login --base-url {url} --client-id {zendesk.login_client.identifier}\n"
    )
