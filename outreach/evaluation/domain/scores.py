"""From counts of a programme's year to its scores, and the places that programmes take beside each other. Pure.

Four dimensions, as third parties evaluate services: 职工参与度, 职工满意度, 资金使用效能, 社会影响力. No sum of
them is made: what a visit is worth against a mark is for people to say.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from outreach.attendance.costs.domain.money import mean_fen
from outreach.events.domain.ratings import shrunk_mean

__all__ = [
    "LEAST_BOOKINGS",
    "LEAST_COSTED",
    "LEAST_OPINIONS",
    "LEAST_REVIEWS",
    "RANKED",
    "Card",
    "Cost",
    "Counts",
    "Figure",
    "Mark",
    "OwnerCounts",
    "Participation",
    "Rank",
    "Reach",
    "Satisfaction",
    "Usual",
    "card_of",
    "costs_known",
    "ranked",
    "ranks_of",
    "usual_of",
]

K = TypeVar("K")

#: With fewer bookings whose outcome is known, answers of hosts, or answers of attendees nothing is said of them.
LEAST_BOOKINGS, LEAST_REVIEWS, LEAST_OPINIONS = 5, 3, 5
#: Costs compare once they are written down for so large a part of the sessions.
LEAST_COSTED = 0.5


@dataclass(frozen=True, slots=True)
class Figure:
    """A mean or a share and what it rests on; ``value`` is ``None`` where that is less than ``least``."""

    value: float | None
    rests_on: int
    least: int = 1


@dataclass(frozen=True, slots=True)
class Mark:
    """A mean of marks from 1 to 5; ``shrunk`` is drawn towards that of all programmes, the more the fewer answered."""

    value: float | None
    rests_on: int
    least: int
    shrunk: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What is counted of one programme from January to the day asked for.

    Attributes:
        counted: sessions of which the visits are known.
        named: check-ins by name, a day of a person being one: those who could say how it was.
        came, no_shows: bookings.
        seats, seats_used: of sessions with limited seats of which the visits are known; an exhibition has none.
        review_marks: sum of the hosts' means of three marks.
        opinion_marks: sum of the attendees' means of three marks.
        costed, costed_visits: sessions whose costs are written down, and their visits.
        units: women's committees count as their union, guests as their sponsor; ``units_below``: of them those below
            the owner; ``ownership_known`` and ``non_public``: of them all.
        new_units: of them those that had nothing of the owner in the year before.
        districts: of the owner's, in which a session took place.
    """

    sessions: int = 0
    counted: int = 0
    visits: int = 0
    workers: int | None = None
    people: int = 0
    named: int = 0
    came: int = 0
    no_shows: int = 0
    seats: int = 0
    seats_used: int = 0
    reviews: int = 0
    review_marks: float = 0
    again: int = 0
    opinions: int = 0
    opinion_marks: float = 0
    costed: int = 0
    costed_visits: int = 0
    spent_fen: int = 0
    units: int = 0
    units_below: int = 0
    ownership_known: int = 0
    non_public: int = 0
    new_units: int = 0
    districts: int = 0


@dataclass(frozen=True, slots=True)
class OwnerCounts:
    """What the programmes of an owner are held against: units that could be served, districts, and whether there was
    a year before."""

    units: int
    districts: tuple[str, ...]
    had_last_year: bool


@dataclass(frozen=True, slots=True)
class Usual:
    """Means over all programmes of the owner, every answer weighing the same; ``None``: nobody has answered."""

    review: float | None
    opinion: float | None


@dataclass(frozen=True, slots=True)
class Participation:
    """职工参与度. ``seats_used`` may pass 1: more came than had seats."""

    sessions: int
    counted: int
    visits: int
    workers: int | None
    people: int
    units: int
    visits_per_session: Figure
    attendance: Figure
    seats_used: Figure


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """职工满意度: marks of attendees and of hosts; ``answered``: answers of those who could answer."""

    attendees: Mark
    answered: Figure
    hosts: Mark
    again: Figure


@dataclass(frozen=True, slots=True)
class Cost:
    """资金使用效能, in 分. The figures per session and visit rest on the sessions whose costs are written down."""

    spent_fen: int
    budget_fen: int | None
    of_budget: Figure
    costed: int
    per_session: Figure
    per_visit: Figure


@dataclass(frozen=True, slots=True)
class Reach:
    """社会影响力. ``new_units`` is ``None`` where there was no year before to compare with."""

    units_below: int
    of_units: Figure
    districts: int
    of_districts: Figure
    non_public: Figure
    new_units: int | None


@dataclass(frozen=True, slots=True)
class Card:
    """The four dimensions of one programme."""

    participation: Participation
    satisfaction: Satisfaction
    cost: Cost
    reach: Reach


