"""Hosts: addresses are normalized and compared here, and nowhere else."""

from __future__ import annotations

import importlib
from typing import Any
from urllib.parse import SplitResult, parse_qsl, urljoin, urlsplit

from zendesk_orm.errors import ConfigurationError, ForeignHost
from zendesk_orm.http.request import redact_path
from zendesk_orm.messages import display


#: The characters of a host, and of a part of it between dots, at most.
_MAX_HOST, MAX_LABEL = 253, 63
_PORTS = {"https": 443, "http": 80}
_ZENDESK = ".zendesk.com"
#: The beginning of most paths.
_API = "/api/v2/"
#: Hosts of this machine, which are reached without encryption.
LOOPBACK = ("127.0.0.1", "localhost")


def place(link: str) -> tuple[str, str | None, int | None] | None:
    """Return scheme, host and port of a link, or None if it is invalid."""
    try:
        parts = urlsplit(link)
        return parts.scheme, to_ascii(parts.hostname), parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return None


def to_ascii(host: str | None) -> str | None:
    """Return a host as it stands in a request: in ASCII, and without a dot at its end.

    Raises:
        ValueError: it is invalid.
    """
    host = host and host.removesuffix(".")
    if host is None or host.isascii():
        return host
    # `requests` has the rules, and takes long to import.
    module: Any = importlib.import_module("requests")
    url: str = module.Request("GET", f"https://{host}").prepare().url
    return urlsplit(url).hostname


def split(link: str) -> SplitResult:
    """Return the parts of a link of a response; an invalid one is a path and nothing else."""
    try:
        return urlsplit(link)
    except ValueError:
        return SplitResult("", "", link, "", "")


def query_of(link: str) -> dict[str, str]:
    """Return the parameters of a link of a response."""
    try:
        return dict(parse_qsl(split(link).query))
    except ValueError:
        # There are more of them than Python's parser reads.
        return {}


def is_of_zendesk(link: str) -> bool:
    """Return whether a link leads to a host of Zendesk's, encrypted."""
    origin = place(link)
    if origin is None:
        return False
    scheme, host, port = origin
    return (scheme, port) == ("https", 443) and f".{host}".endswith(_ZENDESK)


def is_path(link: str) -> bool:
    """Return whether a link is a path on the same host."""
    return link[:1] == "/" and link[:2] != "//"


def local_path(link: str, base_url: str, base_path: str) -> str:
    """Return the path and query of a link to an account's host, or to Zendesk's.

    Args:
        link: the link.
        base_url: the address of the account.
        base_path: the path of the address, which is left out.

    Raises:
        ForeignHost: the link leads to another host.
    """
    if link.startswith("//"):
        link = resolve(base_url, link)
    if is_path(link):
        # Only links of responses begin so: paths of requests begin with `/api/v2/`.
        nested = link.startswith(f"{base_path}{_API}")
        return link[len(base_path) :] if nested else link
    own_host = place(link) == place(base_url)
    if not own_host and not is_of_zendesk(link):
        raise foreign_host(link, base_url)
    parts = urlsplit(link)
    nested = own_host and f"{parts.path}/".startswith(f"{base_path}/")
    path = parts.path[len(base_path) :] if nested else parts.path
    return f"{path}?{parts.query}" if parts.query else path


def join(base_url: str, link: str) -> str:
    """Return the address of a path below the base URL; another link is resolved."""
    return f"{base_url}{link}" if is_path(link) else resolve(base_url, link)


def foreign_host(link: str, base_url: str) -> ForeignHost:
    """Return the error for a link to a host that is not the account's."""
    target, host = place(link), urlsplit(base_url).netloc
    other = "an invalid address" if target is None else f"{target[0]}://{target[1]}"
    return ForeignHost(f"{other} is not the account's host {host}: nothing was sent there")


def check_target(target: str, base_url: str) -> None:
    """Check the target of a redirect, which names Zendesk's own host if there is a proxy.

    Raises:
        ForeignHost: it is another host than the account's.
    """
    is_proxied = is_of_zendesk(target) and not is_of_zendesk(base_url)
    if place(target) != place(base_url) and not is_proxied:
        raise foreign_host(target, base_url)


def resolve(link: str, location: str) -> str:
    """Return the target of a redirect; an invalid location is returned unchanged."""
    try:
        return urljoin(link, location)
    except ValueError:
        return location


def without_user(link: str) -> str:
    """Return a link to another host, without the user that it may name.

    Raises:
        ForeignHost: it is not https.
    """
    origin = place(link)
    if origin is None or origin[0] != "https" or not origin[1]:
        raise ForeignHost(
            f"the file is at {redact_path(link)}, which is not https: nothing was sent there"
        )
    parts = urlsplit(link)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def normalize_address(base_url: str) -> str:
    """Return an address in lower case, without a default port and without a slash at its end.

    An internationalized host is returned in ASCII, as in links of responses.

    Raises:
        ConfigurationError: it is invalid, or contains credentials.
    """
    try:
        # `urlsplit` drops line breaks, and others read a backslash as a slash.
        is_plain = base_url.isprintable() and not set(base_url) & set(" \\")
        parts = urlsplit(base_url if is_plain else "")
        host, port = to_ascii(parts.hostname) or "", parts.port
    except (AttributeError, TypeError, ValueError):
        parts, host, port = urlsplit(""), "", None
    if parts.username is not None:
        raise ConfigurationError("base_url takes no credentials; pass them as arguments")
    if parts.scheme not in _PORTS or not _is_host(host) or parts.query or parts.fragment:
        raise ConfigurationError(
            f"base_url must be https://host, not {display(shown_address(base_url))}"
        )
    path = parts.path.rstrip("/")
    if path.endswith("/api/v2"):
        raise ConfigurationError("base_url must end before /api/v2, which each request adds")
    if ":" in host:
        host = f"[{host}]"
    netloc = host if port in (None, _PORTS[parts.scheme]) else f"{host}:{port}"
    return f"{parts.scheme}://{netloc}{path}"


def _is_host(host: str) -> bool:
    """Return whether a host is an IPv6 address, or has labels of the lengths that DNS allows."""
    labels = host.removesuffix(".").split(".")
    return ":" in host or (
        len(host) <= _MAX_HOST and all(0 < len(label) <= MAX_LABEL for label in labels)
    )


def address_of(host: str) -> str:
    """Return the address of a host, which may have a port; only this machine is without https."""
    scheme = "http" if host.partition(":")[0] in LOOPBACK else "https"
    return f"{scheme}://{host}"


def shown_address(text: Any) -> Any:
    """Return an address without the part before an @, which may be a secret."""
    return "...@" + text.rpartition("@")[2] if isinstance(text, str) and "@" in text else text
