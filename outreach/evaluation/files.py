"""What leaves the house: the scorecard and the sessions as workbooks, the attendees under pseudonyms as text.

Every download of the evaluators' data writes a line into the journal: who took what, and how much of it.
"""

import csv
import io
from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from outreach.accounts.journal import note_within
from outreach.attendance.closing.domain.evidence import EVIDENCE_WORDS
from outreach.attendance.people import pseudonym_of
from outreach.counting.drawings import promise_of, status_text
from outreach.evaluation.domain.scores import Figure, Rank
from outreach.evaluation.domain.verdicts import DECISION_WORDS
from outreach.evaluation.scorecard import Owner, ProgrammeScore, Scorecard
from outreach.evaluation.sessions import EvaluatedSession
from outreach.evaluation.wording import EVIDENCE_ORDER, WAY_WORDS, change_text
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.i18n import gettext as _
from outreach.shared.time import day_bounds, year_bounds
from outreach.web.workbooks import Cell, Sheet, workbook

__all__ = ["attendees_csv", "note_export", "number_of_attendees", "scorecard_xlsx", "sessions_xlsx"]

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
#: Rows of one statement and one piece of the answer.
CHUNK = 2000


async def note_export(actor: Actor, now: datetime, owner: Owner, *, what: str, year: int, number: int) -> None:
    """Write down that somebody took ``number`` rows of the year."""
    async with db.atomic():
        await note_within(
            actor,
            now,
            "papers.exported",
            "organisation",
            owner.id,
            organisation_id=owner.id,
            facts={"what": what, "year": year, "rows": number},
        )


# --- the scorecard ---------------------------------------------------------------------------------------------------


async def scorecard_xlsx(card: Scorecard, *, with_notes: bool) -> bytes:
    """Two sheets: a row a programme with every figure and what it rests on, and a row a target.

    Args:
        with_notes: with what the organiser wrote to the verdict.
    """
    sheets = [
        Sheet(_("项目评分"), _score_head(), [_score_row(one, with_notes) for one in card.items]),
        Sheet(_("指标"), _target_head(), [row for one in card.items for row in _target_rows(one)]),
    ]
    return await workbook(sheets, title=_("项目评分"), made_on=card.as_of)


def _score_head() -> list[str]:
    return [
        _("序号"), _("项目"), _("场次"), _("登记了人次的场次"), _("人次"), _("其中职工"), _("实名人数"), _("场均人次"),
        _("预约到场率（%）"), _("到场率依据的预约"), _("座位使用率（%）"), _("参与度名次"),
        _("职工打分"), _("职工评价份数"), _("回收率（%）"), _("最想改"), _("满意度名次"),
        _("单位打分"), _("单位评价份数"), _("愿意再办（%）"), _("单位打分名次"),
        _("已花（元）"), _("预算（元）"), _("用了预算（%）"), _("登记了费用的场次"), _("每场（元）"), _("每人次（元）"),
        _("花费名次"),
        _("服务单位"), _("其中下级单位"), _("占下级单位（%）"), _("到了几个区"), _("占区（%）"), _("非公有（%）"),
        _("已知所有制的单位"), _("去年没有服务过的单位"), _("覆盖名次"), _("取舍"), _("取舍说明"),
    ]  # fmt: skip


def _score_row(one: ProgrammeScore, with_notes: bool) -> list[Cell]:
    part, said, cost, reach = one.card.participation, one.card.satisfaction, one.card.cost, one.card.reach
    place = {name: _place(one.ranks.get(name)) for name in ("participation", "satisfaction", "hosts", "cost", "reach")}
    verdict = one.verdict
    return [
        one.programme.position, one.programme.name, part.sessions, part.counted, part.visits, part.workers, part.people,
        _mean(part.visits_per_session), _percent(part.attendance), part.attendance.rests_on,
        _percent(part.seats_used), place["participation"],
        _mean(Figure(said.attendees.value, 0)), said.attendees.rests_on, _percent(said.answered), change_text(one),
        place["satisfaction"],
        _mean(Figure(said.hosts.value, 0)), said.hosts.rests_on, _percent(said.again), place["hosts"],
        cost.spent_fen / 100, None if cost.budget_fen is None else cost.budget_fen // 100, _percent(cost.of_budget),
        cost.costed, _yuan(cost.per_session), _yuan(cost.per_visit), place["cost"],
        part.units, reach.units_below, _percent(reach.of_units), reach.districts, _percent(reach.of_districts),
        _percent(reach.non_public), reach.non_public.rests_on, reach.new_units, place["reach"],
        _(DECISION_WORDS[verdict.decision]) if verdict else None,
        (verdict.note or None) if verdict and with_notes else None,
    ]  # fmt: skip


def _place(rank: Rank | None) -> int | None:
    return rank.place if rank else None


def _percent(figure: Figure) -> float | None:
    return None if figure.value is None else round(figure.value * 100, 1)


def _mean(figure: Figure) -> float | None:
    return None if figure.value is None else round(figure.value, 2)


def _yuan(figure: Figure) -> float | None:
    return None if figure.value is None else figure.value / 100


