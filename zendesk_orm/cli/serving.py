"""The server of `zendesk-orm emulator`, and what the command prints."""

from __future__ import annotations

import logging
import sys
from argparse import Namespace

from zendesk_orm.emulator import Emulator, Fault
from zendesk_orm.emulator.seeds.new_account import OWNER
from zendesk_orm.emulator.server.request_log import ACCESS_LOGGER


__all__ = ["Emulator", "Fault", "log_requests", "serve"]


def serve(zendesk: Emulator, arguments: Namespace) -> None:
    """Serve an emulator until the server is stopped or the process is interrupted."""
    with zendesk.serve(arguments.host, arguments.port) as server:
        try:
            _announce(zendesk, server.url, arguments)
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


def _announce(zendesk: Emulator, url: str, arguments: Namespace) -> None:
    """Print the address of the server, its credentials, its console, and its rows."""
    credentials = f"any, such as {OWNER} with the API token 'emulated'"
    if arguments.oauth == "strict":
        credentials = "OAuth, see below"
    elif arguments.token is not None:
        credentials = f"{OWNER} with the API token of --token"
    counts = zendesk.count_rows()
    tickets, users = (counts.get(f"support.{name}", 0) for name in ("Ticket", "User"))
    place = "memory" if arguments.file is None else arguments.file
    print(
        f"Zendesk at {url}/api/v2/ (Ctrl+C stops it)\n"
        f"  credentials  {credentials}\n"
        f"  console      {url}/\n"
        f"  rows         {tickets:,} tickets and {users:,} users, in {place}",
        flush=True,
    )
    if arguments.oauth == "strict":
        _show_clients(zendesk, url)


def _show_clients(zendesk: Emulator, url: str) -> None:
    """Print how programs connect and persons sign in."""
    client = zendesk.oauth_client
    print(
        "A program signs in by\n\n"
        f'  connect(base_url="{url}", oauth=ClientCredentials("{client.identifier}", '
        f'"{client.secret}"))\n\n'
        "and a person by\n\n"
        f"  zendesk-orm login --base-url {url} --client-id {zendesk.login_client.identifier}\n",
        flush=True,
    )
