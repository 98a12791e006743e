"""Facts to show words with, and what each placeholder means."""

from datetime import datetime, timedelta
from typing import Any

from outreach.notifications.domain.topics import TOPIC_OF, MessageTopic
from outreach.shared.i18n import gettext as _
from outreach.shared.i18n import phrase
from outreach.shared.time import local, local_midnight

__all__ = ["MEANINGS", "sample_facts"]

MEANINGS: dict[str, str] = {
    "what": phrase("活动名称"),
    "when": phrase("时间"),
    "where": phrase("地点"),
    "who": phrase("哪个单位，或者哪位讲师、哪个团队"),
    "seats": phrase("人数"),
    "before": phrase("原来的时间"),
    "until": phrase("最晚什么时候"),
    "reason": phrase("原因"),
    "visits": phrase("登记的人次"),
    "reported": phrase("单位报的人次"),
    "count": phrase("有几件"),
    "oldest": phrase("最早是哪天"),
    "summary": phrase("小结的内容，或者分到多少"),
    "link": phrase("网页地址"),
}


def sample_facts(now: datetime, base_url: str, kind: str = "") -> dict[str, Any]:
    """Facts of a session next week, or of a round for ``kind`` of materials; every placeholder has a value."""
    starts_at = local(local_midnight(local(now).date()) + timedelta(days=7, hours=14))
    if TOPIC_OF.get(kind) is MessageTopic.MATERIALS:
        return {
            "title": _("第二批安全生产知识丛书"),
            "summary": _("200套"),
            "reason": _("存在职业危害的单位优先"),
            "link": f"{base_url}/materials/…",
        }
    return {
        "title": _("职场减压与情绪管理"),
        "starts_at": starts_at.isoformat(),
        "ends_at": (starts_at + timedelta(minutes=90)).isoformat(),
        "old_starts_at": (starts_at - timedelta(days=1)).isoformat(),
        "until": (starts_at - timedelta(days=3)).isoformat(),
        "where": _("职工活动中心二楼报告厅"),
        "organisation": _("某某机械厂工会"),
        "seats": 40,
        "reason": _("讲师临时有事"),
        "visits": 38,
        "reported": 40,
        "count": 3,
        "oldest": (starts_at - timedelta(days=20)).date().isoformat(),
        "summary": _("6项指标中，4项按序时，2项有风险。"),
        "link": f"{base_url}/sessions/…",
    }
