"""Mails by bare aiosmtplib: ``python -m bench.bare_mail PORT CONNECTIONS COUNT`` prints the seconds it took.

The same parts as the application's (plain, HTML, calendar, file), composed and written out beforehand: what is measured
is handing them over, by ``sendmail`` over as many connections as the application uses.
"""

import asyncio
import sys
import time
from email.message import EmailMessage
from email.policy import SMTP

import aiosmtplib

HTML = "<!doctype html><html><body>" + "<p>预约已确认：“倒班职工的睡眠与情绪”，20人。</p>" * 40 + "</body></html>"
CALENDAR = (
    "BEGIN:VCALENDAR\r\n" + "X-LINE:倒班职工的睡眠与情绪，木渎镇职工活动中心三楼报告厅\r\n" * 20 + "END:VCALENDAR\r\n"
)


def mail(number: int) -> bytes:
    made = EmailMessage()
    made["From"], made["To"] = "noreply@example.cn", f"reader{number}@example.cn"
    made["Subject"], made["Message-ID"] = (
        "预约已确认：倒班职工的睡眠与情绪，9月24日14:00",
        f"<bare-{number}@example.cn>",
    )
    made.set_content("预约已确认：“倒班职工的睡眠与情绪”，20人。\n" * 8)
    made.add_alternative(HTML, subtype="html")
    made.add_alternative(CALENDAR, subtype="calendar")
    made.add_attachment(CALENDAR.encode(), maintype="application", subtype="ics", filename="invite.ics")
    return made.as_bytes(policy=SMTP)


async def main(port: int, connections: int, count: int) -> None:
    waiting = [mail(number) for number in range(count)]

    async def one() -> None:
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, local_hostname="bench", start_tls=False) as client:
            while waiting:
                await client.sendmail("noreply@example.cn", "reader@example.cn", waiting.pop())

    began = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(connections)))
    print(time.perf_counter() - began)


if __name__ == "__main__":
    asyncio.run(main(*(int(word) for word in sys.argv[1:])))
