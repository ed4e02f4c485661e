"""Parameters that Zendesk describes have an effect in the emulator, or are listed with a reason."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.contract.coverage import every_model
from tests.contract.known.parameters import WITHOUT_EFFECT
from tests.contract.spec import hide_placeholders, read_operations
from tests.contract.test_endpoints import COMMON
from zendesk_orm import emulator
from zendesk_orm.api.endpoint import Verb


def _list_names() -> set[str]:
    """Return the texts in the source of the emulator, which contain the names of parameters."""
    # Orders are parameters whose name is that of their model.
    names = {f"{model._meta.singular}_ids" for model in every_model()}
    for path in Path(emulator.__file__).parent.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names |= {
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
    return names


def _list_filters() -> set[tuple[str, str]]:
    """Return path and parameter of each filter that lists apply as a value of a field."""
    filters = {
        (hide_placeholders(endpoint.path), parameter)
        for model in every_model()
        for endpoint in model._meta.api
        for name, parameter in endpoint.filters.items()
        if {name.partition("__")[0], f"{name}_id"} & model._meta.fields.keys()
    }
    flags = {
        (hide_placeholders(endpoint.path), field.wire)
        for model in every_model()
        for endpoint in model._meta.api
        if endpoint.verb is Verb.SHOW_MANY
        for field in model._meta.fields.values()
        if field.kind.name == "bool"
    }
    return filters | flags


def test_described_parameters_have_an_effect() -> None:
    """Each parameter of an emulated operation is read, or has no effect for a reason."""
    names, filters = _list_names(), _list_filters()
    unread = {
        f"{operation.method} {path} {name}"
        for (_, path), operation in read_operations().items()
        for name in operation.params - COMMON
        # A count has the filters of its list.
        if not {(path, name), (path.removesuffix("/count"), name)} & filters
        if not {name, name.removesuffix("[]")} & names
    }

    assert unread == {line for lines in WITHOUT_EFFECT.values() for line in lines}
