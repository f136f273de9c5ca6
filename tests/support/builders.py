"""Builders that name only what a test is about."""

from typing import Any

from engine.clock import Instant, from_datetime
from engine.domain.job import Definition, Execution, Job
from engine.domain.schedule import CronSchedule, RecurringSchedule, Schedule


def instant(text: str) -> Instant:
    """Return an instant from ISO 8601 text; UTC where it names no offset."""
    from datetime import UTC, datetime

    moment = datetime.fromisoformat(text)
    return from_datetime(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def every(seconds: int) -> RecurringSchedule:
    """Return a recurring schedule."""
    return RecurringSchedule(seconds)


def cron(expression: str, timezone: str = "UTC", **contract: Any) -> CronSchedule:
    """Return a cron schedule from five fields."""
    minute, hour, day, month, wday = expression.split()
    return CronSchedule(minute, hour, day, month, wday, timezone, **contract)


def definition(
    name: str = "job", schedule: Schedule | None = None, code: str = "def run(): pass", **more: Any
) -> Definition:
    """Return a definition, every hour unless told otherwise."""
    execution = more.pop("execution", None) or Execution(code=code)
    return Definition(name, schedule or cron("0 * * * *"), execution=execution, **more)


def job(name: str = "job", schedule: Schedule | None = None, **more: Any) -> Job:
    """Return a stored job."""
    return Job(more.pop("jobid", 1), name, schedule or cron("0 * * * *"), **more)
