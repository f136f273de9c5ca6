"""Short ways to write schedules, instants and revisions."""

from datetime import datetime
from zoneinfo import ZoneInfo

from engine.clock import Instant, from_datetime, to_datetime
from engine.domain.schedule import Schedule
from engine.domain.schedule.cron import parse_cron
from engine.domain.schedule.planner import Planner, planner_for
from engine.domain.schedule.revision import Revision


def at(text: str) -> Instant:
    """`2026-03-29T01:00` in UTC."""
    return from_datetime(datetime.fromisoformat(text + "+00:00"))


def utc(instants: list[Instant]) -> list[str]:
    """The other way round, to the minute."""
    return [to_datetime(one).strftime("%Y-%m-%dT%H:%M") for one in instants]


def local(instants: list[Instant], zone: str) -> list[str]:
    """Local time with its offset: tells the two passes of an overlap apart."""
    return [to_datetime(one).astimezone(ZoneInfo(zone)).strftime("%d %H:%M%z") for one in instants]


def cron(text: str, zone: str = "UTC", gap: str = "after", overlap: str = "first") -> Planner:
    return planner_for(parse_cron(text, zone, gap, overlap))


def revision(
    schedule: Schedule,
    began: str,
    ended: str | None = None,
    expires: str | None = None,
) -> Revision:
    return Revision(
        revisionid=1,
        jobid=1,
        schedule=schedule,
        began_at=at(began),
        ended_at=at(ended) if ended else None,
        expires_at=at(expires) if expires else None,
    )
