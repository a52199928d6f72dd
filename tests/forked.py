"""Real processes of the program without a second of imports each: a process that has loaded it once
forks for every command.

Always holds: a command has a process of its own, with the words, the environment, the folder and
the files it was given, under a number that signals reach; what it says and how it ends is what
`python -m MODULE` says and how that ends. Loading is left to tests/cli/test_main.py and to the
processes that prepare a folder, which are fresh.
"""

import atexit
import gc
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from select import select
from tempfile import TemporaryFile
from typing import IO, Any, NoReturn

REPOSITORY = Path(__file__).parents[1]
_LONGEST = 1 << 17
_LATER = ("scheduler.cli.", "scheduler.__main__", "scheduler.storage.database.migrations")
"""What each command loads itself: help texts get their language then."""
_LIBRARIES = ("typer", "typer._adapters", "typer._click.decorators", "rich.console")


class Process:
    """A command that runs, used as `subprocess.Popen` is."""

    returncode: int | None = None

    def __init__(
        self,
        words: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        stdout: IO[Any],
        stderr: IO[Any],
        module: str = "scheduler",
    ) -> None:
        self.args = list(words)
        self._ends, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        given = json.dumps([module, self.args, str(cwd), dict(env)]).encode()
        with theirs, Path(os.devnull).open() as nothing:
            files = [f.fileno() for f in (nothing, stdout, stderr, theirs)]
            socket.send_fds(_server(), [given], files)
        self.pid = int(self._ends.recv(_LONGEST))

    def poll(self) -> int | None:
        """How it ended; None while it runs."""
        if self.returncode is None and select([self._ends], [], [], 0)[0]:
            self._ended()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """How it ended, once it has; a negative number is the signal that ended it."""
        if self.returncode is None and not select([self._ends], [], [], timeout)[0]:
            raise subprocess.TimeoutExpired(self.args, timeout or 0.0)
        return self._ended() if self.returncode is None else self.returncode

    def send_signal(self, number: int) -> None:
        """Sends a signal, if it still runs."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def end(self) -> None:
        """Kills it, if it still runs."""
        self.send_signal(signal.SIGKILL)
        self.wait()

    def _ended(self) -> int:
        self.returncode = int(self._ends.recv(_LONGEST))
        self._ends.close()
        return self.returncode


def run(
    words: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    timeout: float = 60.0,
    module: str = "scheduler",
) -> subprocess.CompletedProcess[str]:
    """One command, to its end, with what it said."""
    with TemporaryFile("w+") as out, TemporaryFile("w+") as err:
        process = Process(words, cwd=cwd, env=env, stdout=out, stderr=err, module=module)
        try:
            code = process.wait(timeout)
        finally:
            process.end()
        said = [(file.seek(0), file.read())[1] for file in (out, err)]
        return subprocess.CompletedProcess(process.args, code, *said)


@cache
def _server() -> socket.socket:
    """The way to this process's server, which ends when this process does."""
    mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.forked", str(theirs.fileno())],
            cwd=REPOSITORY,
            pass_fds=[theirs.fileno()],
        )

    def stop() -> None:
        mine.close()
        process.wait()

    atexit.register(stop)
    return mine


def _load() -> None:
    """Loads the program, and what reading a configuration loads."""
    import scheduler  # noqa: PLC0415

    names = [found.name for found in walk_packages(scheduler.__path__, "scheduler.")]
    for name in (*names, *_LIBRARIES):
        if not name.startswith(_LATER):
            import_module(name)
    shipped, building, reading = (
        import_module(f"scheduler.{name}")
        for name in ("app.shipped", "app.policy_building", "core.config.reading")
    )
    reading.read_config(shipped.shipped_config(), "config.toml", building.holidays_of)
    import_module("scheduler.cli.main")
    gc.collect()
    gc.freeze()


def _serve(asked: socket.socket) -> None:
    """Forks for every command that is asked for, until nobody can ask any more. Returns in the
    process of a command, which then is one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        given, files, _, _ = socket.recv_fds(asked, _LONGEST, 4)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG if given else 0) != (0, 0):
                pass
        if not given:
            os._exit(0)
        if os.fork() == 0:
            asked.close()
            return _watch(json.loads(given), files)
        for file in files:
            os.close(file)


def _watch(given: tuple[str, list[str], str, dict[str, str]], files: list[int]) -> None:
    """Forks once more, and tells the number of that process and how it ended. Returns in it."""
    with socket.socket(fileno=files.pop()) as told:
        pid = os.fork()
        if pid != 0:
            for file in (0, 1, 2, *files):
                os.close(file)
            told.send(str(pid).encode())
            told.send(str(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])).encode())
            os._exit(0)
    _become(*given, files)


def _become(module: str, words: list[str], cwd: str, env: dict[str, str], files: list[int]) -> None:
    """Is `python -m MODULE WORDS` from now on."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", 1, "utf-8", "backslashreplace", closefd=False)
    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    os.chdir(cwd)
    sys.argv[1:] = words
    code: object = 0
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as ended:
        code = ended.code
    except BaseException:
        traceback.print_exc()
        code = 1
    _end(code if isinstance(code, int) else int(code is not None))


def _end(code: int) -> NoReturn:
    """Ends as Python does, but does not first take every module apart, which would copy them."""
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    _load()
    _serve(socket.socket(fileno=int(sys.argv[1])))
