"""Keys of a body that Zendesk accepts, and the header that lists those that it ignores."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from zendesk_orm.api.endpoint import Verb
from zendesk_orm.emulator.messages import Request, Target
from zendesk_orm.schema.options import Options


#: Undeclared keys that are accepted, or ignored without being listed, by label.
UNDECLARED_KEYS: Mapping[str, frozenset[str]] = {
    "support.Ticket": frozenset(
        {"description", "fields", "requester", "safe_update", "updated_stamp"}
    ),
    "support.View": frozenset({"conditions"}),
    "messaging.Conversation": frozenset({"participants"}),
    # Recorded: the id in the body of an update of a user is not listed.
    "support.User": frozenset({"id"}),
}
#: Accepted keys next to the object in a body.
TOP_LEVEL_KEYS = frozenset({"notify_subscribers"})
#: The same for single models, by label: the message of a side conversation.
TOP_LEVEL_KEYS_OF = {
    "support.SideConversation": frozenset({"message"}),
    "support.SideConversationEvent": frozenset({"message"}),
}
#: Keys of a ticket that only bulk updates accept.
BULK_KEYS = frozenset({"additional_tags", "remove_tags"})

#: The beginnings of paths of other products than Support, and of webhooks.
OTHER_PRODUCTS = ("calls", "channels/", "community/", "guide/", "help_center/", "webhooks", "~/sc/")

_ACTIONS = {
    Verb.CREATE: "create",
    Verb.UPDATE: "update",
    Verb.DELETE: "destroy",
    Verb.DESTROY_MANY: "destroy_many",
}


def writable_fields(meta: Options, *, new: bool = True) -> dict[str, Any]:
    """Return the fields of a model that a body may set, by wire name.

    Recorded: a field that can only be set on creation is an unknown key in an update.

    Args:
        meta: the options of the model.
        new: whether the row is created.
    """
    fields = (field for field in meta.fields.values() if field.editable)
    return {field.wire: field for field in fields if new or not field.create_only}


def find_target(request: Request, targets: Sequence[Target]) -> Target:
    """Return the target whose object is in the body, by default the first one."""
    keys = request.body if targets[0].endpoint.verb in _ACTIONS else {}
    return next((target for target in targets if target.meta.singular in keys), targets[0])


def find_ignored_keys(request: Request, target: Target) -> list[str]:
    """Return the keys of the body that are ignored: `ticket.subjet`."""
    return list(_ignored_keys(request, target)) if target.endpoint.verb in _ACTIONS else []


def build_warning(request: Request, target: Target, ignored: Sequence[str]) -> dict[str, str]:
    """Return the header that lists the ignored keys of the body; {} without ignored keys.

    Recorded: products other than Support, and webhooks, do not send it.
    """
    if not ignored or request.path.startswith(OTHER_PRODUCTS):
        return {}
    keys = ", ".join(f'"{key}"' for key in ignored)
    action, controller = _ACTIONS[target.endpoint.verb], target.meta.plural
    return {
        "x-zendesk-api-warn": (
            f'{{:allowed_parameters=>{{:controller=>"{controller}", :action=>"{action}", '
            f":unpermitted_keys=>[{keys}], :invalid_values=>[]}}}}"
        )
    }


def _ignored_keys(request: Request, target: Target) -> Iterator[str]:
    """Yield the keys of a body that are ignored."""
    meta, verb = target.meta, target.endpoint.verb
    has_object = verb in {Verb.CREATE, Verb.UPDATE}
    accepted: set[str] = set()
    if has_object:
        fields = writable_fields(meta, new=verb is Verb.CREATE)
        accepted = {*fields, *UNDECLARED_KEYS.get(meta.label, ())}
    if not meta.enveloped:
        return
    row = request.body.get(meta.singular)
    if isinstance(row, dict):
        yield from (f"{meta.singular}.{key}" for key in row if key not in accepted)
    elif has_object and not accepted.isdisjoint(request.body):
        # Some models have an envelope in responses only.
        yield from (key for key in request.body if key not in accepted)
        return
    top_level = TOP_LEVEL_KEYS | TOP_LEVEL_KEYS_OF.get(meta.label, frozenset())
    for key in request.body:
        if key not in top_level and (not has_object or key != meta.singular):
            yield key
