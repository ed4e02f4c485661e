"""The calls on the page of the coverage send the operations next to them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timezone
from typing import Any

from tests.contract.coverage import UNSENT, call, every_model
from tests.contract.spec import hide_placeholders
from zendesk_orm import Account, ZendeskError
from zendesk_orm.api.endpoint import Verb


#: Values of which every lookup accepts one.
VALUES = (1, "1", True, datetime(2026, 1, 1, tzinfo=timezone.utc))
_REQUEST = re.compile(r"^(?:GET|POST) /(?:api/v2/)?([^?\s]+)", re.MULTILINE)


def _evaluate(model: Any, text: str, values: tuple[Any, ...]) -> Any:
    """Return the query of a call, whose arguments are `...`."""
    text = text.replace(".get(id)", ".filter(id=...)").replace(".get(", ".filter(")
    for number in range(len(values)):
        text = text.replace("...", f"values[{number}]", 1)
    names = {model.__name__: model, "values": values}
    return eval(text, names)


def _read_paths(model: Any, text: str) -> Iterator[str]:
    """Yield the paths of the requests that a call sends, with values of each type."""
    count = text.count("...") + (".get(id)" in text)
    for values in itertools.product(VALUES, repeat=count):
        with suppress(ZendeskError):
            yield from _REQUEST.findall(_evaluate(model, text, values).explain())


def test_calls_send_their_operations(account: Account) -> None:
    """The call of a list, a row or an export sends its operation, or is known to send another."""
    others = {}
    for model in every_model():
        for endpoint in model._meta.api:
            if endpoint.verb not in (Verb.LIST, Verb.SHOW, Verb.INCREMENTAL):
                continue
            text = call(model, endpoint)
            path = hide_placeholders(endpoint.path).replace("/:app", "/{}").lstrip("/")
            pattern = re.compile(re.escape(path).replace(r"\{\}", "[^/]+"))
            if not any(pattern.fullmatch(item) for item in _read_paths(model, text)):
                others["GET", path] = text

    assert others == UNSENT
