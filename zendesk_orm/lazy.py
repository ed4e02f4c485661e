"""Public names of a package, and modules, imported on first use.

A package lists its public names once, in the stub `__init__.pyi` that type checkers read, too.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import sys
from collections.abc import Callable
from typing import Any

from zendesk_orm.messages import display


_NAME = re.compile(r"^from ([\w.]+) import (\w+) as \2$", re.MULTILINE)
_PACKAGE = re.compile(r"^from ([\w.]+) import \*$", re.MULTILINE)


class DeferredModule:
    """A module that is imported when one of its names is first read.

    It stands for a module that programs may not need, and whose classes are named in annotations,
    so that `typing.get_type_hints()` can evaluate them.

    Args:
        name: the dotted name of the module.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        source = self._name
        return getattr(importlib.import_module(source), name)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._name}>"


def read_exports(package: str) -> dict[str, str]:
    """Return the public names of a package, each with the module that defines it.

    Args:
        package: the dotted name of a package with a stub `__init__.pyi`, whose lines are
            `from module import name as name` or `from package import *`.
    """
    # Seam: `get_data()` would import the package without making it an attribute of its parent.
    importlib.import_module(package)
    stub = (pkgutil.get_data(package, "__init__.pyi") or b"").decode()
    exports = {name: module for module, name in _NAME.findall(stub)}
    for other in _PACKAGE.findall(stub):
        exports |= read_exports(other)
    return exports


def attach_exports(
    package: str,
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """Return `__getattr__`, `__dir__` and `__all__` of a package with a stub `__init__.pyi`.

    Args:
        package: the dotted name of the package that is being imported.
    """
    exports = read_exports(package)
    module = sys.modules[package]

    def load(name: str) -> Any:
        source = exports.get(name)
        if source is None:
            raise AttributeError(f"module {display(package)} has no attribute {display(name)}")
        # Seam: a program pays only for the names that it uses.
        value = getattr(importlib.import_module(source), name)
        setattr(module, name, value)
        return value

    def list_names() -> list[str]:
        return sorted({*vars(module), *exports})

    return load, list_names, sorted(exports)
