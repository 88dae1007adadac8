"""The example project of `passmuster demo`: copied once, served by simulated endpoints, run like any other."""

import re
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from passmuster.adapters.simulator.server import Simulator
from passmuster.adapters.simulator.thread import SimulatorThread
from passmuster.errors import UsageError
from passmuster.project.load import FILE_NAME, Project, load_project
from passmuster.project.simulation import endpoint_models
from passmuster.project.yaml import read_yaml
from passmuster.records.digest import digest

TEMPLATE = Path(__file__).parent / "templates" / "demo"
ENDPOINTS = "endpoints.yaml"
_MODEL = re.compile(r"^    model: (\S+)$")
_STATE = re.compile(r"(?<=user: simulated-)[0-9a-f]{8}")
_PORT = re.compile(r"(?<=http://127\.0\.0\.1:)[0-9]+(?=/v1)")


def copy_demo(folder: Path) -> bool:
    """Copy the example into `folder` and say whether anything had to be; what is there already stays.

    Raises:
        UsageError: where the folder holds something else, or cannot be written.
    """
    wanted = [source for source in sorted(TEMPLATE.rglob("*")) if source.is_file()]
    missing = [source for source in wanted if not (folder / source.relative_to(TEMPLATE)).exists()]
    try:
        if len(missing) == len(wanted) and folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UsageError(
                f"{folder} is not empty, and it is not the demo",
                hint="Name another folder: passmuster demo FOLDER",
            )
        for source in missing:
            target = folder / source.relative_to(TEMPLATE)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.read_bytes())
    except OSError as error:
        raise UsageError(f"{error.filename or folder} cannot be written: {error.strerror}") from None
    return bool(missing)


@contextmanager
def open_demo(folder: Path) -> Iterator[Project]:
    """Serve the simulated models of a demo folder and give its project, for as long as the block lasts.

    The endpoint keeps its port from run to run, as stored trials belong to an endpoint; where the port is
    taken, another one is written into the project file. A simulated model that was changed since its trials
    were stored is asked anew.

    Raises:
        ConfigurationError: for a slip in either file.
    """
    path = folder / FILE_NAME
    port = _free_port(_port(path))
    _rewrite(path, lambda text: _PORT.sub(str(port), text))
    _rewrite(path, partial(_with_states, _states(folder / ENDPOINTS)))
    project = load_project(path)
    served = endpoint_models(folder / ENDPOINTS, project)
    with SimulatorThread(Simulator(served.models, served.seed), port):
        yield project


def _port(path: Path) -> int:
    found = _PORT.search(path.read_text(encoding="utf-8"))
    return int(found[0]) if found else 0


def _free_port(wanted: int) -> int:
    """Return this port of 127.0.0.1 where nothing listens on it, else one that is free."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except (OSError, OverflowError):
                continue
            return int(probe.getsockname()[1])
    raise UsageError("no port of 127.0.0.1 is free")


def _states(path: Path) -> dict[str, str]:
    """Return a digest of what each model of the file is made to do, by its name."""
    data = read_yaml(path.read_text(encoding="utf-8"), str(path), {}).data
    entries = data.get("endpoints") if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(entries, list):
        return {}
    return {
        str(entry.get("name")): digest([entry, data.get("seed")])[:8]
        for entry in entries
        if isinstance(entry, dict)
    }


def _with_states(states: Mapping[str, str], text: str) -> str:
    """Return the project file with the state of each model in its `user` parameter."""
    model, lines = "", []
    for line in text.splitlines(keepends=True):
        found = _MODEL.match(line.rstrip("\r\n"))
        model = found[1] if found else model
        lines.append(_STATE.sub(states[model], line) if model in states else line)
    return "".join(lines)


def _rewrite(path: Path, change: Callable[[str], str]) -> None:
    text = path.read_text(encoding="utf-8")
    if (changed := change(text)) != text:
        draft = path.with_name(path.name + ".part")
        draft.write_text(changed, encoding="utf-8")
        draft.replace(path)
