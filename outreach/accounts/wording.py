"""Words of accounts for pages: roles, devices, lines of the journal."""

import re

from outreach.accounts.deeds import DEEDS, OBJECTS, WHOLE
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
    if action in WHOLE:
        return gettext(WHOLE[action])
    what, _dot, deed = action.partition(".")
    if what not in OBJECTS or deed not in DEEDS:
        return action
    return gettext("%(deed)s%(what)s") % {"deed": gettext(DEEDS[deed]), "what": gettext(OBJECTS[what])}


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
    return [(kind, gettext(OBJECTS[kind])) for kind in kinds]


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