def _target_head() -> list[str]:
    return [_("项目"), _("指标"), _("承诺"), _("指标值"), _("已完成"), _("单位"), _("完成率（%）"), _("状态")]


def _target_rows(one: ProgrammeScore) -> list[list[Cell]]:
    return [
        [
            one.programme.name, target.label, promise_of(target), target.value, target.actual, target.unit,
            round(target.percent, 1), status_text(target.status),
        ]
        for target in one.targets
    ]  # fmt: skip


# --- sessions --------------------------------------------------------------------------------------------------------


async def sessions_xlsx(sessions: Sequence[EvaluatedSession], *, as_of: date) -> bytes:
    """A row a session, with every figure that evaluators read."""
    sheet = Sheet(_("场次"), _session_head(), [_session_row(one) for one in sessions], filtering=True)
    return await workbook([sheet], title=_("场次"), made_on=as_of)


def _session_head() -> list[str]:
    return [
        _("编号"), _("开始"), _("结束"), _("项目"), _("场次"), _("种类"), _("地区"), _("单位"), _("名额"), _("人次"),
        _("其中职工"), _("按姓名签到"), _("职工评价份数"), _("职工打分"), _("单位评价份数"), _("单位打分"),
        _("花费（元）"),
        _("每人次（元）"), *(_(EVIDENCE_WORDS[kind]) for kind in EVIDENCE_ORDER),
    ]  # fmt: skip


def _session_row(one: EvaluatedSession) -> list[Cell]:
    each = one.fen_per_visit
    return [
        str(one.id), one.starts_at, one.ends_at, one.programme_name, one.title, one.kind, one.district or None,
        one.unit or None, one.seats, one.visits, one.workers, one.check_ins, one.opinions.answers,
        _mean(Figure(one.opinions.mean, 0)), one.reviews, _mean(Figure(one.review_mark, 0)),
        None if one.cost_fen is None else one.cost_fen / 100, None if each is None else each / 100,
        *(one.evidence.get(kind, 0) for kind in EVIDENCE_ORDER),
    ]  # fmt: skip


# --- attendees -------------------------------------------------------------------------------------------------------

_OF_YEAR = """FROM attendance_attendee a JOIN events_session s ON s.id = a.session
          JOIN programmes_programme p ON p.id = s.programme
          LEFT JOIN accounts_organisation u ON u.id = a.organisation AND u.kind <> 'guest'
         WHERE p.organisation = $1 AND s.state IN ('held', 'closed') AND s.starts_at >= $2 AND s.starts_at < $3
           AND a.present AND a."on" <= $4"""


def _span(year: int, as_of: date) -> tuple[datetime, datetime, date]:
    first, last = year_bounds(year)
    return first, min(last, day_bounds(as_of, as_of)[1]), as_of


async def number_of_attendees(organisation_id: UUID, *, year: int, as_of: date) -> int:
    """How many rows the file will have."""
    return int(await db.value("SELECT count(*) " + _OF_YEAR, organisation_id, *_span(year, as_of)))


async def attendees_csv(organisation_id: UUID, key: bytes, *, year: int, as_of: date) -> AsyncIterator[bytes]:
    """Everybody who was there by name, under a pseudonym: a piece at a time, however many there are.

    Rows of a session stand in the order of the identities' hashes: the order of entry would be that of the sheet of
    paper, and tell who is who. UTF-8 with a mark, so that Excel reads the Chinese; texts are never formulas.

    Args:
        key: ``attendees.identity_key(settings)``; pseudonyms come from it.
    """
    head = [_("代号"), _("单位"), _("场次编号"), _("场次"), _("项目"), _("日期"), _("签到方式"), _("是否职工")]
    yield b"\xef\xbb\xbf" + _lines([head])
    after: tuple[Any, ...] = (None, None, "")
    while found := await _chunk(organisation_id, year, as_of, after):
        yield _lines([_attendee_row(one, key) for one in found])
        last = found[-1]
        after = (last["session"], last["on"], last["identity"])


async def _chunk(organisation_id: UUID, year: int, as_of: date, after: tuple[Any, ...]) -> list[Any]:
    return await db.rows(
        f"""SELECT a.session, a."on", a.identity, coalesce(u.name, '') AS unit, s.title, p.name AS programme,
                   a.came_by, a.is_worker
              {_OF_YEAR} AND ($5::uuid IS NULL OR (a.session, a."on", a.identity) > ($5, $6, $7))
             ORDER BY a.session, a."on", a.identity LIMIT $8""",
        organisation_id,
        *_span(year, as_of),
        *after,
        CHUNK,
    )


def _attendee_row(one: Any, key: bytes) -> list[str]:
    worker = {True: _("是"), False: _("否"), None: ""}[one["is_worker"]]
    return [
        pseudonym_of(key, one["identity"]), one["unit"], str(one["session"]), one["title"], one["programme"],
        one["on"].isoformat(), _(WAY_WORDS[one["came_by"]]), worker,
    ]  # fmt: skip


def _lines(rows: Sequence[Sequence[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([_harmless(cell) for cell in row] for row in rows)
    return out.getvalue().encode()


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell
