"""台账: the sessions of a programme, or one of them, as a workbook that an office keeps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from outreach.attendance.closing.domain.evidence import EVIDENCE_WORDS
from outreach.attendance.closing.queries import EvidenceRow, RecordRow, corrections_of_sessions, evidence_of, records_of
from outreach.attendance.costs.queries import CostRow, costs_of
from outreach.attendance.domain.headcounts import GROUPS
from outreach.attendance.opinions.domain.opinions import LEAST_FOR_STAFF, OpinionSummary, shown_from
from outreach.attendance.opinions.queries import opinions_of_sessions
from outreach.attendance.queries import CorrectionRow
from outreach.bookings.feedback.queries import RATABLE, ReviewRow
from outreach.events.domain.states import SESSION_WORDS
from outreach.events.queries import SessionRow
from outreach.papers.people import PersonLine
from outreach.papers.queries import (
    DayFigures,
    figures_of,
    organisation_names,
    reviews_of,
)
from outreach.papers.receipts import total_of
from outreach.shared.i18n import gettext as _
from outreach.shared.time import local_day
from outreach.web.wording import FILTERS
from outreach.web.workbooks import Cell, Digits, Sheet, workbook

__all__ = ["MOST_SESSIONS", "LedgerData", "ledger_data", "ledger_xlsx"]

#: More than any programme of a city has in a year.
MOST_SESSIONS = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerData:
    """Sessions with what is known of each, by the session's id."""

    sessions: Sequence[SessionRow]
    owners: dict[UUID, str]
    figures: dict[UUID, list[DayFigures]]
    reviews: dict[UUID, list[ReviewRow]]
    opinions: dict[UUID, OpinionSummary]
    costs: dict[UUID, list[CostRow]]
    evidence: dict[UUID, list[EvidenceRow]]
    records: dict[UUID, RecordRow]
    corrections: dict[UUID, list[CorrectionRow]]


async def ledger_data(sessions: Sequence[SessionRow]) -> LedgerData:
    """Everything that the ledger says of these sessions; eight statements whatever their number."""
    ids = [one.id for one in sessions]
    corrections: dict[UUID, list[CorrectionRow]] = {id_: [] for id_ in ids}
    for one in await corrections_of_sessions(ids):
        corrections[one.session_id].append(one)
    return LedgerData(
        sessions=sessions,
        owners=await organisation_names([one.organisation_id for one in sessions]),
        figures=await figures_of(ids),
        reviews=await reviews_of(ids),
        opinions=await opinions_of_sessions(ids),
        costs=await costs_of(ids),
        evidence=await evidence_of(ids),
        records=await records_of(ids),
        corrections=corrections,
    )


async def ledger_xlsx(
    data: LedgerData, *, title: str, made_on: date, people: Sequence[PersonLine] | None = None, left_out: int = 0
) -> bytes:
    """The workbook; ``people``: a sheet with names, for the ledger of one session. Made beside the event loop."""
    sheets = [
        Sheet(_("台账"), _head(), [_row(number, one, data) for number, one in enumerate(data.sessions, 1)], True),
        Sheet(_("材料清单"), _evidence_head(), _evidence_rows(data), True),
        Sheet(_("更正记录"), _correction_head(), _correction_rows(data), True),
    ]
    if people is not None:
        sheets.append(Sheet(_("参加人员"), _people_head(), _people_rows(people, left_out), True))
    return await workbook(sheets, title=title, made_on=made_on)


def _head() -> list[str]:
    return [
        _("序号"), _("日期"), _("时间"), _("活动"), _("类型"), _("主办单位"), _("承办单位"), _("协办单位"), _("地点"),
        _("区县"), _("讲师、团队"), _("状态"), _("人次"), _("其中职工"), *(_(words) for words in GROUPS.values()),
        _("是否估算"), _("签到人数"), _("单位评分"), _("参加人评分"), _("参加人评价数"), _("费用（元）"),
        *(_(words) for words in EVIDENCE_WORDS.values()), _("情况说明"), _("没有材料的原因"), _("更正"),
    ]  # fmt: skip


