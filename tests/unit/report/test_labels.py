"""Names stand beside the points of a chart, and hide neither signs nor words nor one another."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passmuster.report.labels import LINE, Box, Placed, Point, dot_box, hidden, place, text_width

WIDTH, HEIGHT = 800.0, 380.0


def box_of(placed: Placed) -> Box:
    wide = text_width(placed.text, bold=placed.point.bold)
    return Box(left=placed.x, top=placed.y - LINE / 2, right=placed.x + wide, bottom=placed.y + LINE / 2)


points = st.builds(
    Point,
    x=st.floats(0, WIDTH),
    y=st.floats(0, HEIGHT),
    text=st.text("abc-8", min_size=1, max_size=30),
    left=st.sampled_from([0.0, 4.0, 14.0]),
    right=st.sampled_from([0.0, 4.0, 16.0]),
    bold=st.booleans(),
)


@given(points)
def test_a_name_never_covers_its_own_sign(point: Point) -> None:
    [placed] = place([point], WIDTH, HEIGHT)
    assert box_of(placed).overlap(dot_box(point)) == 0


@pytest.mark.parametrize("bold", [False, True])
def test_the_name_of_a_point_at_the_edge_ends_before_its_sign(*, bold: bool) -> None:
    point = Point(x=WIDTH - 5, y=100, text="harbor-medium (chosen)", left=4, right=4, bold=bold)
    box = box_of(place([point], WIDTH, HEIGHT)[0])
    assert box.right <= point.x - 7 - 4


def test_names_of_points_that_stand_close_are_kept_apart() -> None:
    crowd = [Point(x=700 + 6 * n, y=100 + 4 * n, text=f"candidate-{n}") for n in range(6)]
    boxes = [box_of(placed) for placed in place(crowd, WIDTH, HEIGHT)]
    assert not any(one.overlap(other) for one, other in combinations(boxes, 2))


def test_a_name_keeps_clear_of_the_words_of_a_limit() -> None:
    point = Point(x=300, y=100, text="meadow-8b")
    words = box_of(place([point], WIDTH, HEIGHT)[0])
    [placed] = place([point], WIDTH, HEIGHT, texts=[words])
    assert box_of(placed).overlap(words) == 0


def test_what_a_box_hides_is_the_area_of_signs_and_of_interval_bars() -> None:
    point = Point(x=50, y=50, text="a", bars=(Box(left=49, top=0, right=51, bottom=100),))
    assert hidden(Box(left=0, top=40, right=100, bottom=60), [point]) == 14 * 14 + 2 * 20
    assert hidden(Box(left=0, top=0, right=100, bottom=10), [point]) == 2 * 10
    assert hidden(Box(left=60, top=0, right=100, bottom=100), [point]) == 0
