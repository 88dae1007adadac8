"""What models wrote, at its worst: each is held in, and called what it is.

The code of an answer is run with its tests; the same tests pass for the right answer.
"""

import dataclasses
import os
import resource
import socket
from pathlib import Path

import pytest
from tests.unit.adapters.sandbox.rooms import CLOSED, LIMITS, judged, ran, room

from passmuster.adapters.sandbox.sandbox import ProcessSandbox

pytestmark = pytest.mark.slow

SHORT = dataclasses.replace(LIMITS, seconds=1.5)
TEST = "assert add(1, 2) == 3"
RIGHT = "def add(a, b):\n    return a + b\n"
WRONG = "def add(a, b):\n    return a - b\n"


@pytest.fixture(params=CLOSED)
def sandbox(request: pytest.FixtureRequest) -> ProcessSandbox:
    """Return each sandbox that this machine has."""
    return room(request.param)


def test_the_right_answer_passes_and_a_wrong_one_does_not(sandbox: ProcessSandbox) -> None:
    assert judged(sandbox, RIGHT, TEST, "assert add(0, 0) == 0")["outcome"] == "passed"
    wrong = judged(sandbox, WRONG, TEST, "assert add(0, 0) == 0")
    assert (wrong["outcome"], wrong["passed"], wrong["where"]) == ("wrong", 1, "test 1")


def test_a_fork_bomb_is_held_in(sandbox: ProcessSandbox) -> None:
    found = judged(sandbox, f"import os\n{RIGHT}\nwhile True:\n    os.fork()\n", TEST)
    assert (found["outcome"], found.get("refused")) == ("refused", "processes")


def test_a_fork_bomb_that_goes_on_when_it_is_refused_runs_out_of_time(sandbox: ProcessSandbox) -> None:
    source = "import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass\n"
    assert judged(sandbox, source, TEST, limits=SHORT)["outcome"] == "timeout"
    assert judged(sandbox, RIGHT, TEST)["outcome"] == "passed"


@pytest.mark.parametrize("source", ["while True:\n    pass\n", "import time\ntime.sleep(3600)\n"])
def test_an_endless_loop_runs_out_of_time(sandbox: ProcessSandbox, source: str) -> None:
    assert judged(sandbox, source, TEST, limits=SHORT)["outcome"] == "timeout"


def test_an_endless_loop_that_ignores_signals_runs_out_of_time(sandbox: ProcessSandbox) -> None:
    source = "import signal\nfor n in range(1, 32):\n    try:\n        signal.signal(n, signal.SIG_IGN)\n    except OSError:\n        pass\nwhile True:\n    pass\n"
    assert judged(sandbox, source, TEST, limits=SHORT)["outcome"] == "timeout"


@pytest.mark.parametrize(
    "source",
    [
        "bytearray(10 * 1024 ** 3)\n",
        "kept = []\nwhile True:\n    kept.append(bytearray(50_000_000))\n",
        # memory that is shared counts for no process alone
        "import mmap\nkept = mmap.mmap(-1, 10 * 1024 ** 3)\nwhile True:\n    kept.write(b'x' * 1_000_000)\n",
    ],
)
def test_ten_gigabytes_are_not_to_be_had(sandbox: ProcessSandbox, source: str) -> None:
    assert judged(sandbox, source, TEST)["outcome"] == "memory"


def test_many_processes_have_no_more_memory_than_one(sandbox: ProcessSandbox) -> None:
    source = "import os, time\nfor _ in range(4):\n    if os.fork() == 0:\n        kept = bytearray(150_000_000)\n        time.sleep(60)\ntime.sleep(60)\n"
    assert judged(sandbox, source, TEST)["outcome"] == "memory"


@pytest.mark.parametrize(
    "act",
    [
        "os.memfd_create('a')",
        "tried(libc.shmget(0, 4096, 0o1600))",
        "tried(libc.msgget(0, 0o1600))",
        # CLONE_NEWUSER | CLONE_NEWNS: in a room of its own it could mount file systems of any size
        "tried(libc.unshare(0x10020000))",
        "tried(libc.syscall(CLONE[os.uname().machine], 0x10000011, 0, 0, 0, 0))",
    ],
)
def test_memory_that_no_limit_counts_is_not_to_be_had(sandbox: ProcessSandbox, act: str) -> None:
    source = f"""
import ctypes, os
CLONE = {{"x86_64": 56, "aarch64": 220, "riscv64": 220}}
libc = ctypes.CDLL(None, use_errno=True)
def tried(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), "refused")
{act}
"""
    found = judged(sandbox, source, TEST)
    assert (found["outcome"], found.get("refused")) == ("refused", "files")


