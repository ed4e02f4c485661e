"""The tables that the other tests read, beside the description that they were made from."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.spec import PREFIX, description, needs_spec, operations, schemas, shape


pytestmark = needs_spec

METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    """Return Zendesk's description of Support, or skip where nothing can read YAML."""
    return description("support-oas.yaml")


def test_every_operation_is_in_the_table(described: dict[str, Any]) -> None:
    """The table holds the operations of the description, and no others."""
    wanted = {
        (method.upper(), shape(path).removeprefix(PREFIX))
        for path, calls in described["paths"].items()
        for method in METHODS & calls.keys()
    }

    assert wanted == operations("support").keys()


def test_parameters_are_in_the_table(described: dict[str, Any]) -> None:
    """So it does their parameters, wherever they are written."""
    shared = described["components"]["parameters"]
    for path, calls in described["paths"].items():
        for method in METHODS & calls.keys():
            written = [*calls.get("parameters", ()), *calls[method].get("parameters", ())]
            resolved = [shared[each["$ref"].rpartition("/")[2]] if "$ref" in each else each
                        for each in written]  # fmt: skip

            names = {each["name"] for each in resolved if each["in"] == "query"}

            assert (
                names
                == operations("support")[method.upper(), shape(path).removeprefix(PREFIX)].params
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
def test_properties_are_in_the_table(described: dict[str, Any], name: str) -> None:
    """A schema's properties are those of the table, with the same limits on access."""
    properties = described["components"]["schemas"][name]["properties"]

    table = schemas()[name]

    assert properties.keys() == table.keys()
    for key, each in properties.items():
        assert each.get("readOnly", False) is table[key].read_only
        assert each.get("format", "") == table[key].format
        assert tuple(each.get("enum", ())) == table[key].choices
        assert each.get("writeOnly", False) is table[key].write_only
