"""Zendesk's OpenAPI files as JSON schemas, which responses and requests are validated against."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pytest
from attrs import field, frozen

from tests.contract.spec import read_description


FILES = ("support-oas.yaml", "help-center-oas.yaml")
#: Keywords of schemas whose values are lists of schemas, and those whose values are schemas.
_LISTS = frozenset({"allOf", "anyOf", "oneOf"})
_SCHEMAS = frozenset({"additionalProperties", "items", "not"})
_METHODS = ("get", "post", "put", "patch", "delete")
#: The address of the file within its JSON schemas.
_URI = "urn:description"
_UNKNOWN = re.compile(r"\{\w+\}")


@frozen
class Described:
    """An operation of an OpenAPI file.

    Attributes:
        name: the id of the operation: `ListTickets`.
        method: the HTTP method, in capitals.
        path: the path with placeholders: `/api/v2/tickets/{ticket_id}`.
        file: the OpenAPI file.
        raw: the description of the operation.
    """

    name: str
    method: str
    path: str
    file: str
    raw: Mapping[str, Any] = field(repr=False, eq=False)

    def __str__(self) -> str:
        return f"{self.method} {self.path.removeprefix('/api/v2/')}"

    @property
    def params(self) -> frozenset[str]:
        """The names of the parameters of the query."""
        parameters = map(self._resolve, self._all_parameters())
        return frozenset(item["name"] for item in parameters if item["in"] == "query")

    @property
    def statuses(self) -> frozenset[int]:
        """The described statuses of responses."""
        return frozenset(int(code) for code in self.raw["responses"] if code.isdigit())

    def response_schema(self, status: int) -> Any:
        """Return the schema of the JSON body of responses with a status, or None."""
        response = self._resolve(self.raw["responses"].get(str(status), {}))
        return _build_schema(response)

    def has_body(self, status: int) -> bool:
        """Return True if responses with a status are described with a body."""
        return bool(self._resolve(self.raw["responses"].get(str(status), {})).get("content"))

    @property
    def request_schema(self) -> Any:
        """The schema of the JSON body of requests, or None."""
        return _build_schema(self._resolve(self.raw.get("requestBody", {})))

    @property
    def examples(self) -> list[Any]:
        """The examples of the JSON body of requests."""
        body = self._resolve(self.raw.get("requestBody", {}))
        content = body.get("content", {}).get("application/json", {})
        examples = [self._resolve(item) for item in content.get("examples", {}).values()]
        results = [item["value"] for item in examples if "value" in item]
        return [*results, *([content["example"]] if "example" in content else [])]

    def _all_parameters(self) -> list[Any]:
        shared = read_description(self.file)["paths"][self.path].get("parameters", [])
        return [*shared, *self.raw.get("parameters", [])]

    def _resolve(self, node: Any) -> Any:
        return resolve(self.file, node)


def resolve(file: str, node: Any) -> Any:
    """Return a node of a file, or the node that it refers to."""
    while "$ref" in node:
        target: Any = read_description(file)
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    return node


@cache
def read_operations() -> tuple[Described, ...]:
    """Return all operations of the files."""
    return tuple(
        Described(raw["operationId"], method.upper(), path, file, raw)
        for file in FILES
        for path, item in read_description(file)["paths"].items()
        for method, raw in item.items()
        if method in _METHODS
    )


@cache
def _compile_patterns() -> Mapping[str, list[tuple[re.Pattern[str], Described]]]:
    results: dict[str, list[tuple[re.Pattern[str], Described]]] = {}
    for operation in sorted(read_operations(), key=lambda item: item.path.count("{")):
        pattern = _UNKNOWN.sub("[^/]+", operation.path.replace(".", r"\."))
        results.setdefault(operation.method, []).append((re.compile(pattern), operation))
    return results


@cache
def find_operation(method: str, path: str) -> Described | None:
    """Return the operation of a request, or None if it is not described."""
    for pattern, operation in _compile_patterns().get(method, ()):
        if pattern.fullmatch(path.removesuffix(".json")):
            return operation
    return None


def list_missing(operation: Described, status: int, body: Any) -> Iterator[str]:
    """Yield the described keys that a response lacks: `TicketObject.encoded_id`.

    A key of an object without a named schema is preceded by the path from the nearest named one.
    """
    yield from _find_missing(
        operation.file, operation.response_schema(status), body, operation.name
    )


def _find_missing(file: str, schema: Any, value: Any, owner: str) -> Iterator[str]:
    name = owner
    while "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        schema = resolve(file, {"$ref": schema["$ref"]})
    if isinstance(value, list):
        items = schema.get("items", {})
        for item in value:
            yield from _find_missing(file, items, item, name)
    elif isinstance(value, dict):
        for key, declared in _collect_properties(file, schema).items():
            if declared.get("writeOnly") or resolve(file, declared).get("writeOnly"):
                continue
            if key in value:
                yield from _find_missing(file, declared, value[key], f"{name}.{key}")
            else:
                yield f"{name}.{key}"


def _collect_properties(file: str, schema: Any) -> dict[str, Any]:
    """Return the properties of a schema, and of those that it combines."""
    schema = resolve(file, schema)
    results = dict(schema.get("properties", {}))
    for item in schema.get("allOf", ()):
        results |= _collect_properties(file, item)
    return results


def _build_schema(node: Mapping[str, Any]) -> Any:
    schema = node.get("content", {}).get("application/json", {}).get("schema")
    return schema or None


# -- JSON schemas -------------------------------------------------------------


def _convert(schema: Any, hidden: str) -> Any:
    """Return the JSON schema for a schema of OpenAPI 3.0.

    The description marks few of the properties that recordings show as null. Therefore, each may
    be null, unless it is required.

    Args:
        schema: the schema.
        hidden: the keyword of properties that need not exist: `writeOnly` in responses, `readOnly`
            in requests.
    """
    if not isinstance(schema, dict):
        return schema
    result = {key: value for key, value in schema.items() if key not in ("required", "nullable")}
    properties = schema.get("properties", {})
    required = _list_required(schema, hidden)
    if required:
        result["required"] = required
    if properties:
        result["properties"] = {
            key: _convert({"nullable": key not in required, **value}, hidden)
            for key, value in properties.items()
        }
    for name in _LISTS & result.keys():
        result[name] = [_convert(item, hidden) for item in result[name]]
    for name in _SCHEMAS & result.keys():
        result[name] = _convert(result[name], hidden)
    if "oneOf" in result:
        # Objects that differ only in optional keys match several of the schemas.
        result["anyOf"] = result.pop("oneOf")
    if "$ref" in result:
        result["$ref"] = _URI + result["$ref"]
    return {"anyOf": [{"type": "null"}, result]} if schema.get("nullable") else result


def _list_required(schema: dict[str, Any], hidden: str) -> list[str]:
    """Return the keys that must exist."""
    required, properties = schema.get("required"), schema.get("properties", {})
    if not isinstance(required, list):
        return []
    return [key for key in required if not properties.get(key, {}).get(hidden)]


@cache
def _build_document(file: str, hidden: str) -> Any:
    schemas = read_description(file)["components"]["schemas"]
    converted = {name: _convert(schema, hidden) for name, schema in schemas.items()}
    return {"components": {"schemas": converted}}


class Validator:
    """Validates values against schemas of one file.

    Args:
        file: the OpenAPI file.
        hidden: see `_convert`.
    """

    def __init__(self, file: str, hidden: str) -> None:
        jsonschema = pytest.importorskip("jsonschema", reason="needs jsonschema")
        referencing = pytest.importorskip("referencing", reason="needs jsonschema")
        specification = pytest.importorskip("referencing.jsonschema").DRAFT202012
        resource = specification.create_resource(_build_document(file, hidden))
        self._registry = referencing.Registry().with_resource(_URI, resource)
        self._class = jsonschema.Draft202012Validator
        self._hidden = hidden
        self._validators: dict[int, Any] = {}

    @classmethod
    @cache
    def of(cls, file: str, hidden: str) -> Validator:
        """Return the validator of a file, which is created once."""
        return cls(file, hidden)

    def errors(self, schema: Any, value: Any) -> Iterator[str]:
        """Yield the errors of a value: `tickets.0.subject: None is not of type 'string'`."""
        validator = self._validators.get(id(schema))
        if validator is None:
            validator = self._class(_convert(schema, self._hidden), registry=self._registry)
            self._validators[id(schema)] = validator
        for error in validator.iter_errors(value):
            yield from _describe(error)


def _describe(error: Any) -> Iterator[str]:
    """Yield the messages of an error; for a nullable value, those of the schema without null."""
    options = error.schema.get("anyOf") if isinstance(error.schema, dict) else None
    if error.validator == "anyOf" and options and options[0] == {"type": "null"}:
        for inner in error.context:
            if inner.relative_schema_path[0] == 1:
                yield from _describe(inner)
        return
    place = ".".join(str(part) for part in error.absolute_path)
    yield f"{place}: {error.message[:120]}"
