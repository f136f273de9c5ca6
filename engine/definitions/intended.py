"""What a schedule written as other schedulers want it means, said as it is written here."""

import re
from typing import Final

from engine.definitions.nodes import Fields, Node, Text

CRON_FIELDS: Final = ("minutes", "hours", "days", "months", "dow")
_OF_A_LINE: Final = {"cron", "crontab", "expression", "line", "schedule", "calendar", "oncalendar"}
_OF_AN_INTERVAL: Final = {"duration", "every", "interval", "seconds", "recurring", "period"}
_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_INTERVAL: Final = re.compile(
    r"(?:@?every\s+)?(\d{1,6})?\s*([smhd])(?:ec|ecs|econd|econds|in|ins|inute|inutes|r|rs|our|ours"
    r"|ay|ays)?",
    re.IGNORECASE,
)


def instead_of_fields(node: Fields) -> str:
    """Return what to write where the mapping has none of the five fields; "" where it has one."""
    if any(key.value in CRON_FIELDS for key, _ in node.entries):
        return ""
    for key, value in node.entries:
        written = value.value if isinstance(value, Text) else ""
        if key.value.lower() in _OF_A_LINE and written:
            return f"'schedule' is the line itself: write schedule: \"{written[:80]}\""
        if key.value.lower() in _OF_AN_INTERVAL:
            seconds = written if written.isascii() and written.isdigit() else ""
            example = f" duration: {seconds}" if seconds else in_seconds(value)
            return (
                f"an interval is no 'schedule': write{example or ' `duration:` with its seconds'} "
                "beside `name`, in place of `schedule`"
            )
    return (
        "'schedule' must be one line, as in schedule: \"*/10 * * * *\", or a mapping of "
        f"{', '.join(CRON_FIELDS)}"
    )


def in_seconds(node: Node) -> str:
    """Return how to write an interval such as `5m`: ` duration: 300`; "" for anything else."""
    said = _INTERVAL.fullmatch(node.value) if isinstance(node, Text) else None
    if said is None:
        return ""
    return f" duration: {int(said[1] or 1) * _UNITS[said[2].lower()]}"
