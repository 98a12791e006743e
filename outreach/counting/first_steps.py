"""What of the first run is left, shown on the desk. The guide lies above this layer: ``app.py`` installs it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from outreach.shared.actors import Actor

__all__ = ["FirstSteps", "first_steps", "install_first_steps"]


@dataclass(frozen=True, slots=True)
class FirstSteps:
    """How many steps are open, and what the next one is called."""

    left: int
    next_title: str


#: ``None``: nothing is left, it was put away, or the actor has no guide.
FirstStepsFunction = Callable[[Actor, datetime], Awaitable[FirstSteps | None]]

_installed: list[FirstStepsFunction] = []


def install_first_steps(function: FirstStepsFunction) -> None:
    """Let ``function`` say what is left; a second call replaces the first."""
    _installed[:] = [function]


async def first_steps(actor: Actor, now: datetime) -> FirstSteps | None:
    """What the desk of ``actor`` shows of the first run."""
    for function in _installed:
        return await function(actor, now)
    return None
