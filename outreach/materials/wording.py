"""Words of materials for pages and papers."""

from collections.abc import Mapping
from datetime import date

from outreach.materials.applications import ApplicationRow
from outreach.materials.domain.allocation import Applied, need_of
from outreach.materials.domain.states import APPLICATION_WORDS, ROUND_WORDS, ApplicationState, RoundState
from outreach.materials.queries import MovementRow, RoundRow
from outreach.shared.i18n import gettext as _
from outreach.shared.i18n import language, phrase
from outreach.web.wording import clauses, day_plain, thousands

__all__ = [
    "APPLICATION_MARKS",
    "MOVEMENT_WORDS",
    "ROUND_MARKS",
    "application_text",
    "movement_text",
    "next_step",
    "round_news",
    "round_steps",
    "round_text",
    "why_proposed",
]

#: Marks of states that the look knows, by shape and colour.
ROUND_MARKS: Mapping[RoundState, str] = {
    RoundState.APPLYING: "published",
    RoundState.GATHERED: "pending",
    RoundState.CONFIRMED: "confirmed",
    RoundState.HANDED_OUT: "closed",
    RoundState.CANCELLED: "cancelled",
}
APPLICATION_MARKS: Mapping[ApplicationState, str] = {
    ApplicationState.SUBMITTED: "pending",
    ApplicationState.WITHDRAWN: "withdrawn",
    ApplicationState.GRANTED: "confirmed",
    ApplicationState.DECLINED: "declined",
    ApplicationState.HANDED_OUT: "offered",
    ApplicationState.RECEIVED: "attended",
    ApplicationState.UNCOLLECTED: "no_show",
}

MOVEMENT_WORDS: Mapping[str, str] = {
    "receipt": phrase("入库"),
    "handout": phrase("发放"),
    "loss": phrase("损耗"),
    "correction": phrase("更正"),
}


def round_text(state: RoundState) -> str:
    """A round's state."""
    return _(ROUND_WORDS[state])


def application_text(state: ApplicationState) -> str:
    """An application's state."""
    return _(APPLICATION_WORDS[state])


def movement_text(row: MovementRow) -> str:
    """What changed the stock; of a correction, what it corrects."""
    if row.corrected_kind is None:
        return _(MOVEMENT_WORDS[row.kind])
    return _("更正%(what)s") % {"what": _(MOVEMENT_WORDS[row.corrected_kind])}


def why_proposed(one: ApplicationRow, hazard_percent: int) -> str:
    """What the rule went by: ``会员300人，有职业危害，按450人算；以前领过50``."""
    if one.proposed is None:
        return ""
    earlier = one.earlier or 0
    people = need_of(Applied(one.id, one.wanted, one.members, one.hazard, earlier), hazard_percent) / 100
    parts = [_("会员%(members)s人") % {"members": thousands(one.members, language())}]
    if one.hazard:
        parts.append(_("有职业危害"))
    if earlier:
        parts.append(_("以前领过%(earlier)s") % {"earlier": thousands(earlier, language())})
    if one.hazard or earlier:
        parts.append(_("按%(people)s人算") % {"people": thousands(round(people), language())})
    return clauses(parts, language())


def round_news(row: RoundRow, today: date) -> str:
    """The one sentence over a round's page."""
    facts = {
        "applications": row.applications,
        "wanted": thousands(row.wanted, language()),
        "granted": thousands(row.granted, language()),
        "handed": thousands(row.handed, language()),
        "left": thousands(row.granted - row.handed, language()),
        "quantity": thousands(row.quantity, language()),
        "unit": row.unit,
        "until": day_plain(row.apply_until, language()),
    }
    match row.state:
        case RoundState.APPLYING if today > row.apply_until:
            said = _("申报到%(until)s截止了，%(applications)s个单位要%(wanted)s%(unit)s，可以汇总。")
        case RoundState.APPLYING:
            said = _(
                "申报到%(until)s，已有%(applications)s个单位，要%(wanted)s%(unit)s，这一轮发%(quantity)s%(unit)s。"
            )
        case RoundState.GATHERED:
            said = _("%(applications)s个单位要%(wanted)s%(unit)s，现在分了%(granted)s%(unit)s，看过就可以确定。")
        case RoundState.CONFIRMED:
            said = _("确定了%(granted)s%(unit)s，已发%(handed)s%(unit)s，还有%(left)s%(unit)s没有发。")
        case RoundState.HANDED_OUT:
            said = _("发放完毕，一共发了%(handed)s%(unit)s。")
        case _:
            said = _("这一轮已经取消。")
    return said % facts


def round_steps(row: RoundRow) -> list[tuple[str, str | None, str]]:
    """申报 → 汇总 → 确定 → 发放, as far as it has come."""
    order = [RoundState.APPLYING, RoundState.GATHERED, RoundState.CONFIRMED, RoundState.HANDED_OUT]
    words = [_("申报"), _("汇总、分配"), _("确定、发放"), _("发放完毕")]
    if row.state not in order:
        return []
    at = order.index(row.state)
    last = len(order) - 1
    return [
        (word, None, "ok" if place < at or at == last else "now" if place == at else "")
        for place, word in enumerate(words)
    ]


def next_step(row: RoundRow, one: ApplicationRow, today: date) -> str:
    """Who acts next on a unit's application, and by when."""
    facts = {"until": day_plain(row.apply_until, language()), "owner": row.organisation_name, "unit": row.unit}
    if row.state is RoundState.CANCELLED:
        return _("这一轮取消了：%(reason)s") % {"reason": row.cancelled_reason}
    match one.state:
        case ApplicationState.SUBMITTED if row.state is RoundState.APPLYING and today <= row.apply_until:
            return _("%(until)s以前可以修改或撤回，截止后由%(owner)s分配。") % facts
        case ApplicationState.SUBMITTED:
            return _("%(owner)s正在汇总、分配，确定后会通知您。") % facts
        case ApplicationState.GRANTED:
            said = _("分到%(granted)s%(unit)s，请到%(owner)s领取，领的时候在签收表上签名。")
            return said % {**facts, "granted": thousands(one.granted or 0, language())}
        case ApplicationState.HANDED_OUT:
            said = _("已发给您%(handed)s%(unit)s，收到了请确认。")
            return said % {**facts, "handed": thousands(one.handed, language())}
        case ApplicationState.RECEIVED:
            return _("已签收%(handed)s%(unit)s。") % {**facts, "handed": thousands(one.handed, language())}
        case ApplicationState.DECLINED:
            return _("这一轮没有分到。%(reason)s") % {"reason": one.reason}
        case ApplicationState.UNCOLLECTED:
            return _("没有来领，已放回库存。需要的请联系%(owner)s。") % facts
        case _:
            return _("已撤回，截止以前可以再报。")
