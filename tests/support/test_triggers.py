"""Triggers, trigger categories and revisions; automations; bulk changes of rules."""

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


def create_trigger(title, **values):
    """Create a trigger that opens new tickets."""
    return Trigger.objects.create(title=title, actions=OPEN, all=[NEW], **values)


@pytest.fixture
def triggers(account):
    """Create three triggers, in this order."""
    return [create_trigger(title) for title in ("Welcome", "Escalate", "Close")]


def test_a_trigger_is_created(account, count_requests):
    """A trigger is created in one request, with its conditions and the default category."""
    with count_requests(account, 1):
        trigger = create_trigger("Welcome")

    assert trigger.conditions == {"all": [NEW], "any": []}
    assert trigger.category == TriggerCategory.objects.get()
    assert list(trigger.category.triggers.all()) == [trigger]


def test_triggers_are_filtered(account, triggers, count_requests):
    """Triggers are filtered by words, state, category and title, in one request each."""
    other = TriggerCategory.objects.create(name="Other")
    inactive = create_trigger("Off", active=False, category=other)

    with count_requests(account, 1):
        assert list(Trigger.objects.filter(query="escal")) == [triggers[1]]
    with count_requests(account, 1):
        assert list(Trigger.objects.filter(active=False)) == [inactive]
    with count_requests(account, 1):
        active = list(Trigger.objects.filter(only_active=True))
    assert active
    assert inactive not in active
    with count_requests(account, 1):
        assert list(Trigger.objects.filter(category=other)) == [inactive]
    with count_requests(account, 1):
        assert list(Trigger.objects.filter(title="Close")) == [triggers[2]]


def test_triggers_are_reordered(account, triggers, count_requests):
    """Triggers are reordered in one request, which updates their positions."""
    with count_requests(account, 1):
        Trigger.objects.reorder(reversed(triggers))

    assert [trigger.position for trigger in triggers] == [3, 2, 1]
    assert [trigger.title for trigger in Trigger.objects.all()] == ["Close", "Escalate", "Welcome"]


def test_reorder_requires_all_triggers_of_one_category(account, triggers):
    """An incomplete order, or triggers of several categories, raise."""
    with pytest.raises(NotFound):
        Trigger.objects.reorder(triggers[:2])
    TriggerCategory.objects.create(name="Other")
    with pytest.raises(BadRequest, match="LimitOneCategory"):
        Trigger.objects.reorder(triggers)


def test_reorder_requires_saved_objects(account, triggers, count_requests):
    """`reorder()` rejects unsaved objects, duplicates and an empty list before any request."""
    with count_requests(account, 0):
        for wrong in ([], [Trigger(title="x")], [triggers[0], triggers[0].pk]):
            with pytest.raises(InvalidValue, match="reorder"):
                Trigger.objects.reorder(wrong)


def test_each_change_of_a_trigger_is_a_revision(account, triggers, count_requests):
    """Each change of a trigger is a revision with author and snapshot, newest first."""
    welcome = triggers[0]
    welcome.title = "Hello"
    welcome.save()

    with count_requests(account, 1):
        revisions = list(welcome.revisions.select_related("author"))
        authors = {revision.author.name for revision in revisions}

    assert [revision.snapshot["title"] for revision in revisions] == ["Hello", "Welcome"]
    assert {User.objects.get(role="admin").name} == authors
    assert revisions[0].trigger == welcome
    with count_requests(account, 1):
        revisions[1].refresh_from_db()


def test_triggers_have_definitions(account, count_requests):
    """The definitions of triggers contain conditions and actions."""
    with count_requests(account, 1):
        definitions = Trigger.objects.definitions()

    assert definitions.keys() == {"actions", "conditions_all", "conditions_any"}


# Categories


def test_rearrange_moves_categories_and_triggers(account, triggers, count_requests):
    """`rearrange()` moves categories and triggers in one request."""
    other = TriggerCategory.objects.create(name="Other")
    other.position, triggers[0].category, triggers[0].position = 7, other, 9

    with count_requests(account, 1):
        TriggerCategory.objects.rearrange([other], [triggers[0]])

    assert (other.changes(), triggers[0].changes()) == ({}, {})
    with account.session():
        moved = Trigger.objects.get(triggers[0].pk)
        assert (moved.position, moved.category) == (9, other)
        assert TriggerCategory.objects.fresh().get(other.pk).position == 7


