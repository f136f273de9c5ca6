"""The first process of a host in namespaces of its own: `machine_init.py NAME BOOT_ID HIDDEN...`.

It makes the host what it is: a name, a boot of its own as far as the kernel lets it, and nothing to
be seen of the folders HIDDEN, which are other hosts'. Then it starts what it is told, a line of
JSON each on its input, answers with lines of JSON, and reaps whatever ends. With it, all ends.
"""

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

_BOOT_ID = "/proc/sys/kernel/random/boot_id"


def main(name: str, boot_id: str, *hidden: str) -> None:
    """Be the host until the input ends, or we are killed."""
    socket.sethostname(name)
    for folder in hidden:
        Path(folder).mkdir(mode=0o700, parents=True, exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "elsewhere", folder], check=True)
    problem = _fake_boot(boot_id)
    woken, wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    for which in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):  # as process 1 has it
        signal.signal(which, signal.SIG_IGN)
    _say(up=name, problem=problem)
    started: set[int] = set()
    while True:
        ready = select.select([sys.stdin, woken], [], [])[0]
        if woken in ready:
            with contextlib.suppress(BlockingIOError):
                os.read(woken, 4096)
            _reap(started)
        if sys.stdin in ready:
            line = os.read(0, 1 << 16)
            if not line:
                return
            started.add(_start(json.loads(line)))


def _fake_boot(boot_id: str) -> str:
    """Show a boot id of our own; return why that was not possible, or nothing."""
    path = Path(tempfile.gettempdir(), f"tocsin-boot-{boot_id}")
    path.write_text(boot_id + "\n", encoding="ascii")
    try:
        done = subprocess.run(
            ["mount", "--bind", str(path), _BOOT_ID], check=False, capture_output=True, text=True
        )
    finally:
        path.unlink()  # the mount keeps it
    return done.stderr.strip()


def _start(told: dict[str, Any]) -> int:
    """Start a process that waits for a word: whoever asked wants to get hold of it before."""
    waits, goes = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(goes)
        signal.set_wakeup_fd(-1)
        for which in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD):
            signal.signal(which, signal.SIG_DFL)
        os.setsid()
        out = os.open(told["out"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        nothing = os.open("/dev/null", os.O_RDONLY)
        for source, target in ((nothing, 0), (out, 1), (out, 2)):
            os.dup2(source, target)
        os.chdir(told["cwd"])
        os.read(waits, 1)
        os.execvp(told["argv"][0], told["argv"])
    os.close(waits)
    _say(pid=pid)
    os.read(0, 1)
    os.close(goes)
    return pid


def _reap(started: set[int]) -> None:
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            if pid in started:
                started.discard(pid)
                _say(ended=pid, code=os.waitstatus_to_exitcode(status))


def _say(**what: Any) -> None:
    os.write(1, json.dumps(what).encode() + b"\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
