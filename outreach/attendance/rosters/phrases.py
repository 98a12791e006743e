"""What the refusals of rosters say."""

from outreach.shared.i18n import phrase
from outreach.web.problems import ProblemPhrase

__all__ = ["FIELDS", "PROBLEMS"]

PROBLEMS: dict[str, ProblemPhrase] = {}

FIELDS: dict[str, str] = {
    "roster-too-large": phrase("文件超过{most}兆。请分成几个文件，或者删去图片再导入。"),
    "roster-too-many-rows": phrase("超过{most}行。请分成几个文件。"),
    "roster-too-wide": phrase("表格太大，读不完。请把名单复制到新的表格里，另存后再导入。"),
    "roster-empty": phrase("文件是空的。"),
    "roster-locked": phrase("文件加了密码。请去掉密码，另存后再导入。"),
    "roster-links": phrase("文件连着别的文件（外部链接）。请把名单按“值”粘贴到新的表格里再导入。"),
    "roster-bomb": phrase("文件解开后大得不正常，没有打开。请把名单复制到新的表格里再导入。"),
    "roster-unreadable": phrase("文件打不开，可能坏了。请在Excel或WPS里打开，另存为xlsx再导入。"),
    "roster-not-a-table": phrase("不是表格。请用xlsx、xls或csv文件。"),
    "roster-web-page": phrase("这是网页存成的表格。请在Excel或WPS里打开，另存为xlsx再导入。"),
    "roster-no-head": phrase("前30行里没有找到写着“姓名”的表头。请加上表头，或用我们的模板。"),
    "roster-nobody": phrase("表头下面没有人。"),
}
