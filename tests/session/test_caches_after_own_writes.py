"""Cached rows of all models after one own write: they are those that another client reads."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.row_factory import RowFactory, build_value, first_text_field
from zendesk_orm import (
    ApiError,
    Brand,
    Comment,
    CustomObject,
    EndUserIdentity,
    Group,
    NoEndpoint,
    ObjectDoesNotExist,
    RecipientAddress,
    Request,
    RequestComment,
    Ticket,
    TransportError,
    User,
)
from zendesk_orm.api.endpoint import Verb
from zendesk_orm.emulator import Emulator
from zendesk_orm.schema import registry
from zendesk_orm.session import cache


for product in registry.PRODUCTS:
    registry.load(product)
#: Models of which a ticket can have only one row, which cannot be deleted.
SINGLE = ("support.ApprovalRequest",)
MODELS: list[Any] = [
    model
    for model in registry.models()
    if model.__module__.startswith("zendesk_orm.")
    and model._meta.api.find(Verb.CREATE)
    and model._meta.label not in SINGLE
    # Rows whose ids are unknown after their creation are in no cache.
    and model._meta.unique_ids
]
#: Changes of models whose first text field cannot have any value.
CHANGES: dict[str, dict[str, Any]] = {
    "help_center.ArticleTranslation": {"title": "Dunkel"},
    "help_center.CategoryTranslation": {"title": "Neues"},
    "help_center.SectionTranslation": {"title": "Antworten"},
    "support.Request": {"comment": RequestComment(body="More")},
}
READ = (Verb.SHOW, Verb.LIST)
MISSING = "does not exist"


def _related(model):
    """Return the labels of cached models that refer to a model, or that it refers to."""
    targets = {relation.model._meta.label for relation in model._meta.relations.values()}
    for other in MODELS:
        refers = any(
            relation.model is model._meta.concrete for relation in other._meta.relations.values()
        )
        if other._meta.cache_seconds and (refers or other._meta.label in targets):
            yield other._meta.label


def _build_world(emulator, model):
    """Return a factory with a row of a model, and cached rows that are related to it."""
    factory = RowFactory(emulator)
    target = factory.any(model._meta.label)
    for label in _related(model):
        other = factory.any(label)
        for name, relation in other._meta.relations.items():
            if isinstance(target, relation.model) and relation.editable:
                setattr(other, name, target)
        if other.changes():
            other.save()
    return factory


def _lookup(record):
    row, meta = record._row, record._meta
    paths = [endpoint.path for endpoint in map(meta.api.find, READ) if endpoint is not None]
    # The path to a row may contain the id of its parent's parent, too.
    keys = {
        relation.id.wire
        for name, relation in meta.relations.items()
        if any(f"{{{name}}}" in path for path in paths)
    }
    keys |= {*meta.parent_keys}
    return {"id": record.pk, **meta.by_field_name({key: row[key] for key in keys if key in row})}


def _read(record, using="default"):
    """Return the values of a row as an account reads them."""
    try:
        current = type(record).objects.using(using).get(**_lookup(record))
        fields = [field for field in current._meta.get_fields() if field.readable]
        return {field.name: getattr(current, field.name) or None for field in fields}
    except (ObjectDoesNotExist, ApiError, NoEndpoint):
        return MISSING


def _update(factory, model):
    target, name = factory.known[model._meta.label], first_text_field(model)
    changes = CHANGES.get(model._meta.label) or {
        name: build_value(model._meta.get_field(name), changed=True)
    }
    for name, value in changes.items():
        setattr(target, name, value)
    target.save()


def _delete(factory, model):
    factory.known[model._meta.label].delete()


def _create(factory, model):
    factory.new(model)


#: In this order, because the values of a second row would not be unique.
WRITES = {Verb.UPDATE: _update, Verb.DELETE: _delete, Verb.CREATE: _create}


@pytest.mark.slow
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_no_cache_returns_rows_that_an_own_write_changed(model):
    """After an own write, the row cache and an open session return what a new account reads."""
    emulator = Emulator()
    account = emulator.connect()
    factory = _build_world(emulator, model)
    records = [record for record in factory.known.values() if any(map(record._meta.api.find, READ))]
    assert any(_read(record) != MISSING for record in records)
    for verb, write in WRITES.items():
        if model._meta.api.find(verb) is None:
            continue
        for record in records:
            _read(record)
        with account.session():
            for record in records:
                _read(record)
            write(factory, model)
            cached = {
                record: row
                for record in records
                if (row := account.cache.get(type(record), record._key)) is not None
            }
            emulator.connect(alias="other")
            for record in records:
                expected = _read(record, "other")
                assert _read(record) == expected, record
                if record in cached:
                    row = type(record).from_row(cached[record])
                    assert {**expected, **_values(row)} == expected


def _values(record):
    return {
        field.name: field.read(record._row) or None
        for field in record._meta.get_fields()
        if field.readable and field.wire in record._row
    }


@pytest.fixture
def user(account):
    """Return a user whose row the account has cached."""
    return User.objects.get(User.objects.create(name="Ada", email="ada@example.com").pk)


def test_a_write_is_visible_in_all_views_of_the_account(account, user):
    """Rows that were cached for an end user or a brand are read again after the account's write."""
    brand = Brand.objects.create(name="Outdoor", subdomain="outdoor")
    aliases = [account.for_user(user).alias, account.brand(brand).alias]
    for alias in aliases:
        User.objects.using(alias).get(user.pk)
    user.name = "Ada L."
    user.save()

    assert [User.objects.using(alias).get(user.pk).name for alias in aliases] == ["Ada L."] * 2


