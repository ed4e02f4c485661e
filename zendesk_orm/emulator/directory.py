"""Users and organizations looked up: by external id, by name, by a query.

Source: https://developer.zendesk.com/api-reference/ticketing/users/users/#search-users
"""

from __future__ import annotations

from attrs import evolve

from zendesk_orm.api.endpoint import Endpoint, Verb
from zendesk_orm.api.paging import OFFSET
from zendesk_orm.api.vocabulary import OFFSET_WALL
from zendesk_orm.emulator import grammar
from zendesk_orm.emulator.belonging import equal_to
from zendesk_orm.emulator.paging import page
from zendesk_orm.emulator.reads import listing
from zendesk_orm.emulator.refusals import invalid_attribute, missing_parameter
from zendesk_orm.emulator.search import matching
from zendesk_orm.emulator.sideloads import sideloaded
from zendesk_orm.emulator.store import DELETED, Where, spaced, value_of
from zendesk_orm.emulator.world import Answer, Call, Target, World, is_number


def search_users(world: World, call: Call, target: Target) -> Answer:
    """Answer with the users of an external id, or of a query in the language of search."""
    where = Where()
    if "external_id" in call.params:
        where &= equal_to(target.meta, "external_id", [call.params["external_id"]])
    if "query" in call.params:
        searched = tuple(each for each in target.meta.api if each.verb is Verb.SEARCH)
        of_search = evolve(target, endpoints=searched)
        where &= matching(world, of_search, grammar.read(call.params["query"]))
    return _page(world, call, target, where)


def search_organizations(world: World, call: Call, target: Target) -> Answer:
    """Answer with the organizations of an external id, or of a name.

    Raises:
        Refusal: both are given, or neither, or an external id that cannot be asked for.
    """
    given = [name for name in ("external_id", "name") if name in call.params]
    if len(given) > 1:
        raise invalid_attribute("name", "name cannot be combined with external_id")
    if not given:
        raise missing_parameter("external_id or name")
    wanted = call.params[given[0]]
    numeric = is_number(wanted) or world.switches.worded_external_ids
    if given == ["external_id"] and not numeric:
        raise invalid_attribute("external_id", "external_id must be an integer")
    return _page(world, call, target, equal_to(target.meta, given[0], [wanted]))


def autocomplete(world: World, call: Call, target: Target) -> Answer:
    """Answer with the rows of which a word of the name begins so.

    Raises:
        Refusal: no name is given.
    """
    name = call.params.get("name") or call.body.get("name")
    if not name:
        raise missing_parameter("name")
    begun = spaced(name).rstrip()
    return _page(world, call, target, Where(f"instr(spaced({value_of('name')}), ?) > 0", (begun,)))


def _page(world: World, call: Call, target: Target, where: Where) -> Answer:
    listed = Endpoint(
        Verb.LIST,
        target.endpoint.path,
        target.meta.plural,
        paging=OFFSET,
        most=OFFSET_WALL,
        includes=frozenset({"organizations", "groups"}),
    )
    target = evolve(target, endpoints=(listed,))
    found = page(world, call, target, Where("state < ?", (DELETED,)) & where)
    beside = sideloaded(world, call, target, found.texts)
    return Answer(text=listing(target, found.texts, beside, found.about))
