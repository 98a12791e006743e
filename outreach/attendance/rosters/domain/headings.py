"""Which row of a sheet is its head, and what its columns are. Pure."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["LOOKED_AT", "Head", "best_head", "heading_of"]

#: The head stands within so many rows from the top, below titles, remarks and who hands it in.
LOOKED_AT = 30

_NAME = re.compile(
    r"(?:(?:参加|参训|参会|到会|与会|签到|活动|听课|受训)?(?:职工|会员|人员|学员|员工|者|人|本人|工友|村民)?(?:真实)?(?:姓名|名字)|name)\Z"
)
_UNIT = re.compile(r"单位|工会|公司|企业|厂名|unit|company|organi[sz]ation")
_NO_UNIT = re.compile(r"电话|手机|联系|负责|主席|性质|地址|代码|编码|类型|人数|卡|证|意见|盖章|职务")
_PHONE = re.compile(r"手机|电话|联系方式|联系号码|phone|mobile|tel\Z")
_NO_PHONE = re.compile(r"单位|办公|座机|固定|固话|紧急|家属|家庭|家长|传真|型号|品牌")
_CARD = re.compile(r"身份证|证件号")
_MEMBER = re.compile(r"(?:会员|工会)(?:卡|证)(?:号|编号)")
_THERE = re.compile(r"签到|到场|到会|出勤|考勤|出席|是否参加|是否到|实到")
_EXACT = {
    "性别": "gender", "gender": "gender", "sex": "gender",
    "备注": "remark", "说明": "remark", "remark": "remark", "remarks": "remark", "note": "remark",
    "序号": "index", "编号": "index", "序": "index", "号": "index", "no": "index", "no.": "index", "#": "index",
    "职工": "worker", "是否职工": "worker", "其中职工": "worker", "worker": "worker",
    "签名": "remark", "签字": "remark",
}  # fmt: skip


def heading_of(cell: Any) -> str:
    """What a column with this heading holds; empty when it is none that matters.

    ``name``, ``unit``, ``phone``, ``card`` (identity card), ``member`` (union member card), ``gender``, ``migrant``,
    ``new_generation``, ``worker``, ``there`` (签到), ``remark``, ``index``.
    """
    if not isinstance(cell, str) or not cell or len(cell) > 60:
        return ""
    words = re.sub(r"[(\[【].*?[)\]】]", "", unicodedata.normalize("NFKC", cell))
    words = re.sub(r"[\s*:：★●]+", "", words).casefold()
    if not words or len(words) > 30:
        return ""
    if words in _EXACT:
        return _EXACT[words]
    if _NAME.match(words):
        return "name"
    if _CARD.search(words):
        return "card"
    if _MEMBER.search(words):
        return "member"
    if "新生代" in words or words.startswith("new-generation"):
        return "new_generation"
    if "农民工" in words or "外来务工" in words or words.startswith("migrant"):
        return "migrant"
    if _PHONE.search(words):
        return "" if _NO_PHONE.search(words) else "phone"
    if _UNIT.search(words) and not _NO_UNIT.search(words):
        return "unit"
    return "there" if _THERE.search(words) else ""


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a sheet: its row (from 0), and for each block of columns which kind stands where.

    Sheets to be printed put two or three blocks beside each other to save paper. ``strength``: how many kinds of
    columns were recognised.
    """

    row: int
    blocks: tuple[dict[str, int], ...]
    strength: int


def best_head(rows: Sequence[Sequence[Any]]) -> Head | None:
    """The row that names the most columns, one of them the name; the first of equals. ``None``: there is none."""
    best: Head | None = None
    for number, row in enumerate(rows[:LOOKED_AT]):
        found = _head(number, row)
        if found is not None and (best is None or found.strength > best.strength):
            best = found
    return best


def _head(number: int, row: Sequence[Any]) -> Head | None:
    blocks: list[dict[str, int]] = [{}]
    for column, cell in enumerate(row):
        kind = heading_of(cell)
        if not kind:
            continue
        if kind in blocks[-1]:
            if kind not in ("name", "index") or "name" not in blocks[-1]:
                continue  # 手机 and 联系电话: the first of them
            blocks.append({})
        blocks[-1][kind] = column
    named = tuple(one for one in blocks if "name" in one)
    if not named:
        return None
    kinds = {kind for one in named for kind in one}
    return Head(number, named, len(kinds - {"index", "remark"}) * 2 + len(kinds & {"index", "remark"}))
