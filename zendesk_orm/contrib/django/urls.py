"""The URLs of webhooks: `path("zendesk/", include("zendesk_orm.contrib.django.urls"))`.

`zendesk/webhook/` receives those of the default account, `zendesk/webhook/emea/` those of another
account of the settings.
"""

from __future__ import annotations

from django.urls import path

from zendesk_orm.contrib.django.views import webhook


app_name = "zendesk_orm"

urlpatterns = [
    path("webhook/", webhook, name="webhook"),
    path("webhook/<str:alias>/", webhook, name="webhook"),
]
