"""人民币大写: an amount in the characters that receipts need, since figures are easily altered.

After 正确填写票据和结算凭证的基本规定 (支付结算办法, annex 1): 整 stands behind 元 or 角, never behind 分; a run of
noughts between figures is one 零; where the rule leaves 零 open (元 or 万 nought, the figure behind it not), it is left
out.
"""

__all__ = ["MOST_CAPITAL_FEN", "capitals"]

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("仟", "佰", "拾", "")
_GROUPS = ("", "万", "亿", "万亿")

#: The largest amount that can be written, in 分: a 分 under 1,0000,0000,0000,0000 yuan.
MOST_CAPITAL_FEN = 10**18 - 1


def capitals(fen: int) -> str:
    """``壹仟贰佰元伍角整`` for 120050, without 人民币 before it.

    Args:
        fen: 分, from nought to ``MOST_CAPITAL_FEN``.

    Raises:
        ValueError: the amount is outside that.
    """
    if not 0 <= fen <= MOST_CAPITAL_FEN:
        raise ValueError(f"no amount in capitals: {fen}")
    yuan, part = divmod(fen, 100)
    ten, one = divmod(part, 10)
    if not fen:
        return "零元整"
    said = f"{_whole(yuan)}元" if yuan else ""
    if ten:
        said += f"{_DIGITS[ten]}角"
    elif one and yuan:
        said += "零"
    return said + (f"{_DIGITS[one]}分" if one else "整")


def _whole(number: int) -> str:
    """A whole number above nought, in groups of four digits as Chinese counts."""
    groups: list[int] = []
    while number:
        number, group = divmod(number, 10_000)
        groups.append(group)
    said = ""
    for level in range(len(groups) - 1, -1, -1):
        group = groups[level]
        if not group:
            continue
        if said and (group < 1000 or not groups[level + 1]):
            said += "零"
        said += _four(group) + _unit(level, groups)
    return said


def _unit(level: int, groups: list[int]) -> str:
    """万亿 is 万 of 亿: 亿 is said once, behind the lowest group that has any."""
    return "万" if level == 3 and groups[2] else _GROUPS[level]


def _four(group: int) -> str:
    """1 to 9999."""
    said, nought = "", False
    for digit, place in zip(f"{group:04}", _PLACES, strict=True):
        if digit == "0":
            nought = bool(said)
            continue
        said += ("零" if nought else "") + _DIGITS[int(digit)] + place
        nought = False
    return said
