"""Run the real daemon with a crontab of its own, under a clock that libfaketime speeds up.

It lives in a mount namespace in which its spool, its system crontabs and `/run` are empty folders:
nothing of the machine's own is read or run. Each line makes an empty file whose time (the kernel's,
which is not faked) says in which minute of the daemon's it was run.
"""

import os
import shutil
import subprocess
import tempfile
from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.conformance.debian_cron.stories import Story

SPEED = 40  # a minute takes a second and a half
CRON = "/usr/sbin/cron"
LIBRARIES = (
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1",
)
_QUIET = 8  # seconds of each minute, at least, in which nothing may begin
_MOUNTS = {
    "crontabs": "/var/spool/cron/crontabs",
    "crontab": "/etc/crontab",
    "cron.d": "/etc/cron.d",
    "run": "/run",
}


class TooSlowError(Exception):
    """The machine was so busy that it is not sure in which minute a line ran."""


def what_is_missing() -> str:
    """Return what the daemon cannot be run without; "" where all is there."""
    if os.geteuid() != 0:
        return "root, for a mount namespace"
    if not Path(CRON).exists():
        return f"{CRON} (Debian's package cron)"
    if library() is None:
        return "libfaketime (Debian's package faketime)"
    return "" if shutil.which("unshare") else "unshare (util-linux)"


def library() -> str | None:
    """Return where libfaketime is."""
    return next((each for each in LIBRARIES if Path(each).exists()), None)


def version() -> str:
    """Return the version of Debian's package."""
    told = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Version}", "cron"], capture_output=True, text=True, check=True
    )
    return told.stdout.strip()


def run(story: Story) -> dict[str, list[int]]:
    """Return the minutes after `story.start` in which each line ran, each as often as it ran.

    Raises:
        TooSlowError: the machine was too busy; try again.
    """
    with tempfile.TemporaryDirectory(prefix="debian-cron-") as folder:
        home = Path(folder)
        ran = home / "ran"
        ran.mkdir()
        _write_crontab(home, ran, story)
        _live(home, story)
        began = (home / "run" / "crond.pid").stat().st_mtime  # the first thing that it writes
        return _read(ran, story, began)


def _write_crontab(home: Path, ran: Path, story: Story) -> None:
    for name in ("crontabs", "cron.d", "run"):
        (home / name).mkdir()
    (home / "crontab").touch()
    lines = [
        f"{expression} : > {ran}/{number}.$$\n"
        for number, expression in enumerate(story.expressions)
    ]
    crontab = home / "crontabs" / "root"
    crontab.write_text('SHELL=/bin/sh\nMAILTO=""\n' + "".join(lines))
    crontab.chmod(0o600)


def _live(home: Path, story: Story) -> None:
    """Let the daemon live for as long as the story takes."""
    local = story.start.astimezone(ZoneInfo(story.zone))
    start = f"@{local:%Y-%m-%d %H:%M}:00"
    mounts = [f"mount --bind {home / name} {place}" for name, place in _MOUNTS.items()]
    script = " && ".join([*mounts, f"exec {CRON} -f"])
    environment = {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin:/usr/sbin:/sbin"),
        "TZ": story.zone,
        "NEW_LD_PRELOAD": str(library()),
        "NEW_FAKETIME": f"{start} x{SPEED}",
    }
    script = script.replace("exec ", 'LD_PRELOAD="$NEW_LD_PRELOAD" FAKETIME="$NEW_FAKETIME" exec ')
    daemon = subprocess.Popen(
        ["unshare", "--mount", "sh", "-c", script], env=environment, stderr=subprocess.PIPE
    )
    try:
        daemon.communicate(timeout=(story.minutes + 0.5) * 60 / SPEED)
    except subprocess.TimeoutExpired:
        daemon.kill()
        daemon.communicate()
        return
    raise RuntimeError(f"the daemon ended by itself, with {daemon.returncode}")


def _read(ran: Path, story: Story, began: float) -> dict[str, list[int]]:
    """Tell by the files in which minute each line ran.

    `began` is not exact, but it is wrong by the same for all: lines run at the beginning of a
    minute, which is where the longest quiet part of all minutes together ends.
    """
    seconds = {path.name: (path.stat().st_mtime - began) * SPEED for path in ran.iterdir()}
    parts = sorted(each % 60 for each in seconds.values())
    quiet, beginning = max(
        (each - before, each) for before, each in pairwise([parts[-1] - 60, *parts])
    )
    if quiet < _QUIET:
        raise TooSlowError(f"{story.name}: it is not sure in which minute a line ran")
    wrong_by = (beginning + 30) % 60 - 30 - 0.001
    found: dict[str, list[int]] = defaultdict(list)
    for name, second in seconds.items():
        expression = story.expressions[int(name.partition(".")[0])]
        found[expression].append(int((second - wrong_by) // 60))
    return {each: sorted(found[each]) for each in story.expressions}
