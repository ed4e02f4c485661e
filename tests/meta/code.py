"""The modules, models and packages that the tests of the code check."""

from __future__ import annotations

import ast
import importlib
import pkgutil
from functools import cache, cached_property
from pathlib import Path
from types import ModuleType

from attrs import frozen

import zendesk_orm
from tests.loops import for_each
from zendesk_orm.model import Model
from zendesk_orm.schema import registry
from zendesk_orm.schema.record import Record


ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "zendesk_orm"
#: Folders of Python programs that use the package.
PROGRAMS = ("benchmarks", "examples")
#: The packages that contain declarations.
PRODUCTS = ("support", "help_center", "talk", "chat")


@frozen
class Source:
    """A module.

    Attributes:
        name: its dotted name, such as `zendesk_orm.http.auth`; for a package, the package's name.
        path: its file, relative to the root of the repository.
    """

    name: str
    path: str

    @cached_property
    def text(self) -> str:
        """Return the source text."""
        return (ROOT / self.path).read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        """Return the syntax tree. Modules are parsed by tests, not when tests are collected."""
        return ast.parse(self.text)

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """Return all nodes of the syntax tree."""
        return tuple(ast.walk(self.tree))


@cache
def sources() -> list[Source]:
    """Return the modules of the package."""
    return _find_modules(PACKAGE)


@cache
def programs() -> list[Source]:
    """Return the modules of the benchmarks and the examples."""
    return [source for folder in PROGRAMS for source in _find_modules(ROOT / folder)]


@cache
def test_modules() -> list[Source]:
    """Return the modules of the tests."""
    return _find_modules(ROOT / "tests")


def _find_modules(folder: Path) -> list[Source]:
    modules = []
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        modules.append(Source(name, str(path.relative_to(ROOT))))
    return modules


def products() -> list[ModuleType]:
    return [
        importlib.import_module(f"zendesk_orm.{product}")
        for product in PRODUCTS
        if (PACKAGE / product / "__init__.py").exists()
    ]


def models() -> list[type[Record]]:
    for product in products():
        for module in pkgutil.walk_packages(product.__path__, f"{product.__name__}."):
            importlib.import_module(module.name)
    return [
        model
        for model in registry.models()
        if model.__module__.startswith("zendesk_orm.") and model is not Model
    ]


def _path(source: Source) -> str:
    return source.path


def _label(model: type[Record]) -> str:
    return model._meta.label


def _packages() -> list[ModuleType]:
    return [zendesk_orm, *products()]


#: Decorators of tests of one module, model or package with public names.
every_source = for_each(sources, _path)
every_model = for_each(models, _label)
every_package = for_each(_packages)
