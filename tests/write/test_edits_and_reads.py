"""Reads between an edit and its save: they change nothing about what the save sends."""

from __future__ import annotations

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.write.remote import change_remotely, current_row
from zendesk_orm import (
    Comment,
    FieldError,
    Organization,
    StaleObjectError,
    Ticket,
    TicketField,
    TicketForm,
    User,
    UserField,
)
from zendesk_orm.http.request import Request
from zendesk_orm.schema.fields import Attribute
from zendesk_orm.schema.merging import COLLISION, merge, merge_lists
from zendesk_orm.schema.values import KINDS, PARTS


#: Reads and calls that replace the row of a ticket, by name.
READS = {
    "nothing": lambda ticket: None,
    "get": lambda ticket: Ticket.objects.get(ticket.pk),
    "list": lambda ticket: list(Ticket.objects.fresh()),
    "search": lambda ticket: list(Ticket.objects.filter(status__in=["new", "open"])),
    "side-load": lambda ticket: list(User.objects.get(ticket.requester_id).requested_tickets.all()),
    "refresh": lambda ticket: ticket.refresh_from_db(discard=False),
    "another save": lambda ticket: _save_priority(ticket),
    "another object": lambda ticket: Ticket(id=ticket.pk, priority="high").save(),
    "update": lambda ticket: Ticket.objects.filter(id=ticket.pk).update(priority="high"),
    "comment": lambda ticket: ticket.comments.create(body="Hello", public=False),
    "tag": lambda ticket: Ticket(id=ticket.pk).tags.add("called"),
}
#: Ways to save, by name.
SAVES = {
    "save": lambda ticket: ticket.save(),
    "bulk_update": lambda ticket: Ticket.objects.bulk_update([ticket]),
    "pickle": lambda ticket: pickle.loads(pickle.dumps(ticket)).save(),
    "copy": lambda ticket: copy.deepcopy(ticket).save(),
}


def _save_priority(ticket):
    ticket.priority = "high"
    ticket.save(update_fields=["priority"])


@pytest.fixture
def ticket(account):
    """A loaded ticket with tags and two custom fields."""
    fields = [TicketField.objects.create(type="text", title=title) for title in ("A", "B")]
    ticket = Ticket.objects.create(
        subject="Printer",
        comment=Comment(body="Help!"),
        tags=["a", "b"],
        custom_fields=[{"id": field.pk, "value": "old"} for field in fields],
    )
    account.transport.clock.sleep(60)
    return Ticket.objects.get(ticket.pk)


@pytest.mark.parametrize("read", READS.values(), ids=READS)
@pytest.mark.parametrize("save", SAVES.values(), ids=SAVES)
def test_tags_of_others_are_kept(account, ticket, read, save):
    """An edited list is merged with the list of others, whatever is read before the save."""
    ticket.tags[:] = ["b", "mine"]
    change_remotely(account, ticket, tags=["a", "b", "theirs"])

    read(ticket)
    save(ticket)

    expected = {"b", "mine", "theirs"} | ({"called"} if read is READS["tag"] else set())
    assert set(current_row(account, ticket)["tags"]) == expected


@pytest.mark.parametrize("read", READS.values(), ids=READS)
@pytest.mark.parametrize("name", ["save", "pickle", "copy"])
def test_a_value_of_others_is_not_overwritten(account, ticket, read, name):
    """The save raises, as without a read; saved again, it overwrites the value."""
    ticket.subject = "Mine"
    change_remotely(account, ticket, subject="Theirs")
    read(ticket)

    with pytest.raises(StaleObjectError) as caught:
        SAVES[name](ticket)
    assert caught.value.collisions == {"subject": ("Printer", "Mine", "Theirs")}
    assert current_row(account, ticket)["subject"] == "Theirs"

    caught.value.instance.save()
    assert current_row(account, ticket)["subject"] == "Mine"


