"""Where the record of a decision is kept: a file that is never written over."""

from pathlib import Path

from passmuster.errors import UsageError
from passmuster.workflows.report_names import file_stem

_MOST = 1000


def record_name(task: str, when: str) -> str:
    """Return the file name of a record: its day and its task; anything but letters, digits and `._-` becomes `-`.

    Example:
        >>> record_name("triage: tickets", "2026-11-22T08:00:00Z")
        '2026-11-22-triage-tickets.md'
    """
    return f"{when[:10]}-{file_stem(task).strip('-.') or 'task'}.md"


def keep_record(text: str, path: Path, name: str) -> Path:
    """Write a record, under the next free number where there is a file of this name; return the path.

    Args:
        text: The record.
        path: The file, or a folder that is there.
        name: What the file is called in a folder.

    Raises:
        UsageError: where it cannot be written.
    """
    try:
        path = path / name if path.is_dir() else path
        path.parent.mkdir(parents=True, exist_ok=True)
        for number in range(1, _MOST):
            free = path if number == 1 else path.with_name(f"{path.stem}-{number}{path.suffix}")
            try:
                with free.open("x", encoding="utf-8") as file:
                    file.write(text)
            except FileExistsError:
                continue
            return free
    except OSError as error:
        raise UsageError(f"the record {path} cannot be written: {error.strerror}") from None
    raise UsageError(f"there are {_MOST - 1:,} records called {path.name} already", hint="Give another PATH.")
