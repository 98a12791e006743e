"""What hooks refuse, in words."""

from outreach.shared.i18n import phrase
from outreach.web.problems import ProblemPhrase

__all__ = ["FIELDS", "PROBLEMS"]

PROBLEMS: dict[str, ProblemPhrase] = {
    "nothing-to-replay": ProblemPhrase(
        phrase("这一条正在发"),
        phrase("它还在排队或正在发送。等有了结果，再决定要不要再发一次。"),
        phrase("只有发出了的和没有送到的可以再发一次；还在排队的会自己发出去。"),
    ),
    "not-ours-to-sign": ProblemPhrase(
        phrase("机器人的密钥不在这里生成"),
        phrase("钉钉和飞书的加签密钥在机器人的设置页上，改了以后填到这里。"),
        phrase("群机器人的加签密钥由它的平台生成。只有“其他系统”的签名密钥可以在这里重新生成。"),
    ),
}

FIELDS: dict[str, str] = {
    "not-an-address": phrase("这不是一个可以用的网址。请从机器人的设置页整行复制。"),
    "not-https": phrase("网址要以https://开头。"),
    "private-address": phrase("这个地址在内部网络里，不能发到那里。请填公网上的地址。"),
    "robot-signs-nothing": phrase("企业微信的机器人不用加签，请留空。"),
    "no-kind-chosen": phrase("请至少勾选一件要通知的事。"),
}
