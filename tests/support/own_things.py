"""What a district has of its own beside sessions: materials, a tour, leave, requests, hand-overs, a preview."""

import json
from datetime import date, datetime, timedelta
from typing import Any

from outreach.accounts.tables import ContactRequest, Leave, Organisation
from outreach.events.tables import Event, Provider
from outreach.imports.tables import Preview
from outreach.materials.tables import MaterialApplication, MaterialItem, MaterialMovement, MaterialRound, MaterialScan
from outreach.persons.tables import Handover, Merge
from outreach.programmes.tables import CalendarLabel, Programme
from outreach.shared.actors import Actor, Role
from outreach.shared.time import ZONE
from outreach.tours.tables import Stop, Tour
from tests.factories.accounts import LONG_AGO, make_grant, make_person

__all__ = ["own_things"]


async def own_things(
    place: Organisation, union: Organisation, organiser: Actor, programme: Programme, event: Event, provider: Provider,
    *, name: str, code: str,
) -> tuple[dict[str, Any], tuple[str, ...]]:  # fmt: skip
    """Write them; the ids as addresses name them, and words that stand nowhere else."""
    digest = code.lower() * 64
    item = MaterialItem(organisation=place.id, name=f"{name}内部手册", unit="册", stock=90, created_at=LONG_AGO)
    await item.save()
    movement = MaterialMovement(
        item=item.id, kind="receipt", change=90, on=date(2015, 5, 12), note=f"{name}印刷厂", created_at=LONG_AGO
    )
    await movement.save()
    round_ = MaterialRound(
        item=item.id, programme=programme.id, title=f"{name}内部申报", quantity=50, apply_until=date(2015, 10, 31),
        hazard_percent=100, note=f"{name}申报说明", created_at=LONG_AGO,
    )  # fmt: skip
    await round_.save()
    application = MaterialApplication(
        round=round_.id, organisation=union.id, wanted=9, members=90, note=f"{name}车间要", applied_at=LONG_AGO
    )
    await application.save()
    scan = MaterialScan(
        round=round_.id, digest=digest, media_type="image/jpeg", size_bytes=9, name=f"{name}签收表.jpg",
        created_at=LONG_AGO,
    )  # fmt: skip
    await scan.save()
    leaving, standing_in = await make_person(name=f"{name}休假人"), await make_person(name=f"{name}代理人")
    await make_grant(leaving, Role.CONTACT, union)
    await make_grant(standing_in, Role.CONTACT, union)
    leave = Leave(
        person=leaving.id, deputy=standing_in.id, from_on=date(2015, 9, 1), until_on=date(2015, 10, 1),
        note=f"{name}进修", created_at=LONG_AGO,
    )  # fmt: skip
    await leave.save()
    request = ContactRequest(
        unit=union.name, organisation=union.id, name=f"{name}申请人", phone="1370000000" + {"A": "1", "B": "2"}[code],
        note=f"{name}申请说明", created_at=LONG_AGO,
    )  # fmt: skip
    await request.save()
    handover = Handover(
        giver=leaving.id, taker=standing_in.id, giver_name=leaving.name, taker_name=standing_in.name,
        note=f"{name}交接说明", items=json.dumps([]), created_by=organiser.person_id, created_at=LONG_AGO,
    )  # fmt: skip
    await handover.save()
    merge = Merge(
        kept=leaving.id, dropped=standing_in.id, kept_name=leaving.name, dropped_name=standing_in.name,
        reason=f"{name}重复", moved=json.dumps({}), created_by=organiser.person_id, created_at=LONG_AGO,
    )  # fmt: skip
    await merge.save()
    tour = Tour(
        organisation=place.id, event=event.id, provider=provider.id, name=f"{name}送春联", minutes=60, state="draft",
        first_on=date(2015, 10, 12), last_on=date(2015, 10, 16), note=f"{name}巡回说明", created_at=LONG_AGO,
    )  # fmt: skip
    await tour.save()
    stop = Stop(tour=tour.id, host=union.id, number=1, address=f"{name}机械厂大门")
    await stop.save()
    # One of an hour ago: a day later previews are forgotten.
    preview = Preview(
        kind="units", digest=digest, name=f"{name}名单.xlsx", created_by=organiser.person_id,
        created_at=datetime(2015, 9, 15, 8, tzinfo=ZONE) - timedelta(hours=1), fingerprint=digest, rejected=1,
    )  # fmt: skip
    await preview.save()
    label = CalendarLabel(
        year=2015, kind="campaign", name=f"{name[:2]}读书月{code}", from_on=date(2015, 10, 1),
        last_on=date(2015, 10, 31), changed_at=LONG_AGO,
    )  # fmt: skip
    await label.save()
    ids = {
        "item_id": item.id, "movement_id": movement.id, "round_id": round_.id, "application_id": application.id,
        "scan_id": scan.id, "leave_id": leave.id, "request_id": request.id, "handover_id": handover.id,
        "merge_id": merge.id, "tour_id": tour.id, "stop_id": stop.id, "preview_id": preview.id, "label_id": label.id,
    }  # fmt: skip
    secrets = (
        item.name, movement.note, round_.title, round_.note, application.note, scan.name, leaving.name,
        standing_in.name, leave.note, request.name, request.phone, request.note, handover.note, merge.reason,
        tour.name, tour.note, stop.address, preview.name,
    )  # fmt: skip
    return ids, secrets
