import asyncio, io, os, random
from datetime import timedelta
from uuid import uuid4
import pytest
from litestar import Litestar
from outreach.attendance.opening_doors import open_door
from outreach.shared import db
from outreach.shared.actors import Role
from outreach.shared.files import store_file
from outreach.shared.errors import InvalidError
from tests.factories.accounts import browser_of, client_of, make_actor, make_organisation
from tests.factories.bookings import BookingWorld, make_booking
from tests.factories.events import STARTS_AT
from tests.support.clock import FixedClock
from tests.support.pages import form_token, post_form
from tests.support.handing_in import picture
from PIL import Image

pytestmark = pytest.mark.usefixtures("database")

@pytest.fixture
async def world(clock: FixedClock) -> BookingWorld:
    made = await BookingWorld().build()
    clock.moment = STARTS_AT + timedelta(hours=3)
    return made

async def test_nul(app: Litestar, world: BookingWorld) -> None:
    s, p = world.session.id, world.programme.id
    door = await open_door(world.organiser, STARTS_AT, session_id=s)
    bad = []
    urls = [
        f"/sessions/{s}/list?q=%00", f"/sessions/{s}/list?on=%00&undo=%00", f"/desk/closing?programme=%00", f"/desk/closing?page=10000",
        "/desk/scorecard?organisation=%00", "/desk/scorecard?as_of=%00", "/desk/scorecard.xlsx?organisation=%00", "/evaluation?organisation=%00", "/evaluation/sessions?programme=%00",
        "/evaluation/2015/sessions.xlsx?organisation=%00", "/evaluation/2015/attendees.csv?organisation=%00", "/api/v1/scorecard?organisation=%00",
        f"/desk/programmes/{p}/costs?after=%00", f"/desk/programmes/{p}/costs?as_of=9999-12-31", f"/desk/programmes/{p}/costs?as_of=0001-01-01", f"/desk/programmes/{p}/fee-sheet?month=2015-13",
        f"/desk/programmes/{p}/papers?from=%00", f"/desk/programmes/{p}/ledger.xlsx?year=0000", f"/desk/programmes/{p}/ledger.xlsx?year=9999",f"/desk/programmes/{p}/evidence.zip?to=9999-12-31",
        f"/desk/sessions/{s}/certificates?q=%00", f"/desk/sessions/{s}/certificates?q=%25_", f"/desk/sessions/{s}/certificates?page=99999", "/certificates/%00", "/certificates?number=%00", "/certificates/999999999999999-9999-AAAAAAAA", "/certificates?number=%ED%A0%80",
        f"/checkin/{door.token}/opinion?who=%00", f"/checkin/{door.token}/opinion?who=%ED%A0%80.%ED%A0%80", "/api/v1/coverage?organisation=%00", "/api/v1/coverage?as_of=9999-12-31", "/api/v1/coverage?year=2015&as_of=0001-01-01",
        "/api/v1/outside-services?after=%00", "/desk/coverage?as_of=9999-12-31", "/desk/coverage?organisation=%00", "/desk/coverage?after=%00",
        f"/evaluation/programmes/{p}?as_of=%00", f"/evaluation/sessions/{s}?after=%00", "/menu?programme=%00", f"/api/v1/sessions/{s}/attendees?after=%00",
        "/evaluation/2015/sessions.xlsx?as_of=%00",
    ]
    async with browser_of(app, world.organiser) as b:
        for u in urls:
            try:
                r = await b.get(u)
                if r.status_code >= 500: bad.append((u, r.status_code, r.text[:200]))
                else: print(r.status_code, u)
            except Exception as e:
                bad.append((u, repr(e)[:300]))
    for x in bad: print("BAD", x)
    assert not bad

async def test_filenames(app: Litestar, world: BookingWorld) -> None:
    await db.execute("UPDATE events_session SET state='held'")
    s = world.session.id
    bad = []
    async with browser_of(app, world.organiser) as b:
        tok = form_token((await b.get(f"/sessions/{s}/evidence")).text)
        for n, name in enumerate(["a\x00b.jpg", "\u202egpj.exe", "\u200f", "x" * 300 + ".jpg", "../../etc/passwd", "a\nb.jpg", 'a"b;.jpg', "李" * 60 + ".jpg", ".jpg", "a\ud800.jpg".encode("utf-8", "surrogatepass").decode("latin-1")]):
            # raw multipart
            bd = "xxBOUNDxx"
            nm = name.encode("utf-8", "surrogatepass").replace(b'"', b"%22").replace(b"\n", b"%0A")
            body = b"".join([
                f"--{bd}\r\nContent-Disposition: form-data; name=\"_csrf\"\r\n\r\n{tok}\r\n".encode() if isinstance(tok, str) else b"",
                f"--{bd}\r\nContent-Disposition: form-data; name=\"kind\"\r\n\r\nphoto\r\n".encode(),
                f"--{bd}\r\nContent-Disposition: form-data; name=\"files\"; filename=\"".encode() + nm + b"\"\r\nContent-Type: image/jpeg\r\n\r\n" + picture(n * 20) + b"\r\n",
                f"--{bd}--\r\n".encode()])
            try:
                r = await b.post(f"/sessions/{s}/evidence", content=body, headers={"content-type": f"multipart/form-data; boundary={bd}"})
                print(repr(name)[:40], r.status_code, r.headers.get("location"))
                if r.status_code >= 500: bad.append((name, r.text[:300]))
            except Exception as e:
                bad.append((name, repr(e)[:300]))
        rows = await db.rows("SELECT id, name FROM attendance_evidence")
        for one in rows:
            r = await b.get(f"/sessions/{s}/evidence/{one['id']}")
            print(repr(one["name"])[:60], r.status_code, r.headers.get("content-disposition"))
        r = await b.get(f"/sessions/{s}/evidence"); print(r.status_code)
        r = await b.get(f"/desk/sessions/{s}/ledger.xlsx"); print(r.status_code)
        r = await b.get(f"/desk/sessions/{s}/evidence.zip"); print(r.status_code)
    for x in bad: print("BAD", x)
    assert not bad
