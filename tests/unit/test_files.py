"""What an uploaded file may be, and what is left of it when it is kept.

``tests/support/files`` holds two HEIC files, since the program reads HEIC and cannot write it: both were drawn with
Pillow and saved with pillow-heif 1.4 (x265). ``photo.heic`` is 64 × 96 pixels once it stands upright (its EXIF
orientation was 6), blue in one corner, red elsewhere, with a camera's name, an address and a GPS position in its EXIF;
``wide.heic`` claims 9000 × 6000 grey pixels in 12 kB.
"""

import hashlib
import io
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image

from outreach.shared.errors import InvalidError
from outreach.shared.files import MOST_BYTES, file_path, forget_unfinished, store_file
from tests.support.handing_in import kept_in

FILES = Path(__file__).parent.parent / "support" / "files"
PHOTO = (FILES / "photo.heic").read_bytes()
WIDE = (FILES / "wide.heic").read_bytes()
GPS, ORIENTATION, DESCRIPTION = 0x8825, 0x0112, 0x010E


def camera_jpeg() -> bytes:
    """A JPEG as a phone writes it: lying on its side, with the place where it was taken."""
    exif = Image.Exif()
    exif[DESCRIPTION], exif[ORIENTATION] = "Jinshan Road 8", 6
    exif[GPS] = {1: "N", 2: (31.0, 15.0, 54.0), 3: "E", 4: (120.0, 37.0, 12.0)}
    written = io.BytesIO()
    Image.new("RGB", (60, 40), (200, 30, 30)).save(written, format="JPEG", exif=exif)
    return written.getvalue()


def position_in(data: bytes) -> dict[int, object]:
    with Image.open(io.BytesIO(data)) as opened:
        return dict(opened.getexif().get_ifd(GPS))


async def kept(home: Path, data: bytes) -> tuple[bytes, str]:
    stored = await store_file(home, data)
    written = file_path(home, stored.digest).read_bytes()
    assert (len(written), hashlib.sha256(written).hexdigest()) == (stored.size_bytes, stored.digest)
    return written, stored.media_type


async def test_a_jpeg_loses_the_place_where_it_was_taken(tmp_path: Path) -> None:
    given = camera_jpeg()
    assert position_in(given)

    written, media_type = await kept(tmp_path, given)

    assert media_type == "image/jpeg"
    assert b"Jinshan" not in written
    assert b"Exif" not in written
    with Image.open(io.BytesIO(written)) as opened:
        assert (opened.size, dict(opened.getexif())) == ((40, 60), {})


async def test_a_heic_is_kept_as_an_upright_jpeg_without_the_place(tmp_path: Path) -> None:
    assert b"Jinshan" in PHOTO

    written, media_type = await kept(tmp_path, PHOTO)

    assert media_type == "image/jpeg"
    assert b"Jinshan" not in written
    assert b"Testcam" not in written
    with Image.open(io.BytesIO(written)) as opened:
        assert (opened.format, opened.size, dict(opened.getexif())) == ("JPEG", (64, 96), {})
        assert position_in(written) == {}
        corners = [opened.getpixel(at) for at in ((3, 3), (60, 3), (60, 92))]
    red, blue, other = (one for one in corners if isinstance(one, tuple))
    assert blue[2] > 150 > blue[0], "turned by a quarter: the blue corner is at the top right"
    assert red[0] > 150 > red[2]
    assert other[0] > 150 > other[2]


async def test_the_same_file_again_is_kept_once(tmp_path: Path) -> None:
    first, second = await store_file(tmp_path, PHOTO), await store_file(tmp_path, PHOTO)

    assert first == second
    assert len(kept_in(tmp_path)) == 1


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
async def test_what_is_transparent_becomes_paper(tmp_path: Path, mode: str) -> None:
    """A signature that a program cut out: black strokes on nothing stay to be seen."""
    drawn = Image.new("RGBA", (40, 30), (0, 0, 0, 0))
    drawn.paste((0, 0, 0, 255), (0, 0, 10, 10))
    written = io.BytesIO()
    drawn.convert(mode).save(written, format="PNG", **({"transparency": 0} if mode == "P" else {}))
    data, _media = await kept(tmp_path, written.getvalue())
    with Image.open(io.BytesIO(data)) as opened:
        assert opened.mode == "RGB"
        assert opened.getpixel((30, 20)) == (255, 255, 255)
        assert mode == "P" or opened.getpixel((5, 5)) == (0, 0, 0)


async def test_a_scan_in_sixteen_bits_is_not_all_white(tmp_path: Path) -> None:
    drawn = Image.new("I;16", (40, 30), 51_400)
    drawn.paste(10_280, (0, 0, 10, 10))
    written = io.BytesIO()
    drawn.save(written, format="PNG")
    data, _media = await kept(tmp_path, written.getvalue())
    with Image.open(io.BytesIO(data)) as opened:
        assert (opened.mode, opened.getpixel((5, 5)), opened.getpixel((30, 20))) == ("L", 40, 200)


async def test_what_a_kill_left_goes_after_a_day_and_finished_files_stay(tmp_path: Path) -> None:
    stored = await store_file(tmp_path, b"%PDF-1.7")
    whole = file_path(tmp_path, stored.digest)
    half, fresh = whole.with_name(f".{whole.name}.0a1b2c3d"), whole.with_name(f".{whole.name}.4e5f6071")
    for left in (half, fresh):
        left.write_bytes(b"%PDF")
    now = datetime.now(UTC)
    for old in (half, whole):
        os.utime(old, ((now - timedelta(days=2)).timestamp(),) * 2)
    await forget_unfinished(now, tmp_path)
    assert sorted(kept_in(tmp_path)) == sorted([whole, fresh])
    await forget_unfinished(now, tmp_path / "no home yet")


async def test_a_pdf_is_kept_as_it_came(tmp_path: Path) -> None:
    written, media_type = await kept(tmp_path, b"%PDF-1.7 signed sheet")

    assert (written, media_type) == (b"%PDF-1.7 signed sheet", "application/pdf")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (WIDE, "picture-too-large"),
        (PHOTO[:300], "not-a-scan"),
        (PHOTO[:-5], "not-a-scan"),
        (PHOTO[:40] + b"\xff" * 400 + PHOTO[440:], "not-a-scan"),
        (b"\x00\x00\x00\x1cftypheic" + b"\x00" * 200, "not-a-scan"),
        (b"MZ\x90\x00\x03 a program called photo.jpg", "not-a-scan"),
        (b"<!doctype html><script>alert(1)</script>%PDF-1.7", "not-a-scan"),
        (b" %PDF-1.7", "not-a-scan"),
        (b"GIF89a" + b"\x00" * 60, "not-a-scan"),
        (b"", "required"),
        (b"%PDF-" + b"x" * (MOST_BYTES - 4), "file-too-large"),
    ],
    ids=["pixels", "cut", "cut-late", "broken", "empty-heic", "exe", "html", "late-mark", "gif", "nothing", "large"],
)
async def test_what_cannot_be_kept_is_refused_before_it_is_written(tmp_path: Path, data: bytes, code: str) -> None:
    with pytest.raises(InvalidError) as refused:
        await store_file(tmp_path, data, field="files.0")

    assert [(one.field, one.code) for one in refused.value.problems] == [("files.0", code)]
    assert kept_in(tmp_path) == []


async def test_ten_million_bytes_are_taken(tmp_path: Path) -> None:
    stored = await store_file(tmp_path, b"%PDF-" + b"x" * (MOST_BYTES - 5))

    assert stored.size_bytes == MOST_BYTES