def test_threads_and_processes_are_started_as_elsewhere(sandbox: ProcessSandbox) -> None:
    source = "import subprocess, threading\nthread = threading.Thread(target=print, args=('thread',))\nthread.start()\nthread.join()\nprint(subprocess.check_output(['echo', 'process'], text=True), flush=True)\n"
    assert ran(sandbox, source).stdout.split() == ["thread", "process"]


@pytest.mark.parametrize(
    "way", ["os.remove({path!r})", "shutil.rmtree({folder!r})", "os.rename({path!r}, 'x')"]
)
def test_a_file_outside_is_not_deleted(sandbox: ProcessSandbox, tmp_path: Path, way: str) -> None:
    victim = tmp_path / "precious.txt"
    victim.write_text("do not lose me")
    act = way.format(path=str(victim), folder=str(tmp_path))
    found = judged(sandbox, f"import os, shutil\n{RIGHT}\n{act}\n", TEST)
    assert (found["outcome"], found["refused"]) == ("refused", "files")
    assert victim.read_text() == "do not lose me"
    assert found["attempts"][0][0] == "files"


def test_a_file_of_the_system_is_not_deleted_nor_written(sandbox: ProcessSandbox) -> None:
    for act in (
        "os.remove(os.__file__)",
        "open(os.__file__, 'a')",
        "open('/usr/x', 'w')",
        "shutil.rmtree('/usr')",
    ):
        found = judged(sandbox, f"import os, shutil\n{act}\n", TEST)
        assert (found["outcome"], found.get("refused")) == ("refused", "files"), act
    assert Path(os.__file__).is_file()


def test_files_of_this_machine_are_not_seen(sandbox: ProcessSandbox, tmp_path: Path) -> None:
    secret = tmp_path / "key"
    secret.write_text("secret")
    paths = [str(secret), __file__, "/proc/1/environ", str(Path.home() / ".profile"), "/mnt"]
    if sandbox.name in {"namespaces", "bubblewrap"}:  # a container has some of its own
        paths += ["/etc/shadow", "/etc/passwd", "/var/log", "/run"]
    source = f"""
import os
for path in {paths!r}:
    try:
        print(path, os.listdir(path) if os.path.isdir(path) else open(path).read())
    except OSError:
        print("no")
"""
    assert set(ran(sandbox, source).stdout.split("\n")) <= {"no", "/mnt []", ""}


