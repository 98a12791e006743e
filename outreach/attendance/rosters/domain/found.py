"""What a file holds: the people in it, and the rows that are refused or there twice. Pure."""

from dataclasses import dataclass, field

import msgspec

from outreach.shared.i18n import phrase

__all__ = ["REASONS", "Duplicate", "Found", "Person", "Rejected"]

#: Why a row is refused, and what to do about it.
REASONS: dict[str, tuple[str, str]] = {
    "name-missing": (phrase("没有姓名"), phrase("填上姓名；这一行没有人，就整行删去。")),
    "name-digits": (phrase("姓名里有数字或没有文字"), phrase("姓名一格只写姓名，号码写到手机一列。")),
    "name-several": (phrase("一格里写了几个人"), phrase("一个人写一行。")),
    "name-long": (phrase("姓名太长"), phrase("姓名一格只写姓名，不超过40个字。")),
    "unit-long": (phrase("单位名称太长"), phrase("写到200个字以内。")),
    "number-wrong": (phrase("手机号码不对"), phrase("手机号码是1开头的11位数字，请核对；没有就留空。")),
    "number-cut": (phrase("手机号码被表格软件改短了"), phrase("把这一列设成“文本”，重新填号码，再存一次。")),
    "card-wrong": (phrase("身份证号码不对"), phrase("请核对18位号码；填了手机号码的，这一列可以留空。")),
    "card-cut": (
        phrase("身份证号码的后几位被表格软件改成了0"),
        phrase("把这一列设成“文本”，重新填号码；填了手机号码的可以留空。"),
    ),
    "cell-error": (phrase("公式出错，没有值"), phrase("把公式换成值再导入。")),
    "no-identity": (phrase("没有单位，也没有手机号码，分不清是谁"), phrase("填上单位，或者手机号码。")),
    "same-number": (phrase("号码和{first}的相同，姓名不同"), phrase("各写各的手机号码；没有自己的就留空。")),
}  # fmt: skip


class Person(msgspec.Struct, array_like=True, gc=False):
    """Somebody to be stored: never a number, only its hash and last four. A list in JSON; ``groups`` with commas."""

    name: str
    unit: str
    identity: str
    by_number: bool
    tail: str
    is_worker: bool | None
    groups: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that cannot be taken: the cell to look at, why (a key of ``REASONS``), what is in it, numbers masked."""

    cell: str
    line: int
    reason: str
    first: str
    name: str
    unit: str
    text: str


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A row with somebody who stands at ``first`` already."""

    cell: str
    line: int
    name: str
    unit: str
    first: str


@dataclass(slots=True)
class Found:
    """Everything in a file. Counts are exact; of the refused and the doubled rows at most ``keep`` are kept."""

    people: list[Person] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    duplicates: list[Duplicate] = field(default_factory=list)
    rejected_count: int = 0
    duplicate_count: int = 0
    left_out: int = 0
    absent: int = 0
    heads: list[str] = field(default_factory=list)
