"""What holds for every test: no network but loopback, and nothing that CI needs is skipped there."""

import os
import socket
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

ROOT = Path(__file__).parents[1]
DATA = Path(os.environ.get("PASSMUSTER_DATA", ROOT.parent / "shared" / "data")).resolve()
ON_CI = bool(os.environ.get("CI"))
NEVER_SKIPPED_ON_CI = ("data", "browser")
LOOPBACK = ("localhost", "127.", "::1", "0.0.0.0", "::ffff:127.")  # noqa: S104 - names an address, binds nothing


class NetworkError(RuntimeError):
    """A test reached for the network."""


# Shared machines stall, so no example has a time limit; on CI the same examples come every time.
settings.register_profile("passmuster", deadline=None, derandomize=ON_CI)
settings.load_profile("passmuster")


def pytest_configure() -> None:
    """Give child processes the data folder, too."""
    os.environ["PASSMUSTER_DATA"] = str(DATA)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip tests of the public data sets where these are not."""
    if item.get_closest_marker("data") and not DATA.is_dir():
        pytest.skip("the public data sets are not here: set PASSMUSTER_DATA to their folder")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip into a failure on CI where the test must run: what does not run there proves nothing."""
    report = yield
    needed = any(item.get_closest_marker(marker) for marker in NEVER_SKIPPED_ON_CI)
    if ON_CI and needed and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, but CI is set: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """Return the folder of the public data sets (mark such tests `data`)."""
    if not DATA.is_dir():
        pytest.skip("the public data sets are not here: set PASSMUSTER_DATA to their folder")
    return DATA


@pytest.fixture(autouse=True, scope="session")
def no_network() -> Iterator[None]:
    """Refuse every connection that leaves this machine, and every name that would have to be looked up."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex"):
            patch.setattr(socket.socket, name, _guarded(getattr(socket.socket, name)))
        patch.setattr(socket, "getaddrinfo", _looked_up(socket.getaddrinfo))
        yield


def _guarded(connect: Any) -> Any:
    def guarded(self: socket.socket, address: Any) -> Any:
        if self.family in {socket.AF_INET, socket.AF_INET6} and not _stays(address[0]):
            raise NetworkError(f"a test tried to connect to {address!r}")
        return connect(self, address)

    return guarded


def _looked_up(getaddrinfo: Any) -> Any:
    def looked_up(host: Any, *args: Any, **kwargs: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name is not None and name.endswith(".invalid"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        if name is not None and not _stays(name):
            raise NetworkError(f"a test tried to look up {name!r}")
        return getaddrinfo(host, *args, **kwargs)

    return looked_up


def _stays(host: str) -> bool:
    return host == "" or host.startswith(LOOPBACK)
