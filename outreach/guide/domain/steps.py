"""The steps of a federation's first year, and when each is done."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

__all__ = [
    "MINUTES",
    "WHOLE_GUIDE",
    "Figures",
    "Step",
    "StepState",
    "current_of",
    "is_done",
    "open_of",
    "states_of",
    "years_at_hand",
]

#: Stored like a step: the guide as a whole was put away.
WHOLE_GUIDE = "guide"


class Step(StrEnum):
    """In the order in which one needs the other."""

    ORGANISATION = "organisation"
    PEOPLE = "people"
    PROGRAMMES = "programmes"
    UNITS = "units"
    CONTACTS = "contacts"
    PROVIDERS = "providers"
    MENU = "menu"
    VENUES = "venues"
    SESSIONS = "sessions"
    OPENING = "opening"
    PAST = "past"


class StepState(StrEnum):
    """How a step stands. Done is what the data say; only what is not done can be skipped."""

    DONE = "done"
    OPEN = "open"
    SKIPPED = "skipped"


#: About how long a step takes somebody who has the files at hand: estimates, ten minutes in all after the first.
MINUTES: dict[Step, int] = {
    Step.ORGANISATION: 1,
    Step.PEOPLE: 1,
    Step.PROGRAMMES: 2,
    Step.UNITS: 1,
    Step.CONTACTS: 1,
    Step.PROVIDERS: 1,
    Step.MENU: 1,
    Step.VENUES: 1,
    Step.SESSIONS: 1,
    Step.OPENING: 1,
    Step.PAST: 1,
}
#: Where there is nothing to enter it is no open step.
OPTIONAL = frozenset({Step.PAST})


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What is there already, in one root organisation's part of the tree and one year.

    Attributes:
        has_organisation, has_site: the root exists; the name over every page was said.
        colleagues: people of staff besides the one who asks.
        units, units_with_contact: organisations below the root, and how many of all have somebody who acts for them.
        contacts: people who act for one.
        events, providers, venues: in use.
        published: sessions that were published, whatever came of them; ``drafts``: that were not yet.
        held: sessions that took place.
        established: sessions were published in an earlier year: this is no first run.
    """

    has_organisation: bool = False
    has_site: bool = False
    colleagues: int = 0
    programmes: int = 0
    targets: int = 0
    units: int = 0
    contacts: int = 0
    units_with_contact: int = 0
    events: int = 0
    providers: int = 0
    venues: int = 0
    published: int = 0
    drafts: int = 0
    openings: int = 0
    held: int = 0
    established: bool = False


def is_done(step: Step, figures: Figures) -> bool:
    """Whether the data say that the step was taken."""
    match step:
        case Step.ORGANISATION:
            return figures.has_organisation and figures.has_site
        case Step.PEOPLE:
            return figures.colleagues > 0
        case Step.PROGRAMMES:
            return figures.programmes > 0 and figures.targets > 0
        case Step.UNITS:
            return figures.units > 0
        case Step.CONTACTS:
            return figures.contacts > 0
        case Step.PROVIDERS:
            return figures.providers > 0
        case Step.MENU:
            return figures.events > 0
        case Step.VENUES:
            return figures.venues > 0
        case Step.SESSIONS:
            return figures.published > 0
        case Step.OPENING:
            return figures.openings > 0
        case Step.PAST:
            return figures.held > 0


def states_of(figures: Figures, skipped: Iterable[str]) -> dict[Step, StepState]:
    """How every step stands."""
    without = set(skipped)
    return {
        step: StepState.DONE if is_done(step, figures) else StepState.SKIPPED if step in without else StepState.OPEN
        for step in Step
    }


def open_of(states: dict[Step, StepState]) -> list[Step]:
    """What is left to do, in order."""
    return [step for step, state in states.items() if state is StepState.OPEN and step not in OPTIONAL]


def current_of(states: dict[Step, StepState]) -> Step | None:
    """The step to take next; ``None``: nothing is left."""
    return next(iter(open_of(states)), None)


def years_at_hand(today: date) -> tuple[int, ...]:
    """This year, and from October on the next, whose notice is being written."""
    return (today.year, today.year + 1) if today.month >= 10 else (today.year,)
