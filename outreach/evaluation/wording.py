"""How scores are said: each dimension as one figure and a few lines about it, in the language of the request.

Pages, prints and workbooks say the same words. What rests on too little is not said, and that is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from outreach.attendance.costs.domain.money import yuan_text
from outreach.attendance.opinions.domain.opinions import CHANGE_WORDS, QUESTIONS
from outreach.attendance.opinions.wording import to_change
from outreach.evaluation.domain.scores import Cost, Participation, Rank, Reach, Satisfaction
from outreach.evaluation.domain.verdicts import DECISION_WORDS
from outreach.evaluation.scorecard import ProgrammeScore, Scorecard
from outreach.evaluation.verdicts import VerdictRow
from outreach.shared.i18n import gettext as _
from outreach.shared.i18n import language, phrase
from outreach.web.wording import clauses, share, thousands

__all__ = [
    "DIMENSIONS",
    "EVIDENCE_ORDER",
    "WAY_WORDS",
    "Dimension",
    "change_text",
    "dimensions",
    "headline",
    "mark_text",
    "question_words",
    "rank_text",
    "scorecard_news",
    "verdict_text",
    "wishes_of",
]

#: The four dimensions as the notice on evaluation names them.
DIMENSIONS: dict[str, str] = {
    "participation": phrase("职工参与度"),
    "satisfaction": phrase("职工满意度"),
    "cost": phrase("资金使用效能"),
    "reach": phrase("社会影响力"),
}

#: How somebody was recorded.
WAY_WORDS: dict[str, str] = {
    "qr": phrase("扫码"),
    "code": phrase("签到码"),
    "list": phrase("点名"),
    "import": phrase("名单导入"),
    "api": phrase("其他系统"),
}

EVIDENCE_ORDER = ("photo", "sheet", "receipt", "other")


_NO_FIGURE = "—"


@dataclass(frozen=True, slots=True)
class Dimension:
    """One dimension of one programme: ``figure`` in ``unit`` (``—`` where there is none), lines below it, its place."""

    key: str
    name: str
    figure: str
    unit: str
    lines: tuple[str, ...]
    rank: str

    @property
    def known(self) -> bool:
        return self.figure != _NO_FIGURE


def mark_text(value: float) -> str:
    """``4.52``."""
    return f"{value:.2f}"


def rank_text(rank: Rank | None) -> str:
    """``第2，共6个``; empty without one."""
    return _("排第%(place)s（共%(of)s个）") % {"place": rank.place, "of": rank.of} if rank else ""


def change_text(one: ProgrammeScore) -> str | None:
    """What most attendees would change first, with how many of them; ``None`` without enough answers."""
    if one.change is None:
        return None
    return _("%(what)s（%(number)s份）") % {"what": _(CHANGE_WORDS[one.change[0]]), "number": thousands(one.change[1])}


def question_words() -> dict[str, str]:
    """What attendees are asked, by the names of the marks."""
    return {name: _(words) for name, words in QUESTIONS.items()}


def wishes_of(one: ProgrammeScore) -> list[tuple[str, int]]:
    """What attendees would change, most wanted first; none where too few have answered."""
    if one.opinions is None or one.card.satisfaction.attendees.value is None:
        return []
    return [(_(CHANGE_WORDS[code]), number) for code, number in to_change(one.opinions)]


def verdict_text(verdict: VerdictRow | None) -> str:
    """``调整``, or that nothing was decided yet."""
    return _(DECISION_WORDS[verdict.decision]) if verdict else _("还没定")


def dimensions(one: ProgrammeScore) -> tuple[Dimension, ...]:
    """The four dimensions of a programme; none where it has no sessions yet."""
    card, ranks = one.card, one.ranks
    if not card.participation.sessions:
        return ()
    satisfaction, cost = card.satisfaction, card.cost
    mark, each = satisfaction.attendees.value, cost.per_visit.value
    return (
        Dimension(
            "participation",
            _(DIMENSIONS["participation"]),
            thousands(card.participation.visits),
            _("人次"),
            tuple(_participation_lines(card.participation)),
            rank_text(ranks.get("participation")),
        ),
        Dimension(
            "satisfaction",
            _(DIMENSIONS["satisfaction"]),
            _NO_FIGURE if mark is None else mark_text(mark),
            _("分"),
            tuple(_satisfaction_lines(satisfaction, change_text(one), ranks.get("hosts"))),
            rank_text(ranks.get("satisfaction")),
        ),
        Dimension(
            "cost",
            _(DIMENSIONS["cost"]),
            _NO_FIGURE if each is None else yuan_text(int(each)),
            _("元/人次"),
            tuple(_cost_lines(cost, card.participation.sessions)),
            rank_text(ranks.get("cost")),
        ),
        Dimension(
            "reach",
            _(DIMENSIONS["reach"]),
            thousands(card.reach.units_below),
            _("个下级单位"),
            tuple(_reach_lines(card.reach, card.participation.units)),
            rank_text(ranks.get("reach")),
        ),
    )


def _participation_lines(given: Participation) -> Iterator[str]:
    each = given.visits_per_session.value
    if each is None:
        yield _("%(sessions)s场，人次都没有登记") % {"sessions": thousands(given.sessions)}
    else:
        facts = {"sessions": thousands(given.sessions), "each": thousands(round(each))}
        yield _("%(sessions)s场，场均%(each)s人次") % facts
    if 0 < given.counted < given.sessions:
        yield _("其中%(number)s场登记了人次") % {"number": thousands(given.counted)}
    if given.workers is not None:
        yield _("其中职工%(workers)s人次") % {"workers": thousands(given.workers)}
    if given.people:
        yield _("实名%(people)s人") % {"people": thousands(given.people)}
    came = given.attendance
    if came.value is not None:
        facts = {"share": share(came.value, language()), "number": thousands(came.rests_on)}
        yield _("预约到场%(share)s（%(number)s个预约）") % facts
    elif came.rests_on:
        yield _("预约不足%(least)s个，到场率不评") % {"least": came.least}
    if given.seats_used.value is not None:
        facts = {"share": share(given.seats_used.value, language()), "seats": thousands(given.seats_used.rests_on)}
        yield _("座位用了%(share)s（%(seats)s个座位）") % facts


def _satisfaction_lines(given: Satisfaction, change: str | None, hosts: Rank | None) -> Iterator[str]:
    said = given.attendees
    if said.value is None:
        yield _("职工评价%(number)s份，不足%(least)s份不评") % {"number": said.rests_on, "least": said.least}
    elif given.answered.value is not None:
        facts = {"number": thousands(said.rests_on), "share": share(given.answered.value, language())}
        yield _("职工评价%(number)s份，回收率%(share)s") % facts
    else:
        yield _("职工评价%(number)s份") % {"number": thousands(said.rests_on)}
    if change:
        yield _("最想改：%(what)s") % {"what": change}
    marks = given.hosts
    if marks.value is None or given.again.value is None:
        yield _("单位评价%(number)s份，不足%(least)s份不评") % {"number": marks.rests_on, "least": marks.least}
        return
    facts = {"mark": mark_text(marks.value), "number": thousands(marks.rests_on)}
    yield clauses([_("单位打分%(mark)s（%(number)s份）") % facts, rank_text(hosts)], language())
    yield _("愿意再办%(share)s") % {"share": share(given.again.value, language())}


def _cost_lines(given: Cost, sessions: int) -> Iterator[str]:
    if not given.costed:
        yield _("还没有登记费用")
    else:
        yield _("已花%(yuan)s元") % {"yuan": yuan_text(given.spent_fen)}
    if given.budget_fen is None:
        yield _("没有填预算")
    elif given.of_budget.value is not None:
        facts = {"yuan": yuan_text(given.budget_fen), "share": share(given.of_budget.value, language())}
        yield _("预算%(yuan)s元，用了%(share)s") % facts
    if given.per_session.value is not None:
        yield _("每场%(yuan)s元") % {"yuan": yuan_text(int(given.per_session.value))}
    if given.costed and given.costed < sessions:
        facts = {"sessions": thousands(sessions), "number": thousands(given.costed)}
        yield _("%(sessions)s场里%(number)s场登记了费用") % facts


def _reach_lines(given: Reach, units: int) -> Iterator[str]:
    if given.of_units.value is not None:
        facts = {"units": thousands(given.of_units.rests_on), "share": share(given.of_units.value, language())}
        yield _("下级共%(units)s个，占%(share)s") % facts
    if units > given.units_below:
        yield _("连同其他单位共%(units)s个") % {"units": thousands(units)}
    if given.of_districts.rests_on:
        yield _("到了%(number)s个区（共%(of)s个）") % {"number": given.districts, "of": given.of_districts.rests_on}
    if given.non_public.value is not None:
        facts = {"share": share(given.non_public.value, language()), "number": thousands(given.non_public.rests_on)}
        yield _("非公有占%(share)s（已知所有制的%(number)s个）") % facts
    if given.new_units is not None:
        yield _("去年没有服务过的%(number)s个") % {"number": thousands(given.new_units)}


def headline(one: ProgrammeScore) -> str:
    """The sentence over one programme's scores."""
    given = one.card
    if not given.participation.sessions:
        return _("还没有办过的场次，只能看指标。")
    parts = [
        _("办了%(sessions)s场，%(visits)s人次")
        % {"sessions": thousands(given.participation.sessions), "visits": thousands(given.participation.visits)}
    ]
    if given.satisfaction.attendees.value is not None:
        parts.append(_("职工打%(mark)s分") % {"mark": mark_text(given.satisfaction.attendees.value)})
    if given.cost.per_visit.value is not None:
        parts.append(_("每人次%(yuan)s元") % {"yuan": yuan_text(int(given.cost.per_visit.value))})
    parts.append(_("到了%(units)s个单位") % {"units": thousands(given.participation.units)})
    return _("%(sentence)s。") % {"sentence": clauses(parts, language())}


