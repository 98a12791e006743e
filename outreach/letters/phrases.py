"""What the refusals of letters say."""

from outreach.shared.i18n import phrase
from outreach.web.problems import ProblemPhrase

__all__ = ["FIELDS", "PROBLEMS"]

PROBLEMS: dict[str, ProblemPhrase] = {
    "no-host": ProblemPhrase(
        phrase("这场还不能发函"),
        phrase("确认函发给承办单位。先在场次里填好承办单位并发布，再来写函。"),
        phrase("场次没有承办单位，或者还是草稿，或者已经取消，没有可以发函的对象。"),
    ),
    "template-broken": ProblemPhrase(
        phrase("本单位的模板填不出来"),
        phrase("“{kind}”用的是本单位自己的模板，现在填不进内容。请到“文书模板”换一份，或还原成自带的。"),
        phrase("单位自己的模板填不进内容。请换一份，或还原成自带的。"),
    ),
}

FIELDS: dict[str, str] = {
    # the file as a whole
    "template-too-large": phrase("模板超过{most}兆。请压缩里面的图片再上传。"),
    "template-not-word": phrase("不是Word文件。请在Word或WPS里另存为docx再上传。"),
    "template-old-word": phrase("是旧格式的doc。请在Word或WPS里另存为docx再上传。"),
    "template-locked": phrase("文件加了密码。请去掉密码，另存后再上传。"),
    "template-bomb": phrase("文件解开后大得不正常，没有打开。请把内容复制到新文件里再上传。"),
    "template-macros": phrase("文件里有宏或嵌入的程序，不收。请另存为不带宏的docx，删去嵌入的对象。"),
    "template-outside": phrase("文件要从外面取内容（链接的模板、图片或域），不收。请把内容直接放进文件里。"),
    "template-unreadable": phrase("文件打不开，可能坏了。请在Word或WPS里打开，另存为docx再上传。"),
    "template-unfillable": phrase("样例内容填不进这份模板。请从自带的模板改起，一次少改几处。"),
    "menu-empty": phrase("{year}年选中的项目里没有可以点单的活动。请换一年，或先把活动加进菜单。"),
    "nothing-real": phrase("还没有真实的内容可以试填。请先用样例试填。"),
    # its tags
    "tag-unknown": phrase("{where}写了“{name}”，没有这一项。能用的都列在下面。"),
    "tag-unknown-near": phrase("{where}写了“{name}”，没有这一项。是不是要写“{near}”？"),
    "tag-not-text": phrase("{where}的“{name}”是一张列表，不能直接写出来。要用{{% for %}}一行一行地写。"),
    "tag-not-rows": phrase("{where}要逐行写“{name}”，可它不是列表。"),
    "tag-not-allowed": phrase("{where}的“{tag}”不能用在模板里。能用的只有：列出的各项、for、if。"),
    "tag-too-deep": phrase("{where}的for套得太深，最多套{most}层。"),
    "tag-syntax": phrase("{where}的“{tag}”写法不对，请核对大括号和百分号是不是成对。"),
    "tag-not-opened": phrase("{where}的{{% {tag} %}}前面没有对应的{{% {opening} %}}。"),
    "tag-not-closed": phrase("{where}的{{% {tag} %}}后面少了{{% {closing} %}}。"),
}
