"""Packages that integrations need, and the message if one is not installed."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def require_extra(extra: str) -> Generator[None]:
    """Import packages of an extra in the block, or name the command that installs them.

    ::

        with require_extra("otel"):
            from opentelemetry import trace

    Raises:
        ModuleNotFoundError: a package is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        missing = error.name or ""
        if missing.partition(".")[0] == "zendesk_orm":
            raise
        failure = ModuleNotFoundError(
            f'{missing} is not installed: pip install "zendesk_orm[{extra}]"', name=error.name
        )
    else:
        return
    raise failure
