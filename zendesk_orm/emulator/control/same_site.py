"""Protection of the control against other sites that a browser shows.

A page of another site can send requests to a server of the same machine. Browsers name the site in
`Origin` and `Sec-Fetch-Site`; other programs send neither. `server.hosts` protects all paths from
sites that give their names the address of this machine.
"""

from __future__ import annotations

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
    return origin is not None and origin != request.host_url.rstrip("/")
