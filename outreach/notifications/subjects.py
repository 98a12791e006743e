"""What stands in a message's subject line: what happened, and what it is about. Chinese source strings."""

from collections.abc import Mapping
from typing import Any

from outreach.notifications.wording import message_text, moment_of
from outreach.shared.i18n import gettext as _
from outreach.shared.i18n import language, phrase
from outreach.web.wording import moment_text

__all__ = ["SUBJECTS", "subject_of"]

#: Kind → what happened, in a few words.
SUBJECTS: dict[str, str] = {
    "booking-confirmed": phrase("预约已确认"),
    "booking-declined": phrase("预约没有通过"),
    "booking-cancelled": phrase("预约已取消"),
    "booking-received": phrase("收到预约，等待审核"),
    "session-moved": phrase("场次有变动"),
    "session-cancelled": phrase("场次已取消"),
    "session-claimed": phrase("场次已被领走"),
    "session-taken-over": phrase("改由别人主讲"),
    "booking-waitlisted": phrase("已排进候补"),
    "booking-promoted": phrase("候补到了，预约已确认"),
    "booking-promoted-pending": phrase("候补到了，等待审核"),
    "booking-offered": phrase("候补到了，请您确认"),
    "booking-offer-expired": phrase("候补名额没有及时确认"),
    "order-submitted": phrase("收到点单，等待审核"),
    "order-joined": phrase("邀您单位一起点单"),
    "order-endorsed": phrase("上级工会已同意点单"),
    "order-approved": phrase("点单已批准"),
    "order-declined": phrase("点单没有批准"),
    "order-withdrawn": phrase("点单已撤回"),
    "order-left": phrase("有单位退出点单"),
    "order-changed": phrase("点单有修改"),
    "order-assigned": phrase("已派单，等待答复"),
    "order-asked": phrase("请您答复是否接单"),
    "order-accepted": phrase("讲师或团队已接单"),
    "order-scheduled": phrase("点单已排定"),
    "order-refused": phrase("讲师或团队接不了，要另派"),
    "order-returned": phrase("点单正在重新安排"),
    "order-taken-back": phrase("派单已收回"),
    "order-window-taken": phrase("点单请另选时间"),
    "order-fulfilled": phrase("请您评单"),
    "order-reviewed": phrase("收到评单"),
    "session-reviewed": phrase("收到评价"),
    "headcount-asked": phrase("请报人次"),
    "closing-due": phrase("有场次还没有结项"),
    "headcount-reported": phrase("收到报来的人次"),
    "headcount-confirmed": phrase("人次已经确认"),
    "headcount-changed": phrase("登记的人次和您报的不一样"),
    "headcount-unused": phrase("报的人次没有登记"),
    "statistics-due": phrase("请填报统计表"),
    "statistics-returned": phrase("统计表被退回"),
    "materials-granted": phrase("物资分配已确定"),
    "materials-declined": phrase("这一轮没有分到物资"),
    "materials-cancelled": phrase("物资申报已取消"),
    "contact-request": phrase("收到联系人申请"),
    "session-soon": phrase("提醒，场次快到了"),
    "session-hosted-soon": phrase("提醒，您单位要办的场次快到了"),
    "duty-soon": phrase("提醒，您要去的场次快到了"),
    "order-waiting": phrase("有点单等了很久"),
    "weekly-summary": phrase("本周小结"),
    "hook-paused": phrase("对接已经暂停"),
    "address-asked": phrase("请确认邮箱"),
    "rain-date-used": phrase("因天气改到备用日"),
    "rain-date-released": phrase("备用日不再保留"),
}

_MOST = 120


def subject_of(kind: str, facts: Mapping[str, Any]) -> str:
    """``预约已确认：倒班职工的睡眠与情绪，9月24日14:00``; of a kind without words of its own, the sentence."""
    if kind not in SUBJECTS:
        return message_text(kind, facts)[:_MOST]
    said = _(SUBJECTS[kind])
    if title := str(facts.get("title") or ""):
        said = _("%(label)s：%(message)s") % {"label": said, "message": title}
        starts_at = moment_of(facts.get("starts_at"))
        if starts_at is not None:
            said = _("%(what)s，%(when)s") % {"what": said, "when": moment_text(starts_at, language())}
    return said[:_MOST]
