"""Users and organizations are looked up by names, addresses and external ids."""

from __future__ import annotations

import pytest


@pytest.fixture
def people(zendesk):
    """Create two users and two organizations, and return their ids by name."""
    ids = {}
    for name, external_id in (("Acme", "O-1"), ("Byte Works", "42")):
        ids[name] = zendesk.create("organizations", name=name, external_id=external_id)["id"]
    for name, external_id in (("Ada Lovelace", "U-1"), ("Ben Bit", "43")):
        ids[name] = zendesk.create(
            "users", name=name, external_id=external_id, organization_id=ids["Acme"]
        )["id"]
    return ids


def _list_names(zendesk, path, **params):
    plural = path.partition("/")[0]
    return [row["name"] for row in zendesk.get(path, **params)[plural]]


@pytest.mark.parametrize(
    ("path", "external_ids", "names"),
    [
        ("users/show_many", "u-1,43,99", ["Ada Lovelace", "Ben Bit"]),
        ("organizations/show_many", "o-1,42,99", ["Acme", "Byte Works"]),
    ],
)
@pytest.mark.usefixtures("people")
def test_show_many_finds_external_ids(zendesk, path, external_ids, names):
    """`show_many` by `external_ids` ignores case, and finds external ids that are numbers."""
    assert _list_names(zendesk, path, external_ids=external_ids) == names


@pytest.mark.parametrize(
    ("path", "params", "names"),
    [
        ("users", {"external_id": "U-1"}, ["Ada Lovelace"]),
        ("users", {"external_id": "43"}, ["Ben Bit"]),
        ("users/search", {"external_id": "u-1"}, ["Ada Lovelace"]),
        ("users/search", {"external_id": "U"}, []),
        ("users/search", {"query": "lov"}, ["Ada Lovelace"]),
        ("users/search", {"query": "organization:acme"}, ["Ada Lovelace", "Ben Bit"]),
        ("users/search", {"query": "nobody"}, []),
        ("users/autocomplete", {"name": "bi"}, ["Ben Bit"]),
        ("organizations/search", {"external_id": "42"}, ["Byte Works"]),
        ("organizations/search", {"name": "byte works"}, ["Byte Works"]),
        ("organizations/search", {"name": "byte"}, []),
        ("organizations/autocomplete", {"name": "byte"}, ["Byte Works"]),
    ],
)
@pytest.mark.usefixtures("people")
def test_lookups_ignore_case(zendesk, path, params, names):
    """Exact parameters ignore case, and a query finds words that begin with it."""
    assert _list_names(zendesk, path, **params) == names


@pytest.mark.usefixtures("people")
def test_user_search_is_paged_by_number(zendesk):
    """A search of users has numbered pages with links, a count and side-loads."""
    data = zendesk.get("users/search", query="role:end-user", per_page=1, include="organizations")

    assert (
        len(data["users"]),
        data["count"],
        [row["name"] for row in data["organizations"]],
    ) == (1, 2, ["Acme"])
    assert [row["name"] for row in zendesk.get(data["next_page"])["users"]] == ["Ben Bit"]
    beyond = zendesk.send("GET", "users/search", params={"page": 102})
    assert beyond.status_code == 400


@pytest.mark.parametrize("params", [{}, {"name": "Acme", "external_id": "O-1"}])
def test_organization_search_requires_one_parameter(zendesk, params):
    """A search of organizations requires a name or an external id, and rejects both together."""
    assert zendesk.send("GET", "organizations/search", params=params).status_code == 400


@pytest.mark.usefixtures("people")
def test_organization_search_can_require_numbers(zendesk):
    """With `string_external_ids=False`, external ids must be numbers (unconfirmed)."""
    zendesk.emulator.switches.string_external_ids = False
    response = zendesk.send("GET", "organizations/search", params={"external_id": "O-1"})

    assert response.status_code == 400
    assert _list_names(zendesk, "organizations/search", external_id="42") == ["Byte Works"]
