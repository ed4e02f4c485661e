"""Protection from names of other sites that lead to this machine.

A site can give its name the address of this machine, after a browser has loaded its page (DNS
rebinding). The page may read all responses then, as they come from its site.
"""

from __future__ import annotations

import ipaddress
import socket
from functools import lru_cache
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


def find_foreign_host(environ: WSGIEnvironment, allowed: str) -> str:
    """Return the host of a request from this machine if it is the name of another one, else "".

    Args:
        environ: the WSGI environment.
        allowed: further names, separated by blanks; `*` for all.
    """
    host: str = environ.get("HTTP_HOST", "")
    if not host or not _is_loopback(environ.get("REMOTE_ADDR", "")):
        return ""
    return "" if _is_local(host) or _matches(host, allowed) else host


@lru_cache
def _is_local(host: str) -> bool:
    """Return True for a name of this machine, or any address, with or without a port."""
    name = _parse_name(host)
    if name in {"localhost", socket.gethostname().lower()} or name.endswith(".localhost"):
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


@lru_cache
def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _matches(host: str, allowed: str) -> bool:
    names = allowed.lower().split()
    return "*" in names or _parse_name(host) in names


def _parse_name(host: str) -> str:
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
    return name.strip("[]").lower().rstrip(".")
