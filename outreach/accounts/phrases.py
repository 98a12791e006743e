"""What the refusals of accounts say."""

from outreach.shared.i18n import phrase
from outreach.web.problems import ProblemPhrase

__all__ = ["FIELDS", "PROBLEMS"]

PROBLEMS: dict[str, ProblemPhrase] = {
    "login-refused": ProblemPhrase(
        phrase("没有登录成功"),
        phrase("登录名、手机号或密码不对。请再试一次；忘了密码，请上级工会发一张登录码。"),
        phrase("登录名（或手机号）与密码对不上，或者账号已停用。忘了密码时，上级工会可以发一张一次性的登录码。"),
    ),
    "entry-code-spent": ProblemPhrase(
        phrase("这张登录码不能用了"),
        phrase("登录码只能用一次，14天内有效。请核对有没有输错；还不行，请上级工会重新发一张。"),
        phrase("登录码输错了、已经用过、过了14天，或者之后又发过新的一张。请上级工会重新发一张。"),
    ),
    "no-login-name": ProblemPhrase(
        phrase("还不能发登录码"),
        phrase("这个人没有登录名，也没有手机号，拿到登录码也无法登录。请先补上其中一项。"),
        phrase("发登录码之前，人员要有登录名或手机号。"),
    ),
    "role-already-granted": ProblemPhrase(
        phrase("这个角色已经有了"),
        phrase("这个人在这个单位已有同样的角色，不用再加。要改起止日期，请先结束原来的角色。"),
        phrase("同一个人在同一个单位，同样的角色只能有一个没有结束的。"),
    ),
    "last-administrator": ProblemPhrase(
        phrase("至少要留一位管理员"),
        phrase("这是最后一位管理员。请先让另一个人担任管理员，再来办这件事。"),
        phrase("系统里至少要有一位没有停用的管理员。"),
    ),
    "administrator-exists": ProblemPhrase(
        phrase("已经有管理员了"),
        phrase("首位管理员早已建好。要再加一位，请由现有的管理员在“人员”里添加。"),
        phrase("首位管理员只在空的系统里建一次。"),
    ),
}

FIELDS: dict[str, str] = {
    "login-refused": phrase("登录名、手机号或密码不对。请再试一次；忘了密码，请上级工会发一张登录码。"),
    "needs-parent": phrase("女职工委员会和其他服务对象要挂在一个工会下面，请选上级组织。"),
    "needs-union": phrase("女职工委员会要挂在工会下面，不能挂在工人文化宫下面。"),
    "takes-nothing-below": phrase("女职工委员会和其他服务对象下面不能再挂组织，请另选上级。"),
    "has-organisations-below": phrase("它下面还有别的组织，不能改成这一类。请先把下面的组织移走。"),
    "below-itself": phrase("不能挂到自己或自己的下级下面，请另选上级。"),
    "code-taken": phrase("这个编码已经用了，请换一个。"),
    "login-name-taken": phrase("这个登录名已经有人用，请换一个。"),
    "phone-taken": phrase(
        "这个手机号已经有人用。请先查一查这个人是不是已经在名单里；不在您的范围内时，请市总工会把他加到这个单位。"
    ),
    "login-name-is-number": phrase("登录名里要有字母或汉字。手机号请填在“手机”一栏，也能用来登录。"),
    "login-name-or-phone": phrase("登录名和手机至少填一项，不然拿到登录码也无法登录。"),
    "phone-length": phrase("手机号要11位，现在是{length}位。"),
    "in-the-future": phrase("这个日期还没有到。"),
    "until-before-from": phrase("结束日期要在开始日期之后。"),
    "organisation-needed": phrase("请选这个角色所在的单位。"),
    "no-organisation": phrase("管理员管整个系统，不用选单位。"),
    "password-too-short": phrase("密码至少{least}位，现在是{length}位。可以用几个词连起来，好记又安全。"),
    "password-is-name": phrase("密码不能和登录名、手机号或姓名一样。"),
    "password-common": phrase("这个密码太常见，很容易被猜到。请换一个，例如三四个不相干的词连起来。"),
    "passwords-differ": phrase("两次输入的密码不一样，请再输一次。"),
    "password-wrong": phrase("现在的密码不对。忘了的话，请上级工会发一张登录码。"),
    "entry-code-shape": phrase("登录码是12个字母和数字，例如K7QM-A4XT-9WHC。请照着纸上再输一次。"),
    "parent-differs": phrase("这个组织现在的上级不是它。换上级请在“组织”页面上办，导入只更新其他内容。"),
}
