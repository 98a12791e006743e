"""A sheet of paper to draw on with Pillow: Chinese text broken into lines, rules, a seal, a QR code.

Only what the pictures of this package need. Sizes are pixels. The fonts are those that every PDF embeds; they have no
bold, so what must stand out is bigger.
"""

import io
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

import segno

from outreach.reports.rendering import SANS, SERIF, font_files

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

__all__ = ["INK", "INK_2", "PAPER", "RULE", "SEAL", "Sheet", "broken"]

# The colours of tokens.css.
PAPER, INK, INK_2, RULE, SEAL, ON_SEAL = "#FBFAF7", "#1D1B18", "#55504A", "#B9B2A5", "#B3351F", "#FFFFFF"

#: Characters that begin no line, and that end none (GB/T 15834).
_NOT_FIRST = "，。、；：！？）》】”’—…%％"
_NOT_LAST = "（《【“‘"


@lru_cache(maxsize=32)
def _font(family: str, size: int) -> "FreeTypeFont":
    from PIL import ImageFont

    return ImageFont.truetype(dict(font_files())[family], size)


def broken(text: str, width: float, measure: Callable[[str], float], most: int) -> list[str]:
    """``text`` in at most ``most`` lines no wider than ``width``; what does not fit ends with an ellipsis.

    Chinese may be broken anywhere but before a closing and after an opening mark; a Latin word or a number is kept
    whole where it fits into a line.
    """
    lines: list[str] = []
    line = ""
    for piece in _pieces(" ".join(text.split())):
        if line and measure((line + piece).rstrip()) > width:
            carried = ""
            while line and line[-1] in _NOT_LAST:
                line, carried = line[:-1], line[-1] + carried
            lines.append(line.rstrip())
            line = (carried + piece).lstrip()
        else:
            line += piece
    lines = [one for one in [*lines, line.rstrip()] if one]
    if len(lines) <= most:
        return lines
    last = lines[most - 1]
    while last and measure(last + "…") > width:
        last = last[:-1]
    return [*lines[: most - 1], last.rstrip("，、；：") + "…"]


def _pieces(text: str) -> list[str]:
    """What is never parted: a character, a run of Latin ones, each with the closing marks behind it."""
    pieces: list[str] = []
    for character in text:
        is_latin = character.isascii() and not character.isspace()
        follows = bool(pieces) and (
            character in _NOT_FIRST or (is_latin and pieces[-1][-1].isascii() and not pieces[-1][-1].isspace())
        )
        # An address without an end must be broken somewhere.
        if follows and len(pieces[-1]) < 24:
            pieces[-1] += character
        else:
            pieces.append(character)
    return pieces


class Sheet:
    """A picture in the making; ``y`` is where the next line of text begins."""

    def __init__(self, width: int, height: int, margin: int) -> None:
        from PIL import Image, ImageDraw

        self.width, self.height, self.margin, self.y = width, height, margin, margin
        self._image = Image.new("RGB", (width, height), PAPER)
        self._draw = ImageDraw.Draw(self._image)

    def measured(self, family: str, size: int) -> Callable[[str], float]:
        """The width of a text in this type."""
        return _font(family, size).getlength

    def text(self, at: tuple[int, int], words: str, size: int, *, family: str = SANS, colour: str = INK) -> None:
        """One line; ``at`` is the left upper corner of its box of ``size``."""
        self._draw.text((at[0], at[1] + size), words, font=_font(family, size), fill=colour, anchor="ls")

    def lines(
        self, words: str, size: int, *, left: int, width: int, most: int, family: str = SANS, colour: str = INK
    ) -> int:
        """Text broken into lines from ``y`` on, which moves behind it; answers how many lines it took."""
        found = broken(words, width, self.measured(family, size), most)
        for line in found:
            self.text((left, self.y), line, size, family=family, colour=colour)
            self.y += round(size * 1.42)
        return len(found)

    def rule(self, y: int, *, colour: str = RULE, thick: int = 2, left: int | None = None) -> None:
        """A line from the left to the right margin."""
        start = self.margin if left is None else left
        self._draw.rectangle((start, y, self.width - self.margin, y + thick - 1), fill=colour)

    def seal(self, at: tuple[int, int], mark: str, size: int) -> None:
        """The square mark with one white character."""
        self._draw.rectangle((*at, at[0] + size, at[1] + size), fill=SEAL)
        middle = (at[0] + size / 2, at[1] + size / 2)
        self._draw.text(middle, mark, font=_font(SERIF, round(size * 0.66)), fill=ON_SEAL, anchor="mm")

    def stamp(self, words: str, at: tuple[int, int], size: int) -> None:
        """A word in a frame, as a state is shown."""
        wide = round(_font(SANS, size).getlength(words))
        frame = (at[0] - wide - size, at[1], at[0], at[1] + round(size * 1.7))
        self._draw.rectangle(frame, outline=SEAL, width=4)
        middle = ((frame[0] + frame[2]) / 2, (frame[1] + frame[3]) / 2)
        self._draw.text(middle, words, font=_font(SANS, size), fill=SEAL, anchor="mm")

    def qr(self, address: str, at: tuple[int, int], size: int) -> None:
        """The address for a telephone's camera, with its quiet zone, in a square of at most ``size``."""
        from PIL import Image

        code = segno.make_qr(address, error="m")
        out = io.BytesIO()
        scale = max(1, size // code.symbol_size(border=4)[0])
        code.save(out, kind="png", scale=scale, border=4, dark="#000", light="#fff")
        with Image.open(io.BytesIO(out.getvalue())) as picture:
            off = (size - picture.width) // 2
            self._image.paste(picture.convert("RGB"), (at[0] + off, at[1] + off))

    def cut(self, height: int) -> None:
        """Leave the upper part."""
        from PIL import ImageDraw

        self.height = height
        self._image = self._image.crop((0, 0, self.width, height))
        self._draw = ImageDraw.Draw(self._image)

    def png(self) -> bytes:
        """The picture with few colours: a poster stays under 100 KB."""
        from PIL import Image

        out = io.BytesIO()
        self._image.quantize(64, dither=Image.Dither.NONE).save(out, format="PNG", optimize=True)
        return out.getvalue()
