"""An emulator for one test, which leaves accounts and receivers as they were."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any

from blinker import Signal

from zendesk_orm import signals
from zendesk_orm.account import connections
from zendesk_orm.emulator import Emulator


_SIGNALS = [value for value in vars(signals).values() if isinstance(value, Signal)]


@contextmanager
def open_emulator(options: Mapping[str, Any]) -> Generator[Emulator]:
    """Return a context manager for a new emulator, connected as the default account.

    Args:
        options: the arguments of `Emulator`.

    Raises:
        ConfigurationError: an argument is invalid.
    """
    with _restore_receivers(), _restore_connections(), Emulator(**options) as emulator:
        emulator.connect()
        yield emulator


@contextmanager
def _restore_receivers() -> Generator[None]:
    """Return a context manager after which signals have the receivers of before."""
    before = [dict(signal.receivers) for signal in _SIGNALS]
    try:
        yield
    finally:
        for signal, receivers in zip(_SIGNALS, before, strict=True):
            signal.receivers.clear()
            signal.receivers.update(receivers)


@contextmanager
def _restore_connections() -> Generator[None]:
    """Return a context manager without accounts, after which those of before are connected."""
    # The accounts stay open: they are put aside, not removed.
    before, connections._accounts = connections._accounts, {}
    defined, connections._defined = connections._defined, {}
    try:
        yield
    finally:
        for alias in list(connections):
            connections.remove(alias)
        connections._accounts, connections._defined = before, defined
