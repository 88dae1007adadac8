"""Where the names go beside the points of a chart, so that they can be read."""

from collections.abc import Sequence
from dataclasses import dataclass

from passmuster.records.record import Record

CHARACTER = 6.9
BOLD_CHARACTER = 7.8
LINE = 14.0
CLEARANCE = 9.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Box(Record):
    """A rectangle in pixels, from the top left."""

    left: float
    top: float
    right: float
    bottom: float

    def overlap(self, other: "Box") -> float:
        """Return the area that both cover."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        return width * height if width > 0 and height > 0 else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Point(Record):
    """A point with its name, in pixels; `bars` are the interval bars through it.

    `left` and `right` are how much further its sign reaches to the sides; `bold` is how its name is written.
    """

    x: float
    y: float
    text: str
    bars: tuple[Box, ...] = ()
    left: float = 0.0
    right: float = 0.0
    bold: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed(Record):
    """A name with where it stands: left edge and middle, in pixels; `led` where a line must lead to it."""

    text: str
    x: float
    y: float
    point: Point
    led: bool


def text_width(text: str, *, bold: bool = False) -> float:
    """Return how wide a text is at most, in pixels.

    Example:
        >>> text_width("ab") < text_width("ab", bold=True) < text_width("abc")
        True
    """
    return len(text) * (BOLD_CHARACTER if bold else CHARACTER)


def dot_box(point: Point) -> Box:
    """Return what the sign of a point covers."""
    left, right = point.x - 7 - point.left, point.x + 7 + point.right
    return Box(left=left, top=point.y - 7, right=right, bottom=point.y + 7)


def hidden(box: Box, points: Sequence[Point]) -> float:
    """Return how much of the points and of their interval bars a box would hide, in square pixels.

    Example:
        >>> hidden(Box(left=0, top=0, right=40, bottom=14), [Point(x=70, y=7, text="a")])
        0.0
    """
    signs = [dot_box(each) for each in points] + [bar for each in points for bar in each.bars]
    return sum(box.overlap(sign) for sign in signs)


def place(
    points: Sequence[Point],
    width: float,
    height: float,
    lines: Sequence[Box] = (),
    texts: Sequence[Box] = (),
) -> list[Placed]:
    """Return a place for each name, the first points served first; each takes the least crowded spot.

    `lines` are other lines of the picture, which a name had better not cross, `texts` what is written there.

    Example:
        >>> [placed] = place([Point(x=10, y=50, text="a")], 100, 100)
        >>> placed.x > 10 and placed.led
        False
    """
    frame = Box(left=0, top=0, right=width, bottom=height)
    dots = [dot_box(each) for each in points]
    bars = [*lines, *(bar for each in points for bar in each.bars)]
    taken = list(texts)
    made = []
    for point in points:
        spots = _spots(point)
        costs = [_cost(box, far, frame, taken, dots, bars) for box, far in spots]
        box, far = spots[costs.index(min(costs))]
        taken.append(box)
        made.append(
            Placed(text=point.text, x=box.left, y=(box.top + box.bottom) / 2, point=point, led=far > 2)
        )
    return made


def _spots(point: Point) -> list[tuple[Box, int]]:
    wide = text_width(point.text, bold=point.bold)
    right, middle = point.x + CLEARANCE + point.right, point.x - wide / 2
    left = point.x - CLEARANCE - wide - point.left
    spots = []
    for step, rise in enumerate((0, -12, 12, -20, 20, -34, 34, -48, 48, -62, 62, -78, 78, -94, 94)):
        sides = (right, left) if abs(rise) < 15 else (right, left, middle)
        for side in sides:
            top = point.y + rise - LINE / 2
            spots.append((Box(left=side, top=top, right=side + wide, bottom=top + LINE), step))
    return spots


def _cost(
    box: Box, far: int, frame: Box, taken: Sequence[Box], dots: Sequence[Box], bars: Sequence[Box]
) -> float:
    area = (box.right - box.left) * (box.bottom - box.top)
    outside = area - box.overlap(frame)
    crowded = sum(box.overlap(each) for each in taken) * 6 + sum(box.overlap(each) for each in dots) * 4
    crossed = sum(box.overlap(each) for each in bars)
    return outside * 20 + crowded + crossed * 0.8 + far * 14
