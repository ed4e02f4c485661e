"""The pages for users of zenpy name everything that zenpy can do."""

from __future__ import annotations

import re
from pathlib import Path

from zendesk_orm.schema import registry


PAGE = Path(__file__).resolve().parents[2] / "docs" / "zenpy-calls.md"
_ROW = re.compile(r"^\| `([\w.]+)` \| (.*) \|$", re.MULTILINE)


def _calls(inventory):
    """Return the names of all calls in the inventory, without their arguments."""
    operations = inventory.partition("### 1.3 ")[2].partition("### 1.4 ")[0]
    client = inventory.partition("members of `Zenpy`:")[2].partition("\n")[0]
    return {
        *re.findall(r"^\| \d+ \| `([\w.]+)\(", operations, re.MULTILINE),
        *re.findall(r"`(\w+)\(", client),
    }


def test_every_call_of_zenpy_is_mapped_or_not_applicable(shared):
    """Each public call has a row, with the call that replaces it or with the reason for none."""
    calls = _calls((shared / "zenpy" / "inventory.md").read_text(encoding="utf-8"))
    rows = dict(_ROW.findall(PAGE.read_text(encoding="utf-8")))

    assert len(calls) > 400
    assert calls - set(rows) == set()
    assert [name for name, replacement in rows.items() if not replacement.strip()] == []


def test_no_call_is_listed_twice():
    """A call is either mapped or not applicable."""
    names = [name for name, _ in _ROW.findall(PAGE.read_text(encoding="utf-8"))]

    assert len(names) == len(set(names))


def test_the_replacements_exist():
    """Each model of both pages is one of the library, and its manager has the methods."""
    text = "".join(PAGE.with_name(name).read_text("utf-8") for name in ("from-zenpy.md", PAGE.name))
    for product in registry.PRODUCTS:
        registry.load(product)

    used = set(re.findall(r"(?<![\w.])([A-Z]\w+)\.objects(?:\.(\w+))?", text))
    missing = [
        f"{model}.{method}"
        for model, method in sorted(used)
        if not any(
            hasattr(each.objects, method or "all")
            for each in registry.models()
            if each.__name__ == model
        )
    ]

    assert len(used) > 100
    assert missing == []
