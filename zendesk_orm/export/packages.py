"""Packages that some formats need, loaded on first use."""

from __future__ import annotations

import importlib
from typing import Any

from zendesk_orm.extras import require_extra


def load_package(name: str, extra: str) -> Any:
    """Return a module of a package that is not among the requirements of the library.

    The packages have no type hints, or differ between versions: their objects are `Any`.

    Args:
        name: the name of the module.
        extra: the extra of this library that installs the package.

    Raises:
        ModuleNotFoundError: the package is not installed.
    """
    with require_extra(extra):
        # Seam: only programs that write such files or tables need the package.
        return importlib.import_module(name)


def load_arrow(extra: str = "export") -> Any:
    """Return the module `pyarrow`.

    Raises:
        ModuleNotFoundError: it is not installed.
    """
    return load_package("pyarrow", extra)
