"""What the dispatch board says of orders: the list, the news, the chosen one. Nothing here asks the database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from outreach.bookings.notices import SPOKEN
from outreach.bookings.orders.domain.states import OrderState
from outreach.bookings.orders.givers import FitLine
from outreach.bookings.orders.news import left_of
from outreach.bookings.orders.queries import OrderRow
from outreach.bookings.orders.wording import window_text
from outreach.events.domain.parts import PART_WORDS, part_bounds, usual_start
from outreach.shared.i18n import gettext as _
from outreach.web.forms import FormState
from outreach.web.wording import FILTERS

__all__ = [
    "TABS",
    "BoardLine",
    "ChosenOrder",
    "RivalLine",
    "Trouble",
    "board_line",
    "history_of",
    "is_in_a_window",
    "tab_of",
    "time_to_show",
    "window_tabs",
]

#: Tab of the board → the states of its orders.
TABS: dict[str, tuple[OrderState, ...]] = {
    "to_approve": (OrderState.SUBMITTED, OrderState.ENDORSED),
    "to_assign": (OrderState.APPROVED,),
    "to_answer": (OrderState.ASSIGNED,),
    "scheduled": (OrderState.SCHEDULED,),
}


@dataclass(frozen=True, slots=True)
class BoardLine:
    """One order in the list: ``left`` until it must be settled, ``waited`` since it came."""

    id: UUID
    href: str
    mark: str
    programme: str
    title: str
    unit: str
    what: str
    left: str
    waited: str


@dataclass(frozen=True, slots=True)
class RivalLine:
    """Another order that wants the same people at the same time; ``history``: (not come, cancelled late)."""

    order: OrderRow
    windows: tuple[str, ...]
    history: tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenOrder:
    """Everything that the right side shows.

    ``shows_phone``: the contact's number to the reader, ``calls``: those of the people assigned as well.
    ``fits`` is ``None`` where nobody is to be assigned now, ``site`` what the place lacks, ``links`` are (id of the
    provider, name, text to send).
    """

    order: OrderRow
    acts: frozenset[str]
    next: str
    windows: tuple[str, ...]
    organisers: str
    history: tuple[int, int]
    is_first: bool
    earlier: tuple[tuple[str, str], ...]
    rivals: tuple[RivalLine, ...] = ()
    fits: tuple[FitLine, ...] | None = None
    site: tuple[str, ...] = ()
    day_off: str = ""
    window_tabs: tuple[tuple[str, str, bool], ...] = ()
    starts_at: datetime
    ends_at: datetime
    rain_starts_at: datetime | None = None
    outside: bool = False
    swapping: bool = False
    shows_phone: bool = False
    calls: bool = False
    links: tuple[tuple[str, str, str], ...] = ()

    @property
    def is_spoken(self) -> bool:
        """Given by a lecturer; otherwise by a troupe."""
        return any(word in self.order.event_kind for word in SPOKEN)

    @property
    def people(self) -> tuple[tuple[str, str], ...]:
        """Name and telephone of those assigned, for staff who call them; to others the names."""
        named = zip(self.order.provider_names, self.order.provider_phones, strict=True)
        return tuple((name, phone if self.calls else "") for name, phone in named)

    @property
    def unanswered(self) -> tuple[str, ...]:
        """The names of those assigned who have not said whether they come."""
        order = self.order
        named = zip(order.provider_ids, order.provider_names, strict=True)
        return tuple(name for id_, name in named if id_ in order.unanswered_ids)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why the board came back: a form with bad fields, or a refusal over the page; what was typed is kept."""

    refusal: tuple[str, str] | None = None
    warnings: tuple[str, ...] = ()
    form: FormState = field(default_factory=FormState)
    deed: str = ""
    status: int = 200

    def form_for(self, provider_id: UUID) -> FormState | None:
        """The form of this provider's row, when it is the one that came back."""
        named = self.form.values.get("provider_ids", "")
        return self.form if self.deed and str(provider_id) in (named if isinstance(named, list) else [named]) else None

    def form_of(self, deed: str) -> FormState | None:
        """The form of this deed, when it is the one that came back."""
        return self.form if self.deed == deed else None

    def typed(self, provider_id: UUID, name: str) -> str:
        """What was typed in the row of this provider."""
        form = self.form_for(provider_id)
        return str(form.values.get(name, "")) if form is not None else ""


