"""A zip archive (APPNOTE 6.3.3) written piece by piece, nothing compressed: pictures and PDF do not get smaller.

The standard library writes to a stream only with the sizes behind the data, and readers that work from the front
(telephones, mail previews) refuse such entries. Here size and checksum stand before the data.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

__all__ = ["Archive", "Entry"]

#: Names are UTF-8.
_FLAGS = 0x0800
_MOST_16, _MOST_32 = 0xFFFF, 0xFFFFFFFF
#: Made on Unix, so that the mode of the files counts: 0644.
_MADE_BY, _MODE = 3 << 8, 0o100644 << 16


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of the archive: its path inside, its CRC-32, its size in bytes (below 4 GiB), its local time."""

    name: str
    crc: int
    size: int
    at: datetime


@dataclass(slots=True)
class Archive:
    """What was written so far. ``offset``: bytes written; ``begin`` and the data follow each other, then ``end``."""

    offset: int = 0
    _written: list[tuple[Entry, int]] = field(default_factory=list)

    def begin(self, entry: Entry) -> bytes:
        """The bytes before the data of ``entry``, of which exactly ``entry.size`` must follow."""
        name = entry.name.encode()
        head = struct.pack(
            "<IHHHHHIIIHH", 0x04034B50, 20, _FLAGS, 0, *_dos_time(entry.at), entry.crc, entry.size, entry.size,
            len(name), 0,
        )  # fmt: skip
        self._written.append((entry, self.offset))
        self.offset += len(head) + len(name) + entry.size
        return head + name

    def end(self) -> Iterator[bytes]:
        """The directory; with the 64-bit records where there are more than 65,535 files or 4 GiB."""
        start = self.offset
        for entry, at in self._written:
            record = _directory_record(entry, at)
            self.offset += len(record)
            yield record
        yield _closing(len(self._written), self.offset - start, start)


def _dos_time(at: datetime) -> tuple[int, int]:
    clock = at.hour << 11 | at.minute << 5 | at.second // 2
    return clock, max(at.year - 1980, 0) << 9 | at.month << 5 | at.day


def _directory_record(entry: Entry, at: int) -> bytes:
    name = entry.name.encode()
    far = at >= _MOST_32
    extra = struct.pack("<HHQ", 1, 8, at) if far else b""
    head = struct.pack(
        "<IHHHHHHIIIHHHHHII", 0x02014B50, _MADE_BY | 45, 45 if far else 20, _FLAGS, 0, *_dos_time(entry.at), entry.crc,
        entry.size, entry.size, len(name), len(extra), 0, 0, 0, _MODE, _MOST_32 if far else at,
    )  # fmt: skip
    return head + name + extra


def _closing(count: int, size: int, start: int) -> bytes:
    end = struct.pack(
        "<IHHHHIIH", 0x06054B50, 0, 0, min(count, _MOST_16), min(count, _MOST_16), min(size, _MOST_32),
        min(start, _MOST_32), 0,
    )  # fmt: skip
    if count < _MOST_16 and start < _MOST_32 and size < _MOST_32:
        return end
    wide = struct.pack("<IQHHIIQQQQ", 0x06064B50, 44, _MADE_BY | 45, 45, 0, 0, count, count, size, start)
    return wide + struct.pack("<IIQI", 0x07064B50, 0, start + size, 1) + end
