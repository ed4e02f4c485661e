"""What the tests of the code itself look at."""

from __future__ import annotations

import ast
import importlib
import pkgutil
from pathlib import Path
from types import ModuleType

import pytest
from attrs import frozen

import zendesk_orm
from zendesk_orm.model import Model
from zendesk_orm.schema import registry
from zendesk_orm.schema.record import Record


ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "zendesk_orm"
#: The packages that hold declarations.
PRODUCTS = ("support", "help_center", "talk", "chat")


@frozen
class Source:
    """A module, parsed.

    Attributes:
        name: `zendesk_orm.http.auth`; of a package, the package's name.
        path: its file, from the repository's root.
        text: what stands in it.
        tree: the same, parsed.
    """

    name: str
    path: str
    text: str
    tree: ast.Module


def _sources() -> list[Source]:
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        text = path.read_text(encoding="utf-8")
        found.append(Source(name, str(path.relative_to(ROOT)), text, ast.parse(text)))
    return found


def _products() -> list[ModuleType]:
    return [
        importlib.import_module(f"zendesk_orm.{product}")
        for product in PRODUCTS
        if (PACKAGE / product / "__init__.py").exists()
    ]


def _models() -> list[type[Record]]:
    for product in _products():
        for module in pkgutil.walk_packages(product.__path__, f"{product.__name__}."):
            importlib.import_module(module.name)
    return [
        model
        for model in registry.models()
        if model.__module__.startswith("zendesk_orm.") and model is not Model
    ]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that asks for `source`, `model` or `public` once for each there is."""
    if "source" in metafunc.fixturenames:
        metafunc.parametrize("source", _sources(), ids=lambda source: source.path)
    if "model" in metafunc.fixturenames:
        metafunc.parametrize("model", _models(), ids=lambda model: model._meta.label)
    if "public" in metafunc.fixturenames:
        modules = [zendesk_orm, *_products()]
        metafunc.parametrize("public", modules, ids=lambda module: module.__name__)


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the root of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def sources() -> list[Source]:
    """Return all modules of the package."""
    return _sources()
