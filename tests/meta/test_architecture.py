"""The layers: imports point down, and each module is one idea."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from tests.meta.code import every_source


#: Lowest first. An import points down this list, or stays inside its layer.
LAYERS = (
    {
        *("errors", "log", "announcement", "signals", "progress"),
        *("chunks", "lazy", "fork", "messages"),
    },
    {"http"},
    {"api"},
    {"schema"},
    {"query"},
    {"plan"},
    {"session"},
    {"write"},
    {"account"},
    {"queryset", "relations", "through"},
    {"model"},
    {"support", "help_center", "talk", "chat"},
    {"sync"},
    {""},  # zendesk_orm itself: the public names.
    {"emulator", "inspection"},
    {"cli", "testing", "contrib"},
)

#: The only places that load by name, each on first use, so that the rest stays light.
SEAMS = {
    ("zendesk_orm.http.transport", "zendesk_orm.http.wire"),
    ("zendesk_orm.http.hosts", "requests"),
    ("zendesk_orm.http.oauth.stores", "module"),
    ("zendesk_orm.schema.loading", "dateutil.parser"),
    ("zendesk_orm.schema.values", "dateutil.relativedelta"),
    ("zendesk_orm.session.threads", "asyncio"),
    ("zendesk_orm.session.lookups", "asyncio"),
    ("zendesk_orm.session.threads", "concurrent.futures"),
    ("zendesk_orm.session.prefetcher", "concurrent.futures"),
    ("zendesk_orm.account", "zendesk_orm.emulator"),
    ("zendesk_orm.contrib.pytest", "zendesk_orm.contrib.pytest.isolation"),
    ("zendesk_orm.contrib.pytest", "zendesk_orm.contrib.pytest.network"),
    ("zendesk_orm.contrib.pytest", "zendesk_orm.contrib.pytest.query_snapshots"),
    ("zendesk_orm.contrib.pytest", "zendesk_orm.contrib.pytest.requests"),
    ("zendesk_orm.emulator.server.routes", "zendesk_orm.emulator"),
    ("zendesk_orm.emulator.server.routes", "module.name"),
    ("zendesk_orm.lazy", "package"),
    ("zendesk_orm.lazy", "source"),
    ("zendesk_orm.schema.registry", "module"),
}

DRAWERS = {"utils", "util", "helpers", "helper", "common", "base", "misc"}

MOST_LINES = 400
#: Modules of one class that is read from top to bottom, and would not gain by a second file.
#: Classes that are read as a whole: QuerySet with its writing methods, and Ticket.
LONGER = {
    "zendesk_orm.queryset.queryset",
    "zendesk_orm.queryset.writing",
    "zendesk_orm.support.tickets.tickets",
}


def _layer(module):
    top = module.partition(".")[2].partition(".")[0]
    return next((height for height, layer in enumerate(LAYERS) if top in layer), None)


def _imports(tree, names, *, for_types):
    """Yield the modules of ours that a module imports.

    `for_types` includes those under `if TYPE_CHECKING:`.
    """
    for node in _statements(tree, for_types=for_types):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in names)
        elif isinstance(node, ast.ImportFrom) and node.module in names:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in names else node.module


def _statements(tree, *, for_types) -> Iterator[ast.AST]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            if for_types:
                yield from _statements(node, for_types=True)
            continue
        yield node
        yield from _statements(node, for_types=for_types)


@every_source
def test_every_module_has_its_layer(source):
    """A new top-level module is put into the list of layers before anything else."""
    assert _layer(source.name) is not None, f"{source.name} is in no layer of LAYERS"


@every_source
def test_imports_point_down(source, sources):
    """No module imports from a layer above its own, not even for types."""
    names = {each.name for each in sources}

    upward = [
        imported
        for imported in _imports(source.tree, names, for_types=True)
        if _layer(imported) > _layer(source.name)
    ]

    assert upward == []


def test_there_are_no_cycles(sources):
    """The modules can be put in an order in which each imports only earlier ones."""
    names = {each.name for each in sources}
    graph = {each.name: set(_imports(each.tree, names, for_types=False)) for each in sources}

    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        cycle = " -> ".join(error.args[1])
    else:
        cycle = ""

    assert cycle == ""


@every_source
def test_nothing_imports_inside_a_function(source):
    """Imports stand at the top of their module, where a reader sees them."""
    hidden = [
        f"{source.path}:{inner.lineno}"
        for node in ast.walk(source.tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        for inner in ast.walk(node)
        if isinstance(inner, (ast.Import, ast.ImportFrom))
    ]

    assert hidden == []


def test_only_the_seams_load_by_name(sources):
    """`import_module` is called in the listed places, with the listed names, and nowhere else."""
    seams = {
        (source.name, ast.unparse(call.args[0]).strip("'\"") if call.args else "")
        for source in sources
        for call in ast.walk(source.tree)
        if isinstance(call, ast.Call)
        and ast.unparse(call.func).rpartition(".")[2] in {"import_module", "__import__"}
    }

    assert seams == SEAMS


@every_source
def test_no_module_is_long(source):
    """A module that outgrows 400 lines holds two ideas."""
    assert len(source.text.splitlines()) <= MOST_LINES or source.name in LONGER


@every_source
def test_no_module_is_a_drawer(source):
    """What fits nowhere is a missing noun, not a helper."""
    assert source.name.rpartition(".")[2].strip("_") not in DRAWERS
