"""Triggers, their categories and revisions; automations; and many rules at once."""

from __future__ import annotations

import pytest

from zendesk_orm import (
    ApiError,
    Automation,
    BadRequest,
    BulkError,
    FieldError,
    InvalidValue,
    Macro,
    NotFound,
    Trigger,
    TriggerCategory,
    User,
    View,
    post_bulk,
    receiver,
)


OPEN = [{"field": "status", "value": "open"}]
NEW = {"field": "status", "operator": "is", "value": "new"}


def trigger(title, **values):
    """Make a trigger that opens new tickets."""
    return Trigger.objects.create(title=title, actions=OPEN, all=[NEW], **values)


@pytest.fixture
def triggers(account):
    """Three triggers, in their order."""
    return [trigger(title) for title in ("Welcome", "Escalate", "Close")]


def test_a_trigger_is_made(account, count_requests):
    """Its conditions come back as one object, and it stands in a category."""
    with count_requests(account, 1):
        made = trigger("Welcome")

    assert {"all": [NEW], "any": []} == made.conditions
    assert made.category == TriggerCategory.objects.get()
    assert [made] == list(made.category.triggers.all())


def test_triggers_are_found(account, triggers, count_requests):
    """By words of the title, by category, and the inactive ones."""
    other = TriggerCategory.objects.create(name="Other")
    off = trigger("Off", active=False, category=other)

    with count_requests(account, 1):
        assert [triggers[1]] == list(Trigger.objects.filter(query="escal"))
    with count_requests(account, 1):
        assert [off] == list(Trigger.objects.filter(active=False))
    with count_requests(account, 1):
        active = list(Trigger.objects.filter(only_active=True))
    assert active
    assert off not in active
    with count_requests(account, 1):
        assert [off] == list(Trigger.objects.filter(category=other))
    with count_requests(account, 1):
        assert [triggers[2]] == list(Trigger.objects.filter(title="Close"))


def test_triggers_get_a_new_order(account, triggers, count_requests):
    """In one request; the objects learn of it when they are next read."""
    with count_requests(account, 1):
        Trigger.objects.reorder(reversed(triggers))

    assert [3, 2, 1] == [each.position for each in triggers]
    assert ["Close", "Escalate", "Welcome"] == [each.title for each in Trigger.objects.all()]


def test_the_order_is_one_of_all_triggers(account, triggers):
    """Zendesk refuses any other; and there is none beyond one category."""
    with pytest.raises(NotFound):
        Trigger.objects.reorder(triggers[:2])
    TriggerCategory.objects.create(name="Other")
    with pytest.raises(BadRequest, match="LimitOneCategory"):
        Trigger.objects.reorder(triggers)


def test_an_order_wants_saved_objects(account, triggers, count_requests):
    """Each of them once."""
    with count_requests(account, 0):
        for wrong in ([], [Trigger(title="x")], [triggers[0], triggers[0].pk]):
            with pytest.raises(InvalidValue, match="reorder"):
                Trigger.objects.reorder(wrong)


def test_each_change_of_a_trigger_is_a_revision(account, triggers, count_requests):
    """The newest first, with who made it and what it was from then on."""
    welcome = triggers[0]
    welcome.title = "Hello"
    welcome.save()

    with count_requests(account, 1):
        revisions = list(welcome.revisions.select_related("author"))
        authors = {revision.author.name for revision in revisions}

    assert ["Hello", "Welcome"] == [each.snapshot["title"] for each in revisions]
    assert {User.objects.get(role="admin").name} == authors
    assert welcome == revisions[0].trigger
    with count_requests(account, 1):
        revisions[1].refresh_from_db()


def test_what_triggers_can_ask_and_do_is_told(account, count_requests):
    """Conditions and actions."""
    with count_requests(account, 1):
        definitions = Trigger.objects.definitions()

    assert {"actions", "conditions_all", "conditions_any"} == definitions.keys()


# -- categories ------------------------------------------------------------------------


