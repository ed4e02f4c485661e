"""Lists the operations of Zendesk with the calls of the library that serve them.

`python -m tests.contract.coverage [TAG]` prints the operations that no declaration serves;
`--write` writes `docs/coverage.md`.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from attrs import frozen

from tests.contract.chapters import ANNOUNCED, NOT_COVERED
from tests.contract.known import merge_tables
from tests.contract.spec import (
    Operation,
    declared_models,
    hide_placeholders,
    label_of,
    read_operations,
    read_undeclared,
)
from zendesk_orm.api.endpoint import Endpoint, Verb
from zendesk_orm.model import Model
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.schema import registry


PAGE = Path(__file__).resolve().parents[2] / "docs" / "coverage.md"
#: The names of products, in the order of the page.
PRODUCTS: Mapping[str, str] = {
    "support": "Support",
    "help_center": "Help Center",
    "talk": "Talk",
    "chat": "Chat",
    "messaging": "Messaging",
}
#: The products whose operations OpenAPI files describe.
_DESCRIBED = ("support", "help_center", "talk", "messaging")
#: Paths of Messaging have this prefix on the account's host.
_MESSAGING_ROOT = "/sc"

_HEAD = """\
# Coverage

This page lists the operations that Zendesk documents, and the call of the library that sends each
of them. `{}` stands for an id. Objects are written in lower case: `ticket` is a `Ticket`. Django's
methods also have asynchronous versions, such as `aget()` ([asyncio](async.md)). The page is
generated from the declarations.

- *OpenAPI*: Zendesk publishes files that describe Support, Help Center, Talk and Messaging. They
  were read on 2026-08-02, those of Messaging in its SDK of 2025-09.
- *pages*: other operations are documented on pages of the reference only. No list of them exists:
  those that the library knows are counted.
- *another call*: the library has the same effect by another operation.

