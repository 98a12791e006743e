"""What letters there are, and every placeholder that their templates may use. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from outreach.shared.i18n import phrase

__all__ = ["KINDS", "MOST_BYTES", "MOST_TEXT", "Field", "Kind", "names_of", "sample_of", "schema_of"]

#: Bytes of a Word template, and of one typed as text.
MOST_BYTES = 5_000_000
MOST_TEXT = 20_000


@dataclass(frozen=True, slots=True)
class Field:
    """A placeholder.

    Attributes:
        words: what stands there.
        samples: what a trial shows; the rows of a list take one after the other.
        rows: of a list, what each of its rows has; empty: a text.
    """

    name: str
    words: str
    samples: tuple[str, ...] = ("",)
    rows: tuple["Field", ...] = ()


@dataclass(frozen=True, slots=True)
class Kind:
    """A template that an organiser may change; ``is_text``: typed, for chat groups, else a Word file."""

    key: str
    paper: str
    title: str
    is_text: bool
    fields: tuple[Field, ...]

    @property
    def file(self) -> str:
        """The shipped one, below the folder of templates."""
        return f"letters/{self.key}.txt" if self.is_text else f"letters/{self.key}.docx"


_CONTACT = (
    Field("contact_name", phrase("我方联系人"), ("周晓燕",)),
    Field("contact_phone", phrase("我方电话"), ("0512-00000000",)),
)
_ISSUED = (
    Field("issuer", phrase("发文单位"), ("某某市总工会",)),
    Field("made_on", phrase("今天的日期"), ("2015年9月15日",)),
    Field("address", phrase("网上的地址"), ("http://127.0.0.1/menu",)),
    Field("note", phrase("另外要说的话，没有就是空的"), ("现场请准备茶水。",)),
)

_MENU = (
    Field("title", phrase("标题"), ("2015年秋季职工活动菜单",)),
    Field("season", phrase("哪一季"), ("2015年秋季",)),
    Field("how", phrase("怎样点单"), ("由单位联系人在网上点单。\n主办单位5个工作日内答复。",)),
    Field("deadline", phrase("截止日期，没有就是空的"), ("2015年9月30日",)),
    Field("count", phrase("一共几项"), ("3",)),
    *_CONTACT,
    *_ISSUED,
    Field(
        "programmes",
        phrase("项目，一个项目一组"),
        rows=(
            Field("name", phrase("项目名称"), ("职工心理健康", "送文化到基层")),
            Field("mark", phrase("字标"), ("心", "文")),
            Field("count", phrase("这个项目有几项"), ("2", "2")),
            Field(
                "rows",
                phrase("活动，一项一行"),
                rows=(
                    Field("number", phrase("序号"), ("1", "2")),
                    Field("title", phrase("活动名称"), ("倒班职工的睡眠与情绪", "锡剧折子戏专场")),
                    Field("kind", phrase("种类"), ("讲座", "演出")),
                    Field("topic", phrase("主题"), ("心理", "戏曲")),
                    Field("summary", phrase("简介"), ("讲清倒班怎样睡好。", "三个折子。")),
                    Field("audience", phrase("对象"), ("倒班职工", "全体职工")),
                    Field("people", phrase("人数"), ("30—120人", "80人以上")),
                    Field("minutes", phrase("时长"), ("90分钟", "60分钟")),
                    Field("needs", phrase("场地要求"), ("投影、音响", "舞台不小于6米×4米")),
                    Field("lead", phrase("要提前几天"), ("提前7天", "")),
                    Field("providers", phrase("讲师或团队"), ("某讲师", "某剧团")),
                ),
            ),
        ),
    ),
)
_OPENING = (
    Field("title", phrase("标题"), ("关于开放预约秋季第一批活动的通知",)),
    Field("name", phrase("开放预约的名称"), ("秋季第一批",)),
    Field("programme", phrase("项目名称"), ("职工心理健康",)),
    Field("opens", phrase("几时开放"), ("2015年9月20日（周日）9:00",)),
    Field("closes", phrase("几时截止，没有就是空的"), ("2015年9月30日（周三）17:00",)),
    Field("whom", phrase("对谁开放"), ("所有单位",)),
    Field("limit", phrase("每个单位最多几项，不限就是空的"), ("2",)),
    Field("places", phrase("一共几个名额，不限就是空的"), ("40",)),
    Field("quotas", phrase("各区名额，没有就是空的"), ("吴中区10个、姑苏区8个",)),
    *_CONTACT,
    *_ISSUED,
    Field(
        "sessions",
        phrase("可以预约的场次，一场一行"),
        rows=(
            Field("number", phrase("序号"), ("1", "2")),
            Field("when", phrase("时间"), ("9月24日（周四）14:00—15:30", "9月25日（周五）9:00—10:30")),
            Field("title", phrase("活动名称"), ("倒班职工的睡眠与情绪", "一线班组长的情绪急救")),
            Field("place", phrase("地点"), ("职工活动中心三楼", "")),
            Field("seats", phrase("名额"), ("120个", "整场可领")),
        ),
    ),
    Field(
        "events",
        phrase("可以点单的活动，一项一行"),
        rows=(
            Field("number", phrase("序号"), ("1", "2")),
            Field("title", phrase("活动名称"), ("锡剧折子戏专场", "女职工权益十问")),
            Field("kind", phrase("种类"), ("演出", "讲座")),
            Field("minutes", phrase("时长"), ("60分钟", "90分钟")),
            Field("people", phrase("人数"), ("80人以上", "30—120人")),
        ),
    ),
)
_CONFIRMATION = (
    Field("title", phrase("标题"), ("关于到贵单位举办“倒班职工的睡眠与情绪”的函",)),
    Field("number", phrase("文号，没有就是空的"), ("工函〔2015〕12号",)),
    Field("host", phrase("对方单位"), ("某某精工工会",)),
    Field("event", phrase("活动名称"), ("倒班职工的睡眠与情绪",)),
    Field("programme", phrase("项目名称"), ("职工心理健康",)),
    Field("kind", phrase("种类"), ("讲座",)),
    Field("when", phrase("时间"), ("2015年9月24日（周四）14:00—15:30",)),
    Field("place", phrase("地点"), ("金山路1号三楼报告厅",)),
    Field("district", phrase("地区"), ("吴中区",)),
    Field("people_label", phrase("主讲还是团队"), ("主讲",)),
    Field("providers", phrase("讲师或团队"), ("某讲师（心理咨询师）",)),
    Field("audience", phrase("人数，不知道就是空的"), ("60",)),
    Field("arrival", phrase("几时到场布置，不用布置就是空的"), ("13:30",)),
    Field("needs", phrase("要对方准备的"), ("投影、音响、话筒两支",)),
    Field("host_contact", phrase("对方联系人"), ("梁佩文",)),
    Field("host_phone", phrase("对方电话"), ("13700000000",)),
    Field("reply_by", phrase("请在哪天前回复，没有就是空的"), ("2015年9月20日",)),
    *_CONTACT,
    *_ISSUED,
)

KINDS: Mapping[str, Kind] = {
    one.key: one
    for one in (
        Kind("menu", "menu", phrase("活动菜单"), False, _MENU),
        Kind("menu-text", "menu", phrase("活动菜单的群通知"), True, _MENU),
        Kind("opening", "opening", phrase("开放预约通知"), False, _OPENING),
        Kind("opening-text", "opening", phrase("开放预约的群通知"), True, _OPENING),
        Kind("confirmation", "confirmation", phrase("活动确认函"), False, _CONFIRMATION),
        Kind("confirmation-text", "confirmation", phrase("活动确认的短消息"), True, _CONFIRMATION),
    )
}


def schema_of(fields: Sequence[Field]) -> dict[str, Any]:
    """Names as a template may use them: ``None`` for a text, a mapping for the rows of a list."""
    return {one.name: schema_of(one.rows) if one.rows else None for one in fields}


def sample_of(fields: Sequence[Field], place: int = 0) -> dict[str, Any]:
    """Invented content; a list has two rows."""
    return {
        one.name: [sample_of(one.rows, number) for number in range(2)]
        if one.rows
        else one.samples[place % len(one.samples)]
        for one in fields
    }


def names_of(fields: Sequence[Field], before: str = "") -> list[tuple[str, str, bool]]:
    """Every placeholder as it is written inside its list, what stands there, and whether it is a list."""
    found: list[tuple[str, str, bool]] = []
    for one in fields:
        found.append((f"{before}{one.name}", one.words, bool(one.rows)))
        if one.rows:
            found += names_of(one.rows, f"{_row_name(one.name)}.")
    return found


def _row_name(name: str) -> str:
    """What the shipped templates call a row of the list."""
    return {"programmes": "programme", "rows": "row", "sessions": "session", "events": "event"}.get(name, "row")