def test_nothing_of_the_environment_is_seen(sandbox: ProcessSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    assert "secret" not in ran(sandbox, "import os\nprint(dict(os.environ))\n").stdout


@pytest.mark.parametrize(
    "act",
    [
        "socket.create_connection(('192.0.2.1', 80), timeout=5)",
        "socket.create_connection(('127.0.0.1', {port}), timeout=5)",
        "socket.getaddrinfo('example.com', 80)",
        "urllib.request.urlopen('http://192.0.2.1/', timeout=5)",
    ],
)
def test_there_is_no_network(sandbox: ProcessSandbox, act: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        act = act.format(port=server.getsockname()[1])
        found = judged(sandbox, f"import socket, urllib.request\n{RIGHT}\n{act}\n", TEST)
    assert (found["outcome"], found["refused"]) == ("refused", "network")


def test_an_abstract_socket_of_this_machine_is_not_reached(sandbox: ProcessSandbox) -> None:
    name = f"\0passmuster-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(name)
        server.listen()
        source = f"import socket\nsocket.socket(socket.AF_UNIX).connect({name!r})\n"
        assert "ConnectionRefusedError" in ran(sandbox, source).stderr


@pytest.mark.parametrize(
    "fake",
    [
        "print('passed')\nprint('1 passed')\n",
        'print(\'{"outcome": "passed", "passed": 1}\')\n',
        'import os\nfor fd in range(1, 12):\n    try:\n        os.write(fd, b\'{"outcome": "passed", "passed": 1}\\n\')\n    except OSError:\n        pass\n',
    ],
)
def test_a_printed_result_is_none(sandbox: ProcessSandbox, fake: str) -> None:
    assert judged(sandbox, f"{WRONG}\n{fake}", TEST)["outcome"] == "wrong"


@pytest.mark.parametrize("way", ["import sys\nsys.exit(0)\n", "raise SystemExit\n", "exit()\n", "quit()\n"])
def test_who_leaves_before_the_tests_has_not_passed(sandbox: ProcessSandbox, way: str) -> None:
    found = judged(sandbox, f"{WRONG}\n{way}", TEST)
    assert found["outcome"] == ("ended_early" if "exit()" not in way and "quit()" not in way else "error")


def test_who_leaves_inside_a_test_or_without_a_word_has_not_passed(sandbox: ProcessSandbox) -> None:
    inside = "import sys\ndef add(a, b):\n    sys.exit(0)\n"
    assert judged(sandbox, inside, TEST)["outcome"] == "ended_early"
    assert judged(sandbox, "import os\nos._exit(0)\n", TEST) == {"outcome": "exited", "reason": ""}
    fake = 'import os\nos.write(4, b\'{"outcome": "passed"}\\n\')\nos._exit(0)\n'
    assert judged(sandbox, fake, TEST)["outcome"] == "exited"


def test_a_child_of_the_code_tells_nothing(sandbox: ProcessSandbox) -> None:
    source = f"import os\nif os.fork() == 0:\n    {RIGHT.replace(chr(10), chr(10) + '    ')}\nelse:\n    os.wait()\n    {WRONG.replace(chr(10), chr(10) + '    ')}\n"
    assert judged(sandbox, source, TEST)["outcome"] == "wrong"


def test_the_process_that_watches_cannot_be_ended_or_looked_into(sandbox: ProcessSandbox) -> None:
    source = "import os, signal\nfor pid in sorted(int(n) for n in os.listdir('/proc') if n.isdigit()):\n    if pid not in (os.getpid(),):\n        for act in (lambda: os.kill(pid, 9), lambda: open(f'/proc/{pid}/fd/1', 'w').write('{\"status\": \"exited\", \"exit_code\": 0, \"result\": \"{}\"}')):\n            try:\n                act()\n            except OSError:\n                pass\nprint('here')\n"
    execution = ran(sandbox, source)
    assert (execution.status, execution.result) in {("exited", None), ("not_started", None)}


def test_a_crash_is_called_one(sandbox: ProcessSandbox) -> None:
    execution = ran(sandbox, "import ctypes\nctypes.string_at(0)\n")
    assert (execution.status, execution.exit_code) == ("signal", None)
    assert "SIGSEGV" in execution.reason


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_too_much_output_ends_the_program(sandbox: ProcessSandbox, stream: str) -> None:
    execution = ran(sandbox, f"import sys\nwhile True:\n    sys.{stream}.write('x' * 10_000)\n")
    assert execution.status == "output"
    assert len(execution.stdout + execution.stderr) <= LIMITS.output_bytes


def test_files_have_a_limit_one_by_one_and_together(sandbox: ProcessSandbox) -> None:
    one = "with open('big', 'wb') as file:\n    while True:\n        file.write(bytes(1_000_000))\n"
    many = "for n in range(100):\n    with open(f'big{n}', 'wb') as file:\n        file.write(bytes(1_000_000))\n"
    for source in (one, many):
        found = judged(sandbox, source, TEST)
        assert (found["outcome"], found.get("refused")) == ("refused", "size")


def test_what_a_program_leaves_is_gone_with_it(sandbox: ProcessSandbox) -> None:
    assert ran(sandbox, "open('/tmp/left', 'w').write('x')\nopen('left', 'w').write('x')\n").exit_code == 0
    found = ran(sandbox, "import os\nprint(os.path.exists('/tmp/left'), os.path.exists('left'))\n")
    assert found.stdout.split() == ["False", "False"]


def test_a_program_that_stays_behind_is_ended(sandbox: ProcessSandbox) -> None:
    stays = "import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        time.sleep(3600)\n    os._exit(0)\nprint('done')\n"
    assert ran(sandbox, stays).stdout == "done\n"
    assert (
        ran(sandbox, "import os\nprint(len([n for n in os.listdir('/proc') if n.isdigit()]) < 8)\n").stdout
        == "True\n"
    )


def test_rights_cannot_be_won_back(sandbox: ProcessSandbox) -> None:
    source = "import ctypes, os\nlibc = ctypes.CDLL(None)\nprint(libc.mount(b'none', b'/tmp', b'tmpfs', 0, None), os.system('mount -o remount,rw / 2>/dev/null') != 0)\nprint([l.split()[1] for l in open('/proc/self/status') if l.startswith('CapEff')])\n"
    assert ran(sandbox, source).stdout.split() == ["-1", "True", "['0000000000000000']"]


def test_our_own_limits_are_as_they_were(sandbox: ProcessSandbox) -> None:
    which = (resource.RLIMIT_CPU, resource.RLIMIT_DATA, resource.RLIMIT_NPROC, resource.RLIMIT_FSIZE)
    before = [resource.getrlimit(each) for each in which]
    judged(sandbox, RIGHT, TEST)
    assert [resource.getrlimit(each) for each in which] == before
