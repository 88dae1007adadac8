"""The key of a corpus's pseudonyms: a file that git ignores, and a fingerprint of it that git keeps."""

import hashlib
import hmac
import json
import os
import secrets
from pathlib import Path

from passmuster.adapters.files.lines import write_lines
from passmuster.errors import CorpusError, Place

KEY_BYTES = 32
FEWEST_CHARACTERS = 16
"""Of a key that people give themselves."""

_IGNORED = ("# The key of the pseudonyms: whoever holds it can test guesses. Never in git.", "*")


class KeyFile:
    """The secret key of a corpus's pseudonyms, made when it is first asked for.

    Args:
        folder: The folder of the corpus.
        given: A key that somebody gives instead, such as from an environment variable.
    """

    def __init__(self, folder: Path, given: str | None = None) -> None:
        self.path = folder / ".private" / "pseudonyms.key"
        """The key, 64 hexadecimal digits; only its owner may read it."""
        self.mark = folder / "pseudonyms.json"
        """The fingerprint of the key, so that no other one is used by mistake."""
        self._given = given

    def read(self, *, keep: bool = True) -> bytes:
        """Return the key; makes one where the corpus has no pseudonyms yet, and without `keep` forgets it again.

        Raises:
            CorpusError: where it is not the one that the corpus's pseudonyms were made with, and where it cannot
                be read or written.
        """
        known = self._known()
        if self._given is not None:
            key = self._checked(self._given)
        elif self.path.exists():
            key = self._held()
        elif known is not None:
            raise self._missing()
        elif keep:
            key = self._made()
        else:
            return secrets.token_bytes(KEY_BYTES)
        own = fingerprint(key)
        if known is None and keep:
            write_lines(self.mark, [json.dumps({"fingerprint": own})])
        elif known is not None and not hmac.compare_digest(known, own):
            raise CorpusError(
                f"this key ({own}) is not the one that the corpus's pseudonyms were made with ({known})",
                place=Place(str(self.mark)),
                hint="Use that key, or delete this file: the same person then gets another pseudonym from now on.",
            )
        return key

    def _known(self) -> str | None:
        try:
            value = json.loads(self.mark.read_text(encoding="utf-8"))["fingerprint"]
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError):
            raise CorpusError(
                "this is no fingerprint of a key of pseudonyms", place=Place(str(self.mark))
            ) from None
        return str(value)

    def _checked(self, given: str) -> bytes:
        if len(given) < FEWEST_CHARACTERS:
            raise CorpusError(
                f"the given key of the pseudonyms has {len(given)} characters, and needs {FEWEST_CHARACTERS}",
                hint="Draw one: openssl rand -hex 32",
            )
        return given.strip().encode()

    def _held(self) -> bytes:
        try:
            text = self.path.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise CorpusError(f"the key cannot be read: {error}", place=Place(str(self.path))) from None
        if len(text) < FEWEST_CHARACTERS:
            raise CorpusError("this is no key of pseudonyms: it is too short", place=Place(str(self.path)))
        return text.encode()

    def _missing(self) -> CorpusError:
        return CorpusError(
            "the corpus has pseudonyms, and the key that they were made with is not here",
            place=Place(str(self.path)),
            hint="Copy the file from who has it, or give the key in PASSMUSTER_PSEUDONYM_KEY. To begin with a new "
            f"one delete {self.mark}: the same person then gets another pseudonym from now on.",
        )

    def _made(self) -> bytes:
        """Draw a key and write it; of two that do so at once, one wins and both use it."""
        ignored = self.path.with_name(".gitignore")
        if not ignored.exists():
            write_lines(ignored, _IGNORED)
        text = secrets.token_hex(KEY_BYTES)
        draft = self.path.with_name(f"{self.path.name}.{os.getpid()}.part")
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
                stream.write(f"{text}\n")
                stream.flush()
                os.fsync(stream.fileno())
            _put(draft, self.path)
        except FileExistsError:
            return self._held()
        except OSError as error:
            raise CorpusError(
                f"the key cannot be written: {error.strerror or error}", place=Place(str(self.path))
            ) from None
        finally:
            draft.unlink(missing_ok=True)
        return text.encode()


def _put(draft: Path, path: Path) -> None:
    """Give a draft its name, unless that is taken; some file systems have no second names, and race for it."""
    try:
        os.link(draft, path)
    except FileExistsError:
        raise
    except OSError:
        draft.replace(path)


def fingerprint(key: bytes) -> str:
    """Return 16 hexadecimal digits that tell a key without giving it away.

    Example:
        >>> fingerprint(b"secret" * 4)
        '73996e9689531ea8'
    """
    return hashlib.sha256(b"passmuster pseudonyms\0" + key).hexdigest()[:16]
