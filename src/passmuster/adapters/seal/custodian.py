"""The custodian's pair of keys: X25519, as PEM, the private one under a password where one is given."""

import hashlib
from typing import TYPE_CHECKING

from passmuster.errors import Place, SealError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

LARGEST_KEY = 64 * 1024
"""Bytes of a key file at most."""

_WRONG = "Is this the right file? A pair is made by: passmuster corpus keys"


class PublicKey:
    """What a holdout is sealed to; everybody may have it.

    Args:
        raw: The 32 bytes of an X25519 public key.
    """

    def __init__(self, raw: bytes) -> None:
        self.raw = raw

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of the key: 64 hexadecimal digits."""
        return hashlib.sha256(self.raw).hexdigest()

    def pem(self) -> bytes:
        """Return the content of a public key file."""
        from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        found = X25519PublicKey.from_public_bytes(self.raw)
        return found.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


class PrivateKey:
    """What opens a holdout; it never appears in a message, a log or a representation."""

    def __init__(self, key: "X25519PrivateKey") -> None:
        self._key = key

    def __repr__(self) -> str:
        """Return a text without the key."""
        return f"PrivateKey({self.public.fingerprint[:16]}...)"

    __str__ = __repr__

    def __reduce__(self) -> str:
        """Refuse to be pickled or copied."""
        message = "a private key is not copied"
        raise TypeError(message)

    @property
    def public(self) -> PublicKey:
        """The other half."""
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        return PublicKey(self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))

    def shared(self, ephemeral: bytes) -> bytes:
        """Return the secret that this key shares with the one that was made to seal.

        Raises:
            SealError: for bytes that are no key.
        """
        from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

        try:
            return self._key.exchange(X25519PublicKey.from_public_bytes(ephemeral))
        except ValueError:
            raise SealError("the sealed file holds no valid key") from None

    def pem(self, password: bytes | None = None) -> bytes:
        """Return the content of a private key file, encrypted where there is a password."""
        from cryptography.hazmat.primitives.serialization import (
            BestAvailableEncryption,
            Encoding,
            NoEncryption,
            PrivateFormat,
        )

        how = BestAvailableEncryption(password) if password else NoEncryption()
        return self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how)


def new_key() -> PrivateKey:
    """Return a new private key from the system's source of randomness."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    return PrivateKey(X25519PrivateKey.generate())


def needs_password(pem: bytes) -> bool:
    """Return whether a private key file is encrypted.

    Example:
        >>> needs_password(new_key().pem(b"secret")), needs_password(new_key().pem())
        (True, False)
    """
    return b"BEGIN ENCRYPTED PRIVATE KEY" in pem


def read_private(pem: bytes, name: str, password: bytes | None = None) -> PrivateKey:
    """Read a private key.

    Args:
        pem: The content of the file.
        name: Where it comes from, for errors; the content never stands in one.
        password: Of an encrypted key.

    Raises:
        SealError: for a wrong password, and for anything that is no X25519 private key.

    Example:
        >>> key = new_key()
        >>> read_private(key.pem(b"secret"), "k", b"secret").public.raw == key.public.raw
        True
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    place = Place(name)
    locked = needs_password(pem)
    try:
        found = load_pem_private_key(pem, password if locked else None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        if b"PUBLIC KEY" in pem:
            raise SealError("this is the public key; the private one opens", place=place) from None
        if locked:
            raise SealError(
                "the password does not open the private key", place=place, hint="Try it again."
            ) from None
        raise SealError("this is no private key", place=place, hint=_WRONG) from None
    if not isinstance(found, X25519PrivateKey):
        raise SealError("this private key is of another kind than X25519", place=place, hint=_WRONG)
    return PrivateKey(found)


def read_public(pem: bytes, name: str) -> PublicKey:
    """Read a public key.

    Raises:
        SealError: for anything that is no X25519 public key, with `name` as its place.

    Example:
        >>> key = new_key().public
        >>> read_public(key.pem(), "k").fingerprint == key.fingerprint
        True
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

    place = Place(name)
    if b"PRIVATE KEY" in pem:
        raise SealError(
            "this is a private key: where everybody reads it, it protects nothing",
            place=place,
            hint="Name the public one, and make a new pair: passmuster corpus keys",
        )
    try:
        found = load_pem_public_key(pem)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise SealError("this is no public key", place=place, hint=_WRONG) from None
    if not isinstance(found, X25519PublicKey):
        raise SealError("this public key is of another kind than X25519", place=place, hint=_WRONG)
    return PublicKey(found.public_bytes(Encoding.Raw, PublicFormat.Raw))
