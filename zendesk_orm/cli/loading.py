"""Functions and classes of the user's program: `module:name`."""

from __future__ import annotations

import importlib
import sys
from functools import reduce
from pathlib import Path
from typing import Any

import click


def load_object(place: str) -> Any:
    """Import a module, and return one of its functions or classes.

    Args:
        place: `module:name`, such as `shop.hooks:on_change`; modules in the current folder are
            found, too.

    Raises:
        UsageError: the place is incomplete, or does not exist.
        ClickException: the module raised an exception.
    """
    module, separator, name = place.partition(":")
    if not (module and separator and name):
        raise click.UsageError(f"{place!r} is not module:name, as in shop.hooks:on_change")
    loaded = load_module(module)
    try:
        return reduce(getattr, name.split("."), loaded)
    except AttributeError:
        raise click.UsageError(f"module {module} has no {name!r}") from None


def load_module(name: str) -> Any:
    """Import a module by name; one in the current folder is found, too.

    Raises:
        UsageError: the name is malformed, or the module does not exist.
        ClickException: the module raised an exception.
    """
    if not all(part.isidentifier() for part in name.split(".")):
        raise click.UsageError(f"{name!r} is not the name of a module, as in shop.hooks")
    search_current_folder()
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and name.startswith(error.name):
            raise click.UsageError(f"the module {name!r} does not exist") from None
        raise click.ClickException(f"{name} cannot be imported: {error}") from error
    except Exception as error:
        # The module runs, and may raise anything.
        reason = f"{type(error).__name__}: {error}"
        raise click.ClickException(f"{name} cannot be imported: {reason}") from error


def search_current_folder() -> None:
    """Let modules in the current folder be imported."""
    folder = str(Path.cwd())
    if folder not in sys.path:
        sys.path.insert(0, folder)