def test_categories_and_triggers_are_moved_at_once(account, triggers, count_requests):
    """All of it in one request."""
    other = TriggerCategory.objects.create(name="Other")
    other.position, triggers[0].category, triggers[0].position = 7, other, 9

    with count_requests(account, 1):
        TriggerCategory.objects.rearrange([other], [triggers[0]])

    assert ({}, {}) == (other.changes(), triggers[0].changes())
    with account.session():
        known = Trigger.objects.get(triggers[0].pk)
        assert (9, other) == (known.position, known.category)
        assert 7 == TriggerCategory.objects.fresh().get(other.pk).position


def test_a_move_that_fails_moves_nothing(account, triggers):
    """The first of two is undone when the second is refused."""
    (category,) = TriggerCategory.objects.all()
    category.position = 7
    gone = trigger("Gone")
    gone.delete()
    gone.position = 3

    with pytest.raises(BadRequest):
        TriggerCategory.objects.rearrange([category], [gone])

    with account.session():
        assert 7 != TriggerCategory.objects.fresh().get(category.pk).position
    assert {"position"} == category.changes().keys()


def test_only_places_are_moved(account, triggers, count_requests):
    """A new title is not lost without a word."""
    triggers[0].title = "x"

    with count_requests(account, 0):
        with pytest.raises(InvalidValue, match="does not send title"):
            TriggerCategory.objects.rearrange(triggers=[triggers[0]])
        with pytest.raises(InvalidValue, match="got none"):
            TriggerCategory.objects.rearrange()


def test_a_category_with_triggers_is_not_deleted(account, triggers):
    """Not before they are elsewhere, or inactive."""
    category = triggers[0].category

    with pytest.raises(BadRequest, match="cannot be deleted"):
        category.delete()
    Trigger.objects.all().update(active=False)
    category.delete()


# -- many at once ----------------------------------------------------------------------


@pytest.fixture(params=[Automation, Macro, Trigger, View])
def rules(account, request):
    """Three rules of one kind."""
    more = {} if request.param is Macro else {"all": [NEW]}
    more |= {} if request.param is View else {"actions": OPEN}
    return [request.param.objects.create(title=f"{n}", **more) for n in range(3)]


def test_many_rules_are_changed_at_once(account, rules, count_requests):
    """In one request, without a job; unchanged ones are not sent, and succeed."""
    model = type(rules[0])
    rules[0].active = False
    rules[2].position = 5

    with count_requests(account, 1):
        result = model.objects.bulk_update(rules)

    assert (rules, ()) == (result.succeeded, result.jobs)
    assert [{}] * 3 == [rule.changes() for rule in rules]
    with account.session():
        assert not model.objects.fresh().get(rules[0].pk).active
        assert 5 == model.objects.fresh().get(rules[2].pk).position


def test_the_rules_of_a_query_are_changed_at_once(account, rules, count_requests):
    """One request reads them, and one changes them."""
    model = type(rules[0])

    with count_requests(account, 2):
        result = model.objects.filter(query="1").update(active=False)

    assert [rules[1]] == result.succeeded
    assert [rules[1]] == list(model.objects.filter(active=False))


def test_the_rules_of_a_query_are_deleted_at_once(account, rules, count_requests):
    """One request reads them, and one deletes them."""
    model = type(rules[0])

    with count_requests(account, 2):
        assert 1 == int(model.objects.filter(query="1").delete())

    with pytest.raises(model.DoesNotExist):
        model.objects.fresh().get(rules[1].pk)
    with pytest.raises(FieldError, match="all"):
        model.objects.delete()


def test_what_zendesk_would_ignore_is_refused(account, rules, count_requests):
    """It changes places and whether a rule is active, and nothing else, by the many."""
    rules[0].title = "x"

    with count_requests(account, 0):
        with pytest.raises(InvalidValue, match="not title; save"):
            type(rules[0]).objects.bulk_update(rules)
        with pytest.raises(InvalidValue, match="not title; save"):
            type(rules[0]).objects.all().update(title="x")
        with pytest.raises(InvalidValue, match="no id yet"):
            type(rules[0]).objects.bulk_update([type(rules[0])(title="x")])