@pytest.mark.slow
@pytest.mark.parametrize("read", READS.values(), ids=READS)
@pytest.mark.parametrize("save", SAVES.values(), ids=SAVES)
def test_custom_fields_of_others_are_kept(account, ticket, read, save):
    """Edits of different custom fields do not collide."""
    ticket.custom["A"] = "mine"
    other = ticket.custom.definition("B").id
    change_remotely(account, ticket, custom_fields=[{"id": other, "value": "theirs"}])

    read(ticket)
    save(ticket)

    values = [item["value"] for item in current_row(account, ticket)["custom_fields"]]
    assert values == ["mine", "theirs"]


@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_the_same_value_of_both_is_no_conflict(account, ticket, read):
    """If others have saved the same value, nothing collides."""
    ticket.subject = "Same"
    change_remotely(account, ticket, subject="Same")
    read(ticket)
    ticket.save()

    assert current_row(account, ticket)["subject"] == "Same"
    assert ticket.changes() == {}


def test_a_save_that_may_overwrite_sends_the_edit(account, ticket):
    """`safe=False` overwrites the value of others after a read, too."""
    ticket.subject = "Mine"
    change_remotely(account, ticket, subject="Theirs")
    Ticket.objects.get(ticket.pk)

    ticket.save(safe=False)

    assert current_row(account, ticket)["subject"] == "Mine"
    ticket.subject = "Later"
    ticket.save()
    assert current_row(account, ticket)["subject"] == "Later"


def test_a_refreshed_object_has_no_conflict(account, ticket):
    """`refresh_from_db()` drops the edits and the values that they were made on."""
    ticket.subject = "Mine"
    change_remotely(account, ticket, subject="Theirs")
    ticket.refresh_from_db()

    assert ticket.subject == "Theirs"
    ticket.subject = "Mine"
    ticket.save()
    assert current_row(account, ticket)["subject"] == "Mine"


def test_own_writes_of_a_field_are_no_conflict(account, ticket):
    """A value that this account has written itself is not the value of another client."""
    ticket.subject = "First"
    Ticket.objects.filter(pk=ticket.pk).update(subject="Second")
    Ticket(id=ticket.pk, subject="Third").save()

    ticket.save()

    assert current_row(account, ticket)["subject"] == "First"


def test_a_list_that_a_caller_holds_stays_the_list_of_the_object(account, ticket):
    """Edits of a list that was taken from the object before a read are saved."""
    tags = ticket.tags
    tags.append("first")
    change_remotely(account, ticket, tags=["a", "b", "theirs"])
    list(Ticket.objects.fresh())
    tags.append("second")

    ticket.save()

    assert set(current_row(account, ticket)["tags"]) == {"a", "b", "first", "second", "theirs"}


def test_domain_names_of_others_are_kept(account):
    """The same for a model without safe updates, whose saves fetch the row."""
    organization = Organization.objects.create(name="Acme", domain_names=["acme.com"])
    organization.domain_names.append("mine.com")
    names = ["acme.com", "theirs.com"]
    account.transport.send(
        Request(
            "PUT",
            f"/api/v2/organizations/{organization.pk}",
            json={"organization": {"domain_names": names}},
        )
    )
    account.transport.clock.sleep(600)
    list(Organization.objects.all())

    organization.save()

    fresh = Organization.objects.fresh().get(pk=organization.pk)
    assert set(fresh.domain_names) == {"acme.com", "mine.com", "theirs.com"}


def _field(part=PARTS["list"]):
    """Return a field whose values are sent one by one."""
    kind = KINDS["list"]
    return Attribute("values", type(kind)(kind.name, kind.accept, part=part))