def scorecard_news(card: Scorecard) -> str:
    """The sentence over all of them: how much there was, the worst in satisfaction and cost, and what is undecided."""
    parts = [
        _("%(programmes)s个项目办了%(sessions)s场，%(visits)s人次。")
        % {
            "programmes": len(card.items),
            "sessions": thousands(sum(one.card.participation.sessions for one in card.items)),
            "visits": thousands(sum(one.card.participation.visits for one in card.items)),
        }
    ]
    last = _last(card.items, "satisfaction")
    mark = last.card.satisfaction.attendees if last else None
    if last and mark and mark.value is not None:
        facts = {"name": last.programme.short_name, "mark": mark_text(mark.value), "number": thousands(mark.rests_on)}
        parts.append(_("职工打分最低的是“%(name)s”，%(mark)s分（%(number)s份）。") % facts)
    dearest = _last(card.items, "cost")
    if dearest and dearest.card.cost.per_visit.value is not None:
        yuan = yuan_text(int(dearest.card.cost.per_visit.value))
        parts.append(
            _("每人次花费最高的是“%(name)s”，%(yuan)s元。") % {"name": dearest.programme.short_name, "yuan": yuan}
        )
    undecided = sum(one.verdict is None for one in card.items)
    if undecided:
        parts.append(_("%(number)s个项目还没有定取舍。") % {"number": undecided})
    return ("" if language() == "zh" else " ").join(parts)


def _last(items: Sequence[ProgrammeScore], name: str) -> ProgrammeScore | None:
    """The one in the last place; ``None`` where nothing is placed."""
    placed = [one for one in items if name in one.ranks]
    return max(placed, key=lambda one: one.ranks[name].place, default=None)
