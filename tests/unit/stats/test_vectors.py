"""The cosine of two vectors."""

from math import isclose

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passmuster.stats.vectors import cosine

NUMBERS = st.floats(-1e6, 1e6).filter(lambda number: number == 0 or abs(number) > 1e-6)
VECTORS = st.integers(1, 40).flatmap(
    lambda size: st.tuples(*[st.lists(NUMBERS, min_size=size, max_size=size)] * 2)
)
ANY = st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=20)


@given(VECTORS)
def test_it_is_what_numpy_computes(vectors: tuple[list[float], list[float]]) -> None:
    one, other = map(np.array, vectors)
    lengths = np.linalg.norm(one) * np.linalg.norm(other)
    found = cosine(*vectors)

    if found is None:
        assert lengths == 0
    else:
        assert isclose(found, float(one @ other / lengths), abs_tol=1e-9)


@given(ANY)
def test_a_vector_with_itself_gives_one_at_any_scale(vector: list[float]) -> None:
    assert cosine(vector, vector) == (1.0 if any(vector) else None)


@given(VECTORS, st.randoms())
def test_the_order_of_the_dimensions_changes_no_bit(
    vectors: tuple[list[float], list[float]], random: object
) -> None:
    pairs = list(zip(*vectors, strict=True))
    random.shuffle(pairs)  # type: ignore[attr-defined]  # hypothesis' own generator
    one, other = zip(*pairs, strict=True)

    assert cosine(one, other) == cosine(*vectors) == cosine(vectors[1], vectors[0])


@pytest.mark.parametrize("scale", [1e-200, 1e-320, 1e-90, 1.0, 1.2e77, 1e200, 1.7e308])
def test_no_scale_leaves_the_range_of_floats(scale: float) -> None:
    found = cosine([scale, scale], [0.0, 1.0])

    assert found is not None
    assert isclose(found, 0.5**0.5, rel_tol=1e-9)


def test_vectors_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        cosine([1.0, 2.0], [1.0])