@dataclass(frozen=True, slots=True)
class Rank:
    """The place among ``of`` programmes that have the figure; equals share a place."""

    place: int
    of: int


def usual_of(counts: Mapping[K, Counts]) -> Usual:
    """Means over the programmes given."""
    reviews, opinions = (sum(getattr(one, name) for one in counts.values()) for name in ("reviews", "opinions"))
    return Usual(
        sum(one.review_marks for one in counts.values()) / reviews if reviews else None,
        sum(one.opinion_marks for one in counts.values()) / opinions if opinions else None,
    )


def card_of(counts: Counts, owner: OwnerCounts, usual: Usual, *, budget_fen: int | None) -> Card:
    """The scores of a programme."""
    return Card(
        Participation(
            sessions=counts.sessions,
            counted=counts.counted,
            visits=counts.visits,
            workers=counts.workers,
            people=counts.people,
            units=counts.units,
            visits_per_session=_share(counts.visits, counts.counted),
            attendance=_share(counts.came, counts.came + counts.no_shows, LEAST_BOOKINGS),
            seats_used=_share(counts.seats_used, counts.seats),
        ),
        Satisfaction(
            attendees=_mark(counts.opinion_marks, counts.opinions, usual.opinion, LEAST_OPINIONS),
            # More answers than check-ins: some were taken back after answering, and the share says nothing.
            answered=_share(counts.opinions, counts.named if counts.opinions <= counts.named else 0),
            hosts=_mark(counts.review_marks, counts.reviews, usual.review, LEAST_REVIEWS),
            again=_share(counts.again, counts.reviews, LEAST_REVIEWS),
        ),
        Cost(
            spent_fen=counts.spent_fen,
            budget_fen=budget_fen,
            of_budget=_share(counts.spent_fen, budget_fen or 0),
            costed=counts.costed,
            per_session=Figure(mean_fen(counts.spent_fen, counts.costed), counts.costed),
            per_visit=Figure(mean_fen(counts.spent_fen, counts.costed_visits), counts.costed_visits),
        ),
        Reach(
            units_below=counts.units_below,
            of_units=_share(counts.units_below, owner.units),
            districts=counts.districts,
            of_districts=_share(counts.districts, len(owner.districts)),
            non_public=_share(counts.non_public, counts.ownership_known),
            new_units=counts.new_units if owner.had_last_year else None,
        ),
    )


def _share(part: float, whole: int, least: int = 1) -> Figure:
    return Figure(part / whole if whole >= least else None, whole, least)


def _mark(total: float, answers: int, usual: float | None, least: int) -> Mark:
    if answers < least or usual is None:
        return Mark(None, answers, least, None)
    mean = total / answers
    return Mark(mean, answers, least, shrunk_mean(mean, answers, usual))


def costs_known(card: Card) -> bool:
    """Whether costs are written down for enough sessions to compare the programme with others."""
    return card.cost.costed > 0 and card.cost.costed >= LEAST_COSTED * card.participation.sessions


#: What programmes are placed by. All programmes of an owner have the same members and units below it: their numbers
#: compare as shares would. Of marks the shrunk ones count, of cost the lowest per visit is first.
RANKED = ("participation", "satisfaction", "hosts", "cost", "reach")


def ranks_of(cards: Mapping[K, Card]) -> dict[K, dict[str, Rank]]:
    """For each programme its place in each of ``RANKED``; left out where it has no figure, or is the only one."""
    held = {key: one for key, one in cards.items() if one.participation.sessions}
    places = {
        "participation": ranked({key: float(one.participation.visits) for key, one in held.items()}),
        "satisfaction": ranked({key: one.satisfaction.attendees.shrunk for key, one in held.items()}),
        "hosts": ranked({key: one.satisfaction.hosts.shrunk for key, one in held.items()}),
        "cost": ranked(
            {key: one.cost.per_visit.value if costs_known(one) else None for key, one in held.items()},
            lowest_first=True,
        ),
        "reach": ranked({key: float(one.reach.units_below) for key, one in held.items()}),
    }
    return {key: {name: found[key] for name, found in places.items() if key in found} for key in cards}


def ranked(values: Mapping[K, float | None], *, lowest_first: bool = False) -> dict[K, Rank]:
    """Places from 1; equals share the better one (1, 1, 3). Nothing for a lonely value: it is beside nobody."""
    known = {key: -value if lowest_first else value for key, value in values.items() if value is not None}
    if len(known) < 2:
        return {}
    return {key: Rank(1 + sum(other > value for other in known.values()), len(known)) for key, value in known.items()}
