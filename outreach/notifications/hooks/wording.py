"""Words of hooks: who listens, what became of a delivery, what the other side said. Chinese source strings."""

from outreach.notifications.domain.robots import Shape
from outreach.notifications.domain.topics import TOPIC_OF, MessageTopic
from outreach.notifications.hooks.forms import KINDS_OFFERED
from outreach.notifications.subjects import SUBJECTS
from outreach.notifications.wording import KINDS
from outreach.shared.i18n import gettext as _
from outreach.shared.i18n import phrase

__all__ = ["SHAPE_WORDS", "STATE_WORDS", "TOPIC_WORDS", "kind_groups", "kind_words", "reason_words", "shape_options"]

SHAPE_WORDS: dict[Shape, str] = {
    Shape.WECOM: phrase("企业微信群机器人"),
    Shape.DINGTALK: phrase("钉钉群机器人"),
    Shape.FEISHU: phrase("飞书群机器人"),
    Shape.JSON: phrase("其他系统"),
}

TOPIC_WORDS: dict[MessageTopic, str] = {
    MessageTopic.BOOKINGS: phrase("预约"),
    MessageTopic.ORDERS: phrase("点单"),
    MessageTopic.SESSIONS: phrase("场次变动"),
    MessageTopic.ATTENDANCE: phrase("报人次和评单"),
    MessageTopic.STATISTICS: phrase("统计表"),
    MessageTopic.MATERIALS: phrase("物资"),
    MessageTopic.REMINDERS: phrase("提醒"),
    MessageTopic.SUMMARY: phrase("每周小结"),
    MessageTopic.DESK: phrase("工作台上的事"),
}

STATE_WORDS: dict[str, str] = {
    "waiting": phrase("等着发"),
    "sending": phrase("正在发"),
    "sent": phrase("对方已收下"),
    "dead": phrase("没有送到"),
    "dropped": phrase("不再发送"),
}

#: What the other side's code means, where its own words would puzzle.
_CODES: dict[str, str] = {
    "310000": phrase("机器人的安全设置不符：请核对关键词、加签密钥和IP"),
    "19021": phrase("签名不对：请核对加签密钥，并看服务器的时间准不准"),
    "19022": phrase("机器人只许指定的IP发送，这台服务器不在其中"),
    "19024": phrase("机器人要求的关键词没有出现：把关键词设成页面左上角的名称"),
    "19001": phrase("机器人的地址不对，或机器人已经移走"),
    "93000": phrase("机器人的地址不对，或机器人已经移走"),
    "300001": phrase("机器人的地址不对，或机器人已经移走"),
    "400101": phrase("机器人的地址不对，或机器人已经移走"),
    "400102": phrase("机器人已停用"),
    "45009": phrase("发得太快，对方要求等一会儿"),
    "130101": phrase("发得太快，对方要求等一会儿"),
    "11232": phrase("发得太快，对方要求等一会儿"),
}
_WAYS: dict[str, str] = {
    "private": phrase("地址通向内部网络，没有发"),
    "connection": phrase("连不上对方"),
    "silence": phrase("对方没有回音"),
    "paused": phrase("已暂停"),
    "HTTP 410": phrase("对方说这个地址不再用了"),
    "late": phrase("等了七天没有发出"),
}
_OUTCOMES = ("refused ", "uncertain ", "tried ", "again ")


def reason_words(error: str) -> str:
    """Why something was not taken; ``error`` as hooks and deliveries keep it."""
    said = error
    for outcome in _OUTCOMES:
        said = said.removeprefix(outcome)
    first = said.partition(" ")[0]
    if said in _WAYS or first in _WAYS:
        return _(_WAYS[said if said in _WAYS else first])
    if first in _CODES:
        return _(_CODES[first])
    if said.startswith("HTTP 3"):
        return _("对方要求转到别的地址，为了安全没有跟去")
    return _("对方的回答：%(words)s") % {"words": said} if said else ""


def kind_words(kind: str) -> str:
    """What happened, in a few words."""
    if kind in SUBJECTS:
        return _(SUBJECTS[kind])
    shipped = _(KINDS.get(kind, kind))
    return shipped.split("{")[0].rstrip('：:，, “"') or shipped


def kind_groups() -> list[tuple[str, list[tuple[str, str]]]]:
    """The kinds that a hook may be told, by topic: (topic, [(kind, words), …])."""
    groups = []
    for topic, words in TOPIC_WORDS.items():
        kinds = [(kind, kind_words(kind)) for kind in KINDS_OFFERED if TOPIC_OF[kind] is topic]
        if kinds:
            groups.append((_(words), kinds))
    return groups


def shape_options() -> list[tuple[str, str]]:
    return [(shape.value, _(words)) for shape, words in SHAPE_WORDS.items()]
