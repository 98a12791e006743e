"""What the refusals of bookings say."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from outreach.shared.i18n import gettext, phrase
from outreach.web.problems import ProblemPhrase
from outreach.web.wording import FILTERS

__all__ = ["FIELDS", "PROBLEMS", "why_closed"]

PROBLEMS: dict[str, ProblemPhrase] = {
    "session-full": ProblemPhrase(
        phrase("名额不够"),
        phrase("这场只剩{free}个名额。可改为{free}个以内，排候补，或改约同一内容的另一场。"),
        phrase(
            "这场剩下的名额比要的少，一个也没有约上。free 写明还剩几个。"
            "请减少人数再约，改约另一场，或带上 waitlist: true 排候补：有名额让出来时，按先后顺序给第一个放得下的单位，"
            "并通知您。"
        ),
    ),
    "booking-closed": ProblemPhrase(
        phrase("这场现在不能预约"),
        phrase("预约还没有开放、已经截止，或者这场不这样预约。请看场次页面上写的时间，或改约另一场。"),
        phrase(
            "why 写明原因：not-open-yet 还没开放（opens_at），over 已经截止（closed_at），"
            "opening-over 这次开放已经结束（closed_at），claimable 只能整场领走，"
            "not-claimable 不能整场领走，claimed 刚被别的单位领走，not-for-you 不对这个单位开放，"
            "其余是场次现在的状态（例如 cancelled 已取消）。请改约另一场，或联系主办单位。"
        ),
    ),
    "already-booked": ProblemPhrase(
        phrase("您单位已经约过这场"),
        phrase("一个单位一场只约一次。要增减人数，请到“我的”里改原来的预约。"),
        phrase("同一个单位对同一场只能有一个有效的预约。请修改原来的预约，或先取消它再约。"),
    ),
    "already-rated": ProblemPhrase(
        phrase("您单位已经评过这场"),
        phrase("一个单位一场只评一次。还有话要说，请直接告诉主办单位。"),
        phrase("同一个单位对同一场只能评价一次，第一次的评价保留。"),
    ),
    "not-held": ProblemPhrase(
        phrase("这场还不能评价"),
        phrase("主办单位登记这场已经办过以后才能评价。"),
        phrase("场次已举办（held）或已结项（closed）才能评价；state 是它现在的状态。"),
    ),
    "too-late": ProblemPhrase(
        phrase("现在来不及改了"),
        phrase("场次已经开始，或者过了可以减少人数的期限。实际来多少人，请告诉主办单位，由他们来改。"),
        phrase(
            "场次开始以后（started_at），预约只能由主办单位改；过了项目规定的期限（deadline_at），"
            "单位不能再减少人数，只能写明原因整个取消，或请主办单位来改。"
        ),
    ),
    "offer-expired": ProblemPhrase(
        phrase("这次递补已经过了答复的时间"),
        phrase("名额为您单位留过一段时间，已经转给下一个候补单位。您单位仍在候补名单里，再有名额会通知您。"),
        phrase(
            "候补单位得到名额以后要在期限内接受；expired_at 是期限。过期的名额转给下一个放得下的单位，"
            "这个预约回到候补名单，什么都没有改动。"
        ),
    ),
    "comes-from-order": ProblemPhrase(
        phrase("这场是您单位点的单"),
        phrase("整场是按点单排的，请到这张点单里撤回，并写明原因。"),
        phrase("由点单排定的场次，承办单位的预约不能单独取消。请撤回点单（order_id），或由主办单位取消场次。"),
    ),
}

FIELDS: dict[str, str] = {
    "phone-length": phrase("手机号要11位，现在是{length}位。"),
    "too-many-for-one": phrase("这场每个单位最多约{most}个，请改为{most}个以内。"),
    "seats-free": phrase("这场只剩{free}个名额。可改为{free}个以内，排候补，或改约另一场。"),
    "none-free": phrase("名额已经约满。可以排候补，或改约另一场。"),
    "seats-for-you": phrase("加上您单位现有的，最多{free}个。请改为{free}个以内。"),
    "approved-up-to": phrase("审核通过的是{most}个，只能减少。要增加，请联系主办单位。"),
    "organisation-dissolved": phrase("这个单位已经撤销或合并，请换一个单位。"),
    "audience-too-small": phrase("这个活动至少要{least}人。人数不够时，可以和邻近单位合在一起办。"),
    "audience-too-large": phrase("这个活动最多{most}人。人再多，请分成两场。"),
    "capacity-below-taken": phrase("已经约出{taken}个名额，不能少于{taken}个。要减少，请先和已预约的单位商量。"),
    "claimable-but-taken": phrase("已经有单位预约或承办，不能再整场领走。"),
    "host-has-booked": phrase("这场已经由承办单位领走或点单排定，不能换承办单位。请先取消它的预约或点单。"),
    "more-than-capacity": phrase("这场一共只有{most}个名额，等不到这么多。请改为{most}个以内，或分成两场。"),
    "offer-too-large": phrase("最多可以给这个单位{most}个，请填1到{most}。"),
    "place-in-queue": phrase("候补名单里现在有{most}个单位，请填1到{most}。"),
    "agree-first": phrase("勾选后才能提交。"),
    "reason-needed": phrase("请写明原因，对方会看到。"),
    "organisation-unclear": phrase("没有找到，或不止一个。请填单位编码或全称。"),
}

_WHY: dict[str, str] = {
    "not-open-yet": phrase("还没有开放预约，%(when)s开放。"),
    "over": phrase("预约已在%(when)s截止。可以改约另一场。"),
    "opening-over": phrase("这次开放预约已在%(when)s结束。可以改约另一场。"),
    "claimable": phrase("这场只能整场领走，不按名额预约。"),
    "not-claimable": phrase("这场按名额预约，不能整场领走。"),
    "claimed": phrase("刚刚被别的单位领走了。您填的内容还在，可以另选一场。"),
    "not-for-you": phrase("这场不对您单位开放。请看别的场次，或联系主办单位。"),
    "cancelled": phrase("这场已经取消，不能再约。"),
    "held": phrase("这场已经办过了。"),
    "closed": phrase("这场已经办过了。"),
    "draft": phrase("这场还没有发布，不能预约。"),
}


def why_closed(facts: Mapping[str, Any]) -> str:
    """One sentence for the ``why`` of a ``BookingClosedError``, in the locale of the request."""
    moment = facts.get("opens_at") or facts.get("closed_at")
    when = FILTERS["when_text"](datetime.fromisoformat(moment)) if moment else ""
    return gettext(_WHY.get(str(facts.get("why")), PROBLEMS["booking-closed"].detail)) % {"when": when}
