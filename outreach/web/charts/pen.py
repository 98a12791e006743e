"""The elements of one SVG, on a page or on paper."""

from markupsafe import Markup, escape

#: One font for words in documents; ``fonts.css`` of the print templates declares it.
PRINT_FONT = "Noto Sans SC"


#: What each class looks like on paper, where no style sheet reaches.
PRINT_INK = {
    "b-track": 'fill="#DDDDDD"',
    "b-act": 'fill="#000000"',
    "b-plan": 'fill="#FFFFFF" stroke="#000000" stroke-width="1"',
    "b-goal": 'stroke="#000000" stroke-width="2"',
    "b-pace": 'fill="#333333"',
    "b-pace-l": 'stroke="#FFFFFF" stroke-width="1"',
    "b-fore": 'stroke="#333333" stroke-width="1"',
    "b-dot": 'fill="#333333"',
    "b-tol": 'fill="none" stroke="#333333" stroke-width="1"',
    "b-none": 'stroke="#777777" stroke-width="1"',
    "c-base": 'stroke="#777777" stroke-width="1"',
    "c-grid": 'stroke="#BBBBBB" stroke-width="1"',
    "c-band": 'fill="#DDDDDD" stroke="none"',
    "c-act": 'fill="none" stroke="#000000" stroke-width="2.5" stroke-linejoin="round"',
    "c-plan": 'fill="none" stroke="#333333" stroke-width="1.25" stroke-dasharray="2 3"',
    "c-fore": 'fill="none" stroke="#000000" stroke-width="1.25" stroke-dasharray="6 3"',
    "c-goal": 'stroke="#000000" stroke-width="1"',
    "c-now": 'stroke="#777777" stroke-width="1"',
    "c-dot": 'fill="#000000"',
    "g-1": 'fill="#F2F2F2"',
    "g-2": 'fill="#E4E4E4"',
    "g-3": 'fill="#D4D4D4"',
    "g-4": 'fill="#C2C2C2"',
}


class Pen:
    """Collects the elements of one SVG; ``across`` turns a part of the width (0 to 1) into a position."""

    def __init__(self, print_width: float | None) -> None:
        self.print_width = print_width
        self.parts: list[str] = []

    def across(self, part: float) -> str:
        if self.print_width is None:
            return f"{part * 100:.2f}%"
        return f"{part * self.print_width:.2f}"

    def ink(self, mark: str) -> str:
        return f'class="{mark}"' if self.print_width is None else PRINT_INK[mark]

    def rect(self, mark: str, x: float, y: float, width: float, height: float) -> None:
        if width > 0:
            place = f'x="{self.across(x)}" y="{y:g}" width="{self.across(width)}" height="{height:g}"'
            self.parts.append(f"<rect {self.ink(mark)} {place}/>")

    def line(self, mark: str, x1: float, y1: float, x2: float, y2: float) -> None:
        self.parts.append(
            f'<line {self.ink(mark)} x1="{self.across(x1)}" x2="{self.across(x2)}" y1="{y1:g}" y2="{y2:g}"/>'
        )

    def dot(self, mark: str, x: float, y: float, radius: float) -> None:
        self.parts.append(f'<circle {self.ink(mark)} cx="{self.across(x)}" cy="{y:.1f}" r="{radius:g}"/>')

    def pointer(self, mark: str, x: float) -> None:
        """▼ with its tip under ``x``; a group moves by pixels, so on a page a nested svg carries it."""
        shape = f'<path {self.ink(mark)} d="M-3.5 0h7l-3.5 5z"/>'
        if self.print_width is None:
            self.parts.append(f'<svg x="{self.across(x)}" overflow="visible">{shape}</svg>')
        else:
            self.parts.append(f'<g transform="translate({self.across(x)} 0)">{shape}</g>')

    def text(self, words: str, x: float, y: float, mark: str = "", *, anchor: str = "start") -> None:
        if not words:
            return
        place = f'x="{self.across(x)}" y="{y:.1f}"'
        if self.print_width is None:
            marks = " ".join(part for part in (mark, {"middle": "mid", "end": "end"}.get(anchor, "")) if part)
            style = f' class="{marks}"' if marks else ""
        else:
            fill = "#000000" if "t-now" in mark else "#333333"
            style = f' text-anchor="{anchor}" font-family="{PRINT_FONT}" font-size="10" fill="{fill}"'
        self.parts.append(f"<text {place}{style}>{escape(words)}</text>")

    def picture(self, mark: str, label: str, height: float, *, sized: bool = False) -> Markup:
        """The whole; ``sized``: its height follows from the data, so that no style sheet knows it."""
        size = f' height="{height:g}"' if sized else ""
        if self.print_width is not None:
            width = f"{self.print_width:g}"
            size = f' width="{width}" height="{height:g}" viewBox="0 0 {width} {height:g}"'
        head = f'<svg class="{mark}" role="img" aria-label="{escape(label)}"{size}>'
        # Everything in the parts is a number of ours or was escaped by text() and by the label above.
        return Markup(head + "".join(self.parts) + "</svg>")  # noqa: S704
