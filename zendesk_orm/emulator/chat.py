"""What of Chat its declarations do not tell: one table of all."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from zendesk_orm.emulator import chat_chats, chat_exports, chat_rows
from zendesk_orm.emulator.world import Answer, Call, Target, World


ROUTES: Mapping[tuple[str, str, str], Callable[[World, Call, Target], Answer]] = {
    **chat_chats.ROUTES,
    **chat_exports.ROUTES,
    **chat_rows.ROUTES,
}
