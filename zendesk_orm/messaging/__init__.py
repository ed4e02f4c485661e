"""Zendesk messaging: conversations, messages and users of Sunshine Conversations.

Models are imported on first use; `scripts/exports` writes their list, the stub `__init__.pyi`.
"""

from __future__ import annotations

from zendesk_orm import lazy


__getattr__, __dir__, __all__ = lazy.attach_exports(__name__)
