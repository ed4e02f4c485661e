"""The models of the app, which are tables in the project's own database."""

from __future__ import annotations

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