def tab_of(state: str) -> str:
    """The tab on which an order of this state stands; empty: on none."""
    return next((tab for tab, states in TABS.items() if state in states), "")


def board_line(order: OrderRow, tab: str, now: datetime) -> BoardLine:
    """An order in the list on the left."""
    place = [_("%(people)s人") % {"people": FILTERS["thousands"](order.audience)}, order.district]
    if order.session_starts_at is not None and order.state in (OrderState.ASSIGNED, OrderState.SCHEDULED):
        place += [FILTERS["when_text"](order.session_starts_at, None, year=False), _people(order)]
    else:
        place.append(_wishes(order))
    waited = (
        _("已派%(times)s次，%(ago)s派出") % {"times": order.assignment, "ago": FILTERS["ago"](order.assigned_at, now)}
        if order.state == OrderState.ASSIGNED and order.assigned_at is not None
        else _("%(ago)s提交") % {"ago": FILTERS["ago"](order.submitted_at, now)}
    )
    unit = order.organisation_name
    if order.joined_names:
        unit += _("（拼场%(number)s家）") % {"number": len(order.joined_names) + 1}
    return BoardLine(
        id=order.id,
        href=f"/desk/orders?{urlencode({'state': tab, 'order': order.id})}#order",
        mark=order.programme_mark,
        programme=order.programme_name,
        title=order.event_title,
        unit=unit,
        what=FILTERS["clauses"](place),
        left=left_of(order, now),
        waited=waited,
    )


def _people(order: OrderRow) -> str:
    return str(FILTERS["joined"](order.provider_names))


def _wishes(order: OrderRow) -> str:
    """``9月23日下午`` or ``9月23日下午或9月24日下午``, at most two of them."""
    first = [
        _("%(day)s%(part)s") % {"day": FILTERS["day_plain"](one.on), "part": _(PART_WORDS[one.part])}
        for one in order.windows[:2]
    ]
    more = len(order.windows) - 2
    words = _("或").join(first)
    return words + (_("等%(number)s个时间") % {"number": more + 2} if more > 0 else "")


def time_to_show(order: OrderRow, at: datetime | None, now: datetime) -> tuple[datetime, datetime]:
    """Start and end for which providers are looked up: as asked, as assigned, else the first wish still ahead."""
    length = timedelta(minutes=order.duration_minutes)
    if at is not None:
        return at, at + length
    if order.session_starts_at is not None and order.session_ends_at is not None:
        return order.session_starts_at, order.session_ends_at
    ahead = [one for one in order.windows if usual_start(one.on, one.part) > now] or list(order.windows)
    start = usual_start(ahead[0].on, ahead[0].part)
    return start, start + length


def is_in_a_window(order: OrderRow, starts_at: datetime) -> bool:
    """Whether the unit said that this time would suit."""
    return any(start <= starts_at < end for start, end in (part_bounds(one.on, one.part) for one in order.windows))


def window_tabs(order: OrderRow, starts_at: datetime, now: datetime) -> tuple[tuple[str, str, bool], ...]:
    """A tab for each wish that is still ahead."""
    tabs = []
    for one in order.windows:
        first, end = part_bounds(one.on, one.part)
        if end <= now:
            continue
        usual = FILTERS["local_input"](usual_start(one.on, one.part))
        href = f"/desk/orders?{urlencode({'order': order.id, 'at': usual})}#fitting"
        tabs.append((window_text(one.on, one.part), href, first <= starts_at < end))
    return tuple(tabs)


def history_of(found: Mapping[UUID, tuple[int, int]], organisation_id: UUID) -> tuple[int, int]:
    """(not come, cancelled late) of a unit; nothing known is (0, 0)."""
    return found.get(organisation_id, (0, 0))
