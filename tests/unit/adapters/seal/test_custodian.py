"""Keys: both halves are read back, passwords hold, and no message shows a private key."""

import copy
import pickle
import traceback

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from passmuster.adapters.seal.custodian import needs_password, new_key, read_private, read_public
from passmuster.errors import SealError


def body(pem: bytes) -> str:
    """Return the secret part of a key file."""
    return "".join(pem.decode().splitlines()[1:-1])


def test_a_pair_is_read_back() -> None:
    key = new_key()

    assert read_private(key.pem(), "k").public.fingerprint == key.public.fingerprint
    assert read_public(key.public.pem(), "k").raw == key.public.raw
    assert new_key().public.raw != key.public.raw


def test_a_password_is_needed_and_must_be_right() -> None:
    key = new_key()
    pem = key.pem(b"correct horse")

    assert needs_password(pem)
    assert body(key.pem()) not in pem.decode()
    assert read_private(pem, "k", b"correct horse").public.raw == key.public.raw
    for wrong in (b"wrong", b"", None):
        with pytest.raises(SealError, match="password does not open"):
            read_private(pem, "k", wrong)


def test_a_password_for_a_key_without_one_does_no_harm() -> None:
    key = new_key()

    assert read_private(key.pem(), "k", b"secret").public.raw == key.public.raw


def other_private() -> bytes:
    key = ed25519.Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def other_public() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


@pytest.mark.parametrize(
    ("pem", "message"),
    [
        (b"", "no private key"),
        (b"\xff\x00 rubbish", "no private key"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "no private key"),
        (new_key().public.pem(), "this is the public key"),
        (other_private(), "another kind"),
    ],
)
def test_what_is_no_private_key_is_told(pem: bytes, message: str) -> None:
    with pytest.raises(SealError, match=message):
        read_private(pem, "keys/custodian.key")


@pytest.mark.parametrize(
    ("pem", "message"),
    [
        (b"", "no public key"),
        (b"rubbish", "no public key"),
        (new_key().pem(), "this is a private key"),
        (other_public(), "another kind"),
    ],
)
def test_what_is_no_public_key_is_told(pem: bytes, message: str) -> None:
    with pytest.raises(SealError, match=message):
        read_public(pem, "custodian.pub")


def test_no_representation_error_or_copy_holds_the_key() -> None:
    key = new_key()
    secret = body(key.pem())

    assert secret not in f"{key!r} {key}"
    with pytest.raises(TypeError):
        pickle.dumps(key)
    with pytest.raises(TypeError):
        copy.copy(key)
    for pem in (key.pem()[:-40], key.pem().replace(b"MC4", b"MC5")):
        with pytest.raises(SealError) as raised:
            read_private(pem, "k")
        told = "".join(traceback.format_exception(raised.value))
        assert secret[:20] not in told
        assert secret[20:] not in told


def test_a_point_that_gives_no_secret_is_refused() -> None:
    with pytest.raises(SealError, match="no valid key"):
        new_key().shared(bytes(32))
