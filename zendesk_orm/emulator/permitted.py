"""Which keys of a body Zendesk takes, and the header in which it tells what it has ignored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from zendesk_orm.api.endpoint import Verb
from zendesk_orm.emulator.world import Call, Target
from zendesk_orm.schema.options import Options


#: Keys taken, or dropped without a word, that no declaration has.
BESIDES: Mapping[str, frozenset[str]] = {
    "support.Ticket": frozenset(
        {"description", "fields", "requester", "safe_update", "updated_stamp"}
    ),
    # Recorded: the id in the body of an update of a user is no offence.
    "support.User": frozenset({"id"}),
}
#: What stands beside the object in a body, and is no offence.
BESIDE = frozenset({"notify_subscribers"})
#: Keys of a ticket that only bulk updates take.
BULK = frozenset({"additional_tags", "remove_tags"})

_ACTIONS = {
    Verb.CREATE: "create",
    Verb.UPDATE: "update",
    Verb.DELETE: "destroy",
    Verb.DESTROY_MANY: "destroy_many",
}


def writable(meta: Options, *, new: bool = True) -> dict[str, Any]:
    """Return the fields of a model that a body may set, by wire name.

    Recorded: what can be set only when a row is `new` is then as unknown as any other key.
    """
    fields = (field for field in meta.fields.values() if field.editable)
    return {field.wire: field for field in fields if new or not field.settled}


def warning(call: Call, target: Target) -> dict[str, str]:
    """Return the header that names the keys of the body which were ignored; {} when none was."""
    action = _ACTIONS.get(target.endpoint.verb)
    unknown = list(_unknown(call, target)) if action else []
    if not unknown:
        return {}
    keys = ", ".join(f'"{key}"' for key in unknown)
    controller = target.meta.plural
    return {
        "x-zendesk-api-warn": (
            f'{{:allowed_parameters=>{{:controller=>"{controller}", :action=>"{action}", '
            f":unpermitted_keys=>[{keys}], :invalid_values=>[]}}}}"
        )
    }


def _unknown(call: Call, target: Target) -> Iterator[str]:
    meta, verb = target.meta, target.endpoint.verb
    takes_body = verb in {Verb.CREATE, Verb.UPDATE}
    known: set[str] = set()
    if takes_body:
        known = {*writable(meta, new=verb is Verb.CREATE), *BESIDES.get(meta.label, ())}
    if meta.bare:
        return
    inner = call.body.get(meta.singular)
    if isinstance(inner, dict):
        yield from (f"{meta.singular}.{key}" for key in inner if key not in known)
    for key in call.body:
        if key not in BESIDE and (not takes_body or key != meta.singular):
            yield key
