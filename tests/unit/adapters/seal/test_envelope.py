"""The sealed file opens with one key, bound to one text, and with every bit as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passmuster.adapters.seal.custodian import PublicKey, new_key
from passmuster.adapters.seal.envelope import HEADER, decrypt, encrypt, proof_key
from passmuster.errors import SealError

KEY = new_key()
PLAIN = b"the last word " * 4
SEALED = encrypt(PLAIN, KEY.public, b"bound")


def test_it_opens() -> None:
    assert decrypt(SEALED.content, KEY, b"bound") == PLAIN
    assert PLAIN not in SEALED.content


def test_both_sides_have_one_key_for_proofs_which_is_not_that_of_the_content() -> None:
    assert proof_key(SEALED.content, KEY) == SEALED.proof_key
    assert proof_key(SEALED.content, new_key()) != SEALED.proof_key
    assert SEALED.proof_key not in SEALED.content


@pytest.mark.parametrize("place", range(len(SEALED.content)))
@pytest.mark.parametrize("bit", [0, 7])
def test_no_bit_of_it_can_be_flipped(place: int, bit: int) -> None:
    """Also not the one that X25519 ignores: the highest of the ephemeral key."""
    changed = bytearray(SEALED.content)
    changed[place] ^= 1 << bit

    with pytest.raises(SealError):
        decrypt(bytes(changed), KEY, b"bound")


@given(st.integers(0, len(SEALED.content) - 1))
def test_it_cannot_be_cut_off(size: int) -> None:
    with pytest.raises(SealError):
        decrypt(SEALED.content[:size], KEY, b"bound")


def test_nothing_can_be_added() -> None:
    with pytest.raises(SealError):
        decrypt(SEALED.content + b"\0", KEY, b"bound")


def test_another_key_another_lock_and_another_file_do_not_open() -> None:
    other = encrypt(PLAIN, KEY.public, b"bound").content
    mixed = other[:HEADER] + SEALED.content[HEADER:]

    for content, key, bound in (
        (SEALED.content, new_key(), b"bound"),
        (SEALED.content, KEY, b"Bound"),
        (mixed, KEY, b"bound"),
        (b"", KEY, b"bound"),
        (b"not sealed at all" * 20, KEY, b"bound"),
    ):
        with pytest.raises(SealError):
            decrypt(content, key, bound)


def test_the_same_cases_sealed_twice_have_nothing_in_common() -> None:
    other = encrypt(PLAIN, KEY.public, b"bound").content

    assert other[16:80] != SEALED.content[16:80]
    assert other[HEADER:] != SEALED.content[HEADER:]


def test_a_public_key_that_gives_no_secret_is_refused() -> None:
    with pytest.raises(SealError):
        encrypt(PLAIN, PublicKey(bytes(32)), b"bound")