@pytest.mark.parametrize(
    ("base", "mine", "theirs", "expected"),
    [
        ([(1, "a")], [(1, "b")], [(1, "a"), (2, "c")], [(1, "b"), (2, "c")]),
        ([(1, "a")], [(1, "b")], [(1, "c")], COLLISION),
        ([(1, "a")], [(1, "b")], [(1, "b"), (2, None)], [(1, "b"), (2, None)]),
        ([(1, "a"), (2, "x")], [(1, "a")], [(1, "c"), (2, "x")], [(1, "c")]),
        (None, [(1, "a")], [(2, "b")], [(2, "b"), (1, "a")]),
        ([], [(1, "a")], None, [(1, "a")]),
    ],
)
def test_values_by_id_are_merged_one_by_one(base, mine, theirs, expected):
    """Each value is merged alone; two changes of one value collide."""

    def items(pairs):
        return pairs and [{"id": pk, "value": value} for pk, value in pairs]

    merged = merge(_field(), items(base), items(mine), items(theirs))

    assert merged == (expected if expected is COLLISION else items(expected))


@pytest.mark.parametrize(
    ("base", "mine", "theirs", "expected"),
    [
        ([1, 2, 3], [3, 2, 1], [1, 2, 3, 4], [3, 2, 1, 4]),
        ([1, 2, 3], [3, 2, 1], [1, 2], [2, 1]),
        ([1, 2], [1, 2, 3], [2, 1], [2, 1, 3]),
        ([1, 2], [9, 1, 2], [1, 2, 3], [9, 1, 2, 3]),
        ([1, 2], [1, 8, 9, 2], [1, 2, 3], [1, 8, 9, 2, 3]),
        ([1, 2, 3], [3, 2, 1], [2, 1, 3], None),
        ([1, 2], [1], [1, 2, 3], [1, 3]),
        ([], [1], [2], [2, 1]),
        (None, [1], None, [1]),
    ],
)
def test_the_order_of_a_list_is_merged(base, mine, theirs, expected):
    """The side that changed the order decides it; two orders collide."""
    assert merge_lists(base, mine, theirs) == expected


@given(*[st.lists(st.integers(0, 6), unique=True)] * 3)
def test_a_merged_list_has_the_members_of_both_sides(base, mine, theirs):
    """Each member that one side added is there, and none that one side removed."""
    added = (set(mine) | set(theirs)) - set(base)
    common = set(base) & set(mine) & set(theirs)

    for ordered in (True, False):
        merged = merge_lists(base, mine, theirs, ordered=ordered)
        if merged is not None:
            assert set(merged) == added | common
            assert len(merged) == len(set(merged))


@given(*[st.dictionaries(st.sampled_from("abc"), st.integers(0, 2))] * 3)
def test_a_merged_dict_has_the_changes_of_both_sides(base, mine, theirs):
    """Each key has the value of the side that changed it; two different values collide."""
    collisions = [
        key for key in "abc" if len({values.get(key) for values in (base, mine, theirs)}) == 3
    ]
    expected = {}
    for key in "abc":
        changed = mine if mine.get(key) != base.get(key) else theirs
        if key in changed:
            expected[key] = changed[key]

    merged = merge(_field(part=None), {"x": base}, {"x": mine}, {"x": theirs})

    assert merged == (COLLISION if collisions else {"x": expected})


def test_an_order_is_not_lost_if_others_add_a_member(account):
    """A list in another order is saved although another client has added a member."""
    fields = [TicketField.objects.create(type="text", title=title).pk for title in "ABC"]
    form = TicketForm.objects.create(name="Form", ticket_field_ids=fields[:2])
    form.ticket_field_ids = form.ticket_field_ids[::-1]
    body = {"ticket_form": {"ticket_field_ids": fields}}
    account.transport.send(Request("PUT", f"/api/v2/ticket_forms/{form.pk}", json=body))

    form.save()

    stored = TicketForm.objects.fresh().get(pk=form.pk).ticket_field_ids
    assert [pk for pk in stored if pk in fields] == [fields[1], fields[0], fields[2]]


