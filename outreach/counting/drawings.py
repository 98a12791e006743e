"""Figures as the charts and tables of pages and documents take them, in the language of the request."""

from dataclasses import dataclass
from urllib.parse import urlencode

from outreach.counting.figures import BurnUp, ProgrammeProgress, TargetProgress
from outreach.programmes.domain.targets import Bound, Status, least_value, limits
from outreach.programmes.wording import promise_words
from outreach.shared.i18n import gettext as _
from outreach.shared.i18n import language, pgettext, phrase
from outreach.web.charts import BulletData, BurnUpData, ForecastPoint, Point, burn_up_sentence
from outreach.web.wording import progress_sentence, thousands

__all__ = [
    "STATUS_WORDS",
    "ProgrammeLine",
    "TargetLine",
    "bullet_data",
    "burn_up_data",
    "programme_lines",
    "promise_of",
    "sources_href",
    "status_text",
    "target_line",
]

STATUS_WORDS: dict[Status, str] = {
    Status.MET: "已完成",
    Status.ON_TRACK: phrase("按序时"),
    Status.AT_RISK: phrase("有风险"),
    Status.BEHIND: phrase("慢于序时"),
}


def status_text(status: Status) -> str:
    """``按序时``. The Chinese of ``MET`` also heads the column of what is done; in English these are two words."""
    return pgettext("status", "已完成") if status is Status.MET else _(STATUS_WORDS[status])


@dataclass(frozen=True, slots=True)
class TargetLine:
    """One row of the table of targets; the forecast is ``None`` where it says nothing new or is ``too_early``. ``href``
    leads to what stands behind the figure."""

    label: str
    wording: str
    unit: str
    actual: float
    bar: BulletData
    forecast: float | None
    forecast_low: float | None
    forecast_high: float | None
    status: Status
    href: str | None = None
    too_early: bool = False


@dataclass(frozen=True, slots=True)
class ProgrammeLine:
    """One programme of the table of targets; ``words`` stand where it has no figures."""

    number: int
    name: str
    href: str | None
    words: str
    targets: tuple[TargetLine, ...]


def promise_of(target: TargetProgress) -> str:
    """``超过150场次``: the promise in few words."""
    return promise_words(target.wording, target.bound, target.value, target.unit)


def _forecast_is_news(target: TargetProgress) -> bool:
    return not target.too_early and target.status is not Status.MET and target.forecast_high > target.actual


def bullet_data(programme_name: str, target: TargetProgress) -> BulletData:
    """The bar of one target; pace and forecast are left out once it is met."""
    open_ = target.status is not Status.MET
    low, high = limits(target.value, target.tolerance_percent or 0) if target.bound is Bound.ABOUT else (None, None)
    news = _forecast_is_news(target)
    return BulletData(
        label=progress_sentence(
            f"{programme_name} {target.label}" if language() == "en" else f"{programme_name}{target.label}",
            target.actual,
            target.unit,
            promise_of(target),
            planned=target.planned,
            pace=target.pace if open_ else None,
            forecast=(target.forecast_low, target.forecast, target.forecast_high) if news else None,
            status=status_text(target.status),
            locale=language(),
        ),
        actual=target.actual,
        goal=target.value,
        planned=target.planned,
        pace=target.pace if open_ else None,
        low_limit=low,
        high_limit=high,
        forecast=target.forecast if news else None,
        forecast_low=target.forecast_low if news else None,
        forecast_high=target.forecast_high if news else None,
    )


def target_line(programme_name: str, target: TargetProgress, href: str | None = None) -> TargetLine:
    """One row of the table of targets."""
    news = _forecast_is_news(target)
    return TargetLine(
        label=target.label,
        wording=promise_of(target),
        unit=target.unit,
        actual=target.actual,
        bar=bullet_data(programme_name, target),
        forecast=target.forecast if news else None,
        forecast_low=target.forecast_low if news else None,
        forecast_high=target.forecast_high if news else None,
        status=target.status,
        href=href,
        too_early=target.too_early and target.status is not Status.MET,
    )


def sources_href(progress: ProgrammeProgress, target: TargetProgress, part: str = "") -> str:
    """The list behind a figure, on the desk; ``part``: the organisation, by id, whose part it is of."""
    asked = urlencode({"as_of": progress.as_of.isoformat(), **({"organisation": part} if part else {})})
    return f"/desk/programmes/{target.programme_id}/targets/{target.id}/sources?{asked}"


def programme_lines(
    programmes: tuple[ProgrammeProgress, ...], *, links: bool = True, sources: bool | None = None, part: str = ""
) -> list[ProgrammeLine]:
    """The rows of ``targets_table``; ``links`` lead to the programme's own page on the desk, and ``sources`` from each
    figure to the list behind it (as ``links`` where nothing is said)."""
    owner = programmes[0].programme.organisation_id if programmes else None
    to_sources = links if sources is None else sources
    return [
        ProgrammeLine(
            number=one.programme.position,
            name=one.programme.name
            if one.programme.organisation_id == owner
            else _("%(programme)s（%(organisation)s）")
            % {"programme": one.programme.name, "organisation": one.programme.organisation_name},
            href=f"/desk/programmes/{one.programme.id}" if links else None,
            words=one.programme.account or _("没有数字指标，以文字报完成情况。"),
            targets=tuple(
                target_line(one.programme.name, target, sources_href(one, target, part) if to_sources else None)
                for target in one.targets
            ),
        )
        for one in programmes
    ]


def _goal_label(target: TargetProgress) -> str:
    promise = promise_of(target)
    if target.bound is not Bound.ABOUT:
        return promise
    low = limits(target.value, target.tolerance_percent or 0)[0]
    return _("%(promise)s，下限%(low)s") % {"promise": promise, "low": thousands(low)}


def burn_up_data(burn_up: BurnUp) -> BurnUpData:
    """The curves of one target; the target line of 左右 is its lower limit."""
    target = burn_up.target
    data = BurnUpData(
        label="",
        year=burn_up.year,
        actual=tuple(Point(point.on, point.value) for point in burn_up.actual),
        plan=tuple(Point(point.on, point.value) for point in burn_up.plan),
        forecast=()
        if target.too_early
        else tuple(ForecastPoint(point.on, point.low, point.middle, point.high) for point in burn_up.forecast),
        goal=least_value(target.bound, target.value, target.tolerance_percent),
        goal_label=_goal_label(target),
        unit=target.unit,
        today=burn_up.as_of if burn_up.as_of.year == burn_up.year else None,
    )
    name = f"{burn_up.programme.short_name}{'' if language() == 'zh' else ' '}{target.label}"
    return BurnUpData(
        label=burn_up_sentence(name, data, _goal_label(target), language()),
        year=data.year,
        actual=data.actual,
        plan=data.plan,
        forecast=data.forecast,
        goal=data.goal,
        goal_label=data.goal_label,
        unit=data.unit,
        today=data.today,
    )
