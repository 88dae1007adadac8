"""The Merkle tree is that of RFC 6962, and every field of every case counts in it."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passmuster.corpus.seal.merkle import cases_root, commitment, leaf, root
from passmuster.errors import CorpusError
from passmuster.records.case import Case

SALT = b"s" * 32

# The test vectors of Certificate Transparency: the roots over the first 0, 1, ... of these leaves.
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


@pytest.mark.parametrize("number", range(len(ROOTS)))
def test_the_published_vectors_come_out(number: int) -> None:
    assert root(LEAVES[:number]).hex() == ROOTS[number]


def by_definition(leaves: Sequence[bytes]) -> bytes:
    """Return the root as section 2.1 of the RFC defines it, by recursion."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return hashlib.sha256(b"\x01" + by_definition(leaves[:half]) + by_definition(leaves[half:])).digest()


@given(st.lists(st.binary(max_size=8), max_size=70))
def test_it_is_the_recursive_definition_of_the_rfc(leaves: list[bytes]) -> None:
    assert root(leaves) == by_definition(leaves)


def test_an_inner_node_cannot_pass_for_a_leaf() -> None:
    inner = hashlib.sha256(b"\x00a").digest() + hashlib.sha256(b"\x00b").digest()

    assert root([inner]) != root([b"a", b"b"])


@pytest.mark.parametrize(
    "change",
    [
        {"input": "b"},
        {"reference": "x"},
        {"stratum": "s"},
        {"group": "g"},
        {"tags": ("t",)},
        {"origin": "expert"},
        {"weight": 2.0},
        {"time": 1.0},
        {"category": "edge"},
    ],
)
def test_every_field_of_a_case_counts(change: dict[str, object]) -> None:
    case = Case(id="1", input="a")

    assert leaf(replace(case, **change), SALT) != leaf(case, SALT)  # type: ignore[arg-type]  # one field each


def test_without_the_salt_a_short_case_cannot_be_guessed_from_its_leaf() -> None:
    case = Case(id="1", input="yes")

    assert leaf(case, SALT) != leaf(case, b"")
    assert leaf(case, SALT) != leaf(case, b"t" * 32)


def test_rows_may_come_in_any_order_but_no_id_twice() -> None:
    cases = [Case(id=str(number), input="x") for number in range(5)]

    assert cases_root(cases, SALT) == cases_root(cases[::-1], SALT)
    with pytest.raises(CorpusError, match="'3' stands twice"):
        cases_root([*cases, cases[3]], SALT)


def test_a_commitment_binds_name_value_and_salt_without_a_seam_between_them() -> None:
    assert len({commitment("a", "bc", SALT), commitment("ab", "c", SALT), commitment("a", "bc", b"x")}) == 3
