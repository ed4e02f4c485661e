"""A guard against connections to other hosts."""

from __future__ import annotations

import ipaddress
import re
import socket
import threading
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager, suppress
from typing import Any

import pytest


#: An address or a network: `10.0.0.0/8`, `::1`.
_NETWORK = re.compile(r"[\d.]+(/\d+)?|[\da-fA-F:.]*:[\da-fA-F:.]*(/\d+)?")
_LOCAL_NAMES = frozenset({"", "localhost", "localhost.localdomain"})
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@contextmanager
def block_network(allowed_hosts: Iterable[str] = ()) -> Generator[None]:
    """Return a context manager in which connections to other hosts fail the test.

    Connections to this machine are allowed.

    Args:
        allowed_hosts: names, addresses or networks of further hosts.

    Raises:
        pytest.fail.Exception: a thread of the block tried to connect, but its error was lost.
    """
    guard = _Guard(allowed_hosts)
    with pytest.MonkeyPatch.context() as patch:
        guard.install(patch)
        yield
    if guard.lost:
        # Another thread has raised the error, and nobody may have seen it.
        pytest.fail(guard.lost[0], pytrace=False)


def parse_hosts(hosts: Iterable[str]) -> tuple[set[str], list[Network]]:
    """Return the names and the networks among hosts.

    Raises:
        ValueError: a network is malformed.
    """
    names = {host.lower() for host in hosts if not _NETWORK.fullmatch(host)}
    return names, [_parse_network(host) for host in hosts if _NETWORK.fullmatch(host)]


def _parse_network(text: str) -> Network:
    return ipaddress.ip_network(text.partition("%")[0], strict=False)


class _Guard:
    """The hosts to which connections are allowed.

    Attributes:
        lost: the messages of failures in other threads than the one of the test.
    """

    def __init__(self, allowed_hosts: Iterable[str]) -> None:
        self.lost: list[str] = []
        self._thread = threading.get_ident()
        names, self._networks = parse_hosts([*allowed_hosts])
        self._names = {*_LOCAL_NAMES, *names}

    def install(self, patch: pytest.MonkeyPatch) -> None:
        """Check the addresses of all sockets that are connected, and all names."""
        connect, connect_ex = socket.socket.connect, socket.socket.connect_ex
        sendto, sendmsg = socket.socket.sendto, socket.socket.sendmsg
        getaddrinfo = socket.getaddrinfo

        def check_connect(self_: socket.socket, address: Any) -> None:
            self._check(address)
            connect(self_, address)

        def check_connect_ex(self_: socket.socket, address: Any) -> int:
            self._check(address)
            return connect_ex(self_, address)

        def check_name(host: Any, *args: Any, **kwargs: Any) -> Any:
            self._check((host,))
            results = getaddrinfo(host, *args, **kwargs)
            # The addresses of an allowed name are allowed, too.
            self._networks += [_parse_network(str(result[4][0])) for result in results]
            return results

        def check_sendto(self_: socket.socket, data: Any, *args: Any) -> int:
            # The flags may be missing.
            self._check(args[-1])
            return sendto(self_, data, *args)

        def check_sendmsg(self_: socket.socket, *args: Any) -> int:
            self._check(args[3] if len(args) > 3 else None)
            return sendmsg(self_, *args)

        patch.setattr(socket.socket, "connect", check_connect)
        patch.setattr(socket.socket, "connect_ex", check_connect_ex)
        patch.setattr(socket.socket, "sendto", check_sendto)
        patch.setattr(socket.socket, "sendmsg", check_sendmsg)
        patch.setattr(socket, "getaddrinfo", check_name)
        for name in ("gethostbyname", "gethostbyname_ex"):
            patch.setattr(socket, name, self._guard_lookup(getattr(socket, name)))

    def _guard_lookup(self, look_up: Callable[[str], Any]) -> Callable[[str], Any]:
        """Return a function that looks up the address of a name if it is allowed."""

        def check_lookup(host: str) -> Any:
            self._check((host,))
            return look_up(host)

        return check_lookup

    def _check(self, address: Any) -> None:
        """Fail the test if an address is not allowed."""
        # A path is the address of a socket of this machine.
        if not isinstance(address, tuple) or self._allows(address[0]):
            return
        message = (
            f"the test connects to {address[0]}: use the account of the fixture zendesk, or add "
            "the host to zendesk_allowed_hosts in the configuration of pytest"
        )
        if threading.get_ident() != self._thread:
            self.lost.append(message)
        pytest.fail(message)

    def _allows(self, host: Any) -> bool:
        name = host.decode(errors="replace") if isinstance(host, bytes) else str(host or "")
        if name.lower() in self._names:
            return True
        with suppress(ValueError):
            address = ipaddress.ip_address(name.partition("%")[0])
            return address.is_loopback or any(address in network for network in self._networks)
        return False
