"""What jobs refuse, in words."""

from outreach.shared.i18n import phrase
from outreach.web.problems import ProblemPhrase

__all__ = ["FIELDS", "PROBLEMS"]

PROBLEMS: dict[str, ProblemPhrase] = {
    "report-job-not-done": ProblemPhrase(
        phrase("这份报告还没有做好"),
        phrase("请等进度到100%再下载；没有做成的可以再试一次。"),
        phrase("报告任务还在排队、正在做、没有做成或已停止，没有文件可以下载。请先读取任务，看它的 state。"),
    ),
    "report-job-file-gone": ProblemPhrase(
        phrase("这份报告的文件已经删去"),
        phrase("做好的文件只留{days}天，到期自动删去。请按同样的范围再做一份。"),
        phrase(
            "后台做的报告做好以后留一段时间供下载，到期文件自动删去，任务的记录还在。请再要一份；要长久保存的请定稿。"
        ),
    ),
    "report-job-state": ProblemPhrase(
        phrase("这份报告现在不能这样办"),
        phrase("它的情况已经变了。请刷新后看最新进度。"),
        phrase("做好的报告不能停止，正在做的不能重做。请重新读取任务，看它的 state。"),
    ),
    "too-many-report-jobs": ProblemPhrase(
        phrase("排队的报告太多了"),
        phrase("您已有{most}份报告在排队。请等几份做好，或停止不要的。"),
        phrase("同一个人同时排队的报告有上限。请等前面的做好，或停止不要的，再提交新的。"),
    ),
    "report-job-given-up": ProblemPhrase(
        phrase("做了几次都中断了"),
        phrase(
            "试了{tries}次，每次都在中途断掉，可能是服务器内存不够。请缩小范围（例如只选一个项目），或请管理员看日志。"
        ),
        phrase("做这份报告的进程几次在中途被结束，常见原因是内存不够。请缩小报告的范围，或增加服务器内存后再试。"),
    ),
}

FIELDS: dict[str, str] = {
    "as-of-outside-year": phrase("截止日要在{year}年1月1日以后。"),
}
