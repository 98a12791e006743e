"""Messages and channels for tests of deliveries: real rows, and a channel that says what a test tells it to."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from outreach.accounts.tables import Organisation, Person
from outreach.notifications.channels import Letter
from outreach.notifications.outbox import enqueue_within
from outreach.notifications.tables import Delivery
from outreach.shared import db
from outreach.shared.actors import Role
from outreach.shared.ids import new_id
from tests.factories.accounts import LONG_AGO, make_grant, make_person

__all__ = ["Counting", "deliveries", "make_reader", "tell"]


class Counting:
    """Takes every letter and notes it; ``answer`` may raise what a channel raises."""

    def __init__(
        self, name: str = "mail", answer: Callable[[Letter], Awaitable[None]] | None = None, parallel: int = 4
    ) -> None:
        self.name, self.parallel, self._answer = name, parallel, answer
        self.taken: list[Letter] = []

    async def send(self, letter: Letter) -> None:
        await asyncio.sleep(0)
        if self._answer is not None:
            await self._answer(letter)
        self.taken.append(letter)

    async def close(self) -> None:
        """Nothing is open."""


async def make_reader(organisation: Organisation | None = None, role: Role = Role.CONTACT, **given: Any) -> Person:
    """A person with a confirmed address, and a role in the organisation."""
    person = await make_person(
        **{"email": f"{new_id().hex}@example.cn", "email_confirmed_at": LONG_AGO, **given},
    )
    if organisation is not None:
        await make_grant(person, role, organisation)
    return person


async def tell(
    kind: str,
    now: datetime,
    *,
    organisation_id: UUID | None = None,
    person_id: UUID | None = None,
    object_kind: str = "session",
    object_id: UUID | None = None,
    **facts: Any,
) -> None:
    """Enqueue one message in a transaction of its own."""
    async with db.atomic():
        await enqueue_within(
            kind,
            now,
            object_kind=object_kind,
            object_id=object_id or new_id(),
            organisation_id=organisation_id,
            person_id=person_id,
            facts={"title": "倒班职工的睡眠与情绪", **facts},
        )


async def deliveries() -> list[Delivery]:
    """Every delivery, in the order in which they were made."""
    return list(await Delivery.objects().order_by(Delivery.id))
