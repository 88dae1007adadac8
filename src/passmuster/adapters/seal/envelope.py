"""The sealed file: AES-256-GCM under a random key, which is wrapped to the custodian's X25519 public key.

The key is wrapped as in RFC 9180 in spirit (ephemeral X25519, HKDF-SHA256 over both public keys, AES-256-GCM), and
everything is bound to the lock's commitments as associated data. Layout, in bytes: 16 name and format, 32 ephemeral
public key, 48 wrapped key, 12 nonce, then the content with its 16 bytes of tag.
"""

import os
from typing import NamedTuple

from passmuster.adapters.seal.custodian import PrivateKey, PublicKey
from passmuster.errors import SealError

MAGIC = b"passmuster-seal\x01"
"""How a sealed file begins; the last byte is the format."""

_KEY, _NONCE, _TAG = 32, 12, 16
_WRAPPED = _KEY + _TAG
HEADER = len(MAGIC) + _KEY + _WRAPPED + _NONCE
"""Bytes before the content."""

_NO_NONCE = bytes(_NONCE)
"""Each wrapping key is used for one message, so its nonce may be the same."""


class Sealed(NamedTuple):
    """The content of a sealed file, and the key that proves ledger entries: both sides can work it out."""

    content: bytes
    proof_key: bytes


def encrypt(plain: bytes, to: PublicKey, bound: bytes) -> Sealed:
    """Encrypt to a custodian.

    Args:
        plain: What nobody else shall read.
        to: The custodian's public key.
        bound: What must stay as it is: the file opens only together with the very same bytes.

    Raises:
        SealError: for a public key that gives no secret.
    """
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    from passmuster.adapters.seal.custodian import new_key

    own = new_key()
    ephemeral, shared = own.public.raw, own.shared(to.raw)
    data_key, nonce = os.urandom(_KEY), os.urandom(_NONCE)
    wrapping = _derived(shared, b"wrap", ephemeral, to)
    wrapped = AESGCM(wrapping).encrypt(_NO_NONCE, data_key, MAGIC + bound)
    head = MAGIC + ephemeral + wrapped + nonce
    content = head + AESGCM(data_key).encrypt(nonce, plain, head + bound)
    return Sealed(content, _derived(shared, b"ledger", ephemeral, to))


def decrypt(content: bytes, key: PrivateKey, bound: bytes) -> bytes:
    """Return what was encrypted.

    Raises:
        SealError: where the key is another's, or a single bit of the file or of `bound` has changed.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    ephemeral = _ephemeral(content)
    start = len(MAGIC) + _KEY
    wrapped, nonce = content[start : start + _WRAPPED], content[start + _WRAPPED : HEADER]
    wrapping = _derived(key.shared(ephemeral), b"wrap", ephemeral, key.public)
    try:
        data_key = AESGCM(wrapping).decrypt(_NO_NONCE, wrapped, MAGIC + bound)
        return AESGCM(data_key).decrypt(nonce, content[HEADER:], content[:HEADER] + bound)
    except InvalidTag:
        raise SealError(
            "the sealed holdout does not open: it was sealed to another key, or it or its lock was altered"
        ) from None


def proof_key(content: bytes, key: PrivateKey) -> bytes:
    """Return the key of the ledger's proofs, without looking at a single case.

    Raises:
        SealError: for a file that is no sealed holdout.
    """
    ephemeral = _ephemeral(content)
    return _derived(key.shared(ephemeral), b"ledger", ephemeral, key.public)


def _ephemeral(content: bytes) -> bytes:
    if not content.startswith(MAGIC) or len(content) < HEADER + _TAG:
        raise SealError("this is no sealed holdout", hint="Or one of another release of passmuster.")
    return content[len(MAGIC) : len(MAGIC) + _KEY]


def _derived(shared: bytes, purpose: bytes, ephemeral: bytes, to: PublicKey) -> bytes:
    """Return a key for one purpose; both public keys enter, so a flipped bit that X25519 ignores is noticed."""
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    context = b"passmuster seal 1 " + purpose + b" " + ephemeral + to.raw
    return HKDF(algorithm=SHA256(), length=_KEY, salt=None, info=context).derive(shared)
