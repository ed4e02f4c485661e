"""Task lists of tickets, and their templates."""

from __future__ import annotations

import pytest

from zendesk_orm import (
    Comment,
    InvalidValue,
    NotFound,
    Ticket,
    ValidationError,
    post_delete,
    post_save,
    receiver,
)
from zendesk_orm.support import Task, TaskList, TaskListTemplate


@pytest.fixture
def account(emulator):
    """An account of the emulator."""
    return emulator.connect()


@pytest.fixture
def template(account):
    """A template with two tasks."""
    tasks = [{"name": "Sign the contract", "required": True}, {"name": "Check"}]
    return TaskListTemplate.objects.create(name="Onboarding", tasks_=tasks)


def test_a_template_has_its_tasks(account, template, count_requests):
    """They are made with it, and read in one request."""
    with count_requests(account, 1):
        first, second = template.tasks.all()

    assert ("Sign the contract", 1, True) == (first.name, first.position, first.required)
    assert (2, template) == (template.task_count, second.task_list_template)


def test_tasks_are_made_changed_and_removed_by_themselves(account, template, count_requests):
    """One request each, which leaves the others as they are."""
    with count_requests(account, 1):
        laptop = template.tasks.create(name="Order a laptop")
    assert 3 == laptop.position
    laptop.description = "A large one"
    with count_requests(account, 1):
        laptop.save()
        laptop.save()
    with count_requests(account, 1):
        laptop.delete()

    assert ["Sign the contract", "Check"] == [each.name for each in template.tasks.all()]
    with pytest.raises(NotFound):
        laptop.delete()
    with pytest.raises(ValidationError, match="name"):
        template.tasks.create(description="?")
    with pytest.raises(InvalidValue):
        Task(name="x").delete()


def test_templates_are_kept_like_any_rows(account, template, count_requests):
    """Changed, listed and deleted, a request each."""
    with count_requests(account, 3):
        template.is_active = False
        template.save()
        assert [False] == [each.is_active for each in TaskListTemplate.objects.all()]
        assert 2 == TaskListTemplate.objects.get(template.pk).task_count
    with count_requests(account, 1):
        template.delete()
    assert 0 == len(TaskListTemplate.objects.all())


def test_a_ticket_gets_a_list_of_a_template(account, template, count_requests):
    """One request; the ticket has it from then on."""
    ticket = Ticket.objects.create(subject="Ada starts", comment=Comment(body="x"))
    with count_requests(account, 1):
        made = template.add_to(ticket)

    assert ("Onboarding", 2) == (made.name, made.task_count)
    assert (ticket, template) == (made.ticket, made.task_list_template)
    with count_requests(account, 1):
        found = list(ticket.task_lists.all())
    assert [made] == found
    assert ticket.pk == found[0].ticket_id


def test_what_cannot_be_done_is_refused(account, template):
    """Before anything is sent, or by Zendesk."""
    ticket = Ticket.objects.create(subject="x", comment=Comment(body="x"))
    with pytest.raises(InvalidValue, match="never saved"):
        TaskListTemplate(name="x").add_to(ticket)
    with pytest.raises(ValidationError, match="task_list_template"):
        TaskList.objects.create(ticket=ticket)
    template.is_active = False
    template.save()
    with pytest.raises(ValidationError):
        template.add_to(ticket)


def test_tasks_are_saved_as_anything_is(account, template, sent):
    """With signals, in a batch, and never twice: a second sending would make a second task."""
    told = []

    @receiver(post_save, sender=Task)
    def made(sender, instance, created, **kwargs):
        told.append((instance.name, created))

    @receiver(post_delete, sender=Task)
    def gone(sender, instance, **kwargs):
        told.append((instance.name, "gone"))

    with account.batch():
        task = Task(task_list_template=template, name="Order a laptop")
        task.save()
        assert task.pk is None
    assert sent[-1].once

    task.name = "Order two laptops"
    task.save()
    task.delete()
    assert [
        ("Order a laptop", True),
        ("Order two laptops", False),
        ("Order two laptops", "gone"),
    ] == told
