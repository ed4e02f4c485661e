"""The stubs `__init__.pyi` of the products, generated from the models of their modules.

`scripts/exports` runs this module.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from pathlib import Path

from zendesk_orm.model import Model
from zendesk_orm.schema import registry


def stub_path(product):
    """Return the path of the stub of a product."""
    package = importlib.import_module(f"zendesk_orm.{product}")
    return Path(package.__file__).with_suffix(".pyi")


def render_stub(product):
    """Return the text of the stub: a line for each public model that a module defines."""
    package = importlib.import_module(f"zendesk_orm.{product}")
    lines = []
    for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        module = importlib.import_module(info.name)
        for name, value in vars(module).items():
            if _is_public_model(name, value) and value.__module__ == info.name:
                lines.append(f"from {info.name} import {name} as {name}")
    return "".join(f"{line}\n" for line in sorted(lines))


def _is_public_model(name, value):
    return (
        not name.startswith("_")
        and inspect.isclass(value)
        and issubclass(value, Model)
        and not value._meta.abstract
    )


if __name__ == "__main__":
    for product in registry.PRODUCTS:
        stub_path(product).write_text(render_stub(product), encoding="utf-8")
