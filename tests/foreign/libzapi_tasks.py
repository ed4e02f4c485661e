"""Tasks for libzapi: every list without arguments, objects by id, and writes."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from itertools import islice

from libzapi import CustomData, HelpCenter, Ticketing
from libzapi.application.commands.ticketing import group_cmds
from tasks import Tasks


credentials = {"base_url": sys.argv[1], "email": "owner@example.com", "api_token": "emulated"}
tickets, center = Ticketing(**credentials), HelpCenter(**credentials)
data = CustomData(**credentials)
tasks = Tasks()
READING = ("list", "count", "get", "show", "search", "current", "definitions")


def read(method):
    """Call a method without arguments, and read all that it yields, up to 1,000 rows."""
    result = method()
    return list(islice(result, 1000)) if isinstance(result, (Iterator, list)) else result


def find_methods(services):
    """Yield the methods of services that read and need no argument."""
    for name, service in vars(services).items():
        if name.startswith("_"):
            continue
        for method_name, method in inspect.getmembers(service, inspect.ismethod):
            parameters = inspect.signature(method).parameters.values()
            needed = [item for item in parameters if item.default is inspect.Parameter.empty]
            is_open = method_name.startswith(READING) and not needed
            if is_open and f"{name}.{method_name}" != "organizations.search":
                yield f"{name}.{method_name}", method


for product, services in (("ticketing", tickets), ("help_center", center), ("custom_data", data)):
    for label, function in find_methods(services):
        tasks.add_call(f"{product}.{label}()", lambda function=function: read(function))


@tasks.add
def user_by_id():
    """Read a user by id."""
    pk = tickets.tickets.get(2990).requester_id
    assert tickets.users.get_by_id(pk).id == pk


@tasks.add
def by_id():
    """Read a ticket, a group and an organization by id."""
    assert tickets.tickets.get(2990).id == 2990
    group = next(iter(tickets.groups.list_all()))
    assert tickets.groups.get_by_id(group.id).name == group.name
    organization = next(iter(tickets.organizations.list_all()))
    assert tickets.organizations.get_by_id(organization.id).name == organization.name


@tasks.add
def relations():
    """Read the tickets of users and organizations."""
    ticket = tickets.tickets.get(2990)
    assert list(tickets.tickets.list_user_requested(ticket.requester_id))
    list(tickets.tickets.list_user_assigned(ticket.requester_id))
    list(tickets.tickets.list_user_ccd(ticket.requester_id))
    list(tickets.tickets.list_incidents(2990))
    assert len(list(tickets.tickets.show_multiple_tickets([2989, 2990]))) == 2
    organization = next(iter(tickets.organizations.list_all()))
    list(tickets.tickets.list_organization(organization.id))


@tasks.add
def write_tickets():
    """Create and update a ticket."""
    ticket = tickets.tickets.create(subject="Libzapi", description="Help", tags=["x"])
    changed = tickets.tickets.update(ticket.id, subject="Libzapi 2")
    assert tickets.tickets.get(ticket.id).subject == "Libzapi 2", changed


@tasks.add
def write_groups():
    """Create, update and delete a group."""
    group = tickets.groups.create(group_cmds.CreateGroupCmd(name="Libzapi"))
    changed = tickets.groups.update(group.id, group_cmds.UpdateGroupCmd(name="Libzapi 2"))
    assert changed.name == "Libzapi 2"
    tickets.groups.delete(group.id)


@tasks.add
def search_organizations():
    """Search organizations by name and external id."""
    assert list(tickets.organizations.search(external_id="org-1"))
    assert list(tickets.organizations.search(name="Alder Foods"))


tasks.run()
