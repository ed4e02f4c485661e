"""Lists the operations of Zendesk with the calls of the library that serve them.

`python -m tests.contract.coverage [TAG]` prints the operations that no declaration serves;
`--write` writes `docs/coverage.md`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from tests.contract.known import merge_tables
from tests.contract.spec import (
    Operation,
    declared_models,
    hide_placeholders,
    label_of,
    read_operations,
)
from zendesk_orm.api.endpoint import Endpoint, Verb


PAGE = Path(__file__).resolve().parents[2] / "docs" / "coverage.md"
#: The names of the products, by the beginning of their paths.
PRODUCTS: Mapping[str, str] = {
    "Support": "",
    "Help Center": "help_center community guide",
    "Talk": "channels calls",
}

_HEAD = """\
# Coverage

This page lists all operations that Zendesk documents for Support, the Help Center and Talk, and
the call of the library that sends each of them. `{}` stands for an id. Objects are written in
lower case: `ticket` is a `Ticket`. Django's methods also have asynchronous versions, such as
`aget()` ([asyncio](async.md)). The page is generated from the declarations.

"""

#: The call of each verb, on the manager or on an object.
CALLS: Mapping[Verb, str] = {
    Verb.SHOW: "{model}.objects.get({id})",
    Verb.SHOW_MANY: "{model}.objects.in_bulk([...])",
    Verb.LIST: "{model}.objects.{rows}",
    Verb.SEARCH: "{model}.objects.search(...)",
    Verb.SEARCH_EXPORT: "{model}.objects.search(...)",
    Verb.FILTER: "{model}.objects.filter(...)",
    Verb.INCREMENTAL: "{model}.objects.filter(changed_since=...)",
    Verb.COUNT: "{model}.objects.{rows}.count()",
    Verb.SEARCH_COUNT: "{model}.objects.search(...).count()",
    Verb.CREATE: "{model}.objects.create(...)",
    Verb.UPDATE: "{object}.save()",
    Verb.DELETE: "{object}.delete()",
    Verb.CREATE_MANY: "{model}.objects.bulk_create([...])",
    Verb.UPDATE_MANY: "{model}.objects.bulk_update([...])",
    Verb.DESTROY_MANY: "{model}.objects.filter(...).delete()",
}


def call(model: Any, endpoint: Endpoint) -> str:
    """Return the call that uses an endpoint: `Ticket.objects.get(id)`, `ticket.merge()`."""
    one = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", model.__name__).lower()
    if endpoint.verb is Verb.ACTION:
        method = endpoint.call or f"{endpoint.name}()"
        # Calls for many objects are methods of the manager, whatever the name for one object.
        on_object = hasattr(model, method.partition("(")[0]) and "[" not in method
        return f"{one}.{method}" if on_object else f"{model.__name__}.objects.{method}"
    names = [name for name in endpoint.placeholders if name != "id"] + sorted(endpoint.required)
    flags = {name for name, item in model._meta.lookups.items() if item.kind.choices == (True,)}
    arguments = ", ".join(f"{name}={True if name in flags else '...'}" for name in names)
    is_singleton = not model._meta.pk_key
    rows = f"filter({arguments})" if arguments else "get()" if is_singleton else "all()"
    place = f"{arguments}, id=..." if arguments else "" if is_singleton else "id"
    return CALLS[endpoint.verb].format(model=model.__name__, object=one, rows=rows, id=place)


@cache
def find_served() -> Mapping[tuple[str, str], tuple[str, ...]]:
    """Return the calls that serve each method and path."""
    result: dict[tuple[str, str], list[str]] = {}
    for model in declared_models():
        for endpoint in model._meta.api:
            calls = result.setdefault((endpoint.method, hide_placeholders(endpoint.path)), [])
            if (name := call(model, endpoint)) not in calls:
                calls.append(name)
    return {place: tuple(sorted(calls)) for place, calls in result.items()}


def find_missing() -> Iterator[Operation]:
    """Yield the operations that are neither served nor left out for a reason."""
    left_out = merge_tables("NOT_SERVED")
    for place, operation in read_operations().items():
        if place not in find_served() and " ".join(place) not in left_out:
            yield operation


def find_nameless() -> Iterator[str]:
    """Yield the actions that are not methods of their model or its manager."""
    for model in declared_models():
        for endpoint in model._meta.api:
            if endpoint.verb is Verb.ACTION:
                method = (endpoint.call or endpoint.name).partition("(")[0]
                if not (hasattr(model, method) or hasattr(model.objects, method)):
                    yield f"{label_of(model)}.{method}: {endpoint.method} {endpoint.path}"


def page() -> str:
    """Return the page of the documentation: a table for each product."""
    left_out = merge_tables("NOT_SERVED")
    tables: dict[str, list[str]] = {product: [] for product in PRODUCTS}
    for place, operation in sorted(read_operations().items(), key=lambda item: item[0][::-1]):
        calls = find_served().get(place)
        names = " or ".join(f"`{item}`" for item in calls[:2]) if calls else None
        reason = left_out.get(" ".join(place), "missing")
        shown = names or f"not available: {reason}"
        tables[_find_product(operation.path)].append(
            f"| {operation.tag} | `{operation.method} {operation.path}` | {shown} |"
        )
    count = sum(place in find_served() for place in read_operations())
    parts = [f"{_HEAD}{count} of {len(read_operations())} operations are available.\n"]
    for product, rows in tables.items():
        head = f"\n## {product}\n\n| chapter | operation | call |\n|---|---|---|\n"
        parts.append(head + "\n".join(sorted(rows)) + "\n")
    return "".join(parts)


def _find_product(path: str) -> str:
    first = path.partition("/")[0]
    return next((name for name, words in PRODUCTS.items() if first in words.split()), "Support")


def main() -> None:
    """Print the missing operations, of one chapter or of all; or write the page."""
    tags = sys.argv[1:]
    if tags == ["--write"]:
        PAGE.write_text(page(), encoding="utf-8")
        return
    result = sorted(find_missing(), key=lambda entry: (entry.tag, entry.path, entry.method))
    lines = [
        f"{operation.tag:<28} {operation.method:<7} {operation.path}"
        for operation in result
        if not tags or operation.tag in tags
    ]
    sys.stdout.writelines(
        f"{line}\n" for line in (*lines, *(f"no such method: {item}" for item in find_nameless()))
    )


if __name__ == "__main__":
    main()
