"""What Python does not wrap: prctl, our mark in /proc, and who descends from whom."""

from __future__ import annotations

import os

_SET_PDEATHSIG = 1
_SET_NAME = 15
_SET_CHILD_SUBREAPER = 36
_SET_NO_NEW_PRIVS = 38
_KILL = 9

MARK = "TOCSIN_RUN"  # the environment variable that tells whose process it is
MARK_SIZE = 48  # bytes kept for its value
SUPERVISOR = "tocsin-super"  # what `ps` shows of a supervisor
GUARD = "tocsin-guard"  # and of its guard

try:
    from _ctypes import call_function, dlopen, dlsym

    _address = dlsym(dlopen(None, 0), "prctl")  # type: ignore[arg-type]

    def _prctl(option: int, value: int | bytes) -> None:
        if call_function(_address, (option, value, 0, 0, 0)) != 0:
            raise OSError(1, "Operation not permitted")

except ImportError:
    import ctypes

    _libc = ctypes.CDLL(None)

    def _prctl(option: int, value: int | bytes) -> None:
        if _libc.prctl(option, value, 0, 0, 0) != 0:
            raise OSError(1, "Operation not permitted")


def become_subreaper() -> None:
    """Let orphans among our descendants become our children, so that they are found."""
    _prctl(_SET_CHILD_SUBREAPER, 1)


def die_with_parent() -> None:
    """Have the kernel kill us when our parent dies. A change of user undoes it."""
    _prctl(_SET_PDEATHSIG, _KILL)


def gain_no_privileges() -> None:
    """Let no program that we run gain privileges that we lack (setuid programs among them)."""
    _prctl(_SET_NO_NEW_PRIVS, 1)


def name_process(name: str) -> None:
    """Set the name that `ps` and `top` show, up to 15 bytes."""
    _prctl(_SET_NAME, name.encode("ascii", "replace")[:15])


def name_of(pid: int) -> str:
    """Return the name that `ps` shows of a process; "" where it is gone."""
    try:
        with open(f"/proc/{pid}/comm", "rb", 0) as file:
            return file.read().rstrip(b"\n").decode("ascii", "replace")
    except OSError:
        return ""


def is_dead(pid: int) -> bool:
    """Whether a process has ended, reaped or not."""
    try:
        with open(f"/proc/{pid}/stat", "rb", 0) as file:
            return file.read().rpartition(b")")[2].split()[0] in {b"Z", b"X"}
    except (OSError, IndexError):
        return True


_mark_place = 0  # the address of our mark's value; forks have it at the same one


def find_mark() -> None:
    """Find where in our memory the mark lies that we were started with, for `put_mark`."""
    global _mark_place
    try:
        with open("/proc/self/environ", "rb") as file:
            place = file.read().find(f"{MARK}=".encode())
        with open("/proc/self/stat", "rb") as file:
            start = int(file.read().rsplit(b")", 1)[1].split()[47])  # env_start, field 50
    except (OSError, ValueError, IndexError):
        return
    if place >= 0 and start:
        _mark_place = start + place + len(MARK) + 1


def put_mark(value: str) -> None:
    """Change our mark as /proc shows it, where what we set in our environment does not appear."""
    if not _mark_place:
        return
    try:
        memory = os.open("/proc/self/mem", os.O_RDWR)
    except OSError:
        return
    try:
        os.pwrite(memory, value.encode()[:MARK_SIZE].ljust(MARK_SIZE, b"\0"), _mark_place)
    except OSError:
        pass
    finally:
        os.close(memory)


def mark_of(pid: int) -> str | None:
    """Return a process's mark: "" where it has none, None where it is gone or hides it."""
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            environment = file.read()
    except OSError:
        return None
    _, found, rest = (b"\0" + environment).partition(f"\0{MARK}=".encode())
    return rest.partition(b"\0")[0].decode("ascii", "replace") if found else ""


def own_children() -> list[int]:
    """Return the pids of our children, orphans and zombies among them; we have one thread."""
    pid = os.getpid()
    try:
        children = os.open(f"/proc/{pid}/task/{pid}/children", os.O_RDONLY)
    except OSError:
        return children_of(pid)
    try:
        found = b""
        while piece := os.read(children, 1 << 16):
            found += piece
    finally:
        os.close(children)
    return [int(each) for each in found.split()]


def children_of(pid: int) -> list[int]:
    """Return the pids of a process's children, zombies among them; none where it is gone."""
    found: list[int] = []
    try:
        tasks = os.listdir(f"/proc/{pid}/task")
    except OSError:
        return found
    for task in tasks:
        try:
            with open(f"/proc/{pid}/task/{task}/children", "rb", 0) as file:
                found += [int(each) for each in file.read().split()]
        except OSError:
            continue
    return found


def descendants_of(pid: int) -> list[int]:
    """Return the pids of everything below a process, nearest first."""
    found: list[int] = []
    level = [pid]
    while level:
        level = [child for parent in level for child in children_of(parent)]
        found += level
    return found


def out_of_memory_kills() -> int:
    """Return how often the out-of-memory killer struck since the machine started; 0 if untold."""
    try:
        with open("/proc/vmstat", "rb") as file:
            for line in file:
                if line.startswith(b"oom_kill "):
                    return int(line.split()[1])
    except OSError:
        pass
    return 0
