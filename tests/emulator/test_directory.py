"""Users and organizations looked up."""

from __future__ import annotations

import pytest


@pytest.fixture
def people(zendesk):
    """Make two users and two organizations, and return their ids by name."""
    ids = {}
    for name, external_id in (("Acme", "O-1"), ("Byte Works", "42")):
        ids[name] = zendesk.made("organizations", name=name, external_id=external_id)["id"]
    for name, external_id in (("Ada Lovelace", "U-1"), ("Ben Bit", "43")):
        ids[name] = zendesk.made(
            "users", name=name, external_id=external_id, organization_id=ids["Acme"]
        )["id"]
    return ids


def _names(zendesk, path, **params):
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
def test_many_are_shown_by_external_id(zendesk, path, external_ids, names):
    """`external_ids` names rows whatever the case, and those that look like numbers too."""
    assert names == _names(zendesk, path, external_ids=external_ids)


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
def test_rows_are_looked_up(zendesk, path, params, names):
    """What is exact is exact, whatever the case; a query finds words that begin so."""
    assert names == _names(zendesk, path, **params)


@pytest.mark.usefixtures("people")
def test_users_are_searched_by_numbered_page(zendesk):
    """Searches are paged by offset, with links and a count, and side-load."""
    data = zendesk.get("users/search", query="role:end-user", per_page=1, include="organizations")

    assert (1, 2, ["Acme"]) == (
        len(data["users"]),
        data["count"],
        [row["name"] for row in data["organizations"]],
    )
    assert ["Ben Bit"] == [row["name"] for row in zendesk.get(data["next_page"])["users"]]
    beyond = zendesk.send("GET", "users/search", params={"page": 102})
    assert 400 == beyond.status_code


@pytest.mark.parametrize("params", [{}, {"name": "Acme", "external_id": "O-1"}])
def test_organizations_are_looked_up_by_one_thing(zendesk, params):
    """A name or an external id has to be given, and not both."""
    assert 400 == zendesk.send("GET", "organizations/search", params=params).status_code


@pytest.mark.usefixtures("people")
def test_external_ids_of_organizations_may_have_to_be_numbers(zendesk):
    """Whether others can be asked for is unconfirmed, so there is a switch."""
    zendesk.emulator.switches.worded_external_ids = False
    answer = zendesk.send("GET", "organizations/search", params={"external_id": "O-1"})

    assert 400 == answer.status_code
    assert ["Byte Works"] == _names(zendesk, "organizations/search", external_id="42")
