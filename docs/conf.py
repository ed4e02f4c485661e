"""How the documentation is built: `scripts/docs`, warnings being errors."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any


sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

# Found by the line above, installed or not.
import zendesk_orm


project = "zendesk_orm"
author = "The zendesk_orm developers"
copyright = author
version = release = zendesk_orm.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.doctest",
]
exclude_patterns = ["_build"]

html_theme = "furo"
html_title = "zendesk_orm"

# Headings are link targets: free-text.md#words-and-phrases.
myst_heading_anchors = 3

# The reference says in words what the types are; the annotations are in the source.
autodoc_typehints = "none"
autodoc_member_order = "bysource"
napoleon_google_docstring = True
napoleon_numpy_docstring = False
# They speak of several names at once, and in sentences ("Conflict and the other errors").
napoleon_custom_sections = [("Attributes", "params_style"), ("Raises", "params_style"), "Returns"]

# The examples of the pages are run by tests/docs, which checks what they print.
doctest_test_doctest_blocks = ""

# What looks like the name of a type and is none: the words before a colon, in the first sentence
# about a property.
nitpick_ignore_regex = [("py:class", r".* .*")]


def describe_declarations(
    _app: Any, what: str, _name: str, model: Any, _options: Any, lines: list[str]
) -> None:
    """Add to the description of a model what it declares: fields, relations, endpoints."""
    if what != "class" or not issubclass(model, zendesk_orm.Model) or model is zendesk_orm.Model:
        return
    meta = model._meta
    fields = meta.get_fields()
    manies = [each for each in vars(model).values() if isinstance(each, zendesk_orm.Many)]
    for title, entries in (
        ("Written and read", [each.name for each in fields if each.editable and each.readable]),
        ("Only read", [each.name for each in fields if not each.editable]),
        ("Only written", [each.name for each in fields if not each.readable]),
        ("Points to", [f"{name}: {each.model.__name__}" for name, each in meta.relations.items()]),
        ("Is pointed to by", [f"{each.name}: {each.model.__name__}" for each in manies]),
        ("Endpoints", dict.fromkeys(f"{each.method} {each.path}" for each in meta.api)),
    ):
        if entries:
            lines.append(f":{title}: {', '.join(f'``{each}``' for each in entries)}")
    lines.append("")


#: Code in single backticks, and a letter that follows: `ApiError`s.
_CODE = re.compile(r"(?<![`:\\])`([^`]+)`(?![`_])(?=(\w?))")

#: A line of a `Raises` section without a colon, which Napoleon makes bold, so that it has no code.
_BOLD = re.compile(r"\*\*([^*\n]*`[^*\n]*)\*\*")


def mark_code(
    _app: Any, _what: str, _name: str, _object: Any, _options: Any, lines: list[str]
) -> None:
    """Double the single backticks of a docstring, which reStructuredText takes for titles."""
    text = _BOLD.sub(r"\1", "\n".join(lines))
    lines[:] = _CODE.sub(lambda m: f"``{m[1]}``" + ("\\ " if m[2] else ""), text).split("\n")


def setup(app: Any) -> None:
    """Listen to autodoc."""
    app.connect("autodoc-process-docstring", mark_code)
    app.connect("autodoc-process-docstring", describe_declarations)
