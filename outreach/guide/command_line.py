"""What ``outreach serve`` prints on an installation that nobody has set up yet."""

from outreach.accounts.queries.administrators import had_administrator
from outreach.guide.domain.start_code import start_code
from outreach.settings import Settings, secret_of

__all__ = ["start_line"]


async def start_line(settings: Settings, address: str) -> str:
    """How the first administrator is made, with the one-time address below ``address``; empty once there was one."""
    if await had_administrator():
        return ""
    return (
        "还没有管理员。用这个网址设立第一个（只能用一次） / No administrator yet; make the first one here: "
        f"{address}/start?code={start_code(secret_of(settings))}"
    )