def test_a_dict_that_a_caller_holds_stays_the_dict_of_the_object(account):
    """Edits of custom values that were taken from the object before a read are saved."""
    for key in ("p", "q", "r"):
        UserField.objects.create(key=key, title=key, type="text")
    user = User.objects.create(name="Ann", email="ann@example.com")
    values = user.user_fields
    values["p"] = "mine"
    body = {"user": {"user_fields": {"q": "theirs"}}}
    account.transport.send(Request("PUT", f"/api/v2/users/{user.pk}", json=body))
    list(User.objects.fresh())
    values["r"] = "later"

    user.save()

    stored = User.objects.fresh().get(pk=user.pk).user_fields
    assert [stored[key] for key in ("p", "q", "r")] == ["mine", "theirs", "later"]


def test_a_custom_field_that_is_new_does_not_collide(account, ticket):
    """A field that did not exist when the row was loaded had no value."""
    new = TicketField.objects.create(type="text", title="C")
    change_remotely(
        account, ticket, custom_fields=[{"id": ticket.custom_fields[0]["id"], "value": "theirs"}]
    )
    ticket.custom["C"] = "mine"

    ticket.save()

    stored = {item["id"]: item["value"] for item in current_row(account, ticket)["custom_fields"]}
    assert stored[new.pk] == "mine"
    assert "theirs" in stored.values()


def test_an_edit_that_was_given_up_leaves_no_conflict(account, ticket):
    """After the value of others was assigned and saved, a further edit does not collide."""
    ticket.subject = "Mine"
    change_remotely(account, ticket, subject="Theirs")
    Ticket.objects.get(ticket.pk)
    ticket.subject = "Theirs"
    ticket.save()

    ticket.subject = "Later"
    ticket.save()

    assert current_row(account, ticket)["subject"] == "Later"


@pytest.mark.parametrize("reads", [False, True])
def test_a_replaced_list_is_sent_as_it_is(account, reads):
    """A list without any of the old members is a replacement, whatever is read before the save."""
    organization = Organization.objects.create(name="Acme", domain_names=["old.com"])
    organization.domain_names = ["new.com"]
    body = {"organization": {"domain_names": ["old.com", "theirs.com"]}}
    account.transport.send(Request("PUT", f"/api/v2/organizations/{organization.pk}", json=body))
    account.transport.clock.sleep(600)
    if reads:
        list(Organization.objects.all())

    organization.save()

    assert Organization.objects.fresh().get(pk=organization.pk).domain_names == ["new.com"]


# A call of an object that is known by its id only leaves a partial row, which has no other values.
@pytest.mark.parametrize("read", [read for name, read in READS.items() if name != "tag"])
@pytest.mark.parametrize("saves", [False, True])
def test_a_held_list_remains_the_list_of_the_object(account, ticket, read, saves):
    """A list that was taken from an object is edited after a save or a read, and saved."""
    tags, fields = ticket.tags, ticket.custom_fields
    if saves:
        tags.append("first")
        ticket.save()
    read(ticket)
    assert tags == ticket.tags

    tags.append("second")
    fields[0]["value"] = "later"
    ticket.save()

    row = current_row(account, ticket)
    assert {"a", "b", "second"} <= set(row["tags"])
    assert row["custom_fields"][0]["value"] == "later"


def test_edits_of_some_fields_are_discarded(account, ticket, count_requests):
    """`refresh_from_db(fields=...)` discards the edits of these fields, and fetches the row."""
    agent = User.objects.create(name="Ann", email="ann@acme.example", role="agent")
    change_remotely(account, ticket, subject="Changed by others")
    ticket.priority, ticket.assignee, ticket.tags = "urgent", agent, ["edited"]

    with count_requests(account, 1):
        ticket.refresh_from_db(fields=["assignee", "tags"])

    assert list(ticket.changes()) == ["priority"]
    assert (ticket.subject, ticket.tags, ticket.assignee) == ("Changed by others", ["a", "b"], None)
    with pytest.raises(FieldError, match="did you mean 'tags'"):
        ticket.refresh_from_db(fields=["tag"])
