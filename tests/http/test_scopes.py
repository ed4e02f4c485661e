"""The scopes that a request needs, and the parsing of scopes."""

from __future__ import annotations

import csv
import re

import pytest

from zendesk_orm import InvalidValue
from zendesk_orm.http.scopes import (
    AREAS,
    KNOWN_SCOPES,
    RESOURCES,
    granted,
    least_scopes,
    parse_scopes,
    scopes_for,
)
from zendesk_orm.schema import registry


#: Operations of other hosts, and operations for signing in, which need no scope.
_NO_API = re.compile(r"/(v2|oauth)/")

TABLE = [
    ("GET", "/api/v2/tickets", "tickets:read read"),
    ("get", "/api/v2/tickets.json", "tickets:read read"),
    ("HEAD", "/api/v2/tickets/1", "tickets:read read"),
    ("GET", "/api/v2/tickets/1?include=users", "tickets:read read"),
    ("GET", "/api/v2/tickets/show_many?ids=1,2", "tickets:read read"),
    ("GET", "/api/v2/tickets/1/comments?page[size]=100", "tickets:read read"),
    ("POST", "/api/v2/tickets", "tickets:write write"),
    ("PUT", "/api/v2/tickets/1", "tickets:write write"),
    ("PATCH", "/api/v2/tickets/1", "tickets:write write"),
    ("DELETE", "/api/v2/tickets/1", "tickets:write write"),
    ("POST", "/api/v2/tickets/1/merge", "tickets:write write"),
    ("PUT", "/api/v2/tickets/1/comments/2/make_private", "tickets:write write"),
    ("PUT", "/api/v2/tickets/1/comments/2/attachments/3/redact", "write"),
    ("GET", "https://acme.zendesk.com/api/v2/tickets?page[after]=x", "tickets:read read"),
    ("GET", "/api/v2/tickets/1/audits", "read"),
    ("GET", "/api/v2/tickets/1/side_conversations", "read"),
    ("GET", "/api/v2/organizations/1/tickets", "read"),
    ("GET", "/api/v2/users/1/tickets/requested", "read"),
    ("GET", "/api/v2/views/1/tickets", "read"),
    ("GET", "/api/v2/incremental/tickets/cursor", "read"),
    ("GET", "/api/v2/search?query=type:ticket", "read"),
    ("GET", "/api/v2/search/export", "read"),
    ("GET", "/api/v2/job_statuses/1", "read"),
    ("GET", "/api/v2/deleted_tickets", "read"),
    ("GET", "/api/v2/users/me", "users:read read"),
    ("GET", "/api/v2/users/search.json?query=x", "users:read read"),
    ("GET", "/api/v2/users/1/entitlements/full", "users:read read"),
    ("GET", "/api/v2/users/1/identities", "read"),
    ("POST", "/api/v2/users/create_or_update", "users:write write"),
    ("GET", "/api/v2/groups", "groups:read read"),
    ("GET", "/api/v2/groups/1/users", "read"),
    ("GET", "/api/v2/ticket_fields", "account_settings:read read"),
    ("POST", "/api/v2/ticket_fields", "write"),
    ("GET", "/api/v2/audit_logs", "auditlogs:read read"),
    ("POST", "/api/v2/audit_logs/export", "write"),
    ("POST", "/api/v2/any_channel/push", "any_channel:write write"),
    ("GET", "/api/v2/any_channel/manifests", "read"),
    ("GET", "/api/v2/help_center/en-us/articles", "hc:read read"),
    ("GET", "/hc/api/v2/articles/featured", "hc:read read"),
    (
        "GET",
        "/api/v2/help_center/articles/embeddable_search?query=x",
        "hc:articles:search hc:read read",
    ),
    ("GET", "/api/v2/help_center/articles/search", "hc:read read"),
    ("PUT", "/api/v2/community/posts/1", "hc:write write"),
    ("GET", "/api/v2/gather/badges", "hc:read read"),
    ("GET", "/api/v2/guide/theming/themes", "themes:read read"),
    ("GET", "/api/v2/guide/survey_responses/1", "read"),
    ("GET", "/api/v2/slas/policies/1", "sla_policies:read read"),
    ("GET", "/api/v2/slas/other", "read"),
    ("POST", "/api/v2/uploads?filename=a.txt", "ticket_attachments:write write"),
    ("GET", "/api/v2/views/1/execute", "ticket_views:read read"),
    ("POST", "/api/v2/views/preview", "ticket_views:read read"),
    ("POST", "/api/v2/views/preview/count", "ticket_views:read read"),
    ("POST", "/api/v2/views", "ticket_views:write write"),
    ("POST", "/api/v2/custom_objects/car/records/search", "custom_objects:read read"),
    ("POST", "/api/v2/custom_objects/car/records", "custom_objects:write write"),
    ("GET", "/api/v2/custom_objects/car/triggers", "read"),
    ("POST", "/api/v2/it_asset_management/assets/search", "read"),
    ("POST", "/api/v2/problems/autocomplete", "read"),
    ("POST", "/api/services/zis/registry/a/bundles", "zis:write write"),
    ("GET", "/api/services/jira/links", "read"),
    ("POST", "/oauth/tokens", ""),
    ("GET", "/attachments/token/abc/?name=a.png", ""),
    ("GET", "https://p1.zdusercontent.com/attachment/1/abc?token=x", ""),
    ("GET", "/something/new", ""),
    ("GET", "/api/v2/something/new", "read"),
]


