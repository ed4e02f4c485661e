"""The models of Sunshine Conversations agree with the tables of its operations and objects."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from typing import Any

from tests.contract.spec import FOLDER, hide_placeholders, needs_spec
from zendesk_orm.http.messaging import APP, ROOT
from zendesk_orm.schema import registry
from zendesk_orm.schema.wire_names import to_camel_case


pytestmark = needs_spec

#: Operations that no model declares, with the reason.
LEFT_OUT = {
    "POST {}/conversations/{}/conversionEvents": "its body is unknown",
    "POST {}/users/{}/sync": "its body is unknown",
    **dict.fromkeys(
        (
            "DELETE oauth/authorization",
            "GET oauth/authorize",
            "GET v2/tokenInfo",
            "POST oauth/token",
        ),
        "it belongs to the OAuth bridge, which is another host",
    ),
}
#: The paths of lists, by the models of their rows.
LISTS = {
    "App": "apps",
    "AppKey": "keys",
    "Client": "clients",
    "Conversation": "conversations",
    "Device": "devices",
    "Integration": "integrations",
    "Message": "messages",
    "Participant": "participants",
    "Switchboard": "switchboards",
    "SwitchboardIntegration": "switchboardIntegrations",
    "Webhook": "webhooks",
}
#: Keys of requests, of the path, and of nothing that Zendesk sends.
OWN = frozenset(
    {
        *("configuration", "confirmation", "conversationId", "destination", "integrationId"),
        *("matchCriteria", "override", "schema", "subscribeSDKClient", "switchboardId"),
        *("target", "userId", "users"),
    }
)


def _read_rows(name: str) -> Iterator[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8") as file:
        yield from csv.DictReader(file, delimiter="\t")


def _models() -> dict[str, Any]:
    registry.load("messaging")
    models = (model for model in registry.models() if model._meta.app_label == "messaging")
    return {model.__name__: model for model in models}


def _shorten(path: str) -> str:
    """Return a path below the app: `{}/users/{}`."""
    path = hide_placeholders(path.replace(APP, "{}"))
    return path.removeprefix(f"{ROOT}/v2/apps").removeprefix("/v2/apps").removeprefix("/")


def test_declared_operations_are_described():
    """Each operation is declared by a model or left out for a reason, and no other is declared."""
    described = {
        f"{row['method']} {_shorten(row['path'])}"
        for row in _read_rows("operations.tsv")
        if row["api"] == "messaging"
    }
    declared = {
        f"{endpoint.method} {_shorten(endpoint.path)}"
        for model in _models().values()
        for endpoint in model._meta.api
    }
    # The table of operations begins with single apps.
    described |= {"GET ", "POST "}

    assert declared == described - LEFT_OUT.keys()
    assert described >= LEFT_OUT.keys()


def test_keys_of_rows_are_fields():
    """Each key that Zendesk describes is a field, in camel case, and each field is described."""
    objects: dict[str, set[str]] = {}
    for row in _read_rows("undeclared.tsv"):
        if row["family"] == "messaging":
            keys = re.sub(r"\{[^}]*\}|\[[^\]]*\]", "", row["object_keys"])
            names = {part.strip().partition(":")[0] for part in keys.split(",")}
            last = row["path"].rstrip("/").rpartition("/")[2]
            objects.setdefault(last, set()).update(names - {""})

    problems = []
    for name, last in LISTS.items():
        fields = {field.wire for field in _models()[name]._meta.fields.values()}
        problems += [f"{name}: no field {key}" for key in objects[last] - fields]
        problems += [f"{name}: {key} is not described" for key in fields - objects[last] - OWN]

    assert problems == []


def test_keys_are_fields_in_camel_case():
    """Each key is the name of its field in camel case."""
    others = [
        f"{name}.{field.name}: {field.wire}"
        for name, model in _models().items()
        for field in model._meta.fields.values()
        if field.wire != to_camel_case(field.name)
    ]

    assert others == []
