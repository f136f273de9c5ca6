"""What is told about one job: three lines below the table, or a whole column beside it."""

from textual.geometry import Size

from app.cells import cell_width, cut, fit, wrap_words
from app.panes.job_glance import Glance
from app.panes.viewpoint import Viewpoint
from app.presentation.console_words import about_row
from app.presentation.instants import (
    NOTHING,
    ahead,
    ahead_until,
    duration,
    full_time,
    long_duration,
    midnight_after,
    when,
)
from app.presentation.pieces import Piece
from app.presentation.quantities import counted, percent
from app.presentation.state_tree import tree_lines
from app.presentation.status import LOOKS
from app.presentation.strips import run_strip
from app.sanitize import SafeText, safe
from app.store.conditions import of_status
from app.store.model import InstanceRow, JobRow
from app.widgets.paint import own
from app.widgets.text_panel import Line
from engine.clock import SECOND, Instant
from engine.domain.instance import Status


def strip_lines(row: JobRow | None, view: Viewpoint) -> list[Line]:
    """Return the three lines for a small screen."""
    if row is None:
        return []
    return [_first_line(row, view), _last_line(row, view), _why_line(row, view)]


def told_until(row: JobRow | None, view: Viewpoint) -> Instant:
    """Return until when the same is told of an unchanged `row`, or some instant before."""
    now = view.now
    tomorrow = midnight_after(now, view.zone)
    if row is None:
        return tomorrow
    if row.running or row.trigger_at is not None:
        return now + SECOND
    return min(tomorrow, ahead_until(row.next_at, now) or tomorrow)


def _first_line(row: JobRow, view: Viewpoint) -> Line:
    line = [own(" "), Piece(safe(row.name), "title")]
    if row.version:
        line.append(Piece(SafeText(f" v{safe(row.version)}"), "muted"))
    flags = []
    if row.single_instance and "single_instance" not in row.not_kept:
        flags.append("single-instance")
    if row.run_skipped and "run_skipped" not in row.not_kept:
        flags.append("run-skipped")
    flags.append(f"expires {_expires(row, view)}")
    line.append(own("  " + "  ".join(flags)))
    if row.tags:
        line.append(Piece(SafeText("  tags: " + _tags(row))))
    return line


def _tags(row: JobRow) -> SafeText:
    return safe(",".join(f"{key}={value}" for key, value in row.tags.items()))


def _last_line(row: JobRow, view: Viewpoint) -> Line:
    if row.running:
        ids = ", ".join(f"#{each}" for each in row.running)
        since = max(0, view.now - (row.running_since or view.now)) / SECOND
        return [own(f" running {ids} for {long_duration(since)}", "running"), *_durations(row)]
    if row.last_status is None:
        is_kept = "last" not in row.not_kept
        return [own(" never ran" if is_kept else " the last run is not kept", "muted")]
    look = LOOKS[of_status(row.last_status)]
    return [
        own(f" last #{row.last_instanceid} "),
        Piece(SafeText(str(row.last_status)), look.role),
        Piece(SafeText(f" {when(row.last_at, view.now, view.zone)} took ")),
        Piece(duration(row.last_seconds)),
        *_durations(row),
    ]


def _durations(row: JobRow) -> Line:
    if row.p50_seconds is None:
        return ()
    text = f" (p50 {duration(row.p50_seconds)} p95 {duration(row.p95_seconds)})"
    return (own(text, "muted"),)


def _why_line(row: JobRow, view: Viewpoint) -> Line:
    if row.schedule_refusal and not _only_runs(row):
        return [own(" "), Piece(_refusal(row, view), "warning")]
    if row.trigger_at is not None:
        return [Piece(SafeText(f" triggered {ahead(row.trigger_at, view.now, wide=True)}"))]
    return [
        own(" next "),
        Piece(full_time(row.next_at, view.zone)),
        Piece(SafeText(f"  {ahead(row.next_at, view.now)}"), "muted"),
    ]


def detail_lines(
    row: JobRow | None,
    last_error: InstanceRow | None,
    glance: Glance,
    view: Viewpoint,
    size: Size,
) -> list[Line]:
    """Return the column for a wide screen."""
    width = size.width
    if row is None:
        return []
    lines: list[Line] = [
        [Piece(safe(row.name), "title"), Piece(SafeText(f"  v{safe(row.version)}"), "muted")],
        *_wrapped(safe(row.description), width),
        [],
        _field("groups", safe(", ".join(row.groups))),
        _field("schedule", safe(row.schedule)),
        _field("zone", safe(row.timezone)),
        _field("next", full_time(row.next_at, view.zone)),
        _field("", ahead(row.next_at, view.now)),
        *_then(row, glance, view),
        _field("active", _yes(row, "active")),
        _field("enabled", _yes(row, "enabled")),
        _field("single", _yes(row, "single_instance")),
        _field("skipped", _told(row, "run_skipped", "run late", "not run")),
        _field("expires", _expires(row, view)),
        *_field_lines("tags", _tags(row) or NOTHING, width),
    ]
    if row.overridden:
        lines.append(_field("changed", safe(", ".join(sorted(row.overridden)))))
    if row.schedule_refusal and not _only_runs(row):
        lines += [[], *_wrapped(_refusal(row, view), width, "warning")]
    last = _last_line(row, view)
    durations = _durations(row)
    lines += [[], list(last[: len(last) - len(durations)]), list(durations), []]
    lines += _history(row, view, width)
    error = _error(last_error, width)
    return [*lines, *_state(glance, view, width, size.height - len(lines) - len(error)), *error]


