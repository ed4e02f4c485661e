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
def template(account):
    """Create a template with two tasks."""
    tasks = [{"name": "Sign the contract", "required": True}, {"name": "Check"}]
    return TaskListTemplate.objects.create(name="Onboarding", tasks_=tasks)


def test_a_template_is_created_with_its_tasks(account, template, count_requests):
    """The tasks of a template are created with it, and listed in one request."""
    with count_requests(account, 1):
        first, second = template.tasks.all()

    assert (first.name, first.position, first.required) == ("Sign the contract", 1, True)
    assert (template.task_count, second.task_list_template) == (2, template)


def test_tasks_are_managed_one_by_one(account, template, count_requests):
    """Tasks are created, changed and deleted in one request each; other tasks stay."""
    with count_requests(account, 1):
        laptop = template.tasks.create(name="Order a laptop")
    assert laptop.position == 3
    laptop.description = "A large one"
    with count_requests(account, 1):
        laptop.save()
        laptop.save()
    with count_requests(account, 1):
        laptop.delete()

    assert [task.name for task in template.tasks.all()] == ["Sign the contract", "Check"]
    with pytest.raises(NotFound):
        laptop.delete()
    with pytest.raises(ValidationError, match="name"):
        template.tasks.create(description="?")
    with pytest.raises(InvalidValue):
        Task(name="x").delete()


def test_templates_are_managed(account, template, count_requests):
    """Templates are changed, listed, fetched and deleted in one request each."""
    with count_requests(account, 3):
        template.is_active = False
        template.save()
        assert [row.is_active for row in TaskListTemplate.objects.all()] == [False]
        assert TaskListTemplate.objects.get(template.pk).task_count == 2
    with count_requests(account, 1):
        template.delete()
    assert len(TaskListTemplate.objects.all()) == 0


def test_a_template_is_added_to_a_ticket(account, template, count_requests):
    """`add_to()` creates a task list of a ticket in one request."""
    ticket = Ticket.objects.create(subject="Ada starts", comment=Comment(body="x"))
    with count_requests(account, 1):
        task_list = template.add_to(ticket)

    assert (task_list.name, task_list.task_count) == ("Onboarding", 2)
    assert (task_list.ticket, task_list.task_list_template) == (ticket, template)
    with count_requests(account, 1):
        task_lists = list(ticket.task_lists.all())
    assert task_lists == [task_list]
    assert task_lists[0].ticket_id == ticket.pk


def test_invalid_task_lists_are_rejected(account, template):
    """An unsaved template, a missing template and an inactive template raise."""
    ticket = Ticket.objects.create(subject="x", comment=Comment(body="x"))
    with pytest.raises(InvalidValue, match="never saved"):
        TaskListTemplate(name="x").add_to(ticket)
    with pytest.raises(ValidationError, match="task_list_template"):
        TaskList.objects.create(ticket=ticket)
    template.is_active = False
    template.save()
    with pytest.raises(ValidationError):
        template.add_to(ticket)


def test_saving_a_task_sends_signals_and_joins_batches(account, template, sent):
    """Tasks send signals and join batches, and their creation is never sent twice."""
    events = []

    @receiver(post_save, sender=Task)
    def record_save(sender, instance, created, **kwargs):
        events.append((instance.name, created))

    @receiver(post_delete, sender=Task)
    def record_delete(sender, instance, **kwargs):
        events.append((instance.name, "deleted"))

    with account.batch():
        task = Task(task_list_template=template, name="Order a laptop")
        task.save()
        assert task.pk is None
    assert sent[-1].once

    task.name = "Order two laptops"
    task.save()
    task.delete()
    assert events == [
        ("Order a laptop", True),
        ("Order two laptops", False),
        ("Order two laptops", "deleted"),
    ]
