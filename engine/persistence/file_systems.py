"""Tell whether a folder is on a network file system, where SQLite's locks do not work."""

from pathlib import Path

_NETWORK = frozenset(
    {
        "9p",
        "afs",
        "ceph",
        "cifs",
        "fuse.cephfs",
        "fuse.glusterfs",
        "fuse.sshfs",
        "glusterfs",
        "lustre",
        "nfs",
        "nfs4",
        "smb3",
        "smbfs",
    }
)
_MOUNTS = Path("/proc/self/mountinfo")


def network_file_system(folder: Path, mounts: Path = _MOUNTS) -> str | None:
    """Return the kind of network file system that holds `folder`; None: local, or unknown."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return None
    place = str(folder.resolve())
    kind = ""
    longest = -1
    for line in lines:
        mounted, _, source = line.partition(" - ")
        point = _unescaped(mounted.split(" ")[4])
        if (
            _holds(point, place) and len(point) >= longest
        ):  # of two mounts on one point the later one counts
            longest, kind = len(point), source.split(" ")[0]
    return kind if kind in _NETWORK else None


def _holds(point: str, place: str) -> bool:
    return place == point or place.startswith(point.rstrip("/") + "/")


def _unescaped(text: str) -> str:
    for code, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(code, character)
    return text
