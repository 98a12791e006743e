"""Words of accounts for pages: roles, devices, lines of the journal."""

import re

from outreach.accounts.domain.organisations import KIND_NAMES, OWNERSHIP_NAMES, OrganisationKind, Ownership
from outreach.shared.actors import Role
from outreach.shared.i18n import gettext, language, phrase
from outreach.web.wording import clauses

__all__ = [
    "action_text",
    "device_of",
    "device_text",
    "field_text",
    "kind_options",
    "kind_text",
    "object_kinds",
    "ownership_options",
    "role_options",
    "role_text",
    "state_text",
]

ROLE_NAMES: dict[Role, str] = {
    Role.ADMINISTRATOR: phrase("管理员"),
    Role.ORGANISER: phrase("组织者"),
    Role.CONTACT: phrase("联系人"),
    Role.PROVIDER: phrase("讲师或团队"),
    Role.EVALUATOR: phrase("评估人"),
}

_OBJECTS: dict[str, str] = {
    "organisation": phrase("组织"),
    "person": phrase("人员"),
    "role": phrase("角色"),
    "password": phrase("密码"),
    "api_token": phrase("接口令牌"),
    "programme": phrase("项目"),
    "target": phrase("指标"),
    "tally": phrase("补充填报"),
    "holiday": phrase("节假日"),
    "event": phrase("菜单项"),
    "provider": phrase("讲师团队"),
    "venue": phrase("场地"),
    "session": phrase("场次"),
    "booking": phrase("预约"),
    "order": phrase("点单"),
    "opening": phrase("开放预约"),
    "headcount": phrase("人次"),
    "attendance": phrase("出席"),
    "evidence": phrase("材料"),
    "cost": phrase("费用"),
    "outside_service": phrase("系统外服务"),
    "statistics": phrase("统计表"),
    "statistics_form": phrase("表样"),
    "report": phrase("报告"),
    "snapshot": phrase("定稿"),
    "year": phrase("年度"),
    "hook": phrase("推送地址"),
    "message": phrase("消息"),
    "delivery": phrase("消息投递"),
    "wording": phrase("消息用语"),
}

#: Where the parts alone would say it badly.
_WHOLE: dict[str, str] = {
    "login.started": phrase("登录"),
    "login.ended": phrase("退出登录"),
    "login.revoked": phrase("让另一个浏览器退出"),
    "entry_code.issued": phrase("发登录码"),
    "entry_code.used": phrase("用登录码设密码"),
    "organisation.moved": phrase("换上级"),
    "role.granted": phrase("加上角色"),
    "holiday.set": phrase("设节假日"),
    "holidays.seeded": phrase("载入节假日"),
    "booking.claimed": phrase("领走场次"),
    "booking.queued": phrase("排候补"),
    "booking.promoted": phrase("候补到了"),
    "booking.skipped": phrase("候补被跳过：人数多于空出的名额"),
    "booking.offered": phrase("给出候补名额"),
    "booking.offer_taken": phrase("接受候补名额"),
    "booking.offer_refused": phrase("放弃候补名额"),
    "booking.offer_expired": phrase("候补名额过期"),
    "booking.queue_moved": phrase("调整候补次序"),
    "order.endorsed": phrase("上级同意点单"),
    "order.approved": phrase("批准点单"),
    "order.declined": phrase("不批准点单"),
    "order.withdrawn": phrase("撤回点单"),
    "order.left": phrase("退出拼场"),
    "order.assigned": phrase("派单"),
    "order.accepted": phrase("接单"),
    "order.refused": phrase("不接单"),
    "order.taken_back": phrase("收回派单"),
    "order.substituted": phrase("换讲师团队"),
    "order.returned": phrase("点单退回重新安排"),
    "order.fulfilled": phrase("点单办完"),
    "order.reviewed": phrase("评单"),
    "order.scan_attached": phrase("上传申请表"),
    "order.rain_date_used": phrase("改到备用日"),
    "order.rain_date_released": phrase("放开备用日"),
    "session.door_opened": phrase("开放签到"),
    "session.door_changed": phrase("改签到设置"),
    "roster.stored": phrase("导入名单"),
    "attendance.present": phrase("记一人到场"),
    "attendance.expected": phrase("加一人到名单"),
    "attendance.undone": phrase("撤销一人签到"),
    "session.reviewed": phrase("收到评价"),
    "headcount.reported": phrase("单位报人次"),
    "headcount.report_confirmed": phrase("确认单位报的人次"),
    "headcount.report_replaced": phrase("没有采用单位报的人次"),
    "session.remarked": phrase("写情况说明"),
    "evidence.added": phrase("交材料"),
    "coverage.goal_set": phrase("定覆盖率目标"),
    "coverage.goal_removed": phrase("删去覆盖率目标"),
    "verdict.given": phrase("定项目取舍"),
    "papers.exported": phrase("下载台账或材料"),
    "certificate.issued": phrase("开学时证明"),
    "names.erased": phrase("按规定清除姓名"),
    "report.written": phrase("写问题与来年安排"),
    "report.fixed": phrase("报告定稿"),
    "report.withdrawn": phrase("撤回定稿"),
    "year.closed": phrase("年度结账"),
    "year.reopened": phrase("重开年度"),
    "year.copied": phrase("复制到来年"),
    "statistics.opened": phrase("布置统计表"),
    "statistics.opened_below": phrase("统计表布置给下级"),
    "statistics.changed": phrase("填统计表"),
    "statistics.submitted": phrase("报送统计表"),
    "statistics.returned": phrase("退回统计表"),
    "statistics.locked": phrase("锁定统计表"),
    "statistics.corrected": phrase("更正统计表"),
    "statistics.reminded": phrase("提醒填报统计表"),
    "statistics.form_stored": phrase("存入表样"),
    "delivery.dropped": phrase("不再发送一条消息"),
    "delivery.sent_again": phrase("再发一次消息"),
    "hook.created": phrase("加推送地址"),
    "hook.changed": phrase("改推送地址"),
    "hook.paused": phrase("停用推送地址"),
    "hook.resumed": phrase("恢复推送地址"),
    "hook.replayed": phrase("再推送一次"),
    "hook.secret_renewed": phrase("换推送密钥"),
    "message.told": phrase("登记已通知"),
    "message.not_told": phrase("撤销已通知"),
    "person.address_confirmed": phrase("确认邮箱"),
    "person.address_given": phrase("登记邮箱"),
    "person.address_removed": phrase("删去邮箱"),
    "person.messages_chosen": phrase("改消息方式"),
    "person.topic_left": phrase("退订一类消息"),
    "private_feed.made": phrase("生成个人日历地址"),
    "private_feed.revoked": phrase("停用个人日历地址"),
    "wording.changed": phrase("改消息用语"),
    "wording.reset": phrase("消息用语恢复原样"),
    "travel-time.set": phrase("设路程"),
    "travel-time.removed": phrase("删去路程"),
    "provider.absence-added": phrase("记请假"),
    "provider.absence-removed": phrase("删去请假"),
}

