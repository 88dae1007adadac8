"""Everything that passmuster raises on purpose.

    PassmusterError
    ├── UsageError             the command or the call is wrong                          exit 2
    ├── ConfigurationError     the project file is wrong; carries file, line, column     exit 2
    ├── CorpusError            a file of cases is wrong; carries file, line, column      exit 2
    ├── SealError              the sealed holdout, its ledger or a key says no           exit 2
    ├── RecordingError         a file of recorded outputs is wrong                       exit 2
    ├── PromptError            a prompt template is wrong, or does not fit a case        exit 2
    ├── MissingSecretError     an environment variable that holds a key is not set       exit 2
    ├── MissingExtraError      an optional extra is not installed                        exit 2
    ├── NotAvailableError      what was asked for is planned, and not there yet          exit 3
    ├── StoreError             the store cannot be read or written                       exit 4
    └── IncompleteError        a run ended before its plan did                           exit 4

A failed call of a model is no exception: it is a `Failure` record. A metric that cannot be computed is no
exception either: it is a `ScoreFailure`.
"""

from dataclasses import dataclass

EXIT_OK = 0
EXIT_FAIL = 1
EXIT_USAGE = 2
EXIT_UNDECIDED = 3
EXIT_INCOMPLETE = 4
EXIT_INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: a file, with line and column (both from 1) where they are known."""

    path: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        """Return `path:line:column`, as editors understand it."""
        parts = [self.path, *(str(part) for part in (self.line, self.column) if part is not None)]
        return ":".join(parts)


class PassmusterError(Exception):
    """The root of all: a message for people, where it happened, and what to do.

    Args:
        message: What is wrong, with the value that is.
        place: Where.
        hint: What to do about it.
    """

    exit_code = EXIT_USAGE

    def __init__(self, message: str, *, place: Place | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.place = place
        self.hint = hint

    def __str__(self) -> str:
        """Return `place: message`, and the hint on a line of its own."""
        text = self.message if self.place is None else f"{self.place}: {self.message}"
        return text if self.hint is None else f"{text}\n  {self.hint}"


class UsageError(PassmusterError):
    """The command, or the call from Python, asks for something that does not exist."""


class ConfigurationError(PassmusterError):
    """The project file is wrong."""


class CorpusError(PassmusterError):
    """A file of cases is wrong."""


class SealError(PassmusterError):
    """The holdout stays shut: no key or a wrong one, no opening left, nothing planned, or a file was altered."""


class RecordingError(PassmusterError):
    """A file of recorded outputs is wrong."""


class PromptError(PassmusterError):
    """A prompt template cannot be read, or cannot be rendered for a case."""


class MissingSecretError(PassmusterError):
    """An environment variable that holds a key is not set."""


class MissingExtraError(PassmusterError):
    """An optional extra is not installed."""


class NotAvailableError(PassmusterError):
    """What was asked for is planned, and not there yet."""

    exit_code = EXIT_UNDECIDED


class StoreError(PassmusterError):
    """The store cannot be read or written."""

    exit_code = EXIT_INCOMPLETE


class IncompleteError(PassmusterError):
    """A run ended before its plan did."""

    exit_code = EXIT_INCOMPLETE
