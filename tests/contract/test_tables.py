"""The tables of other tests agree with the description that they were generated from."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.spec import (
    PREFIX,
    hide_placeholders,
    needs_spec,
    read_description,
    read_operations,
    read_schemas,
)


pytestmark = needs_spec

METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture(scope="module")
def support_description() -> dict[str, Any]:
    """Return Zendesk's description of Support, or skip without a YAML library."""
    return read_description("support-oas.yaml")


def test_every_operation_is_in_the_table(support_description: dict[str, Any]) -> None:
    """The table contains the operations of the description, and no others."""
    expected = {
        (method.upper(), hide_placeholders(path).removeprefix(PREFIX))
        for path, calls in support_description["paths"].items()
        for method in METHODS & calls.keys()
    }

    assert read_operations("support").keys() == expected


def test_parameters_are_in_the_table(support_description: dict[str, Any]) -> None:
    """The table contains all parameters of the description."""
    shared = support_description["components"]["parameters"]
    for path, calls in support_description["paths"].items():
        for method in METHODS & calls.keys():
            written = [*calls.get("parameters", ()), *calls[method].get("parameters", ())]
            resolved = [shared[item["$ref"].rpartition("/")[2]] if "$ref" in item else item
                        for item in written]  # fmt: skip

            names = {item["name"] for item in resolved if item["in"] == "query"}

            assert (
                names
                == read_operations("support")[
                    method.upper(), hide_placeholders(path).removeprefix(PREFIX)
                ].params
            )


@pytest.mark.parametrize(
    "name",
    [
        "BrandObject",
        "GroupObject",
        "JobStatusObject",
        "OrganizationObject",
        "TicketAuditObject",
        "TicketCommentObject",
        "TicketFieldObject",
        "TicketObject",
        "UserCreateInput",
        "UserForAdmin",
        "UserForEndUser",
        "UserUpdateInput",
    ],
)
def test_properties_are_in_the_table(support_description: dict[str, Any], name: str) -> None:
    """A schema's properties are those of the table, with the same limits on access."""
    properties = support_description["components"]["schemas"][name]["properties"]

    table = read_schemas()[name]

    assert properties.keys() == table.keys()
    for key, item in properties.items():
        assert item.get("readOnly", False) is table[key].read_only
        assert item.get("format", "") == table[key].format
        assert tuple(item.get("enum", ())) == table[key].choices
        assert item.get("writeOnly", False) is table[key].write_only
