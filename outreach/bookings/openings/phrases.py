"""What the refusals of limits and openings say."""

from outreach.shared.i18n import phrase
from outreach.web.problems import ProblemPhrase

__all__ = ["FIELDS", "PROBLEMS"]

PROBLEMS: dict[str, ProblemPhrase] = {
    "limit-reached": ProblemPhrase(
        phrase("已到预约上限"),
        phrase("{organisation}已用{used}次，上限{limit}次。要再约，请先取消一个，或联系主办单位。"),
        phrase(
            "一个单位在一个项目、一年或一批开放预约里可约的次数有上限。预约、领走和点单合在一起数，"
            "女职工委员会算在本单位工会里，服务对象算在它的主管单位里。scope 写明是哪一种：programme 项目，year 全年，"
            "opening 这一批开放预约；limit 是上限，used 是已用的次数。请先取消一个预约，或请主办单位调整上限。"
        ),
        {
            "programme": phrase(
                "{organisation}在这个项目里已用{used}次，每个单位最多{limit}次，女职工委员会合在一起数。"
                "要再约，请先取消一个，或联系主办单位。"
            ),
            "year": phrase(
                "{organisation}{year}年已用{used}次，每个单位全年最多{limit}次，女职工委员会合在一起数。"
                "要再约，请先取消一个，或联系主办单位。"
            ),
            "opening": phrase(
                "{organisation}在“{opening}”里已用{used}次，每个单位最多{limit}次，女职工委员会合在一起数。"
                "请等下一批开放，或先取消一个。"
            ),
        },
    ),
    "quota-used": ProblemPhrase(
        phrase("名额刚刚约完"),
        phrase("“{opening}”共{places}个名额，您所在地区能用的已经约完。请看别的场次，或等下一批开放。"),
        phrase(
            "这一批开放预约的名额有限，其中可能有留给各区的名额，其余的大家共用。places 是总名额，"
            "district 是您单位所在地区（空的是市直属），kept 写明有没有留给这个地区的名额。"
            "有单位取消时名额会空出来；也可以看别的场次，或等下一批开放。"
        ),
    ),
    "opening-in-use": ProblemPhrase(
        phrase("已经有单位从这里预约"),
        phrase("有预约或点单是从这一批约上的（取消了的也算），不能删去。不想再开放，请把截止时间改成现在。"),
        phrase("从一批开放预约约上的预约和点单要能查到来处，所以这一批不能再删去。要停止，请修改它的截止时间。"),
    ),
}

FIELDS: dict[str, str] = {
    "choose-districts": phrase("请至少勾选一个地区，或改成面向所有单位。"),
    "nothing-opened": phrase("请至少勾选一场或一项活动。"),
    "opening-twice": phrase("已经有一次同名、同时开放的开放预约。要再开一次，请换一个名称。"),
    "not-of-programme": phrase("里面有的不属于这个项目，请重新勾选。"),
    "district-twice": phrase("同一个地区只能留一次名额。"),
    "quotas-above-places": phrase("各区保留的合计{kept}个，超过了总名额{places}个。"),
    "places-below-taken": phrase("已经约出{taken}个，总名额不能再少。"),
    "rest-below-taken": phrase("共用的名额已经约出{taken}个，这样改只剩{rest}个。请少留一些，或增加总名额。"),
}
