"""What the public pages show: the next sessions as rows, and figures that were released."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from outreach.counting.drawings import promise_of
from outreach.counting.figures import MonthFigure, ProgrammeProgress, TargetProgress, YearProgress
from outreach.counting.queries import progress_of_programmes
from outreach.events.queries import ProgrammeCount, SessionRow
from outreach.programmes.domain.targets import Basis, Metric
from outreach.programmes.queries import YearRow, programmes_of_year, years_of
from outreach.shared.i18n import gettext as _
from outreach.shared.i18n import language
from outreach.shared.time import local_day
from outreach.web.wording import clauses, day_plain, joined

__all__ = [
    "MonthRow",
    "PublicLine",
    "Released",
    "Slot",
    "by_day",
    "by_month",
    "keys_of",
    "numbered",
    "public_lines",
    "released_progress",
    "slot_of",
    "whole_target",
]


@dataclass(frozen=True, slots=True)
class Released:
    """A year whose figures everybody may see, as of the day that the organiser released."""

    year: YearRow
    as_of: date
    progress: YearProgress


@dataclass(frozen=True, slots=True)
class PublicLine:
    """One released figure: no pace, no forecast, no status."""

    name: str
    wording: str
    actual: float
    unit: str
    goal: float


@dataclass(frozen=True, slots=True)
class Slot:
    """The right side of a session's row: a button when ``go_href`` is set, else quiet words."""

    note: str
    go: str
    go_href: str | None


async def released_progress(year: int, now: datetime) -> list[Released]:
    """The released years of all organisations, higher ones first; programmes without figures are left out."""
    found = []
    for one in await years_of(year=year, released=True):
        assert one.released_as_of is not None  # asked for
        programmes = [
            programme
            for programme in await programmes_of_year(year, one.organisation_path)
            if programme.organisation_id == one.organisation_id
        ]
        progress = await progress_of_programmes(programmes, year, one.released_as_of, now=now)
        found.append(Released(one, one.released_as_of, progress))
    return found


def public_line(progress: ProgrammeProgress, target: TargetProgress, *, alone: bool) -> PublicLine:
    """One figure; ``alone``: no heading names its programme."""
    name = target.label
    if alone and target.metric is Metric.SESSIONS:
        name = progress.programme.name
    return PublicLine(name, promise_of(target), target.actual, target.unit, target.value)


def public_lines(progress: YearProgress) -> list[PublicLine]:
    """What the home shows of a year: sessions and visits."""
    return [
        public_line(one, target, alone=True)
        for one in progress.programmes
        for target in one.targets
        if target.metric in (Metric.SESSIONS, Metric.VISITS)
    ]


def by_day(sessions: Sequence[SessionRow]) -> list[tuple[date, list[SessionRow]]]:
    """Sessions in time order, grouped by local day."""
    return [(day, list(group)) for day, group in groupby(sessions, key=lambda session: local_day(session.starts_at))]


def keys_of(programmes: Iterable[ProgrammeCount]) -> dict[str, ProgrammeCount]:
    """The programmes by what asks for each in an address: the code, or an id where another's has that code already."""
    found: dict[str, ProgrammeCount] = {}
    for one in programmes:
        found[one.code if one.code not in found else str(one.programme_ids[0])] = one
    return found


def slot_of(session: SessionRow, now: datetime) -> Slot:
    """What can be done with a session that everybody in front of this page may see."""
    href = f"/sessions/{session.id}"
    waits_for_host = session.claimable and session.host_id is None
    place = "" if waits_for_host else _place(session)
    first = clauses((session.kind, joined(session.provider_names, language())), language())
    if waits_for_host:
        place = _("地点由领走的单位定")
    note = _("%(what)s。%(where)s") % {"what": first, "where": place} if place else first
    if session.booking_opens_at is not None and now < session.booking_opens_at:
        opens = day_plain(session.booking_opens_at, language())
        return Slot(note, _("%(day)s起可约") % {"day": opens}, None)
    if not session.is_open(now):
        return Slot(note, _("预约已截止"), None)
    if waits_for_host:
        return Slot(note, _("领走一场"), href)
    if session.seats_left is None:
        return Slot(note, _("直接去看"), None)
    return Slot(note, _("预约"), href) if session.seats_left > 0 else Slot(note, "", None)


def _place(session: SessionRow) -> str:
    where = session.venue_name or session.address
    if session.district and where.startswith(session.district):
        return where
    return clauses((session.district, where), language())


def numbered(number: int, size: int, total: int, programme: str) -> dict[str, Any]:
    """The list's pages as ``parts.pages`` takes them."""
    last = max(-(-total // size), 1)

    def href(to: int) -> str:
        asked = {"programme": programme, "page": to}
        return f"/?{urlencode({name: value for name, value in asked.items() if value and value != 1})}"

    shown = sorted({one for one in (1, number - 1, number, number + 1, last) if 1 <= one <= last})
    return {
        "number": number,
        "last": last,
        "total": total,
        "before": href(number - 1) if 1 < number <= last + 1 else None,
        "after": href(number + 1) if number < last else None,
        "numbers": [(one, href(one)) for one in shown] if last > 1 else [],
    }


def whole_target(targets: Iterable[TargetProgress], metric: Metric) -> TargetProgress | None:
    """The target that counts everything of one metric, as the months do, so that their figures can be opened."""
    return next((one for one in targets if one.metric is metric and not one.kinds and one.basis is Basis.ALL), None)


@dataclass(frozen=True, slots=True)
class MonthRow:
    """One month of a programme."""

    month: int
    sessions: float
    sessions_planned: float
    visits: float
    visits_planned: float


def by_month(figures: Iterable[MonthFigure]) -> list[MonthRow]:
    """The months as rows; empty for a programme without sessions."""
    found = {(one.metric, one.month): one for one in figures}
    if not found:
        return []
    return [
        MonthRow(month, sessions.actual, sessions.planned, visits.actual, visits.planned)
        for month in range(1, 13)
        for sessions, visits in [(found[Metric.SESSIONS, month], found[Metric.VISITS, month])]
    ]
