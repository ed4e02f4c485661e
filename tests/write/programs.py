"""Programs of several writes, and the state that they leave."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from zendesk_orm import BulkError, ZendeskError
from zendesk_orm.emulator import Emulator


class World(Protocol):
    """The objects that a program changes."""

    emulator: Emulator

    def state(self) -> Any:
        """Return the rows that the emulator has."""
        ...


def run_program(world: World, program: Callable[[], None]) -> Any:
    """Return the state after a program, or the name of the error that it has raised."""
    try:
        program()
        return world.state()
    except BulkError as error:
        return error.result.failed[0].error
    except ZendeskError as error:
        return type(error).__name__
    finally:
        world.emulator.close()
