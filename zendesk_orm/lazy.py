"""Public names that are imported when they are first asked for."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from typing import Any


def names(modules: Mapping[str, str]) -> dict[str, str]:
    """Return the module of each name.

    Args:
        modules: the names in each module, with blanks between.
    """
    return {name: module for module, listed in modules.items() for name in listed.split()}


def attributes(
    package: str, modules: Mapping[str, str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return the `__getattr__` and the `__dir__` of a package that imports on first use.

    They are assigned where type checkers do not look: those would take any name for an attribute
    of a package that has a `__getattr__`, misspelt ones too.

    Args:
        package: the package's name.
        modules: the names in each of its modules, with blanks between.
    """
    where = names(modules)
    own = sys.modules[package]

    def load(name: str) -> Any:
        module = where.get(name)
        if module is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        # Seam: a program needs some of the names, and pays for no others.
        value = getattr(importlib.import_module(f"{package}.{module}"), name)
        setattr(own, name, value)
        return value

    def listed() -> list[str]:
        return sorted({*vars(own), *where})

    return load, listed