def test_rows_that_a_write_does_not_change_stay_cached(account, user, count_requests):
    """A write costs no request for other rows, and none for the row itself."""
    other = User.objects.create(name="Bob")
    with account.session():
        ticket = Ticket.objects.create(subject="s", comment=Comment(body="x"), requester=user)
        Ticket.objects.get(ticket.pk)
        ticket.priority = "low"
        ticket.save()
        user.notes = "n"
        user.save()
        with count_requests(account, 0):
            assert [other, user] == [User.objects.get(other.pk), User.objects.get(user.pk)]
            assert ticket == Ticket.objects.get(ticket.pk)


def test_actions_are_visible_in_an_open_session(account, user):
    """An action of an object changes its row, and the rows that Zendesk changes with it."""
    address = RecipientAddress.objects.create(name="Help", email="help@example.com")
    identity = EndUserIdentity.objects.create(user=user.pk, type="email", value="new@example.com")
    ticket = Ticket.objects.create(subject="s", comment=Comment(body="x"), requester=user)
    with account.session():
        RecipientAddress.objects.get(address.pk)
        User.objects.get(user.pk)
        address.verify()
        assert RecipientAddress.objects.get(address.pk).forwarding_status == "verified"
        identity.make_primary()
        assert User.objects.get(user.pk).email == "new@example.com"
        assert not User.objects.get(user.pk).suspended
        ticket.mark_as_spam()
        assert User.objects.get(user.pk).suspended


def test_actions_without_an_object_change_all_rows(account):
    """Records that were deleted by external id, or with their custom object, are not returned."""
    car = CustomObject.objects.create(key="car", title="Car", title_pluralized="Cars")
    old, new = (car.records.create(name=name, external_id=name) for name in ("old", "new"))
    with account.session():
        assert [old, new] == [car.records.get(id=record.pk) for record in (old, new)]
        car.records.delete_by(external_id="old")
        with pytest.raises(ObjectDoesNotExist):
            car.records.get(id=old.pk)
        assert new == car.records.get(id=new.pk)
        car.delete()
        with pytest.raises(ObjectDoesNotExist):
            car.records.get(id=new.pk)


def test_requests_and_tickets_are_the_same_rows(account, user):
    """In a session, a reply to a request is visible in its ticket, and the other way around."""
    ticket = Ticket.objects.create(subject="s", comment=Comment(body="x"), requester=user)
    with account.session():
        request = Request.objects.get(ticket.pk)
        ticket.priority = "high"
        ticket.save()
        assert Request.objects.get(ticket.pk).priority == "high"
        before = Ticket.objects.get(ticket.pk).updated_at
        account.transport.clock.sleep(60)
        request.reply("Still broken")
        assert before < Ticket.objects.get(ticket.pk).updated_at


def test_a_write_whose_response_is_lost_is_read_again(emulator):
    """A row that a failed write may have changed is not returned from the cache."""
    group = Group.objects.get(Group.objects.create(name="Old").pk)
    emulator.fail_next(None, method="PUT", times=9, after_applying=True)
    group.name = "New"
    with pytest.raises(TransportError):
        group.save()

    assert Group.objects.get(group.pk).name == "New"


def test_old_changes_are_dropped_with_the_rows_that_precede_them(monkeypatch):
    """A log that forgets a change reports all rows that were read before it as outdated."""
    monkeypatch.setattr(cache, "_MAX_CHANGES", 2)
    log = cache.ChangeLog()
    for pk in (1, 2, 3):
        log.note(User, {"id": pk})

    assert [log.is_outdated(User, {"id": 9}, since) for since in (0, 1)] == [True, False]
    assert [log.is_outdated(User, {"id": 3}, since) for since in (2, 3)] == [True, False]
