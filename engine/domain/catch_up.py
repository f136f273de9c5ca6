"""What becomes of the due instants that passed while a job was not being scheduled.

Evaluated whenever a job starts being scheduled: engine start, activation, enabling, reset, resume.
The stretch since the cursor is divided by the holds and by the times when no engine was up. With
run_skipped the last instant runs once, at once, whatever stopped it; the earlier ones are skipped
where a switch held the job, and coalesce into that run otherwise. Without run_skipped nothing runs:
what no switch held is missed.

Counting is the schedule's: a year of missed minutes is one row, not half a million.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from msgspec import Struct
from msgspec.structs import replace

from engine.clock import MICROSECOND, Instant, to_text
from engine.domain.verdict import Hold, Reason, Stretch, Verdict

# First, last and number of the due instants in `after < due <= until`; None where there is none.
CountDues = Callable[[Instant, Instant], tuple[Instant, Instant, int] | None]


class Downtime(Struct, frozen=True):
    """A time when nothing could run the job though no switch held it: `since < due <= until`."""

    since: Instant
    until: Instant
    reason: Reason = Reason.NO_ENGINE
    detail: str = ""


class Accounting(Struct, frozen=True):
    """The verdicts of a stretch that nothing accounted for."""

    catch_up: Instant | None  # the due instant that runs now, late; None: nothing runs
    stretches: tuple[Stretch, ...]  # coalesced ones lack the instance: it is not claimed yet


class _Span(Struct, frozen=True):
    since: Instant
    until: Instant
    hold: Hold | None
    downtime: Downtime | None


def account(
    jobid: int,
    engine_key: str,
    *,
    count: CountDues,
    after: Instant,
    until: Instant,
    run_skipped: bool,
    holds: Iterable[Hold] = (),
    downtimes: Iterable[Downtime] = (),
) -> Accounting:
    """Give every due instant in `after < due <= until` its verdict.

    `holds` and `downtimes` may overlap and reach beyond the stretch; a hold wins over a downtime,
    and of several holds the one that began first. Instants in neither passed while an engine was
    up.
    """
    whole = count(after, until)
    if whole is None:
        return Accounting(catch_up=None, stretches=())
    catch_up = whole[1] if run_skipped else None
    end = whole[1] - MICROSECOND if run_skipped else until
    stretches: list[Stretch] = []
    for span in _spans(after, end, list(holds), list(downtimes)):
        dues = whole if span.since == after and span.until == until else None
        dues = dues or count(span.since, span.until)
        if dues is not None:
            stretches.append(_stretch(jobid, engine_key, span, dues, run_skipped=run_skipped))
    return Accounting(catch_up=catch_up, stretches=tuple(joined(stretches)))


def account_held_up(
    jobid: int,
    engine_key: str,
    *,
    count: CountDues,
    after: Instant,
    until: Instant,
    holds: Sequence[Hold] = (),
    downtimes: Sequence[Downtime] = (),
) -> tuple[Instant, tuple[Stretch, ...]] | None:
    """Give a verdict to what passed while a job was running or waiting, and then was held up.

    A run that overran its due instants would have been followed by one catch-up; a switch that was
    thrown before it ended takes that away, and no hold or downtime explains these instants. Return
    up to where everything is accounted for, and the verdicts: the instants after that are explained
    by the holds and the downtime that still last. None: there is nothing to tell.
    """
    whole = count(after, until)
    if whole is None:
        return None
    unexplained = [
        dues[1]
        for span in _spans(after, until, holds, downtimes)
        if span.hold is None
        and span.downtime is None
        and (dues := count(span.since, span.until)) is not None
    ]
    if not unexplained:
        return None
    end = unexplained[-1]
    told = account(
        jobid,
        engine_key,
        count=count,
        after=after,
        until=end,
        run_skipped=False,
        holds=holds,
        downtimes=downtimes,
    )
    return end, tuple(
        replace(each, verdict=Verdict.SKIPPED, reason=Reason.OVERLAP, detail=_HELD_UP)
        if each.reason is Reason.RUN_SKIPPED_OFF
        else each
        for each in told.stretches
    )


_HELD_UP = "the job was running or waiting for its turn, and was switched off before it was free"


def _stretch(
    jobid: int,
    engine_key: str,
    span: _Span,
    dues: tuple[Instant, Instant, int],
    *,
    run_skipped: bool,
) -> Stretch:
    reason: Reason | None
    if span.hold is not None:
        verdict, reason, detail = Verdict.SKIPPED, span.hold.reason, describe_hold(span.hold)
    elif run_skipped:
        verdict, reason, detail = Verdict.COALESCED, None, ""
    elif span.downtime is not None:
        verdict, reason = Verdict.MISSED, span.downtime.reason
        detail = _and(span.downtime.detail, "run_skipped is off")
    else:
        verdict, reason, detail = Verdict.MISSED, Reason.RUN_SKIPPED_OFF, ""
    first, last, number = dues
    return Stretch(jobid, verdict, first, last, number, reason, detail, engine_key)


def describe_hold(hold: Hold) -> str:
    """Return "group 'night' by alice since ...", as a verdict and `why` tell it."""
    what = f"group '{hold.detail}'" if hold.reason is Reason.GROUP_DISABLED else hold.detail
    who = f"by {hold.who}" if hold.who else ""
    return " ".join(part for part in (what, who, f"since {to_text(hold.since)}") if part)


def _and(first: str, second: str) -> str:
    return f"{first}; {second}" if first else second


def joined(stretches: Sequence[Stretch]) -> Sequence[Stretch]:
    """Join neighbours with the same verdict, so that one cause is one row."""
    rows: list[Stretch] = []
    for stretch in stretches:
        if rows and _same(rows[-1], stretch):
            last = rows.pop()
            stretch = Stretch(  # noqa: PLW2901 - grows while it absorbs its neighbours
                last.jobid,
                last.verdict,
                last.first_due,
                stretch.last_due,
                last.count + stretch.count,
                last.reason,
                last.detail,
                last.engine_key,
            )
        rows.append(stretch)
    return rows


def _same(one: Stretch, other: Stretch) -> bool:
    return (one.verdict, one.reason, one.detail) == (other.verdict, other.reason, other.detail)


def _spans(
    after: Instant, until: Instant, holds: Sequence[Hold], downtimes: Sequence[Downtime]
) -> Iterable[_Span]:
    """Cut `after < due <= until` where a hold or a downtime begins or ends."""
    holds = sorted(holds, key=lambda hold: hold.since)
    downtimes = sorted(downtimes, key=lambda downtime: downtime.since)
    # A hold covers its first instant too: the switch was thrown at `since`.
    cuts = {hold.since - MICROSECOND for hold in holds}
    cuts |= {hold.until for hold in holds if hold.until is not None}
    for downtime in downtimes:
        cuts |= {downtime.since, downtime.until}
    edges = [after, *sorted(cut for cut in cuts if after < cut < until), until]
    for since, end in pairwise(edges):
        if since >= end:
            continue
        hold = next((hold for hold in holds if _holds(hold, since, end)), None)
        down = next((each for each in downtimes if each.since <= since < each.until), None)
        yield _Span(since, end, hold, down)


def _holds(hold: Hold, since: Instant, end: Instant) -> bool:
    began = hold.since - MICROSECOND <= since
    return began and (hold.until is None or hold.until >= end)
