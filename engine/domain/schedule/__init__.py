"""Schedules: what is due when. Two kinds, and one `Planner` that walks either on UTC instants."""

from typing import Literal

from msgspec import Struct

DstGap = Literal["after", "skip", "shift"]
DstOverlap = Literal["first", "last", "both"]

SHORTEST_RECURRING = 1
LONGEST_RECURRING = 9_999_999


class CronSchedule(Struct, frozen=True):
    """Five cron fields in the job's time zone, with the daylight-saving contract."""

    minute: str
    hour: str
    day: str
    month: str
    wday: str
    timezone: str = "UTC"  # IANA name
    dst_gap: DstGap = "after"
    dst_overlap: DstOverlap = "first"

    @property
    def expression(self) -> str:
        """The five fields as one string, as in a crontab."""
        return f"{self.minute} {self.hour} {self.day} {self.month} {self.wday}"


class RecurringSchedule(Struct, frozen=True):
    """Every `seconds` seconds, start to start, counted from the anchor of its revision."""

    seconds: int
    timezone: str = "UTC"  # for showing only


Schedule = CronSchedule | RecurringSchedule
