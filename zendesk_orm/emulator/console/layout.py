"""The frame of the pages, and parts that several pages share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from markupsafe import Markup

from zendesk_orm import __version__
from zendesk_orm.emulator.console.html import Child, build_document, element
from zendesk_orm.emulator.server.application import CONTROL_PREFIX


PREFIX = f"{CONTROL_PREFIX}/console"
_PAGES = (("Overview", "/"), ("Records", f"{PREFIX}/records"), ("Requests", f"{PREFIX}/requests"))


def build_page(title: str, current: str, *content: Child) -> str:
    """Return a page.

    Args:
        title: the title.
        current: the name of the page of the navigation that it belongs to.
        content: the elements of the page.
    """
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", f"{title} - zendesk_orm emulator"),
        element("link", rel="stylesheet", href=f"{PREFIX}/console.css"),
        element("link", rel="icon", href=f"{PREFIX}/icon.svg", type="image/svg+xml"),
        element("script", src=f"{PREFIX}/console.js", defer=True),
    )
    links = [
        element("a", name, href=href, aria_current="page" if name == current else None)
        for name, href in _PAGES
    ]
    body = element(
        "body",
        element("a", "Skip to content", href="#content", class_="skip"),
        element(
            "header",
            element("a", "zendesk_orm ", element("span", "emulator"), href="/", class_="brand"),
            element("nav", links, aria_label="Pages"),
        ),
        element("main", content, id="content", tabindex="-1"),
        element("footer", f"zendesk_orm {__version__} · an embedded Zendesk, not Zendesk itself"),
    )
    return str(build_document(head, body))


def build_card(title: str, *content: Child, name: str = "") -> Markup:
    """Return a section with a heading."""
    key = name or title.lower().replace(" ", "-")
    heading = element("h2", title, id=key)
    return element("section", heading, content, class_="card", aria_labelledby=key)


def build_table(
    caption: str, headings: Sequence[Child], rows: Iterable[Child], **attributes: Any
) -> Markup:
    """Return a table that can be scrolled sideways, also by keyboard.

    Args:
        caption: the caption, which screen readers read.
        headings: the headings of the columns.
        rows: the rows, as elements.
        attributes: the attributes of the body of the table.
    """
    table = element(
        "table",
        element("caption", caption, class_="hidden"),
        element("thead", element("tr", [element("th", text, scope="col") for text in headings])),
        element("tbody", list(rows), **attributes),
    )
    return element("div", table, class_="scroll", role="region", aria_label=caption, tabindex="0")


def build_message(text: str, *, is_error: bool = False) -> Markup:
    """Return a message that screen readers announce."""
    role, kind = ("alert", "error") if is_error else ("status", "notice")
    return element("p", text, class_=f"message {kind}", role=role)


def build_empty(text: str) -> Markup:
    """Return the text of a part without content."""
    return element("p", text, class_="empty")


def build_trail(*links: tuple[str, str]) -> Markup:
    """Return the way back from a page, as links: text and address."""
    items = [element("li", element("a", text, href=href)) for text, href in links]
    return element("nav", element("ol", items), class_="trail", aria_label="Breadcrumb")


def build_url(*parts: Any, **params: Any) -> str:
    """Return the address of a page of the console, with percent-encoded parts."""
    path = "/".join(quote(str(part), safe="") for part in parts)
    values = {name: value for name, value in params.items() if value is not None}
    return f"{PREFIX}/{path}" + (f"?{urlencode(values)}" if values else "")
