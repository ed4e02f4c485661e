"""The URLs of the project, which tests replace with `override_settings(ROOT_URLCONF=...)`."""

from __future__ import annotations

from typing import Any


urlpatterns: list[Any] = []