_DEEDS: dict[str, str] = {
    "created": phrase("新建"),
    "added": phrase("新建"),
    "drafted": phrase("起草"),
    "changed": phrase("修改"),
    "moved": phrase("改期"),
    "removed": phrase("删去"),
    "deleted": phrase("删去"),
    "ended": phrase("结束"),
    "revoked": phrase("撤销"),
    "loaded": phrase("导入"),
    "released": phrase("公布"),
    "published": phrase("发布"),
    "cancelled": phrase("取消"),
    "claimed": phrase("领走"),
    "held": phrase("办完"),
    "closed": phrase("结项"),
    "recorded": phrase("登记"),
    "corrected": phrase("更正"),
    "confirmed": phrase("确认"),
    "declined": phrase("拒绝"),
    "submitted": phrase("提交"),
    "made": phrase("提交"),
    "received": phrase("收到"),
}

_STATES: dict[str, str] = {
    "active": phrase("在用"),
    "disabled": phrase("停用"),
    "draft": phrase("草稿"),
    "published": phrase("已发布"),
    "held": phrase("已举办"),
    "closed": phrase("已结项"),
    "cancelled": phrase("已取消"),
    "pending": phrase("待审核"),
    "confirmed": phrase("已确认"),
    "waitlisted": phrase("候补"),
    "offered": phrase("等对方确认"),
    "declined": phrase("已拒绝"),
    "attended": phrase("已参加"),
    "no_show": phrase("未到"),
    "submitted": phrase("已提交"),
    "endorsed": phrase("上级已同意"),
    "approved": phrase("已批准"),
    "assigned": phrase("已派单"),
    "scheduled": phrase("已排定"),
    "fulfilled": phrase("已举办"),
    "reviewed": phrase("已评单"),
    "withdrawn": phrase("已撤回"),
    "open": phrase("待填报"),
    "returned": phrase("退回重填"),
    "locked": phrase("已锁定"),
    "keep": phrase("保留"),
    "change": phrase("调整"),
    "drop": phrase("取消项目"),
    "year-open": phrase("未结账"),
    "year-closed": phrase("已结账"),
    **{role.value: words for role, words in ROLE_NAMES.items()},
}

