"""Parameters that Zendesk describes have an effect in the emulator, or are listed with a reason."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from tests.contract import effects
from tests.contract.coverage import every_model
from tests.contract.known.parameters import EFFECT_NOT_SEEN, WITHOUT_EFFECT
from tests.contract.spec import needs_spec, read_operations
from tests.contract.test_endpoints import COMMON
from tests.emulator.malformed import create_populated_emulator
from zendesk_orm import emulator


pytestmark = needs_spec

#: Parameters of pages, orders and side-loads, which have no effect on lists with few rows.
#: `tests/emulator/test_every_list.py` and `tests/contract/test_sideloads.py` test them.
_ON_LISTS = frozenset({"cursor", "include", "limit", "page", "per_page", "sort_order"})


def _flatten(table: Mapping[str, Iterable[str]]) -> set[str]:
    return {line for lines in table.values() for line in lines}


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


@pytest.mark.slow
def test_parameters_of_reads_have_an_effect():
    """Each parameter of GET changes a response, or has no effect for a reason."""
    results: dict[str, str] = {}
    order = (effects.EFFECT, effects.READ, effects.UNREAD, effects.UNREACHED)
    with create_populated_emulator() as populated:
        effects.vary_rows(populated)
        finder = effects.EffectFinder(populated)
        for parameter in effects.list_parameters():
            name, result = str(parameter), finder.classify(parameter)
            results[name] = min(results.get(name, result), result, key=order.index)
    without = {
        name
        for name, result in results.items()
        if result != effects.EFFECT
        and not (result == effects.READ and name.rpartition(" ")[2] in _ON_LISTS)
    }
    expected = _flatten(WITHOUT_EFFECT) | _flatten(EFFECT_NOT_SEEN)

    assert without == {name for name in expected if name in results}
    # Those that are listed as if they had an effect are read by their handlers.
    assert {results[name] for name in _flatten(EFFECT_NOT_SEEN) if name in results} <= {
        effects.READ,
        effects.UNREACHED,
    }


def test_parameters_of_writes_are_read():
    """Each parameter of another method is named in the source of the emulator, or is listed."""
    names = _list_names()
    unread = {
        f"{operation.method} {path} {name}"
        for (_, path), operation in read_operations().items()
        for name in operation.params - COMMON
        if operation.method != "GET" and not {name, name.removesuffix("[]")} & names
    }

    assert unread <= _flatten(WITHOUT_EFFECT)


def test_listed_parameters_are_described():
    """The tables list parameters that Zendesk describes, each once."""
    described = {
        f"{operation.method} {path} {name}"
        for (_, path), operation in read_operations().items()
        for name in operation.params
    }
    lines = [
        line
        for table in (WITHOUT_EFFECT, EFFECT_NOT_SEEN)
        for lines in table.values()
        for line in lines
    ]

    assert set(lines) <= described
    assert len(lines) == len(set(lines))