def test_a_failed_rearrange_moves_nothing(account, triggers):
    """If one move is rejected, `rearrange()` moves nothing and keeps the edits."""
    (category,) = TriggerCategory.objects.all()
    category.position = 7
    deleted = create_trigger("Gone")
    deleted.delete()
    deleted.position = 3

    with pytest.raises(BadRequest):
        TriggerCategory.objects.rearrange([category], [deleted])

    with account.session():
        assert TriggerCategory.objects.fresh().get(category.pk).position != 7
    assert category.changes().keys() == {"position"}


def test_rearrange_rejects_other_changes(account, triggers, count_requests):
    """`rearrange()` of an object with other changes raises `InvalidValue`."""
    triggers[0].title = "x"

    with count_requests(account, 0):
        with pytest.raises(InvalidValue, match="does not send title"):
            TriggerCategory.objects.rearrange(triggers=[triggers[0]])
        with pytest.raises(InvalidValue, match="at least one"):
            TriggerCategory.objects.rearrange()


def test_a_category_with_triggers_cannot_be_deleted(account, triggers):
    """A category can only be deleted when it has no active triggers."""
    category = triggers[0].category

    with pytest.raises(BadRequest, match="cannot be deleted"):
        category.delete()
    Trigger.objects.all().update(active=False)
    category.delete()


# Bulk changes


@pytest.fixture(params=[Automation, Macro, Trigger, View])
def rules(account, request):
    """Create three rules of one model."""
    values = {} if request.param is View else {"actions": OPEN}
    # Zendesk requires different automations.
    conditions = [{"field": "group_id", "operator": "is_not", "value": f"{n}"} for n in range(3)]
    return [
        request.param.objects.create(
            title=f"{n}",
            **values,
            **({} if request.param is Macro else {"all": [NEW, condition]}),
        )
        for n, condition in enumerate(conditions)
    ]


def test_bulk_update_of_rules_sends_one_request(account, rules, count_requests):
    """`bulk_update()` sends changed rules in one request without a job."""
    model = type(rules[0])
    rules[0].active = False
    rules[2].position = 5

    with count_requests(account, 1):
        result = model.objects.bulk_update(rules)

    assert (result.succeeded, result.jobs) == (rules, ())
    assert [rule.changes() for rule in rules] == [{}] * 3
    with account.session():
        assert not model.objects.fresh().get(rules[0].pk).active
        assert model.objects.fresh().get(rules[2].pk).position == 5


def test_update_of_a_query_changes_its_rules(account, rules, count_requests):
    """`update()` reads the rules of a query in one request and changes them in another."""
    model = type(rules[0])

    with count_requests(account, 2):
        result = model.objects.filter(query="1").update(active=False)

    assert result.succeeded == [rules[1]]
    assert list(model.objects.filter(active=False)) == [rules[1]]


def test_delete_of_a_query_deletes_its_rules(account, rules, count_requests):
    """`delete()` reads the rules of a query in one request and deletes them in another."""
    model = type(rules[0])

    with count_requests(account, 2):
        assert int(model.objects.filter(query="1").delete()) == 1

    with pytest.raises(model.DoesNotExist):
        model.objects.fresh().get(rules[1].pk)
    with pytest.raises(FieldError, match="all"):
        model.objects.delete()


def test_bulk_update_of_rules_rejects_other_fields(account, rules, count_requests):
    """Fields that Zendesk ignores in bulk updates raise `InvalidValue` before any request."""
    rules[0].title = "x"

    with count_requests(account, 0):
        with pytest.raises(InvalidValue, match="ignores title"):
            type(rules[0]).objects.bulk_update(rules)
        with pytest.raises(InvalidValue, match="ignores title"):
            type(rules[0]).objects.all().update(title="x")
        with pytest.raises(InvalidValue, match="no id yet"):
            type(rules[0]).objects.bulk_update([type(rules[0])(title="x")])


