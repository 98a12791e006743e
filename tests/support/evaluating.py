"""A year of one organisation whose scores can be counted by hand, with names and numbers that evaluators never read."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from outreach.accounts.tables import Organisation
from outreach.attendance.attendees import identity_key
from outreach.attendance.domain.identity import identity_of
from outreach.attendance.tables import Attendee, Cost, Evidence, Opinion, SessionRecord
from outreach.bookings.tables import Review
from outreach.events.tables import Event, Session
from outreach.programmes.tables import Programme
from outreach.settings import Settings
from outreach.shared.actors import Actor, Role
from outreach.shared.time import ZONE
from tests.factories.accounts import LONG_AGO, make_actor, make_organisation
from tests.factories.bookings import make_booking, make_headcount
from tests.factories.events import make_event, make_session
from tests.factories.programmes import make_programme, make_target

__all__ = ["NUMBER", "SECRETS", "EvaluatedYear"]

#: Of an attendee; its last four stand in the database.
NUMBER = "13861234567"
#: What stands in the database of people, and nowhere that evaluators look.
SECRETS = (
    "章晓岚", "4567", NUMBER, "胥江机械厂二车间甲班", "陈巧云", "13800000000", "话筒找老钱要", "会后找许师傅签字",
    "老钱讲得好", "签到表扫描件", "给许师傅的车费", "金山路八号许家祠堂",
)  # fmt: skip


class EvaluatedYear:
    """Two programmes of a city in 2015 and one of 2014; ``sessions`` by name."""

    root: Organisation
    union: Organisation
    committee: Organisation
    private: Organisation
    idle: Organisation
    guest: Organisation
    organiser: Actor
    evaluator: Actor
    contact: Actor
    programme: Programme
    other: Programme
    event: Event
    sessions: dict[str, Session]

    async def build(self, settings: Settings) -> "EvaluatedYear":
        self.key = identity_key(settings)
        self.root = await make_organisation(name="市总工会", code="CITY")
        self.union = await make_organisation(parent=self.root, name="胥江机械厂工会", ownership="public")
        self.private = await make_organisation(
            parent=self.root, name="虞山服饰工会", ownership="non_public", district="吴中区"
        )
        self.idle = await make_organisation(parent=self.root, name="阳山精工工会", district="相城区")
        self.committee = await make_organisation(
            parent=self.union, name="胥江机械厂女职工委员会", kind="womens_committee"
        )
        self.guest = await make_organisation(parent=self.private, name="某部三连", kind="guest")
        self.organiser = await make_actor(Role.ORGANISER, self.root)
        self.evaluator = await make_actor(Role.EVALUATOR, self.root)
        self.contact = await make_actor(Role.CONTACT, self.union)
        self.programme = await make_programme(
            self.root, code="talks", name="职工心理健康", position=1, budget_yuan=10_000
        )
        self.other = await make_programme(self.root, code="shows", name="送文化进基层", position=2)
        await make_target(self.programme, value=2.0)
        self.event = await make_event(self.programme)
        self.sessions = {}
        await self._first()
        await self._second()
        await self._uncounted()
        await self._show()
        return self

    async def session(self, name: str, event: Event, at: datetime, **given: Any) -> Session:
        self.sessions[name] = await make_session(
            event, starts_at=at, **{"state": "held", "address": "金山路八号许家祠堂", **given}
        )
        return self.sessions[name]

    async def _first(self) -> None:
        """May: at the union's site, counted by heads, rated, paid for."""
        one = await self.session(
            "may", self.event, datetime(2015, 5, 12, 14, 0, tzinfo=ZONE), host=self.union.id, district="姑苏区",
            visibility="host",
        )  # fmt: skip
        await make_booking(one, self.union, is_host=True, state="attended", note="话筒找老钱要")
        await make_headcount(one, on=date(2015, 5, 12), total=90, workers=80)
        await self.review(one, self.union, (5, 4, 3), again=True)
        await self.cost(one, 40_000, kind="fee")
        await self.cost(one, 10_000, kind="travel", note="给许师傅的车费")
        await self.cost(one, 99_900, removed_at=LONG_AGO)
        await Evidence(
            session=one.id, kind="sheet", digest="0" * 64, media_type="image/jpeg", size_bytes=1,
            name="签到表扫描件.jpg", note="会后找许师傅签字", created_at=LONG_AGO,
        ).save()  # fmt: skip
        await SessionRecord(session=one.id, remarks="会后找许师傅签字", changed_at=LONG_AGO).save()

    async def _second(self) -> None:
        """June: five check-ins of four people, three units booked and one did not come."""
        one = await self.session(
            "june", self.event, datetime(2015, 6, 10, 14, 0, tzinfo=ZONE), state="closed", capacity=10,
            district="吴中区", title="=1+1 倒班与睡眠",
        )  # fmt: skip
        await make_booking(one, self.committee, seats=3, state="attended")
        await make_booking(one, self.private, seats=3, state="confirmed")
        await make_booking(one, self.idle, seats=2, state="no_show")
        await make_booking(one, self.guest, seats=2, state="cancelled")
        await self.attendee(one, "章晓岚", number=NUMBER, organisation=self.union.id, is_worker=True)
        await self.attendee(one, "甲", organisation=self.union.id, is_worker=True)
        await self.attendee(one, "乙", organisation=self.private.id, is_worker=False)
        await self.attendee(one, "丙", organisation=self.guest.id)
        await self.attendee(one, "丁", present=False)
        for mark, change in ((5, "length"), (4, "length"), (4, "place"), (3, "nothing"), (5, "")):
            await self.opinion(one, mark, change)

    async def _uncounted(self) -> None:
        """What does not count in the middle of September 2015."""
        later = await self.session("later", self.event, datetime(2015, 9, 20, 14, 0, tzinfo=ZONE))
        await make_headcount(later, on=date(2015, 9, 20), total=500)
        await self.cost(later, 1_000_000)
        gone = await self.session("gone", self.event, datetime(2015, 6, 11, 14, 0, tzinfo=ZONE), state="cancelled")
        await make_booking(gone, self.idle, state="cancelled")
        await self.session("open", self.event, datetime(2015, 6, 12, 14, 0, tzinfo=ZONE), state="published")

    async def _show(self) -> None:
        """The other programme: a show of many at the private union, and one of the year before."""
        event = await make_event(self.other, title="锡剧折子戏", kind="演出")
        one = await self.session(
            "show", event, datetime(2015, 6, 20, 19, 0, tzinfo=ZONE), host=self.private.id, district="吴中区",
            capacity=None,
        )  # fmt: skip
        await make_headcount(one, on=date(2015, 6, 20), total=400)
        await self.cost(one, 200_000)
        before = await make_programme(self.root, code="shows", year=2014)
        last = await self.session(
            "last year", await make_event(before), datetime(2014, 6, 20, 19, 0, tzinfo=UTC), host=self.private.id
        )
        await make_headcount(last, on=date(2014, 6, 20), total=50)

    async def attendee(
        self, session: Session, name: str, *, number: str = "", present: bool = True, **given: Any
    ) -> Attendee:
        identity = identity_of(self.key, number=number, name=name, unit="胥江机械厂二车间甲班")
        there = {"present": True, "came_by": "qr", "checked_in_at": LONG_AGO} if present else {"expected": True}
        made = Attendee(
            **{
                "session": session.id, "on": session.starts_at.astimezone(ZONE).date(), "name": name,
                "unit_name": "胥江机械厂二车间甲班", "identity": identity.hash, "by_number": identity.by_number,
                "tail": identity.tail, "created_at": LONG_AGO, "changed_at": LONG_AGO, **there, **given,
            }
        )  # fmt: skip
        await made.save()
        return made

    async def opinion(self, session: Session, mark: int, change: str = "") -> None:
        number = await Opinion.count()
        await Opinion(
            session=session.id, given_by=f"{number:064d}", useful=mark, delivery=mark, arrangement=mark, change=change,
            words="老钱讲得好", on=session.starts_at.date(),
        ).save()  # fmt: skip

    async def review(
        self, session: Session, organisation: Organisation, marks: tuple[int, int, int], *, again: bool
    ) -> None:
        lecturer, content, organising = marks
        await Review(
            session=session.id, organisation=organisation.id, lecturer=lecturer, content=content, organising=organising,
            again=again, words="话筒找老钱要", created_at=LONG_AGO,
        ).save()  # fmt: skip

    async def cost(self, session: Session, fen: int, *, kind: str = "fee", **given: Any) -> None:
        await Cost(
            **{
                "session": session.id, "kind": kind, "amount_fen": fen, "created_at": LONG_AGO, "changed_at": LONG_AGO,
                **given,
            }
        ).save()  # fmt: skip

    @property
    def programme_id(self) -> UUID:
        return self.programme.id