"""

#: The call of each verb, on the manager or on an object.
CALLS: Mapping[Verb, str] = {
    Verb.SHOW: "{model}.objects.get({id})",
    Verb.SHOW_MANY: "{model}.objects.in_bulk([...])",
    Verb.LIST: "{model}.objects.{rows}",
    Verb.SEARCH: "{model}.objects.search(...)",
    Verb.SEARCH_EXPORT: "{model}.objects.search(...)",
    Verb.FILTER: "{model}.objects.filter(...)",
    Verb.INCREMENTAL: "{model}.objects.{rows}",
    Verb.COUNT: "{model}.objects.{rows}.count()",
    Verb.SEARCH_COUNT: "{model}.objects.search(...).count()",
    Verb.CREATE: "{model}.objects.create(...)",
    Verb.UPDATE: "{object}.save()",
    Verb.DELETE: "{object}.delete()",
    Verb.CREATE_MANY: "{model}.objects.bulk_create([...])",
    Verb.UPDATE_MANY: "{model}.objects.bulk_update([...])",
    Verb.DESTROY_MANY: "{model}.objects.filter(...).delete()",
}

#: Declared operations that their calls do not send, because another operation answers them at no
#: more requests, with these calls.
UNSENT: Mapping[tuple[str, str], str] = {
    ("GET", "email_notifications"): "EmailNotification.objects.filter(comment_id=...)",
    ("GET", "incremental/tickets"): "Ticket.objects.filter(changed_since=...)",
    ("GET", "incremental/users"): "User.objects.filter(changed_since=...)",
    ("GET", "ticket_forms/{}/ticket_form_statuses"): (
        "TicketFormStatus.objects.filter(ticket_form=...)"
    ),
}


def call(model: Any, endpoint: Endpoint) -> str:
    """Return the call that uses an endpoint: `Ticket.objects.get(id)`, `ticket.merge()`."""
    one = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", model.__name__).lower()
    if endpoint.verb is Verb.ACTION:
        method = endpoint.call or f"{endpoint.name}()"
        # Calls for many objects are methods of the manager, whatever the name for one object. So
        # are those that have the name of a method of every object, such as `changes()`.
        name = method.partition("(")[0]
        of_object = getattr(model, name, None)
        of_manager = getattr(type(model.objects), name, None)
        is_hidden = of_object is getattr(Model, name, None) and of_manager not in (
            None,
            getattr(Manager, name, None),
        )
        on_object = of_object is not None and not is_hidden and "[" not in method
        return f"{one}.{method}" if on_object else f"{model.__name__}.objects.{method}"
    names = [name for name in endpoint.placeholders if name != "id"] + sorted(endpoint.required)
    flags = {name for name, item in model._meta.lookups.items() if item.kind.choices == (True,)}
    arguments = ", ".join(f"{name}={True if name in flags else '...'}" for name in names)
    is_singleton = not model._meta.pk_key
    rows = f"filter({arguments})" if arguments else "get()" if is_singleton else "all()"
    if not endpoint.includes_archived and model._meta.includes_archived:
        rows = f"{rows}.fresh()" if arguments else "fresh()"
    place = f"{arguments}, id=..." if arguments else "" if is_singleton else "id"
    return CALLS[endpoint.verb].format(model=model.__name__, object=one, rows=rows, id=place)


@frozen
class Served:
    """The calls that serve an operation.

    Attributes:
        calls: the calls.
        model: the first model that declares it.
    """

    calls: tuple[str, ...]
    model: Any


def every_model() -> list[Any]:
    """Return the models of all products, also of those that the tables do not describe."""
    for product in registry.PRODUCTS:
        registry.load(product)
    return [model for model in registry.models() if model.__module__.startswith("zendesk_orm.")]


@cache
def _find_served() -> Mapping[tuple[str, str], Served]:
    concrete = merge_tables("CONCRETE_PATHS")
    calls: dict[tuple[str, str], list[str]] = {}
    models: dict[tuple[str, str], Any] = {}
    for model in every_model():
        for endpoint in model._meta.api:
            path = hide_placeholders(endpoint.path)
            if path.startswith(f"{_MESSAGING_ROOT}/"):
                path = path.removeprefix(_MESSAGING_ROOT).replace("/:app", "/{}")
            place = endpoint.method, concrete.get(path, path)
            names = calls.setdefault(place, [])
            models.setdefault(place, model)
            if (name := call(model, endpoint)) not in names:
                names.append(name)
    return {place: Served(tuple(sorted(names)), models[place]) for place, names in calls.items()}


@cache
def find_served() -> Mapping[tuple[str, str], tuple[str, ...]]:
    """Return the calls that serve each method and path."""
    return {place: served.calls for place, served in _find_served().items()}


def declared_by(place: tuple[str, str]) -> Any:
    """Return the first model that declares a method and path, or None."""
    served = _find_served().get(place)
    return None if served is None else served.model


def find_missing() -> Iterator[Operation]:
    """Yield the operations that are neither served nor left out for a reason."""
    explained = {*merge_tables("NOT_SERVED"), *merge_tables("SERVED_BY_OTHERS")}
    for place, operation in read_operations().items():
        if place not in find_served() and " ".join(place) not in explained:
            yield operation


def find_nameless() -> Iterator[str]:
    """Yield the actions that are not methods of their model or its manager."""
    for model in declared_models():
        for endpoint in model._meta.api:
            if endpoint.verb is Verb.ACTION:
                method = (endpoint.call or endpoint.name).partition("(")[0]
                if not (hasattr(model, method) or hasattr(model.objects, method)):
                    yield f"{label_of(model)}.{method}: {endpoint.method} {endpoint.path}"


@frozen
class Row:
    """An operation on the page.

    Attributes:
        product: the product's key in `PRODUCTS`.
        chapter: the chapter of the reference.
        method, path: the operation.
        by_openapi: whether an OpenAPI file describes it.
    """

    product: str
    chapter: str
    method: str
    path: str
    by_openapi: bool

    @property
    def calls(self) -> tuple[str, ...]:
        """The calls that send it."""
        place = (self.method, self.path)
        return tuple(item for item in find_served().get(place, ()) if item != UNSENT.get(place))

    @property
    def other_call(self) -> str:
        """Another call that has the same effect, or ""."""
        if self.calls:
            return ""
        table = merge_tables("SERVED_BY_OTHERS")
        unsent = UNSENT.get((self.method, self.path), "")
        return str(table.get(f"{self.method} {self.path}", unsent))

    @property
    def text(self) -> str:
        """The content of the last column."""
        if self.calls:
            return " or ".join(f"`{item}`" for item in self.calls[:2])
        if self.other_call:
            return f"another call: `{self.other_call}`"
        reason = merge_tables("NOT_SERVED").get(f"{self.method} {self.path}", "not declared")
        return f"not available: {reason}"


@cache
def list_rows() -> tuple[Row, ...]:
    """Return all operations that Zendesk documents, as far as they are known."""
    described = {
        place: Row(product, operation.tag, *place, by_openapi=True)
        for product in _DESCRIBED
        for place, operation in read_operations(product).items()
    }
    rows = dict(described)
    undescribed = merge_tables("CALLS_UNDESCRIBED")
    others = {place for place in _find_served() if " ".join(place) in undescribed}
    others |= {place for place in _find_served() if place[1].startswith("/v2/")}
    others |= {item.place for item in read_undeclared()}
    for place in others - described.keys():
        served = _find_served().get(place)
        if served is not None:
            product, chapter = served.model._meta.app_label, _find_chapter(served.model)
            rows[place] = Row(product, chapter, *place, by_openapi=False)
    return tuple(sorted(rows.values(), key=lambda row: (row.chapter, row.path, row.method)))


def _find_chapter(model: Any) -> str:
    """Return the title of the page of the reference that the module of a model names."""
    doc = inspect.getmodule(model).__doc__ or ""
    (address,) = re.findall(r"^Source: (\S+)", doc, re.MULTILINE)[:1]
    name = address.partition("#tag/")[2] or address.partition("#")[0].rstrip("/").rpartition("/")[2]
    return (
        name.replace("_", " ")
        .replace("-", " ")
        .title()
        .replace("Api", "API")
        .replace("Csat", "CSAT")
    )


def page() -> str:
    """Return the page of the documentation."""
    rows = list_rows()
    products = [name for name in PRODUCTS if any(row.product == name for row in rows)]
    parts = [_HEAD, _render_totals(rows, products), _render_chapters(rows, products)]
    parts += (_render_not_covered(), _render_announcements())
    for product in products:
        lines = [
            f"| {row.chapter} | `{row.method} {row.path}` | {row.text} |"
            for row in rows
            if row.product == product
        ]
        head = f"\n## {PRODUCTS[product]}\n\n| chapter | operation | call |\n|---|---|---|\n"
        parts.append(head + "\n".join(sorted(lines)) + "\n")
    return "".join(parts)


def _count(rows: Iterable[Row]) -> tuple[int, int, int, int]:
    """Return the numbers of all, of available, of replaceable and of missing operations."""
    operations = list(rows)
    available = sum(bool(row.calls) for row in operations)
    others = sum(bool(row.other_call) for row in operations)
    return len(operations), available, others, len(operations) - available - others


def _render_totals(rows: Iterable[Row], products: Iterable[str]) -> str:
    operations = list(rows)
    groups = {
        f"{PRODUCTS[product]}, {source}": [
            row
            for row in operations
            if row.product == product and row.by_openapi is (source == "OpenAPI")
        ]
        for product in products
        for source in ("OpenAPI", "pages")
    }
    total, available, others, missing = _count(operations)
    chapters = {(row.product, row.chapter) for row in operations}
    covered = {(row.product, row.chapter) for row in operations if row.calls or row.other_call}
    lines = [
        f"{available} of {total} operations are available, {others} by another call, and",
        f"{missing} are not. {len(covered)} of {len(chapters) + len(NOT_COVERED)} chapters of",
        "Zendesk's reference are covered at least in part.\n",
        "| product | operations | available | another call | not available |",
        "|---|---|---|---|---|",
    ]
    for name, members in groups.items():
        if members:
            lines.append(f"| {name} | " + " | ".join(map(str, _count(members))) + " |")
    lines.append("| **total** | " + " | ".join(map(str, _count(operations))) + " |")
    return "\n".join(lines) + "\n"


def _render_table(title: str, columns: str, rows: Iterable[str], text: str = "") -> str:
    """Return a section with a table.

    Args:
        title: the heading.
        columns: the names of the columns, separated by ` | `.
        rows: the cells of each row, separated in the same way.
        text: the text above the table.
    """
    rule = "|".join("---" for _ in columns.split("|"))
    intro = [f"{text}\n"] if text else []
    table = [f"| {columns} |", f"|{rule}|", *(f"| {row} |" for row in rows)]
    return "\n".join([f"\n## {title}\n", *intro, *table]) + "\n"


def _render_chapters(rows: Iterable[Row], products: Iterable[str]) -> str:
    operations = list(rows)
    lines = []
    for product in products:
        for chapter in sorted({row.chapter for row in operations if row.product == product}):
            members = [
                row for row in operations if (row.product, row.chapter) == (product, chapter)
            ]
            counts = " | ".join(map(str, _count(members)))
            lines.append(f"{PRODUCTS[product]} | {chapter} | {counts}")
    columns = "product | chapter | operations | available | another call | not available"
    return _render_table("Chapters", columns, lines)


def _render_not_covered() -> str:
    return _render_table(
        "Chapters that are not covered",
        "chapter | reason | checked",
        (
            f"[{chapter.name}]({chapter.source}) | {chapter.reason} | {chapter.checked}"
            for chapter in NOT_COVERED
        ),
        "`account.raw` sends requests to paths of the account's host ([managers](managers.md)).",
    )


def _render_announcements() -> str:
    return _render_table(
        "Announced dates",
        "date | change | the library | checked",
        (
            f"[{item.date}]({item.source}) | {item.change} | {item.answer} | {item.checked}"
            for item in ANNOUNCED
        ),
        "Removals and changes that Zendesk has announced, with the day of reading each.",
    )


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
