"""The language of the code: standard names and plain English.

The section "Style" of CONTRIBUTING.md states the rules; these tests check the countable ones.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import groupby

from tests.loops import for_each
from tests.meta import code
from tests.meta.code import ROOT, Source, programs, sources


#: Names that do not describe their values.
VAGUE = frozenset(
    {
        *("each", "found", "given", "held", "here", "kept", "known", "made", "more", "named"),
        *("own", "rest", "said", "some", "tells", "told", "wanted", "whole"),
    }
)
#: Parameters of Django with such names: `values_list(named=True)`.
DJANGO_PARAMETERS = frozenset({("zendesk_orm.queryset.queryset", "named")})
#: A bare participle, which does not describe the action of a function.
PARTICIPLE = re.compile(
    r"(\w+ed|begun|done|found|given|hidden|held|kept|known|made|said|sent|shown|stuck|taken|told"
    r"|took|written)"
)
#: The share of functions that may have such names.
MAX_PARTICIPLES = 0.01

#: Phrases that have a plainer equivalent, and their maximum number in 1,000 words.
PHRASES = {
    r"\b[Ww]hat\b": 1.0,
    r"\bwho(ever)?\b": 0.2,
    r"\b[Tt]ells?\b|\btold\b": 0.05,
    r"\b(said|says?)\b": 0.05,
    r"\bwhere\b(?!:)": 0.7,  # `where: the condition.` documents an argument.
    r"\b(is|are) (none|no)\b": 0.4,
    r"\bwants?\b": 0.05,
    r"\b(anew|besides|apart|likewise|beside|therein|thereby)\b": 0.1,
    r"\bof (its|their|one's|his) own\b": 0.08,
}
#: A comment, or a part of a text that looks like one.
COMMENT = re.compile(r"(?m)(?:^|(?<=\s))#:? .*$")
#: The word count of smaller packages, whose rates would depend on single phrases.
MIN_WORDS = 500


def bindings(source: Source) -> Iterator[tuple[str, int]]:
    """Yield name and line of each variable and parameter."""
    for node in source.nodes:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node.lineno
        elif isinstance(node, ast.arg):
            yield node.arg, node.lineno


def functions(source: Source) -> Iterator[tuple[str, int]]:
    """Yield name and line of each function that is not a property."""
    for node in source.nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            decorators = {item.id for item in node.decorator_list if isinstance(item, ast.Name)}
            if not decorators & {"property", "cached_property"}:
                yield node.name, node.lineno


def prose(source: Source) -> str:
    """Return docstrings, comments and the messages of exceptions."""
    texts = []
    for node in source.nodes:
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            texts.append(ast.get_docstring(node) or "")
        if isinstance(node, ast.Raise):
            texts += [
                part.value
                for part in ast.walk(node)
                if isinstance(part, ast.Constant) and isinstance(part.value, str)
            ]
    return "\n".join([*texts, *COMMENT.findall(source.text)])


def package_of(source: Source) -> str:
    """Return the first three folders of a module: `zendesk_orm/emulator/tickets`."""
    return "/".join(source.path.split("/")[:-1][:3])


def every_module() -> list[Source]:
    """Return the modules of the package, the benchmarks and the examples."""
    return [*sources(), *programs()]


def every_module_and_test() -> list[Source]:
    """Return the modules of the package, the benchmarks, the examples and the tests."""
    return [*every_module(), *code.test_modules()]


def shell_prose() -> str:
    """Return comments and messages of the shell scripts."""
    lines = [
        line.strip()
        for path in sorted((ROOT / "scripts").iterdir())
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    return "\n".join(line for line in lines if line.startswith(("#", "echo ", "printf ")))


def count_excesses(name: str, text: str) -> list[str]:
    """Return a line for each phrase that a text uses too often."""
    words = max(len(text.split()), MIN_WORDS)
    counts = {pattern: len(re.findall(pattern, text)) for pattern in PHRASES}
    return [
        f"{name}: {counts[pattern]} x {pattern} in {words} words"
        for pattern, limit in PHRASES.items()
        if 1000 * counts[pattern] > limit * words + 1000  # One more, because packages are small.
    ]


@for_each(every_module_and_test, lambda source: source.path)
def test_no_name_is_vague(source):
    """Variables and parameters are named after their values."""
    lines = [
        f"{source.path}:{line} {name}"
        for name, line in bindings(source)
        if name in VAGUE and (source.name, name) not in DJANGO_PARAMETERS
    ]

    assert lines == []


def test_functions_are_named_by_verbs():
    """Functions that are named with a bare participle are rare exceptions."""
    names = [
        (f"{source.path}:{line} {name}", PARTICIPLE.fullmatch(name.strip("_")))
        for source in every_module()
        for name, line in functions(source)
    ]
    participles = [place for place, match in names if match]

    assert len(participles) <= MAX_PARTICIPLES * len(names), participles


def test_the_english_is_plain():
    """No folder uses phrases that have a plainer equivalent more often than is usual."""
    modules = sorted(every_module_and_test(), key=package_of)
    excesses = count_excesses("scripts", shell_prose())
    for package, members in groupby(modules, key=package_of):
        excesses += count_excesses(package, "\n".join(map(prose, members)))

    assert excesses == []


#: Functions whose f-strings may use `!r`: representations, and values that were checked before.
REPRESENTATIONS = frozenset({"__repr__", "format_predicate"})
#: Packages for the command line: their values are texts of commands, files and responses.
COMMANDS = ("zendesk_orm.cli", "zendesk_orm.inspection")


def formatted_reprs(node: ast.AST) -> Iterator[int]:
    """Yield the lines of f-strings with `!r`, outside of representations."""
    if isinstance(node, ast.FunctionDef) and node.name in REPRESENTATIONS:
        return
    if isinstance(node, ast.FormattedValue) and node.conversion == ord("r"):
        yield node.lineno
    for child in ast.iter_child_nodes(node):
        yield from formatted_reprs(child)


@for_each(sources, lambda source: source.path)
def test_messages_display_values(source):
    """Messages show values by `display()`: the repr of a caller's value may raise or be long."""
    if source.name.startswith(COMMANDS) or "!r" not in source.text:
        return

    assert [f"{source.path}:{line}" for line in formatted_reprs(source.tree)] == []
