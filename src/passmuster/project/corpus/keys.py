"""The custodian's keys: how a pair is made, and where the private one comes from."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from passmuster.adapters.seal.custodian import (
    LARGEST_KEY,
    PrivateKey,
    PublicKey,
    needs_password,
    new_key,
    read_private,
)
from passmuster.adapters.seal.memory import memory_file
from passmuster.adapters.seal.whole import read_limited, write_private, write_whole
from passmuster.errors import Place, SealError, UsageError

KEY_VARIABLE = "PASSMUSTER_CUSTODIAN_KEY"
"""Holds the content of a private key file, where there is no file."""

PASSWORD_VARIABLE = "PASSMUSTER_CUSTODIAN_PASSWORD"  # noqa: S105 - the name of a variable, no password
"""Holds the password of an encrypted private key."""

LONGEST_PASSWORD = 1023
"""Bytes of a password at most: what OpenSSL takes."""

USUAL_PRIVATE = ".passmuster/custodian.key"
"""Where a new private key goes in the home folder, unless said otherwise."""


class Pair(NamedTuple):
    """A new pair of keys: where both halves lie, and the fingerprint of the public one."""

    private: Path
    public: Path
    fingerprint: str


class Custody(NamedTuple):
    """A private key, and where what it has opened is remembered (None: nowhere)."""

    key: PrivateKey
    memory: Path | None


def make_pair(private: Path | None, public: Path, password: str | None = None) -> Pair:
    """Make a pair of keys and write both halves.

    Args:
        private: The private one, readable by its owner alone; default: in the home folder.
        public: The public one, which belongs into git.
        password: What the private one is encrypted with.

    Raises:
        UsageError: where a file is there already, or the private one would lie in a git repository.
        SealError: where a file cannot be written.
    """
    found = (private or Path.home() / USUAL_PRIVATE).expanduser()
    if found.resolve() == public.resolve():
        raise UsageError(
            "the two keys cannot be one file",
            place=Place(str(public)),
            hint="Name two files: --private FILE --public FILE",
        )
    if os.path.lexists(public):
        raise UsageError(
            "there is a public key already: what is sealed to it opens with its other half only",
            place=Place(str(public)),
            hint="Name another file: --public FILE",
        )
    _refuse_repository(found)
    key = new_key()
    write_private(found, key.pem(_bytes(password) if password else None))
    try:
        write_whole(public, key.public.pem())
    except SealError:
        found.unlink(missing_ok=True)  # nothing can have been sealed to it
        raise
    return Pair(found, public, key.public.fingerprint)


def _refuse_repository(path: Path) -> None:
    folder = path.resolve().parent
    for parent in (folder, *folder.parents):
        if (parent / ".git").exists():
            raise UsageError(
                f"the private key would lie in the git repository {parent}, where the whole team reads it",
                place=Place(str(path)),
                hint=f"Keep it elsewhere: --private FILE; without that it goes to ~/{USUAL_PRIVATE}",
            )


def custody(
    path: Path | None,
    environment: Mapping[str, str] | None = None,
    ask: Callable[[str], str] | None = None,
) -> Custody:
    """Return the custodian's private key: from a file, else from the environment.

    Args:
        path: The file; beside it lies what has been opened with it.
        environment: Where the variables come from; default: the process's own.
        ask: Asks a person for the password of an encrypted key, given a prompt.

    Raises:
        SealError: where there is no key, it cannot be read, or the password is wrong. No message holds the key.
    """
    variables = os.environ if environment is None else environment
    if path is not None:
        pem, name = read_limited(path.expanduser(), LARGEST_KEY, "the private key"), str(path)
    elif variables.get(KEY_VARIABLE):
        # Some CI systems keep a secret on one line.
        pem, name = variables[KEY_VARIABLE].replace("\\n", "\n").encode("utf-8", "replace"), KEY_VARIABLE
    else:
        raise SealError(
            "the holdout opens only with the custodian's private key",
            hint=f"Name its file (--key FILE), or put its content into {KEY_VARIABLE}.",
        )
    password = _password(name, variables, ask) if needs_password(pem) else None
    key = read_private(pem, name, password)
    return Custody(key, None if path is None else memory_file(path.expanduser()))


def _password(name: str, variables: Mapping[str, str], ask: Callable[[str], str] | None) -> bytes:
    found = variables.get(PASSWORD_VARIABLE)
    if found is None and ask is not None:
        found = ask(f"Password of {name}")
    if not found:
        raise SealError(
            "the private key has a password",
            place=Place(name),
            hint=f"Give it when asked for, or put it into {PASSWORD_VARIABLE}.",
        )
    return _bytes(found)


def _bytes(password: str) -> bytes:
    """Return a password as it was typed, also where it is no valid text."""
    found = password.encode("utf-8", "surrogateescape")
    if len(found) > LONGEST_PASSWORD:
        raise UsageError(f"the password has {len(found)} bytes, and {LONGEST_PASSWORD} are the most")
    return found


def same_custodian(public: PublicKey, fingerprint: str) -> None:
    """Refuse a key that a holdout was not sealed to.

    Raises:
        SealError: then, with both fingerprints.
    """
    if public.fingerprint != fingerprint:
        raise SealError(
            f"this is another custodian's key ({public.fingerprint[:16]}...): "
            f"the holdout was sealed to {fingerprint[:16]}...",
            hint="Nothing was opened, and no opening is used up.",
        )