def _error(row: InstanceRow | None, width: int) -> list[Line]:
    if row is None:
        return []
    title = own(f"LAST ERROR #{row.job_instanceid}", "title")
    return [[], [title], *_wrapped(safe(row.error or row.detail), width, "error")]


def _then(row: JobRow, glance: Glance, view: Viewpoint) -> list[Line]:
    """Return the due instants after the next one."""
    after = [due for due in glance.dues if row.next_at is not None and due > row.next_at]
    told = "  ".join(when(due, view.now, view.zone) for due in after[:_THEN])
    return [_field("then", SafeText(told))] if told else []


def _state(glance: Glance, view: Viewpoint, width: int, room: int) -> list[Line]:
    """Return the keys of the state data and their values in `room` lines, secrets masked."""
    if not glance.data:
        return []
    title = own(f"STATE ({counted(len(glance.data), 'key')})", "title")
    found = tree_lines(glance.data, frozenset())
    most = max(1, room - 2)  # the title, and the gap above it
    shown = found if len(found) <= most else found[: most - 1]
    wide = min(_KEY_WIDTH, max((cell_width(each.key) for each in shown), default=0))
    lines: list[Line] = [[], [title]]
    for each in shown:
        sign = view.symbols.collapsed if each.is_branch else " "
        value = cut(each.value, max(1, width - wide - _KEY_GAP))
        role = "muted" if each.is_masked else ""
        lines.append([own(f"{sign} "), Piece(fit(each.key, wide)), own("  "), Piece(value, role)])
    if len(shown) < len(found):
        lines.append([own(f"  and {len(found) - len(shown):,} more: s", "muted")])
    return lines


_NEVER = SafeText("never")
_THEN = 2  # due instants after the next one
_KEY_WIDTH, _KEY_GAP = 20, 4  # cells of a key of the state data, and of what stands around it
_NAME_WIDTH = 10
_MOST_LINES = 6  # of one text: the column holds more than one


def _history(row: JobRow, view: Viewpoint, width: int) -> list[Line]:
    if not row.runs:
        return []
    good = sum(run.status is Status.COMPLETE for run in row.runs)
    share = percent(good, len(row.runs))
    return [
        run_strip(row.runs, row.p95_seconds, width, view.symbols, is_running=bool(row.running)),
        [Piece(SafeText(f"success  {share} of the last {len(row.runs)}"))],
    ]


def _field(name: str, value: SafeText) -> Line:
    return [own(f"{name:<{_NAME_WIDTH}}", "muted"), Piece(value)]


def _field_lines(name: str, value: SafeText, width: int) -> list[Line]:
    parts = wrap_words(value, width - _NAME_WIDTH) or [value]
    return [_field("" if index else name, part) for index, part in enumerate(parts)]


def _wrapped(text: SafeText, width: int, role: str = "") -> list[Line]:
    return [[Piece(part, role)] for part in wrap_words(text, width)[:_MOST_LINES]]


def _only_runs(row: JobRow) -> bool:
    """Whether nothing but a run of its own keeps it from starting: the line above tells that."""
    is_off = not (row.enabled and row.active) or row.group_off or row.expired or row.retired
    return bool(row.running) and not is_off and "is running" in row.schedule_refusal


def _refusal(row: JobRow, view: Viewpoint) -> SafeText:
    text = about_row(row.schedule_refusal, row.name, view.zone, view.key_of)
    if view.is_past:
        text = text.partition("; ")[0]  # behind it stands what to do about it, which is of now
    return safe(text)


def _yes(row: JobRow, name: str) -> SafeText:
    return _told(row, name, "yes", "no")


def _told(row: JobRow, name: str, yes: str, no: str) -> SafeText:
    """Return what a switch of the job says; "?" where nobody kept it."""
    if name in row.not_kept:
        return SafeText("?")
    return SafeText(yes if getattr(row, name) else no)


def _expires(row: JobRow, view: Viewpoint) -> SafeText:
    if "expiry_date" in row.not_kept:
        return SafeText("?")
    return full_time(row.expiry_date, view.zone) if row.expiry_date else _NEVER
