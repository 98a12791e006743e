"""Scans of stamped forms: what is kept, what is refused, and what is never kept."""

import hashlib
import io
import stat
import tarfile
from datetime import datetime
from pathlib import Path

import pytest
from PIL import Image

from outreach.backup import _pack
from outreach.bookings.orders import commands
from outreach.bookings.orders.domain.errors import OrderStateError
from outreach.shared import db
from outreach.shared.errors import ForbiddenError, InvalidError, NotFoundError
from outreach.shared.files import MOST_BYTES, file_path, store_file
from tests.support.orders import OrderWorld


def picture(kind: str = "JPEG", size: tuple[int, int] = (60, 40), *, place: str = "", mode: str = "RGB") -> bytes:
    """A picture whose EXIF says where it was taken."""
    made, written = Image.new(mode, size, 200), io.BytesIO()
    exif = Image.Exif()
    if place:
        exif[0x010E] = place
        exif[0x0112] = 6  # lies on its side
    made.save(written, format=kind, **({"exif": exif} if place else {}))
    return written.getvalue()


def kept_in(home: Path) -> list[Path]:
    return list(home.rglob("*"))


async def test_a_scan_is_kept_by_its_digest_and_the_latest_is_shown(
    database: None, now: datetime, tmp_path: Path
) -> None:
    """Mode 0600, named by its bytes, with its journal line; the backup packs the folder."""
    world = await OrderWorld().build()
    order = await world.submit(now)
    pdf = b"%PDF-1.7 stamped"

    first = await commands.attach_scan(
        world.contact, now, order_id=order.id, name="申请表.jpg", data=picture(), home=tmp_path
    )
    second = await commands.attach_scan(
        world.organiser, now, order_id=order.id, name="申请表.pdf", data=pdf, home=tmp_path
    )

    assert (first.scan_media_type, first.scan_name) == ("image/jpeg", "申请表.jpg")
    assert (second.scan_media_type, second.scan_digest) == ("application/pdf", hashlib.sha256(pdf).hexdigest())
    kept = file_path(tmp_path, second.scan_digest or "")
    assert kept.read_bytes() == pdf
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "files").stat().st_mode) == 0o700
    assert await db.value("SELECT count(*) FROM accounts_journal WHERE action = 'order.scan_attached'") == 2
    dump = tmp_path / "dump"
    dump.write_bytes(b"")
    (kept.parent / f".{kept.name}.0a1b2c3d").write_bytes(b"half")  # of a process that writes or was killed
    _pack(tmp_path, dump, tmp_path / "all.tar.gz")
    with tarfile.open(tmp_path / "all.tar.gz") as packed:
        files = [name for name in packed.getnames() if name.startswith("files/")]
    assert f"files/{kept.parent.name}/{kept.name}" in files
    assert len(files) == 2  # both scans, whole


async def test_who_may_attach_and_until_when(database: None, now: datetime, tmp_path: Path) -> None:
    """Nothing is written for those who may not."""
    world = await OrderWorld().build()
    order = await world.submit(now, joined_by=(world.small.id,))

    async def attach(actor: object) -> None:
        await commands.attach_scan(actor, now, order_id=order.id, name="", data=picture(), home=tmp_path)  # type: ignore[arg-type]

    with pytest.raises(NotFoundError):
        await attach(world.stranger)
    with pytest.raises(ForbiddenError):
        await attach(world.rival)
    assert kept_in(tmp_path) == []
    await commands.withdraw_order(world.contact, now, order_id=order.id)
    with pytest.raises(OrderStateError):
        await attach(world.contact)


async def test_a_picture_is_written_anew_without_what_the_camera_hid_in_it(tmp_path: Path) -> None:
    """EXIF and bytes behind the end are gone; what lay on its side stands upright."""
    given = picture(place="金山路8号") + b"<script>hidden</script>"

    stored = await store_file(tmp_path, given)
    kept = file_path(tmp_path, stored.digest).read_bytes()

    assert (len(kept), hashlib.sha256(kept).hexdigest()) == (stored.size_bytes, stored.digest)
    assert b"hidden" not in kept
    with Image.open(io.BytesIO(kept)) as opened:
        assert (opened.size, dict(opened.getexif())) == ((40, 60), {})


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGBA", "RGB"])
async def test_every_kind_of_picture_can_be_kept(tmp_path: Path, mode: str) -> None:
    stored = await store_file(tmp_path, picture("PNG", mode=mode))

    assert stored.media_type == "image/png"


async def test_a_large_scan_is_made_smaller(tmp_path: Path) -> None:
    stored = await store_file(tmp_path, picture(size=(5_000, 2_500)))

    with Image.open(file_path(tmp_path, stored.digest)) as opened:
        assert opened.size == (4_000, 2_000)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "required"),
        (b"x" * (MOST_BYTES + 1), "file-too-large"),
        (b"MZ\x90\x00 a program", "not-a-scan"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not-a-scan"),
        (picture("GIF", mode="L"), "not-a-scan"),
        (picture()[:200], "not-a-scan"),
        (picture(size=(8_000, 7_000), mode="L"), "picture-too-large"),
        (picture("PNG", size=(14_000, 14_000), mode="1"), "picture-too-large"),
    ],
    ids=["empty", "large", "program", "svg", "gif", "cut", "pixels", "bomb"],
)
async def test_what_is_no_scan_is_refused_and_not_kept(tmp_path: Path, data: bytes, code: str) -> None:
    with pytest.raises(InvalidError) as refused:
        await store_file(tmp_path, data, field="file")

    assert [(one.field, one.code) for one in refused.value.problems] == [("file", code)]
    assert kept_in(tmp_path) == []


@pytest.mark.parametrize("digest", ["", "../../etc/passwd", "a" * 63, "中" * 64, "a/" * 32])
def test_a_path_is_asked_for_by_a_digest_only(tmp_path: Path, digest: str) -> None:
    with pytest.raises(NotFoundError):
        file_path(tmp_path, digest)
