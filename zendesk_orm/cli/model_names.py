"""Models by the names that people type: `tickets`, `ticket_field`, `help_center.article`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, cast

import click
from click.shell_completion import CompletionItem

from zendesk_orm.cli.loading import load_object
from zendesk_orm.cli.options import ParameterType
from zendesk_orm.lazy import read_exports
from zendesk_orm.messages import suggestion
from zendesk_orm.model import Model
from zendesk_orm.schema import registry


#: The beginning of a word inside the name of a class: `SlaPolicy`, `OAuthClient`.
_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z][A-Z])(?=[A-Z][a-z])")
_SIBILANT = ("s", "x", "ch", "sh")


def singular_name(class_name: str) -> str:
    """Return the name of one row: `sla_policy`."""
    return _WORD.sub("_", class_name).lower()


def plural_name(class_name: str) -> str:
    """Return the name of several rows: `sla_policies`."""
    name = singular_name(class_name)
    if name.endswith("y") and name[-2] not in "aeou":
        return f"{name[:-1]}ies"
    if name.endswith(("settings", "s_activity", "locales")):
        return name
    return f"{name}es" if name.endswith(_SIBILANT) else f"{name}s"


def iterate_names() -> Iterator[tuple[str, str, str]]:
    """Yield plural name, product and class name of each model, without importing the model.

    A model that shares its name with one of an earlier product has only the name with its product.
    """
    names: set[str] = set()
    for product in registry.PRODUCTS:
        for class_name in read_exports(f"zendesk_orm.{product}"):
            name = plural_name(class_name)
            yield name if name not in names else f"{product}.{name}", product, class_name
            names.add(name)


def find_model(text: str) -> type[Model]:
    """Return the model of a name.

    Args:
        text: the singular or plural name, or that of the class; `product.name`; or
            `module:Class` for a class of the program.

    Raises:
        UsageError: the model does not exist; the message contains the most similar name.
    """
    if ":" in text:
        loaded = load_object(text)
        if not (isinstance(loaded, type) and issubclass(loaded, Model)):
            raise click.UsageError(f"{text} is not a model")
        return loaded
    product, _, name = text.rpartition(".")
    folded = name.lower().replace("-", "_")
    for _, owner, class_name in iterate_names():
        forms = singular_name(class_name), plural_name(class_name), class_name.lower()
        if folded in forms and product in ("", owner):
            return cast("type[Model]", registry.find(class_name, owner))
    near = suggestion(text, [name for name, _, _ in iterate_names()])
    raise click.UsageError(f"the model {text!r} does not exist{near}")


class ModelName(ParameterType):
    """The name of a model, which the shell completes."""

    name = "model"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> type[Model]:
        """Return the model.

        Raises:
            UsageError: the model does not exist.
        """
        if isinstance(value, type):
            return value
        try:
            return find_model(value)
        except click.UsageError as error:
            error.ctx = ctx
            raise

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Return the names of models that begin with a text."""
        return [
            CompletionItem(name) for name, _, _ in iterate_names() if name.startswith(incomplete)
        ]
