"""Names of time zones: whether one exists, and the machine's own."""

import os
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones


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


def machine_timezone() -> str:
    """Return the IANA name of this machine's zone: of `TZ`, else of /etc/localtime, else UTC."""
    named = os.environ.get("TZ", "").removeprefix(":")
    if named and not zone_fault(named):
        return named
    try:
        target = str(Path("/etc/localtime").resolve())
        written = Path("/etc/timezone")
        listed = written.read_text(encoding="utf-8").strip() if written.is_file() else ""
    except (OSError, UnicodeDecodeError):
        return "UTC"
    _, _, zone = target.partition("/zoneinfo/")
    for name in (zone, listed):
        if name and not zone_fault(name):
            return name
    return "UTC"