def _row(number: int, session: SessionRow, data: LedgerData) -> list[Cell]:
    days = data.figures[session.id] if session.state in RATABLE else []
    total = total_of(days)
    reviews = data.reviews[session.id]
    opinions = data.opinions.get(session.id)
    shown = shown_from(opinions, LEAST_FOR_STAFF) if opinions else None
    record = data.records.get(session.id)
    costs = data.costs[session.id]
    kinds = [one.kind for one in data.evidence[session.id]]
    hosts = [*([session.host_name] if session.host_name else []), *_named(session, "organiser")]
    return [
        number,
        local_day(session.starts_at),
        FILTERS["time_range"](session.starts_at, session.ends_at),
        session.title,
        session.kind,
        _joined(_named(session, "host")) or data.owners.get(session.organisation_id, ""),
        _joined(dict.fromkeys(hosts)),
        _joined(_named(session, "support")),
        session.place or None,
        session.district or None,
        _joined(session.provider_names),
        _(SESSION_WORDS[session.state]),
        total.total if total else None,
        total.workers if total else None,
        *(total.groups.get(key) if total else None for key in GROUPS),
        None if total is None else (_("是") if total.estimated else _("否")),
        total.named if total else None,
        _mean([(one.lecturer + one.content + one.organising) / 3 for one in reviews]),
        round(shown.mean, 2) if shown and shown.mean is not None else None,
        shown.answers if shown else None,
        sum(one.amount_fen for one in costs) / 100 if costs else None,
        *(kinds.count(kind) for kind in EVIDENCE_WORDS),
        record.remarks or None if record else None,
        record.missing_reason or None if record else None,
        "\n".join(_correction_text(one) for one in data.corrections[session.id]) or None,
    ]


def _named(session: SessionRow, part: str) -> list[str]:
    pairs = zip(session.organiser_parts, session.organiser_names, strict=True)
    return [name for its, name in pairs if its == part]


def _joined(words: Sequence[str] | dict[str, None]) -> str | None:
    return FILTERS["joined"](words) or None


def _mean(marks: Sequence[float]) -> float | None:
    return round(sum(marks) / len(marks), 2) if marks else None


def _evidence_head() -> list[str]:
    return [
        _("序号"), _("日期"), _("活动"), _("种类"), _("文件名"), _("大小（字节）"), _("SHA-256"), _("交来的单位"),
        _("交来时间"), _("说明"),
    ]  # fmt: skip


def _evidence_rows(data: LedgerData) -> list[list[Cell]]:
    pairs = [(session, one) for session in data.sessions for one in data.evidence[session.id]]
    return [
        [
            number,
            local_day(session.starts_at),
            session.title,
            _(EVIDENCE_WORDS[one.kind]),
            one.name or None,
            one.size_bytes,
            Digits(one.digest),
            one.organisation_name or data.owners.get(session.organisation_id, ""),
            one.created_at,
            one.note or None,
        ]
        for number, (session, one) in enumerate(pairs, 1)
    ]


def _correction_head() -> list[str]:
    return [
        _("序号"), _("日期"), _("活动"), _("更正的数"), _("哪一天"), _("原来"), _("改为"), _("原因"), _("谁更正"),
        _("更正时间"),
    ]  # fmt: skip


def _correction_rows(data: LedgerData) -> list[list[Cell]]:
    pairs = [(session, one) for session in data.sessions for one in data.corrections[session.id]]
    return [
        [
            number,
            local_day(session.starts_at),
            session.title,
            _field_words(one.field),
            one.on,
            one.old_value,
            one.new_value,
            one.reason,
            one.corrected_by_name or None,
            one.corrected_at,
        ]
        for number, (session, one) in enumerate(pairs, 1)
    ]


def _field_words(field: str) -> str:
    if field.startswith("breakdown."):
        return _(GROUPS.get(field.removeprefix("breakdown."), field))
    return {"total": _("总人次"), "workers": _("其中职工")}.get(field, field)


def _correction_text(one: CorrectionRow) -> str:
    facts = {
        "what": _field_words(one.field),
        "old": _("没有报") if one.old_value is None else one.old_value,
        "new": _("没有报") if one.new_value is None else one.new_value,
        "why": one.reason,
    }
    return _("%(what)s由%(old)s改为%(new)s：%(why)s") % facts


def _people_head() -> list[str]:
    return [_("序号"), _("日期"), _("姓名"), _("单位"), _("号码后四位"), _("名单上"), _("到场"), _("签到时间")]


def _people_rows(people: Sequence[PersonLine], left_out: int) -> list[list[Cell]]:
    yes = _("是")
    rows: list[list[Cell]] = [
        [
            number,
            one.on,
            one.name or _("姓名已按规定清除"),
            one.unit_name or None,
            Digits(one.tail) if one.tail else None,
            yes if one.expected else None,
            yes if one.present else None,
            one.checked_in_at,
        ]
        for number, one in enumerate(people, 1)
    ]
    if left_out:
        more = _("还有%(count)s人没有列出") % {"count": f"{left_out:,}"}
        rows.append([None, None, more, None, None, None, None, None])
    return rows
