"""Protection of the control against other sites that a browser shows.

A page of another site can send requests to a server of the same machine. Browsers name the site in
`Origin` and `Sec-Fetch-Site`; other programs send neither.
"""

from __future__ import annotations

import ipaddress

from werkzeug import wrappers


_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_SAME_SITE = frozenset({"same-origin", "none"})


def is_cross_site(request: wrappers.Request) -> bool:
    """Return True if a request that changes something comes from a page of another site."""
    if request.method in _READING:
        return False
    origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site")
    if origin is None and site is None:
        return False
    if site is not None and site not in _SAME_SITE:
        return True
    if origin is not None and origin != request.host_url.rstrip("/"):
        return True
    # A site can give its name the address of this machine, and is the same site then.
    return _is_local(request.remote_addr or "") and not _is_local(request.host)


def _is_local(host: str) -> bool:
    """Return True for the name or an address of the machine itself, with or without a port."""
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
    name = name.strip("[]").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
