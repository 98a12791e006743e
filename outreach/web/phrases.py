"""What the refusals of the kernel say; features add theirs from ``phrases.py`` of their own."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from outreach.shared.i18n import phrase

__all__ = ["FIELDS", "PROBLEMS", "ProblemPhrase"]


class ProblemPhrase(NamedTuple):
    """What a refusal says: ``title`` for the problem type, ``detail`` filled with the error's facts, ``help`` for its
    page under ``/problems/<code>``: why it happens and what to do. ``by_scope``: the detail where the error's ``scope``
    decides what is to be said."""

    title: str
    detail: str = ""
    help: str = ""
    by_scope: Mapping[str, str] = MappingProxyType({})


PROBLEMS: dict[str, ProblemPhrase] = {
    "invalid": ProblemPhrase(
        phrase("有内容要改"),
        phrase("请按下面的说明改正后再提交，什么都还没有保存。"),
        phrase("请求里有一个或几个字段不能用。errors 里逐个写明字段和改法；改正后再发一次即可，此前什么都没有保存。"),
    ),
    "login-required": ProblemPhrase(
        phrase("请先登录"),
        phrase("这一页要登录后才能看。"),
        phrase("没有带登录凭据，或凭据已失效。浏览器请重新登录；程序请在 Authorization 里带上有效的令牌。"),
    ),
    "forbidden": ProblemPhrase(
        phrase("您没有这项权限"),
        phrase("这件事要由负责的工会来办。需要办理时请联系上级工会。"),
        phrase("登录是有效的，但这个人的角色不允许这样做。需要时请管理员调整角色。"),
    ),
    "not-found": ProblemPhrase(
        phrase("没有找到"),
        phrase("地址可能写错了，或者它不对您开放。"),
        phrase("对象不存在，或者按规则不向您显示。请核对地址；确有需要时请联系主办单位。"),
    ),
    "stale": ProblemPhrase(
        phrase("内容已被别人改过"),
        phrase("您打开以后，别人刚保存过。请重新载入，再改一次。"),
        phrase("If-Match 里的版本不是现在的版本。请重新读取对象，合并改动后带上新的 ETag 再提交。"),
    ),
    "too-many-requests": ProblemPhrase(
        phrase("试得太频繁了"),
        phrase("请过{retry_after}秒再试。"),
        phrase("短时间内尝试次数过多。Retry-After 写明多少秒以后可以再试。"),
    ),
    "unavailable": ProblemPhrase(
        phrase("暂时办不了"),
        phrase("系统正忙或正在维护，请稍后再试。您填的内容没有丢。"),
        phrase("数据库暂时连不上或正忙。请按 Retry-After 等一会儿，用同一个 Idempotency-Key 再发一次不会重复。"),
    ),
    "wrong-state": ProblemPhrase(
        phrase("现在的状态不能这样做"),
        phrase("它现在是“{state}”。请刷新后看最新情况。"),
        phrase("对象已被改到别的状态，例如已取消或已办完。请重新读取后再决定。"),
    ),
    "idempotency-key-reused": ProblemPhrase(
        phrase("这个请求编号已经用过"),
        phrase("同一个 Idempotency-Key 曾用于不同的内容，请换一个新的编号。"),
        phrase("Idempotency-Key 与之前的请求相同而内容不同。每一次新的请求要用新的编号。"),
    ),
    "csrf": ProblemPhrase(
        phrase("页面放得太久了"),
        phrase("请重新载入页面后再提交。"),
        phrase("表单里的安全令牌缺失或过期。请重新载入页面；程序请改用令牌登录，或带上 X-CSRF-Token。"),
    ),
    "bad-request": ProblemPhrase(
        phrase("请求无法读懂"),
        phrase("请求的格式不对：{reason}"),
        phrase("内容不是有效的 JSON，或请求头不完整。请核对格式后再发。"),
    ),
    "method-not-allowed": ProblemPhrase(
        phrase("这个地址不支持这种请求"), "", phrase("请按接口文档使用正确的 HTTP 方法。")
    ),
    "unsupported-media-type": ProblemPhrase(
        phrase("内容类型不对"),
        phrase("请用 {expected} 发送。"),
        phrase("Content-Type 不是这个接口所要的类型。"),
    ),
    "too-large": ProblemPhrase(phrase("内容太大"), "", phrase("请求超过了大小上限，请分几次发送。")),
    "internal": ProblemPhrase(
        phrase("程序出错了"),
        phrase("错误已经记下，编号 {reference}。您可以稍后再试，或把编号告诉管理员。"),
        phrase("程序内部出错，已写入日志。把编号告诉管理员可以查到原因。"),
    ),
}

FIELDS: dict[str, str] = {
    "required": phrase("请填写。"),
    "unknown-field": phrase("没有这个字段，请删去。"),
    "not-an-object": phrase("内容应是一个 JSON 对象。"),
    "not-text": phrase("应是文字。"),
    "not-whole-number": phrase("应是整数。"),
    "not-number": phrase("应是数字。"),
    "not-boolean": phrase("应是 true 或 false。"),
    "not-list": phrase("应是列表。"),
    "too-few-items": phrase("至少要有{least}项，现在是{count}项。"),
    "too-many-items": phrase("最多{most}项，现在是{count}项。"),
    "not-date": phrase("日期要写成2015-05-12这样。"),
    "not-time": phrase("时间要写成2015-05-12T14:00:00+08:00这样，并带时区。"),
    "not-an-id": phrase("不是有效的编号。"),
    "not-one-of": phrase("只能是：{options}。"),
    "too-small": phrase("不能小于{least}。"),
    "not-above": phrase("要大于{least}。"),
    "too-large-number": phrase("不能大于{most}。"),
    "too-short": phrase("至少{least}个字。"),
    "too-long": phrase("最多{most}个字，现在是{length}个。"),
    "bad-characters": phrase("里面有不能用的字符（例如控制字符），请重新输入。"),
    "year-out-of-range": phrase("年份{year}不对，应在{first}年到{last}年之间。"),
    "bad-cursor": phrase("翻页标记无效，请从第一页重新开始。"),
    "not-found": phrase("没有找到，或不在您的范围内。"),
    "unusable": phrase("这个值不能用。"),
    "bad-phone": phrase("请填写手机号（11位）或带区号的电话。"),
}
