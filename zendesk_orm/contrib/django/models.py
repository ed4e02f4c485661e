"""The models of the app, which are tables in the project's own database."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models


class Checkpoint(models.Model):
    """The place at which an export is continued, as `DjangoCheckpointStore` saves it."""

    name = models.CharField(max_length=255, unique=True)
    text = models.TextField()
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "Zendesk checkpoint"
        verbose_name_plural = "Zendesk checkpoints"

    def __str__(self) -> str:
        return str(self.name)


class DeadLetter(models.Model):
    """A change that a receiver has not handled yet, as `DjangoDeadLetters` stores it."""

    account = models.CharField(max_length=255, db_index=True)
    letter_id = models.CharField(max_length=64, unique=True)
    row = models.CharField(max_length=255, db_index=True)
    due_at = models.FloatField(null=True)
    text = models.TextField()

    class Meta:
        verbose_name = "Zendesk dead letter"
        verbose_name_plural = "Zendesk dead letters"

    def __str__(self) -> str:
        return str(self.row)


class AnnouncedChange(models.Model):
    """A change that was announced, or is being announced until a moment."""

    account = models.CharField(max_length=255)
    key = models.CharField(max_length=255)
    until = models.FloatField()
    is_done = models.BooleanField()

    class Meta:
        verbose_name = "announced Zendesk change"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["account", "key"], name="zendesk_orm_announced_key")
        ]

    def __str__(self) -> str:
        return str(self.key)


class AnnouncedFact(models.Model):
    """A fact of an announced change, with the streams that have reported it."""

    account = models.CharField(max_length=255)
    fact = models.CharField(max_length=255)
    moment = models.FloatField(null=True)
    streams = models.TextField()

    class Meta:
        verbose_name = "announced Zendesk fact"
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["account", "fact"], name="zendesk_orm_fact")
        ]

    def __str__(self) -> str:
        return str(self.fact)