@pytest.mark.parametrize(("method", "path", "expected"), TABLE)
def test_a_request_needs_one_of_several_scopes(method, path, expected):
    """The scopes of a request are listed from the narrowest to the broadest."""
    assert scopes_for(method, path) == tuple(expected.split())


def test_every_operation_of_zendesk_has_scopes(shared):
    """Each operation of Zendesk's API has known scopes, of which the last is `read` or `write`."""
    with (shared / "zendesk" / "operations.tsv").open(encoding="utf-8") as file:
        operations = list(csv.DictReader(file, delimiter="\t"))
    assert len(operations) > 900

    for operation in operations:
        method, path = operation["method"], operation["path"]
        scopes = scopes_for(method, path)

        title = f"{method} {path}"
        assert (scopes == ()) is (_NO_API.match(path) is not None), title
        assert set(scopes) <= KNOWN_SCOPES, title
        assert len({scope.rpartition(":")[2] for scope in scopes} - {"search"}) <= 1, title
        if method == "GET" and scopes:
            assert scopes[-1] == "read", title
        elif scopes and scopes[-1] != "write":
            assert re.search(r"(search|preview|preview/count|autocomplete|tags)$", path)


def test_narrow_scopes_agree_with_the_chapters_of_the_reference(shared):
    """The narrow scope of an operation is that of its chapter in Zendesk's reference."""
    with (shared / "zendesk" / "operations.tsv").open(encoding="utf-8") as file:
        scopes = {
            (scope.partition(":")[0], row["api"])
            for row in csv.DictReader(file, delimiter="\t")
            for scope in scopes_for(row["method"], row["path"])[:-1]
        }

    assert {name for name, api in scopes if api == "help_center"} == {"hc"}
    assert {name for name, api in scopes if api == "support"} <= RESOURCES.keys() - {"hc", "themes"}
    assert {name for name, api in scopes if api not in {"help_center", "support"}} <= {"hc"}


@pytest.mark.parametrize("product", registry.PRODUCTS)
def test_every_declared_endpoint_has_scopes(product):
    """Each declared endpoint has known scopes: all but tokens, addresses and messaging."""
    registry.load(product)
    endpoints = [
        endpoint
        for model in registry.models()
        if model._meta.app_label == product
        for endpoint in model._meta.api
    ]

    assert endpoints
    without = {
        endpoint.url for endpoint in endpoints if not scopes_for(endpoint.method, endpoint.url)
    }
    assert {url for url in without if not url.startswith("/sc/")} <= {"/ips", "/oauth/tokens"}
    assert all(
        set(scopes_for(endpoint.method, endpoint.url)) <= KNOWN_SCOPES for endpoint in endpoints
    )


def test_the_table_uses_documented_names():
    """Each area in the table is a resource with documented scopes."""
    assert {area.resource for area in AREAS.values()} <= RESOURCES.keys()


@pytest.mark.parametrize(
    ("scopes", "method", "path", "expected"),
    [
        (["read"], "GET", "/api/v2/tickets", True),
        (["tickets:read"], "GET", "/api/v2/tickets", True),
        (["tickets:write"], "GET", "/api/v2/tickets", False),
        (["write"], "GET", "/api/v2/tickets", False),
        (["tickets:read"], "GET", "/api/v2/search", False),
        (["read"], "PUT", "/api/v2/tickets/1", False),
        ([], "GET", "/api/v2/tickets", False),
        ([], "POST", "/oauth/tokens", True),
    ],
)
def test_a_token_allows_requests_that_one_of_its_scopes_covers(scopes, method, path, expected):
    """A token allows a request if it has one of its scopes, or if the request needs none."""
    assert granted(scopes, method, path) is expected


@pytest.mark.parametrize(
    ("needs", "expected"),
    [
        ([], ""),
        ([()], ""),
        ([("tickets:read", "read")], "tickets:read"),
        ([("users:read", "read"), ("tickets:read", "read")], "tickets:read users:read"),
        ([("tickets:read", "read"), ("read",)], "read"),
        ([("read",), ("tickets:read", "read"), ("tickets:write", "write")], "tickets:write read"),
        ([("write",), ("tickets:write", "write"), ("read",)], "read write"),
        ([("impersonate",), ("tickets:read", "read")], "tickets:read impersonate"),
        ([("hc:articles:search", "hc:read", "read"), ("hc:read", "read")], "hc:read"),
    ],
)
def test_the_least_scopes_meet_all_needs(needs, expected):
    """The minimal scopes contain no narrow scope if the broad one is needed anyway."""
    scopes = least_scopes(needs)

    assert scopes == tuple(expected.split())
    assert all(not need or set(need) & set(scopes) for need in needs)


def test_scopes_are_separated_by_blanks():
    """Scopes are separated by blanks, and each occurs once, in the order of the text."""
    assert parse_scopes(" tickets:read\n read tickets:read ") == ("tickets:read", "read")
    assert parse_scopes("something:new") == ("something:new",)


@pytest.mark.parametrize(
    "scopes",
    [["read", "write"], ("read",), {"read"}, None, '["read", "write"]', "read,write", "", "  "],
    ids=repr,
)
def test_scopes_must_be_separated_by_blanks(scopes):
    """Scopes in another form, which Zendesk would ignore, raise an error with an example."""
    with pytest.raises(InvalidValue, match='"tickets:read users:read"'):
        parse_scopes(scopes)
