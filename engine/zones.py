"""Names of time zones: whether one exists, and the machine's own."""

import os
from collections.abc import Iterator
from datetime import UTC, tzinfo
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from zoneinfo import TZPATH, ZoneInfo, available_timezones

from engine.errors import UsageError

NOT_KNOWN = "this machine's is not known: /etc/localtime is not the file of any zone"
_ETC = Path("/etc")
_LARGEST = 1 << 16  # bytes; the file of a zone has a few thousand
_TABLE = "zone1970.tab"  # the zones that differ, one name of each


@lru_cache(maxsize=1024)
def zone_fault(name: str) -> str:
    """Return what is wrong with `name` as an IANA time zone, "" if it is one."""
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # no name, a folder, unknown
        pass
    else:
        if name != "localtime" and not name.startswith(("posix/", "right/")):
            return ""
    by_lower = {each.lower(): each for each in available_timezones()}
    by_lower |= {each.rpartition("/")[2]: zone for each, zone in by_lower.items()}
    near = get_close_matches(name.lower()[:80], by_lower, n=1, cutoff=0.7)
    hint = f"; nearest: '{by_lower[near[0]]}'" if near else ", as in Europe/Prague or UTC"
    return f"no time zone is named '{name[:80]}'{hint}"


def machine_timezone(etc: Path = _ETC) -> str:
    """Return the IANA name of this machine's zone: of `TZ`, else of /etc/localtime, else UTC.

    Containers have a copy of a zone's file there instead of a link, often beside an /etc/timezone
    that tells of the image: then the zone is the one that has the same file, or the one named there
    if its file has the same rule. "" is a zone that is none of those known here; it is not UTC, and
    nobody should guess what it is.
    """
    if name := _named_zone(etc):
        return name
    listed, data = _listed(etc), _localtime(etc)
    if data is None:  # as the C library has it
        return listed or "UTC"
    return _zone_of(data, listed)


def default_timezone(named: str, etc: Path = _ETC) -> str:
    """Return the zone that was named, or for "" this machine's.

    Raises:
        UsageError: none was, and this machine's is not known.
    """
    if found := named or machine_timezone(etc):
        return found
    raise UsageError(
        f"No time zone is named, and {NOT_KNOWN}. Give --timezone, as in Europe/Prague, or "
        "`timezone` in settings.yaml."
    )


def machine_zone(etc: Path = _ETC) -> tzinfo:
    """Return this machine's zone, to show instants in: nobody needs to know its name for that."""
    if name := _named_zone(etc):
        return ZoneInfo(name)
    try:
        with (etc / "localtime").open("rb") as file:
            return ZoneInfo.from_file(file)
    except (OSError, ValueError):  # none, or the file of no zone
        return ZoneInfo(_listed(etc)) if _listed(etc) else UTC


def _named_zone(etc: Path) -> str:
    """Return the zone that is told by its name, in `TZ` or as what /etc/localtime leads to."""
    named = os.environ.get("TZ", "").removeprefix(":")
    if named and not zone_fault(named):
        return named
    try:
        target = str((etc / "localtime").resolve())
    except (OSError, RuntimeError):  # links in a circle
        return ""
    _, _, zone = target.partition("/zoneinfo/")
    return zone if zone and not zone_fault(zone) else ""


def _listed(etc: Path) -> str:
    """Return the zone that Debian's /etc/timezone names."""
    try:
        listed = (etc / "timezone").read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""
    return listed if listed and not zone_fault(listed) else ""


def _localtime(etc: Path) -> bytes | None:
    """Return what /etc/localtime holds; None: there is none."""
    try:
        with (etc / "localtime").open("rb") as file:
            return file.read(_LARGEST)
    except FileNotFoundError:
        return None
    except OSError:
        return b""


@lru_cache(maxsize=4)
def _zone_of(data: bytes, listed: str) -> str:
    """Return the name of the zone whose file is `data`, `listed` before others; "": none is."""
    for name in (listed, "UTC"):
        if name and any(_holds(root / name, data) for root in _roots()):
            return name
    for root in _roots():
        for name in _tabled(root):
            if _holds(root / name, data):
                return name
    for name in sorted(available_timezones()):
        if any(_holds(root / name, data) for root in _roots()):
            return name
    rule = _rule(data)
    if listed and rule and any(_rule(_read(root / listed)) == rule for root in _roots()):
        return listed  # the same zone, of another build: its file tells more, or less, of the past
    return ""


def _rule(data: bytes) -> bytes:
    """Return the rule for the future in the last line of a zone's file; b"": it has none."""
    return data[:-1].rpartition(b"\n")[2] if data.endswith(b"\n") else b""


def _roots() -> list[Path]:
    """Return the folders of zones that `zoneinfo` reads, the machine's before the package's."""
    import tzdata

    return [*map(Path, TZPATH), Path(tzdata.__file__).parent / "zoneinfo"]


def _tabled(root: Path) -> Iterator[str]:
    try:
        lines = (root / _TABLE).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return
    for line in lines:
        if not line.startswith("#") and line.count("\t") > 1:
            yield line.split("\t")[2]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _holds(path: Path, data: bytes) -> bool:
    try:
        return path.stat().st_size == len(data) and path.read_bytes() == data
    except OSError:
        return False