def test_bulk_update_sends_named_fields_only(account, rules):
    """`bulk_update()` with field names sends these fields and keeps other edits."""
    rules[0].active, rules[0].title = False, "x"

    type(rules[0]).objects.bulk_update(rules, ["active"])

    assert rules[0].changes().keys() == {"title"}


def test_batch_size_limits_the_rules_per_request(account, triggers, count_requests):
    """`batch_size` sets the number of rules per request, and must be positive."""
    for trigger in triggers:
        trigger.position = trigger.position + 10

    with count_requests(account, 2):
        Trigger.objects.bulk_update(triggers, batch_size=2)
    with pytest.raises(InvalidValue, match="batch_size"):
        Trigger.objects.bulk_update(triggers, batch_size=0)


def test_a_rejected_bulk_update_reports_every_rule(account, triggers):
    """If a request is rejected, each of its rules has a failed outcome."""
    triggers[2].delete()
    for trigger in triggers:
        trigger.active = False

    with pytest.raises(BulkError) as caught:
        Trigger.objects.bulk_update(triggers)

    assert [outcome.error for outcome in caught.value.result.failed] == ["NotFound"] * 3
    result = Trigger.objects.bulk_update(triggers, raise_on_failure=False)
    assert not result
    assert len(result.failed) == 3


def test_a_rule_missing_in_the_response_is_unknown(emulator):
    """The outcome of a rule is unknown if the response omits it, as with default automations."""
    emulator.connect()
    triggers = [create_trigger(f"{n}", active=True) for n in range(2)]
    for trigger in triggers:
        trigger.active = False
    row = {**triggers[0].to_dict(), "active": False}
    emulator.fail_next(200, body={"triggers": [row]}, method="PUT")

    result = Trigger.objects.bulk_update(triggers, raise_on_failure=False)

    assert [outcome.state for outcome in result.outcomes] == ["done", "unknown"]
    assert triggers[1].changes().keys() == {"active"}
    assert len(result.retry_failed(unknown=True).succeeded) == 1


def test_a_bulk_update_sends_one_signal(account, triggers):
    """A bulk update of rules sends one `post_bulk`."""
    events = []

    @receiver(post_bulk, sender=Trigger)
    def record_event(sender, action, result, **kwargs):
        events.append((action, len(result)))

    Trigger.objects.all().update(active=False)

    assert events == [("update", 3)]


def test_progress_is_reported_once(account, triggers):
    """A bulk update without jobs reports its progress once, at the end."""
    reports = []

    Trigger.objects.all().update(active=False, progress=reports.append)

    assert [(report.done, report.failed, report.total, report.jobs) for report in reports] == [
        (3, 0, 3, 0)
    ]


def test_a_batch_sends_rules_one_by_one(account, triggers, count_requests):
    """In a batch, a bulk update is sent at the end, one request per rule."""
    with count_requests(account, 3), account.batch():
        for trigger in triggers:
            trigger.active = False
        Trigger.objects.bulk_update(triggers)

    assert list(Trigger.objects.filter(active=True)) == []


def test_a_dry_run_describes_bulk_changes(account, triggers, count_requests):
    """A dry run describes updates and orders of rules, and sends nothing."""
    triggers[0].active = False

    with count_requests(account, 0), account.dry_run(quiet=True) as diff:
        Trigger.objects.bulk_update(triggers)
        Trigger.objects.reorder(triggers)

    assert "active: True -> False" in str(diff)
    assert "reorder of triggers" in str(diff)


# Automations


def test_an_automation_is_created_and_changed(account, count_requests):
    """An automation is created and changed in one request each, and found by words."""
    waits = {"field": "PENDING", "operator": "is", "value": "24"}

    with count_requests(account, 2):
        automation = Automation.objects.create(title="Nudge", actions=OPEN, all=[waits])
        automation.title = "Remind"
        automation.save()

    assert automation.conditions == {"all": [waits], "any": []}
    assert automation.raw_title == "Remind"
    with count_requests(account, 1):
        assert list(Automation.objects.filter(query="remind")) == [automation]


def test_a_trigger_requires_conditions(account):
    """A trigger without conditions raises."""
    with pytest.raises(ApiError, match="at least one"):
        Trigger.objects.create(title="x", actions=OPEN)