_FIELDS: dict[str, str] = {
    "name": phrase("名称"),
    "code": phrase("编码"),
    "kind": phrase("类别"),
    "parent_id": phrase("上级组织"),
    "district": phrase("区县"),
    "ownership": phrase("所有制"),
    "industry": phrase("行业"),
    "member_count": phrase("会员数"),
    "member_count_on": phrase("会员数统计日期"),
    "women_count": phrase("女职工数"),
    "closed_on": phrase("撤销或合并日期"),
    "login_name": phrase("登录名"),
    "phone": phrase("手机"),
    "locale": phrase("语言"),
    "disabled_at": phrase("停用"),
    # of sessions, bookings and orders
    "title": phrase("标题"),
    "starts_at": phrase("开始"),
    "ends_at": phrase("结束"),
    "provider_ids": phrase("讲师、团队"),
    "venue_id": phrase("场地"),
    "host_id": phrase("在哪个单位办"),
    "address": phrase("地址"),
    "multi_day": phrase("连续几天的展览"),
    "setup_minutes": phrase("布置时间"),
    "takedown_minutes": phrase("撤场时间"),
    "capacity": phrase("名额"),
    "seats": phrase("名额"),
    "claimable": phrase("整场可领"),
    "visibility": phrase("谁能看到"),
    "approval_needed": phrase("预约要审核"),
    "booking_opens_at": phrase("开放预约"),
    "booking_closes_at": phrase("预约截止"),
    "max_seats_per_booking": phrase("每个单位最多"),
    "note": phrase("备注"),
    "organisers": phrase("主办、承办、协办"),
    "contact_name": phrase("联系人"),
    "contact_phone": phrase("手机"),
    "windows": phrase("时间"),
    "audience": phrase("人数"),
    "site_lacks": phrase("场地缺什么"),
    "joined_by": phrase("一起办的单位"),
    "agrees_public": phrase("同意公开"),
}


def role_text(role: Role) -> str:
    """``联系人``."""
    return gettext(ROLE_NAMES[role])


def role_options(roles: "list[Role] | tuple[Role, ...]") -> list[tuple[str, str]]:
    """Choices for a form."""
    return [(role.value, role_text(role)) for role in roles]


def kind_text(kind: OrganisationKind) -> str:
    """``基层工会``."""
    return gettext(KIND_NAMES[kind])


def kind_options() -> list[tuple[str, str]]:
    """Choices for a form."""
    return [(kind.value, kind_text(kind)) for kind in OrganisationKind]


def ownership_options() -> list[tuple[str, str]]:
    """Choices for a form, without the unknown."""
    return [(one.value, gettext(words)) for one, words in OWNERSHIP_NAMES.items() if one is not Ownership.UNKNOWN]


def action_text(action: str) -> str:
    """``取消预约`` for ``booking.cancelled``; an action that nobody has named is shown as it is."""
    if action in _WHOLE:
        return gettext(_WHOLE[action])
    what, _dot, deed = action.partition(".")
    if what not in _OBJECTS or deed not in _DEEDS:
        return action
    return gettext("%(deed)s%(what)s") % {"deed": gettext(_DEEDS[deed]), "what": gettext(_OBJECTS[what])}


def object_kinds() -> list[tuple[str, str]]:
    """Choices of a filter of the journal."""
    kinds = (
        "session",
        "booking",
        "order",
        "opening",
        "programme",
        "tally",
        "event",
        "provider",
        "venue",
        "organisation",
        "person",
    )
    return [(kind, gettext(_OBJECTS[kind])) for kind in kinds]


def state_text(state: str) -> str:
    """``已取消``; an unknown one as it is."""
    return gettext(_STATES[state]) if state in _STATES else state


def field_text(field: str) -> str:
    """The label of a column named in a journal line."""
    return gettext(_FIELDS[field]) if field in _FIELDS else field


_BROWSERS = (
    ("WeChat", r"MicroMessenger"),
    ("DingTalk", r"DingTalk"),
    ("Edge", r"Edg(A|iOS)?/"),
    ("Firefox", r"Firefox|FxiOS"),
    ("Chrome", r"Chrome|CriOS|Chromium"),
    ("Safari", r"Safari"),
)
_SYSTEMS = (
    ("HarmonyOS", r"HarmonyOS|OpenHarmony"),
    ("Android", r"Android"),
    ("iPhone", r"iPhone"),
    ("iPad", r"iPad"),
    ("Windows", r"Windows"),
    ("Mac", r"Mac OS X|Macintosh"),
    ("Linux", r"Linux|X11"),
)


def device_of(user_agent: str) -> str:
    """``WeChat/Android``: browser and system by name, without the versions that would tell people apart."""
    names = (next((name for name, sign in table if re.search(sign, user_agent)), "") for table in (_BROWSERS, _SYSTEMS))
    return "/".join(name for name in names if name)


def device_text(device: str) -> str:
    """What ``device_of`` noted, in words."""
    known = {
        "WeChat": gettext("微信"),
        "DingTalk": gettext("钉钉"),
        "HarmonyOS": gettext("鸿蒙"),
        "Mac": gettext("苹果电脑"),
    }
    if not device:
        return gettext("不明设备")
    return clauses((known.get(part, part) for part in device.split("/")), language())
