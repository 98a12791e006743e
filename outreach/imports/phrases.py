"""What the refusals of imports say."""

from outreach.shared.i18n import phrase
from outreach.web.problems import ProblemPhrase

__all__ = ["FIELDS", "PROBLEMS"]

PROBLEMS: dict[str, ProblemPhrase] = {
    "preview-stale": ProblemPhrase(
        phrase("刚刚有人改过"),
        phrase("您看过以后，系统里的内容变了，所以没有存。下面是按现在的内容重新核对的，看过再存。"),
        phrase("核对和存入之间，有人改了同样的内容。什么都没有存；请按新的核对结果再确认一次。"),
    ),
}

FIELDS: dict[str, str] = {
    # the file as a whole
    "import-too-large": phrase("文件超过{most}兆。请分成几个文件，或者删去图片再导入。"),
    "import-too-many-rows": phrase("超过{most}行。请分成几个文件。"),
    "import-too-wide": phrase("表格太大，读不完。请把内容复制到新的表格里，另存后再导入。"),
    "import-empty": phrase("文件是空的。"),
    "import-locked": phrase("文件加了密码。请去掉密码，另存后再导入。"),
    "import-links": phrase("文件连着别的文件（外部链接）。请按“值”粘贴到新的表格里再导入。"),
    "import-bomb": phrase("文件解开后大得不正常，没有打开。请把内容复制到新的表格里再导入。"),
    "import-unreadable": phrase("文件打不开，可能坏了。请在Excel或WPS里打开，另存为xlsx再导入。"),
    "import-not-a-table": phrase("不是表格。请用xlsx、xls或csv文件。"),
    "import-web-page": phrase("这是网页存成的表格。请在Excel或WPS里打开，另存为xlsx再导入。"),
    "import-no-head": phrase("前30行里没有找到表头。请加上表头，或用我们的模板。"),
    "import-no-column": phrase("表头里缺少{columns}。请加上，或用我们的模板。"),
    "import-no-rows": phrase("表头下面没有内容。"),
    # single cells
    "cell-error": phrase("公式出错，没有值。请把公式换成值。"),
    "identity-number": phrase("里面有身份证号码，系统不收。请删去。"),
    "several-names": phrase("一格里写了几个人。一个人写一行。"),
    "name-digits": phrase("姓名里有数字或没有文字。这一格只写姓名。"),
    "bad-code": phrase("编码只能用字母、数字、点、横线和下划线。"),
    "not-yes-no": phrase("请填是或否。"),
    "not-of-list": phrase("不在列表里。可以填：{options}。"),
    "number-cut-short": phrase("号码被表格软件改短了。请把这一列设成“文本”，重新填。"),
    "id-changed": phrase("系统编号不对。不要改它；新加的行请留空。"),
    "id-unknown": phrase("没有这个系统编号，或者不在您的范围内。新加的行请留空。"),
    "day-without-year": phrase("日期缺年份，要写成2015-09-24这样。"),
    "no-such-day": phrase("没有这一天，请核对。"),
    "not-clock": phrase("时间要写成14:00这样。"),
    "not-parts": phrase("“{piece}”看不懂，要写成“周二下午、周四上午”这样。"),
    # names
    "unit-unknown": phrase("没有找到这个单位，或者不在您的范围内。请填编码或全称。"),
    "unit-several": phrase("有几个单位叫这个名字，请填编码。"),
    "programme-unknown": phrase("{year}年没有找到这个项目。请填项目的名称、简称或代码。"),
    "programme-several": phrase("{year}年有几个项目叫这个名字，请填项目代码。"),
    "programme-of-another": phrase("这个项目由别的组织管，不能替它填报。"),
    "event-unknown": phrase("“{programme}”的菜单里没有这个题目。请先加到菜单里，或照菜单里的写。"),
    "event-several": phrase("“{programme}”的菜单里有几个同名的题目，请先改成不同的名称。"),
    "name-unknown": phrase("没有找到“{name}”，或者不在您的范围内。请先加进去，或核对写法。"),
    "name-inactive": phrase("“{name}”已经停用。请换一个，或者先启用再导入。"),
    "name-several": phrase("有几个都叫“{name}”，请先改成不同的名称。"),
    "target-unknown": phrase("“{programme}”里没有这个指标。请填指标的名称、原文或代码。"),
    "target-several": phrase("“{programme}”里有几个指标是这样写的，请填指标代码。"),
    "resource-several": phrase("有几个同名的，认不出是哪一个。请先导出，带着系统编号改。"),
    "session-several": phrase("这个时间有几场，认不出是哪一场。请填场地或地址，或先导出，带着系统编号改。"),
    "tally-several": phrase("这一天给这个对象填报过几次，认不出是哪一次。请先导出，带着系统编号改。"),
    # organisations
    "parent-required": phrase("没有上级的组织由管理员来建。请填上级的编码或名称。"),
    "parent-rejected": phrase("它的上级没有收，见{cell}。"),
    "parent-circle": phrase("上级绕成了一圈，请核对。"),
    # people
    "phone-of-another": phrase("这个手机号是{name}的。请核对姓名和号码。"),
    "phone-twice": phrase("和{cell}的手机号相同，姓名不同。"),
    "person-several": phrase("这个单位有几个同名的人，请填手机号。"),
    "person-beyond": phrase("这个人还在您管不到的单位有角色，姓名、手机、邮箱请市总工会改。"),
    # sessions
    "start-is-past-row": phrase("已经过了。办过的场次请用“补录场次”。"),
    "cannot-unpublish": phrase("已经发布了，不能改回草稿；不办了请到场次里取消。"),
    "session-over": phrase("这场已经办过，排期不能再改。改人次请用“补录场次”。"),
    "session-of-order": phrase("这场是点单排出来的，请在点单里改。"),
    "session-many-days": phrase("这场有好几天，请在场次里改。"),
    "clash-stored": phrase("{name}{when}已经有“{title}”。请换时间，或者换人、换地方。"),
    "clash-hidden": phrase("{name}{when}已经有别的场次。请换时间，或者换人、换地方。"),
    "clash-row": phrase("{name}{when}在{cell}那一行也用到了。请换时间，或者换人、换地方。"),
    "above-venue": phrase("多于“{venue}”的容量{capacity}。"),
    "closed-year-row": phrase("这一年已经结账，只能由主办单位写明理由更正。"),
    "same-time": phrase("同一时间另有一场，地点不同。要补的是那一场，请把地点写成一样的。"),
    "session-closed-row": phrase("这场已经结项，数字请在场次里写明理由更正。"),
    "session-draft-row": phrase("这场还是草稿，没有发布过。请先在场次里处理。"),
    "only-figures": phrase("这场已经在系统里，补录只改人次。时间、地点、讲师请在场次里改。"),
    "target-moved": phrase("已有的填报不能换指标。请撤回，再填一条。"),
}
