"""The pages for users of zenpy, compared with the methods of zenpy."""

from __future__ import annotations

import re
from pathlib import Path

from zendesk_orm.schema import registry


PAGE = Path(__file__).resolve().parents[2] / "docs" / "zenpy-calls.md"
_ROW = re.compile(r"^\| `([\w.]+)` \| (.*) \|$", re.MULTILINE)


def _parse_calls(inventory):
    """Return the names of all calls in the inventory, without their arguments."""
    operations = inventory.partition("### 1.3 ")[2].partition("### 1.4 ")[0]
    client = inventory.partition("members of `Zenpy`:")[2].partition("\n")[0]
    return {
        *re.findall(r"^\| \d+ \| `([\w.]+)\(", operations, re.MULTILINE),
        *re.findall(r"`(\w+)\(", client),
    }


def test_every_call_of_zenpy_is_mapped_or_not_applicable(shared):
    """Each public call of zenpy has a row with its replacement, or with a reason."""
    calls = _parse_calls((shared / "zenpy" / "inventory.md").read_text(encoding="utf-8"))
    rows = dict(_ROW.findall(PAGE.read_text(encoding="utf-8")))

    assert len(calls) > 400
    assert calls - set(rows) == set()
    assert [name for name, replacement in rows.items() if not replacement.strip()] == []


def test_every_call_of_the_guide_of_zenpy_is_explained(shared):
    """The page explains each method and keyword that the user guide of zenpy shows."""
    guide = (shared / "zenpy" / "user-guide.txt").read_text(encoding="utf-8")
    page = PAGE.with_name("from-zenpy.md").read_text(encoding="utf-8")
    calls = re.findall(r"\b(?:zenpy_client\.[\w.]+|Zenpy)\((.*)\)", guide)
    keywords = {name for call in calls for name in re.findall(r"(\w+) ?=[^=]", call)}
    options = set(re.findall(r"`+(\w+)`+ *(?:or|parameter|\n)", guide))
    methods = set(re.findall(r"zenpy_client\.([\w.]+)\(", guide))
    names = {*keywords, *options, *(method.rpartition(".")[2] for method in methods)}

    assert {"include", "permission_set", "ratelimit_budget", "organizations"} <= names
    unexplained = {name for name in names if not re.search(rf"\b{name}\b", page)}
    assert unexplained == set()


def test_no_call_is_listed_twice():
    """The table lists each call of zenpy once."""
    names = [name for name, _ in _ROW.findall(PAGE.read_text(encoding="utf-8"))]

    assert len(names) == len(set(names))


def test_the_replacements_exist():
    """The models and manager methods on both pages exist."""
    text = "".join(PAGE.with_name(name).read_text("utf-8") for name in ("from-zenpy.md", PAGE.name))
    for product in registry.PRODUCTS:
        registry.load(product)

    used = set(re.findall(r"(?<![\w.])([A-Z]\w+)\.objects(?:\.(\w+))?", text))
    missing = [
        f"{model}.{method}"
        for model, method in sorted(used)
        if not any(
            hasattr(item.objects, method or "all")
            for item in registry.models()
            if item.__name__ == model
        )
    ]

    assert len(used) > 100
    assert missing == []
