"""Names of files and folders that every system can unpack. Pure."""

import unicodedata
from collections.abc import Iterable

__all__ = ["Names", "safe_name"]

#: Devices of Windows: no file may be called so, whatever follows the point.
_DEVICES = frozenset({"con", "prn", "aux", "nul", *(f"{name}{n}" for name in ("com", "lpt") for n in range(1, 10))})
#: Punctuation that is safe everywhere, the Chinese one included.
_KEPT = frozenset("-_.,()[]+&=@#·、，。（）《》〈〉【】“”‘’—！？：；…～")


def safe_name(text: str, most_bytes: int, *, otherwise: str = "_") -> str:
    """``text`` as a part of a path: letters, digits and plain punctuation, at most ``most_bytes`` of UTF-8.

    Signs that systems refuse or that hide what is written (slashes, control and direction marks, emoji) become ``_``;
    no name begins or ends with a point or blank, or is that of a device. What is empty then is ``otherwise``.
    """
    words = " ".join(unicodedata.normalize("NFC", text).split())
    made = "".join(ch if ch == " " or ch in _KEPT or unicodedata.category(ch)[0] in "LN" else "\0" for ch in words)
    while "\0\0" in made:
        made = made.replace("\0\0", "\0")
    made = _cut(made.strip("\0 .").replace("\0", "_"), most_bytes).strip(" .")
    if made.partition(".")[0].strip().casefold() in _DEVICES:
        made = _cut(f"_{made}", most_bytes)
    return made or otherwise


def _cut(text: str, most_bytes: int) -> str:
    return text.encode()[:most_bytes].decode(errors="ignore")


class Names:
    """Hands out names that differ, also where the system knows no capitals."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = {_folded(one) for one in taken}

    def given(self, name: str, ending: str = "") -> str:
        """``name`` + ``ending``, with ``_2``, ``_3``, … between the two where it is taken."""
        made, number = f"{name}{ending}", 1
        while _folded(made) in self._taken:
            number += 1
            made = f"{name}_{number}{ending}"
        self._taken.add(_folded(made))
        return made

    def numbered(self, name: str, ending: str) -> str:
        """``name_1.jpg``, ``name_2.png``, …: each number once, whatever the ending."""
        number = 1
        while _folded(f"{name}_{number}") in self._taken:
            number += 1
        self._taken.add(_folded(f"{name}_{number}"))
        return f"{name}_{number}{ending}"


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()
