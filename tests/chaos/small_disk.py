"""Disks of a megabyte or two, that can be filled: tmpfs, by root or in a namespace of our own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_BALLAST = "ballast"
_INSIDE = "TOCSIN_CHAOS_MOUNTS"
_CHUNK = b"\0" * 4096


def be_able_to_mount() -> None:
    """Go on as root of a mount namespace of our own, for the mounts to end with us.

    Raises:
        SystemExit: neither root nor a user namespace is to be had here.
    """
    if os.environ.get(_INSIDE):
        return
    words = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--mount", "-r"]
    try:
        subprocess.run([*words, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"small disks cannot be mounted here, so nothing was tried: {error}")
    os.environ[_INSIDE] = "yes"
    os.execvp(words[0], [*words, sys.executable, *sys.orig_argv[1:]])


@dataclass(frozen=True, slots=True)
class SmallDisk:
    """A mounted file system."""

    name: str
    path: Path

    def fill(self) -> None:
        """Leave no room."""
        descriptor = os.open(self.path / _BALLAST, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        try:
            while os.write(descriptor, _CHUNK):
                pass
        except OSError:
            return
        finally:
            os.close(descriptor)

    def free(self) -> None:
        """Let there be room again."""
        (self.path / _BALLAST).unlink(missing_ok=True)


@contextmanager
def small_disk(name: str, path: Path, kibibytes: int) -> Iterator[SmallDisk]:
    """Mount a disk at `path`, and take it away afterwards."""
    path.mkdir(parents=True, exist_ok=True)
    options = f"size={kibibytes}k,mode=0700"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tocsin", str(path)], check=True)
    try:
        yield SmallDisk(name, path)
    finally:
        subprocess.run(["umount", "-l", str(path)], check=True)
