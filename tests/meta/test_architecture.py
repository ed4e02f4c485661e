"""Layers and modules: imports point down, and each module has one concept."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from tests.meta.code import PACKAGE, every_source


#: The lowest layer is the first. A module imports from its own layer and from lower ones.
LAYERS = (
    {
        *("errors", "log", "announcement", "signals", "progress"),
        *("chunks", "durable_files", "extras", "fork", "garbage", "lazy", "messages"),
        *("process_end",),
    },
    {"http"},
    {"api"},
    {"schema"},
    {"query"},
    {"plan"},
    {"session"},
    {"write"},
    {"account"},
    {"export"},
    {"queryset", "relations", "through"},
    {"model"},
    {"support", "help_center", "talk", "chat", "messaging"},
    {"sync", "warehouse"},
    {""},  # zendesk_orm itself: the public names.
    {"emulator", "inspection"},
    {"schema_changes"},
    {"cli", "testing", "contrib"},
)

#: Modules that import another one by its name on first use, so that `import zendesk_orm` is light.
DYNAMIC_IMPORTS = {
    ("zendesk_orm.announcement", "zendesk_orm.schema.registry"),
    ("zendesk_orm.http.transport", "zendesk_orm.http.wire"),
    ("zendesk_orm.http.hosts", "requests"),
    ("zendesk_orm.http.oauth.stores", "module"),
    ("zendesk_orm.export.packages", "name"),
    ("zendesk_orm.schema.loading", "dateutil.parser"),
    ("zendesk_orm.schema.values", "dateutil.relativedelta"),
    ("zendesk_orm.session.threads", "asyncio"),
    ("zendesk_orm.session.lookups", "asyncio"),
    ("zendesk_orm.session.threads", "concurrent.futures"),
    ("zendesk_orm.session.prefetcher", "concurrent.futures"),
    ("zendesk_orm.process_end", "concurrent.futures"),
    ("zendesk_orm.inspection.drift", "place"),
    ("zendesk_orm.cli.loading", "name"),
    ("zendesk_orm.inspection.drift", "place"),
    ("zendesk_orm.cli.program", "f'zendesk_orm.cli.{entry.module}"),
    ("zendesk_orm.cli.shell", "IPython"),
    ("zendesk_orm.cli.shell", "readline"),
    ("zendesk_orm.cli.shell", "f'zendesk_orm.{name}"),
    ("zendesk_orm.http.settings", "zendesk_orm.emulator"),
    ("zendesk_orm.contrib.pytest", "zendesk_orm.testing.isolation"),
    ("zendesk_orm.contrib.django.management.commands.zendesk_shell", "name"),
    ("zendesk_orm.contrib.pytest", "zendesk_orm.contrib.pytest.network"),
    ("zendesk_orm.contrib.pytest", "zendesk_orm.contrib.pytest.query_snapshots"),
    ("zendesk_orm.contrib.pytest", "zendesk_orm.testing.requests"),
    ("zendesk_orm.emulator.server.routes", "zendesk_orm.emulator"),
    ("zendesk_orm.emulator.server.routes", "module.name"),
    ("zendesk_orm.emulator.templates.liquid", "name"),
    ("zendesk_orm.warehouse.connecting", "zendesk_orm.warehouse.connection"),
    ("zendesk_orm.lazy", "package"),
    ("zendesk_orm.lazy", "source"),
    ("zendesk_orm.schema.registry", "module"),
}

FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef
CATCH_ALL_NAMES = {"utils", "util", "helpers", "helper", "common", "base", "misc"}

MAX_LINES = 400
MAX_MODULES = 30
#: Exceptions: QuerySet with its writing methods, Ticket, and the tree of exceptions, which are read
#: as a whole.
LONG_MODULES = {
    "zendesk_orm.errors",
    "zendesk_orm.queryset.queryset",
    "zendesk_orm.queryset.writing",
    "zendesk_orm.support.tickets.tickets",
}


def _layer_of(module):
    top = module.partition(".")[2].partition(".")[0]
    return next((height for height, layer in enumerate(LAYERS) if top in layer), None)


def _iter_imports(tree, names, *, for_types):
    """Yield the modules of the library that a module imports.

    If `for_types`, include those under `if TYPE_CHECKING:`.
    """
    for node in _iter_statements(tree, for_types=for_types):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in names)
        elif isinstance(node, ast.ImportFrom) and node.module in names:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in names else node.module


def _iter_statements(tree, *, for_types) -> Iterator[ast.AST]:
    """Yield the statements outside of functions, which contain no imports."""
    for node in ast.iter_child_nodes(tree):
        if not isinstance(node, ast.stmt | ast.ExceptHandler) or isinstance(node, FUNCTIONS):
            continue
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            if for_types:
                yield from _iter_statements(node, for_types=True)
            continue
        yield node
        yield from _iter_statements(node, for_types=for_types)


@every_source
def test_every_module_belongs_to_a_layer(source):
    """Each top-level module is listed in `LAYERS`."""
    assert _layer_of(source.name) is not None, f"{source.name} is in no layer of LAYERS"


@every_source
def test_imports_point_down(source, sources):
    """No module imports from a higher layer, not even for types."""
    names = {item.name for item in sources}

    upward = [
        imported
        for imported in _iter_imports(source.tree, names, for_types=True)
        if _layer_of(imported) > _layer_of(source.name)
    ]

    assert upward == []


def test_imports_have_no_cycles(sources):
    """The modules can be ordered so that each one imports only earlier ones."""
    names = {source.name for source in sources}
    graph = {item.name: set(_iter_imports(item.tree, names, for_types=False)) for item in sources}

    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        cycle = " -> ".join(error.args[1])
    else:
        cycle = ""

    assert cycle == ""


@every_source
def test_functions_contain_no_imports(source):
    """Imports are at the top of their module."""
    if not re.search(r"(?m)^\s+(import|from [\w.]+ import) ", source.text):
        return
    hidden = [
        f"{source.path}:{inner.lineno}"
        for node in source.nodes
        if isinstance(node, FUNCTIONS)
        for inner in ast.walk(node)
        if isinstance(inner, (ast.Import, ast.ImportFrom))
    ]

    assert hidden == []


def test_dynamic_imports_are_listed(sources):
    """`import_module` is called only in the listed modules, with the listed names."""
    dynamic_imports = {
        (source.name, ast.unparse(call.args[0]).strip("'\"") if call.args else "")
        for source in sources
        for call in source.nodes
        if isinstance(call, ast.Call)
        and ast.unparse(call.func).rpartition(".")[2] in {"import_module", "__import__"}
    }

    assert dynamic_imports == DYNAMIC_IMPORTS


@every_source
def test_modules_are_short(source):
    """A module has at most 400 lines."""
    assert len(source.text.splitlines()) <= MAX_LINES or source.name in LONG_MODULES


def test_folders_are_small():
    """A folder has at most 30 modules."""
    folders = Counter(path.parent for path in PACKAGE.rglob("*.py"))

    assert folders
    assert {str(folder): count for folder, count in folders.items() if count > MAX_MODULES} == {}


@every_source
def test_modules_are_named_after_a_concept(source):
    """No module is named `utils`, `helpers` or the like."""
    assert source.name.rpartition(".")[2].strip("_") not in CATCH_ALL_NAMES