def test_named_fields_alone_are_sent(account, rules):
    """The others stay edits."""
    rules[0].active, rules[0].title = False, "x"

    type(rules[0]).objects.bulk_update(rules, ["active"])

    assert {"title"} == rules[0].changes().keys()


def test_requests_are_of_a_hundred(account, triggers, count_requests):
    """Or of fewer, where that is said."""
    for each in triggers:
        each.position = each.position + 10

    with count_requests(account, 2):
        Trigger.objects.bulk_update(triggers, batch_size=2)
    with pytest.raises(InvalidValue, match="batch_size"):
        Trigger.objects.bulk_update(triggers, batch_size=0)


def test_a_change_of_many_that_is_refused_is_told_of_each(account, triggers):
    """And can be tried again."""
    triggers[2].delete()
    for each in triggers:
        each.active = False

    with pytest.raises(BulkError) as caught:
        Trigger.objects.bulk_update(triggers)

    assert ["NotFound"] * 3 == [outcome.error for outcome in caught.value.result.failed]
    result = Trigger.objects.bulk_update(triggers, raise_on_failure=False)
    assert not result
    assert 3 == len(result.failed)


def test_a_rule_that_the_answer_leaves_out_may_not_have_been_changed(emulator):
    """As some default automations are, whose update Zendesk skips without a word."""
    emulator.connect()
    made = [trigger(f"{n}", active=True) for n in range(2)]
    for each in made:
        each.active = False
    row = {**made[0].to_dict(), "active": False}
    emulator.fail_next(200, body={"triggers": [row]}, method="PUT")

    result = Trigger.objects.bulk_update(made, raise_on_failure=False)

    assert ["done", "unknown"] == [outcome.state for outcome in result.outcomes]
    assert {"active"} == made[1].changes().keys()
    assert 1 == len(result.retry_failed(unknown=True).succeeded)


def test_one_signal_tells_of_many(account, triggers):
    """As of other bulk operations."""
    heard = []

    @receiver(post_bulk, sender=Trigger)
    def told(sender, action, result, **kwargs):
        heard.append((action, len(result)))

    Trigger.objects.all().update(active=False)

    assert [("update", 3)] == heard


def test_progress_is_told_of(account, triggers):
    """When it is over, since it is over at once."""
    told = []

    Trigger.objects.all().update(active=False, progress=told.append)

    assert [(3, 0, 3, 0)] == [(each.done, each.failed, each.total, each.jobs) for each in told]


def test_many_rules_wait_for_the_end_of_a_batch(account, triggers, count_requests):
    """Where each is sent by itself."""
    with count_requests(account, 3), account.batch():
        for each in triggers:
            each.active = False
        Trigger.objects.bulk_update(triggers)

    assert [] == list(Trigger.objects.filter(active=True))


def test_a_dry_run_tells_of_many_rules(account, triggers, count_requests):
    """And sends nothing."""
    triggers[0].active = False

    with count_requests(account, 0), account.dry_run(quiet=True) as diff:
        Trigger.objects.bulk_update(triggers)
        Trigger.objects.reorder(triggers)

    assert "active: True -> False" in str(diff)
    assert "reorder of triggers" in str(diff)


# -- automations -----------------------------------------------------------------------


def test_an_automation_is_made_and_changed(account, count_requests):
    """Its conditions are sent as Zendesk's own pages send them, and come back as one object."""
    waits = {"field": "PENDING", "operator": "is", "value": "24"}

    with count_requests(account, 2):
        made = Automation.objects.create(title="Nudge", actions=OPEN, all=[waits])
        made.title = "Remind"
        made.save()

    assert {"all": [waits], "any": []} == made.conditions
    assert "Remind" == made.raw_title
    with count_requests(account, 1):
        assert [made] == list(Automation.objects.filter(query="remind"))


def test_a_rule_wants_conditions(account):
    """Zendesk refuses one that would be for every ticket."""
    with pytest.raises(ApiError, match="at least one"):
        Trigger.objects.create(title="x", actions=OPEN)
