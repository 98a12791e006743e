"""Rosters as offices really make them, each with the figures that a person counts by hand."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.support.sheets import Page, csv_of, xls_of, xlsx_of

__all__ = ["MESSY", "Messy"]


@dataclass(frozen=True, slots=True)
class Messy:
    """``people``: who is accepted, in order; ``rejected``: cell → reason; ``duplicates``: cells.

    ``numbers``: how many are told by a number. ``women``, ``migrants``: of the accepted.
    """

    content: bytes
    file: str
    people: tuple[str, ...]
    rejected: Mapping[str, str] = field(default_factory=dict)
    duplicates: tuple[str, ...] = ()
    numbers: int = 0
    units: tuple[str, ...] = ()
    women: int = 0
    migrants: int = 0


_PLAIN = [["姓名", "单位", "手机"], ["张明", "胥江厂工会", "13800000001"], ["李芳", "胥江厂工会", "13800000002"]]

MESSY: dict[str, Messy] = {
    "titles above, totals and signatures below": Messy(
        xlsx_of(
            Page(
                [
                    [],
                    [],
                    ["填报单位：胥江机械厂工会", None, None, None, "2015年9月24日"],
                    ["序号", "姓  名", "所在单位", "联系电话", "性别", "农民工", "备注"],
                    [1, "张明", "胥江厂工会", 13800000001, "男", "是", None],
                    [2, "李芳", "胥江厂工会", 13800000002, "女", "否", "班长"],
                    [],
                    [3, "王　强", "胥江厂工会", 13800000003, "男", "√", None],
                    ["小计", None, None, None, None, None, "3人"],
                    ["合 计", "3人", None, None, None, None, None],
                    ["填表人：赵敏", None, None, "联系电话：13800000099"],
                    ["注：本表一式两份。"],
                ],
                merged=((0, 0, 1, 6, "2015年职工心理健康讲座参加人员名单"),),
            )
        ),
        "名单.xlsx",
        ("张明", "李芳", "王强"),
        numbers=3,
        units=("胥江厂工会",),
        women=1,
        migrants=2,
    ),
    "GB 18030 from an old office program": Messy(
        csv_of(
            [
                ["序号", "名字", "工会", "手机号码"],
                ["1", "赵 敏", " 虞山服饰工会 ", "１３８００００００１１"],
                ["2", "钱㼆", "虞山服饰工会", "+86 138-0000-0012"],
                ["", "", "", ""],
                ["3", "孙丽", "虞山服饰工会", " 13800000013 "],
            ]
        ),
        "名单.csv",
        ("赵敏", "钱㼆", "孙丽"),
        numbers=3,
        units=("虞山服饰工会",),
    ),
    "UTF-8 with a mark, quoted with ='…'": Messy(
        csv_of(
            [
                ["姓名", "单位", "电话"],
                ["周杰", "一厂", '="13800000021"'],
                ["吴丹", "一厂", "'13800000022"],
            ],
            "utf-8-sig",
        ),
        "a.csv",
        ("周杰", "吴丹"),
        numbers=2,
        units=("一厂",),
    ),
    "UTF-8 without a mark, tabs": Messy(
        csv_of([["姓名", "单位"], ["周杰", "一厂"], ["吴丹", "二厂"]], "utf-8", "\t"),
        "a.txt",
        ("周杰", "吴丹"),
        units=("一厂", "二厂"),
    ),
    "Unicode text of Excel": Messy(
        csv_of(_PLAIN, "utf-16", "\t"), "a.txt", ("张明", "李芳"), numbers=2, units=("胥江厂工会",)
    ),
    "numbers shortened by the office program": Messy(
        csv_of(
            [
                ["姓名", "单位", "手机"],
                ["张明", "一厂", "1.38E+10"],
                ["李芳", "一厂", "1.3800000002E+10"],
                ["王强", "一厂", "13800000003.0"],
            ]
        ),
        "a.csv",
        ("李芳", "王强"),
        {"C2": "number-cut"},
        numbers=2,
        units=("一厂",),
    ),
    "one unit merged over its people": Messy(
        xlsx_of(
            Page(
                [
                    ["单位", "姓名", "手机"],
                    ["一厂", "张明", 13800000001],
                    [None, "李芳", 13800000002],
                    [None, "王强", None],
                    ["二厂", "王强", None],
                    [None, "赵敏", None],
                ],
                merged=((1, 0, 3, 0, "一厂"), (4, 0, 5, 0, "二厂")),
            )
        ),
        "a.xlsx",
        ("张明", "李芳", "王强", "王强", "赵敏"),
        numbers=2,
        units=("一厂", "二厂"),
    ),
    "two heads, the second is the list": Messy(
        xlsx_of(
            [
                ["活动名称", "幸福讲堂"],
                ["联系人姓名", "联系电话"],
                ["赵敏", "13800000099"],
                [],
                ["序号", "参加人员姓名", "工作单位", "手机号", "性别"],
                [1, "张明", "一厂", 13800000001, "男"],
                [2, "李芳", "一厂", 13800000002, "女"],
            ]
        ),
        "a.xlsx",
        ("张明", "李芳"),
        numbers=2,
        units=("一厂",),
        women=1,
    ),
    "a head over two rows": Messy(
        xlsx_of(
            Page(
                [
                    ["序号", "姓名", "单位", "联系方式", None],
                    [None, None, None, "手机", "电话"],
                    [1, "张明", "一厂", 13800000001, "65200001"],
                    [2, "李芳", "一厂", None, "65200001"],
                ],
                merged=((0, 0, 1, 0, "序号"), (0, 1, 1, 1, "姓名"), (0, 2, 1, 2, "单位"), (0, 3, 0, 4, "联系方式")),
            )
        ),
        "a.xlsx",
        ("张明", "李芳"),
        numbers=1,
        units=("一厂",),
    ),
    "two blocks beside each other": Messy(
        xlsx_of(
            [
                ["签到表"],
                ["单位：胥江机械厂工会"],
                ["序号", "姓名", "手机", "序号", "姓名", "手机"],
                [1, "张明", 13800000001, 26, "赵敏", 13800000004],
                [2, "李芳", 13800000002, 27, "钱勇", None],
                [3, "王强", None, 28, None, None],
            ]
        ),
        "a.xlsx",
        ("张明", "赵敏", "李芳", "钱勇", "王强"),
        numbers=3,
        units=("胥江机械厂工会",),
    ),
    "the same people again and again": Messy(
        xlsx_of(
            [
                ["姓名", "单位", "手机"],
                ["张明", "一厂", 13800000001],
                ["张　明", "一厂", "138 0000 0001"],
                ["李芳", "一厂", None],
                ["李芳", " 一厂", None],
                ["李芳", "一厂", 13800000002],
                ["李芳", "二厂", None],
                ["王强", "一厂", 13800000001],
            ]
        ),
        "a.xlsx",
        ("张明", "李芳", "李芳"),
        {"C8": "same-number"},
        ("A3", "A5", "A6"),
        numbers=1,
        units=("一厂", "二厂"),
    ),
    "everything wrong": Messy(
        xlsx_of(
            [
                ["姓名", "单位", "手机", "身份证号码"],
                [None, "一厂", 13800000001, None],
                ["13800000002", "一厂", None, None],
                ["张明、李芳", "一厂", None, None],
                ["王强", "一厂", "1380000003", None],
                ["赵敏", None, None, None],
                ["钱勇", "一厂", None, "320500199001011234"],
                ["孙丽", "一厂", None, 3.20500199001011e17],
                ["周杰", "一厂", "无", "/"],
                [("=A1", "#REF!"), "一厂", 13800000005, None],
                ["长" * 41, "一厂", None, None],
            ]
        ),
        "a.xlsx",
        ("周杰",),
        {
            "A2": "name-missing",
            "A3": "name-digits",
            "A4": "name-several",
            "C5": "number-wrong",
            "C6": "no-identity",
            "D7": "card-wrong",
            "D8": "card-cut",
            "A10": "name-missing",
            "A11": "name-long",
        },
        units=("一厂",),
    ),
    "formulas": Messy(
        xlsx_of(
            [
                ["姓名", "单位", "手机"],
                ["张明", "一厂", 13800000001],
                [('="李"&"芳"', "李芳"), ("=B2", "一厂"), ("=C2+1", 13800000002)],
                [("=A9", 0), ("=B2", "一厂"), None],
            ]
        ),
        "a.xlsx",
        ("张明", "李芳"),
        {"A4": "name-digits"},
        numbers=2,
        units=("一厂",),
    ),
    "several sheets, one of codes, one hidden": Messy(
        xlsx_of(
            Page([["说明"], ["姓名", "必填"], ["单位", "全称"]], name="填写说明"),
            Page([["姓名", "单位"], ["张明", "一厂"], ["李芳", "一厂"]], name="一车间"),
            Page([[], ["姓名", "单位"], ["王强", "一厂"], ["李芳", "一厂"], [None, "二厂"]], name="二车间"),
            Page([["姓名", "单位"], ["去年的人", "一厂"]], name="旧", hidden=True),
        ),
        "a.xlsx",
        ("张明", "李芳", "王强"),
        {},
        ("二车间!A4",),
        units=("一厂",),
    ),
    "empty columns and lines before and between": Messy(
        xlsx_of(
            [
                *[[]] * 6,
                [None, None, "序号", None, "姓名", None, "工会名称（全称）", None, "手机号码*"],
                [],
                [None, None, 1, None, "张明", None, "一厂", None, 13800000001],
                [],
                [None, None, 2, None, "李芳", None, "一厂", None, "暂无"],
                *[[None, None, number] for number in range(3, 30)],
            ]
        ),
        "a.xlsx",
        ("张明", "李芳"),
        numbers=1,
        units=("一厂",),
    ),
    "lines of workshops and repeated heads": Messy(
        xlsx_of(
            Page(
                [
                    ["姓名", "单位", "性别", "外来务工人员", "新生代农民工"],
                    ["第一车间", None, None, None, None],
                    ["张明", "一厂", "男", "是", "否"],
                    ["李芳", "一厂", "女", "否", "是"],
                    ["姓名", "单位", "性别", "外来务工人员", "新生代农民工"],
                    ["第二车间", None, None, None, None],
                    ["王娟", "一厂", "女性", "×", None],
                    ["总计", None, None, 1, 1],
                ],
                merged=((1, 0, 1, 4, "第一车间"), (5, 0, 5, 4, "第二车间")),
            )
        ),
        "a.xlsx",
        ("张明", "李芳", "王娟"),
        units=("一厂",),
        women=2,
        migrants=2,
    ),
    "a workbook of Excel 97": Messy(
        xls_of(
            [
                ["胥江厂名单"],
                ["姓名", "单位", "手机"],
                ["张明", "一厂", 13800000001],
                ["李芳", "一厂", "13800000002"],
                ["合计：2人"],
            ]
        ),
        "a.xls",
        ("张明", "李芳"),
        numbers=2,
        units=("一厂",),
    ),
    "who signed and who did not": Messy(
        xlsx_of(
            [
                ["姓名", "单位", "签到"],
                ["张明", "一厂", "√"],
                ["李芳", "一厂", "请假"],
                ["王强", "一厂", None],
                ["赵敏", "一厂", "未到"],
            ]
        ),
        "a.xlsx",
        ("张明", "王强"),
        units=("一厂",),
    ),
    "identity cards and member cards": Messy(
        xlsx_of(
            [
                ["姓名", "单位", "身份证", "工会卡号"],
                ["张明", "一厂", "11010519491231002X", None],
                ["李芳", "一厂", None, "SZ20150001234"],
                ["王强", "一厂", "110105491231002", None],
                ["赵敏", "一厂", "11010519491231002x", None],
            ]
        ),
        "a.xlsx",
        ("张明", "李芳", "王强"),
        {"C5": "same-number"},
        numbers=3,
        units=("一厂",),
    ),
    "only names, the unit above": Messy(
        xlsx_of([["单位", "胥江机械厂工会"], ["姓名"], ["1、张明"], ["2. 李芳"], ["买买提·吐尔逊"]]),
        "a.xlsx",
        ("张明", "李芳", "买买提·吐尔逊"),
        units=("胥江机械厂工会",),
    ),
}
