"""Creates the tables of checkpoints, dead letters and announced changes."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Create the tables of checkpoints, dead letters and announced changes."""

    initial = True

    dependencies: ClassVar[list[Any]] = []

    operations: ClassVar[list[Any]] = [
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=255, unique=True)),
                ("text", models.TextField()),
                ("updated_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "verbose_name": "Zendesk checkpoint",
                "verbose_name_plural": "Zendesk checkpoints",
            },
        ),
        migrations.CreateModel(
            name="DeadLetter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("account", models.CharField(db_index=True, max_length=255)),
                ("letter_id", models.CharField(max_length=64, unique=True)),
                ("row", models.CharField(db_index=True, max_length=255)),
                ("due_at", models.FloatField(null=True)),
                ("text", models.TextField()),
            ],
            options={
                "verbose_name": "Zendesk dead letter",
                "verbose_name_plural": "Zendesk dead letters",
            },
        ),
        migrations.CreateModel(
            name="AnnouncedChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("account", models.CharField(max_length=255)),
                ("key", models.CharField(max_length=255)),
                ("until", models.FloatField()),
                ("is_done", models.BooleanField()),
            ],
            options={
                "verbose_name": "announced Zendesk change",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("account", "key"), name="zendesk_orm_announced_key"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AnnouncedFact",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("account", models.CharField(max_length=255)),
                ("fact", models.CharField(max_length=255)),
                ("moment", models.FloatField(null=True)),
                ("streams", models.TextField()),
            ],
            options={
                "verbose_name": "announced Zendesk fact",
                "indexes": [models.Index(fields=["account", "fact"], name="zendesk_orm_fact")],
            },
        ),
    ]
