"""What of Talk its declarations do not tell: one table of all."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from zendesk_orm.emulator import talk_agents, talk_calls, talk_lines
from zendesk_orm.emulator.world import Answer, Call, Target, World


ROUTES: Mapping[tuple[str, str, str], Callable[[World, Call, Target], Answer]] = {
    **talk_agents.ROUTES,
    **talk_calls.ROUTES,
    **talk_lines.ROUTES,
}
