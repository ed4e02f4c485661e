"""Which of Zendesk's operations are served, and by which call; run it to see what is missing.

`python -m tests.contract.coverage [TAG]` lists the operations that no declaration serves.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from tests.contract.known import gathered
from tests.contract.spec import Operation, called, declared_models, operations, shape
from zendesk_orm.api.endpoint import Endpoint, Verb


#: How a verb is reached: on the manager, or on an object of the model.
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
    """Return the call that an endpoint serves: `Ticket.objects.get(id)`, `ticket.merge()`."""
    one = model._meta.model_name
    if endpoint.verb is Verb.ACTION:
        method = endpoint.call or f"{endpoint.name}()"
        on_object = hasattr(model, method.partition("(")[0])
        return f"{one}.{method}" if on_object else f"{model.__name__}.objects.{method}"
    asked = [name for name in endpoint.placeholders if name != "id"] + sorted(endpoint.needs)
    named = ", ".join(f"{name}=..." for name in asked)
    rows = f"filter({named})" if named else "all()"
    place = f"{named}, id=..." if named else "id"
    return CALLS[endpoint.verb].format(model=model.__name__, object=one, rows=rows, id=place)


@cache
def served() -> Mapping[tuple[str, str], tuple[str, ...]]:
    """Return the calls that serve each method and path."""
    found: dict[tuple[str, str], list[str]] = {}
    for model in declared_models():
        for endpoint in model._meta.api:
            calls = found.setdefault((endpoint.method, shape(endpoint.path)), [])
            if (name := call(model, endpoint)) not in calls:
                calls.append(name)
    return {place: tuple(calls) for place, calls in found.items()}


def missing() -> Iterator[Operation]:
    """Yield the operations that are neither served nor left out for a reason."""
    left_out = gathered("NOT_SERVED")
    for place, operation in operations().items():
        if place not in served() and " ".join(place) not in left_out:
            yield operation


def nameless() -> Iterator[str]:
    """Yield the actions that are no method of their model, nor of its manager."""
    for model in declared_models():
        for endpoint in model._meta.api:
            if endpoint.verb is Verb.ACTION:
                method = (endpoint.call or endpoint.name).partition("(")[0]
                if not (hasattr(model, method) or hasattr(model.objects, method)):
                    yield f"{called(model)}.{method}: {endpoint.method} {endpoint.path}"


def main() -> None:
    """Print what is missing, of one chapter or of all."""
    tags = sys.argv[1:]
    found = sorted(missing(), key=lambda each: (each.tag, each.path, each.method))
    lines = [
        f"{operation.tag:<28} {operation.method:<7} {operation.path}"
        for operation in found
        if not tags or operation.tag in tags
    ]
    sys.stdout.writelines(
        f"{line}\n" for line in (*lines, *(f"no such method: {each}" for each in nameless()))
    )


if __name__ == "__main__":
    main()
