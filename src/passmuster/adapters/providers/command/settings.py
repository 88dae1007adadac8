"""What a command is: its words, how it is kept, what it may see, and what makes it the same command."""

import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from passmuster.adapters.providers.function.provider import source_digest
from passmuster.errors import ConfigurationError
from passmuster.records.record import Json, Record

OWN_PARAMETERS = ("command", "files")
"""Parameters of the candidate that stand for the command's identity; the program is not told them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command(Record):
    """A program and how it is run, without a shell.

    `words` are the program and its arguments, `folder` where it runs. With `keep_alive` one program answers many
    requests, line by line; without, a process is started for each. `answer` says how the output of such a
    process is read: as a JSON object, or as the text of the reply. `processes` are run at once (None: one that is
    kept alive, else as many as the candidate's concurrency), and `in_flight` requests are given to each at once. With `ready` a program is asked nothing before it has said
    `{"ready": true}`, within `start_timeout` seconds. After `restarts` failures in a row it is not started
    again. `longest` is in bytes. `environment` is all that it sees of ours, `secrets` are texts that never get
    into a reply or message.
    """

    words: tuple[str, ...]
    folder: Path
    keep_alive: bool = True
    answer: Literal["json", "text"] = "json"
    processes: int | None = None
    in_flight: int = 1
    ready: bool = False
    start_timeout: float = 60.0
    restarts: int = 20
    longest: int = 32 * 1024 * 1024
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)

    def check(self, candidate: str) -> None:
        """Look whether this command can be started at all.

        Raises:
            ConfigurationError: for a program that is not there, or one-shot settings that do not fit.
        """
        if not self.words or not self.words[0] or any("\0" in word for word in self.words):
            raise ConfigurationError(
                f"candidate {candidate!r}: the command is empty, or holds a NUL character"
            )
        if self.answer == "text" and self.keep_alive:
            raise ConfigurationError(
                f"candidate {candidate!r}: a program that is kept alive answers in JSON lines",
                hint="`keep_alive: false` starts a process for each request; its output may be text",
            )
        program = self.words[0]
        place = self.folder / program if os.path.dirname(program) else program  # noqa: PTH120 - a word, no path yet
        if shutil.which(place, path=self.environment.get("PATH")) is None:
            raise ConfigurationError(
                f"candidate {candidate!r}: there is no program {program!r}",
                hint=f"looked in PATH, and in {self.folder} for a path; a shell is not used, so split its words",
            )


def command_environment(
    environment: Mapping[str, str], withheld: Iterable[str] = (), named: Iterable[str] = ()
) -> dict[str, str]:
    """Return the environment of a command: ours without our secrets, unless it is named to get them.

    Python is told not to keep its output back: a program that forgets to flush would hang.

    Example:
        >>> command_environment({"PATH": "/bin", "KEY": "k", "OTHER": "o"}, ["KEY", "OTHER"], ["OTHER"])
        {'PYTHONUNBUFFERED': '1', 'PATH': '/bin', 'OTHER': 'o'}
    """
    kept_back = set(withheld) - set(named)
    passed = {name: value for name, value in environment.items() if name not in kept_back}
    return {"PYTHONUNBUFFERED": "1", **passed}


def command_files(words: Sequence[str], folder: Path) -> list[Path]:
    """Return the files inside a folder that a command line names, each once: `run.py`, `--config=a.yaml`."""
    root = folder.resolve()
    found: dict[Path, None] = {}
    for word in words:
        for text in (word, word.partition("=")[2]):
            try:
                path = (root / text).resolve()
                if text and path.is_relative_to(root) and path.is_file():
                    found[path] = None
            except (OSError, ValueError):
                continue
    return list(found)


def command_identity(
    words: Sequence[str], folder: Path, parameters: Mapping[str, Json], files: Iterable[Path] = ()
) -> dict[str, Json]:
    """Return the parameters of a candidate that is a command: its words and the files that they name.

    `files` are others that decide its answers. A changed word or file makes another candidate, so that it is
    asked again.

    Raises:
        ConfigurationError: for a parameter by one of these names, or a file that cannot be read.
    """
    taken = next((name for name in OWN_PARAMETERS if name in parameters), None)
    if taken is not None:
        message = f"parameters: {taken!r} is taken: it stands for the command itself"
        raise ConfigurationError(message, hint="give the parameter another name")
    root = folder.resolve()
    paths = [*command_files(words, folder), *((root / path).resolve() for path in files)]
    digests = {os.path.relpath(path, root).replace(os.sep, "/"): source_digest(path) for path in paths}
    return {**parameters, "command": list(words), "files": digests}
