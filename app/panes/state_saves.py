"""The saves of a job's state data as lines: when, by whom, how much, and what each changed."""

from collections.abc import Sequence

from app.cells import wrap_words
from app.client.views import SavedState, StateView
from app.panes.viewpoint import Viewpoint
from app.presentation.instants import age, full_time, when
from app.presentation.pieces import Piece
from app.presentation.quantities import size
from app.presentation.state_diff import Kind, differences
from app.presentation.state_tree import LARGE, size_text
from app.sanitize import SafeText, safe
from app.widgets.paint import own
from app.widgets.text_panel import Line
from engine.clock import Instant

_ROLES = {Kind.ADDED: "added", Kind.REMOVED: "removed", Kind.CHANGED: "changed"}


def key_of(save: SavedState) -> tuple[int, int | None, str]:
    """Return what tells a save from the others."""
    return save.saved_at, save.job_instanceid, save.who


def save_of(view: StateView | None, index: int) -> SavedState | None:
    """Return a save of the history, the newest first, or the oldest one; None: there is none."""
    if view is None or not view.history:
        return None
    return view.history[min(index, len(view.history) - 1)]


def title_of(save: SavedState | None, point: Viewpoint) -> str:
    """Return what the data are: those of an older save, or, without it, the present ones."""
    as_of = "" if save is None else f" as of {full_time(save.saved_at, point.zone)}"
    return f"State data{as_of}"


def saved_by(save: SavedState) -> str:
    """Return who saved or cleared: "#42", "COMPLETE #42", "ops"."""
    if save.job_instanceid is None:
        return save.who or "-"
    return f"{save.who} #{save.job_instanceid}".strip()


def kept_words(view: StateView, now: Instant) -> SafeText:
    """Return how much is kept, and how long ago it was saved, or after the view was frozen."""
    told = size_text(view.data, view.octets) if view.is_kept else "not kept"
    if view.saved_at is None:
        return SafeText(told)
    if view.saved_at > now:
        return SafeText(f"{told}  saved {age(now, view.saved_at)} after the view was frozen")
    return SafeText(f"{told}  saved {age(view.saved_at, now)} ago")


def nothing_lines(view: StateView, save: SavedState | None, point: Viewpoint) -> list[Line]:
    """Return lines that tell why there are no data: who cleared them and when, or what else."""
    if save is not None and save.data is None:
        at = full_time(save.saved_at, point.zone)
        told = ("no state data:", f"cleared by {saved_by(save)}", f"on {at}")
        return [[Piece(safe(f"   {text}"), "muted")] for text in told]
    if not view.is_kept:
        return [[own("   not kept: every save that is kept came later", "muted")]]
    return [[own("   no state data", "muted")]]


def unread_lines(problem: str, seconds: float, width: int) -> list[Line]:
    """Return lines that tell why the data cannot be read, and what is done about it."""
    why = wrap_words(safe(f"cannot be read: {problem}"), width - 4)
    todo = f"Read again every {seconds:.0f} s, and shown as soon as they can be."
    return [
        *([own("   "), Piece(text, "error")] for text in why),
        *([own("   "), Piece(text, "muted")] for text in wrap_words(SafeText(todo), width - 4)),
    ]


def save_line(save: SavedState, view: Viewpoint) -> Line:
    """Return the line of one save: when, how much, by whom; in 32 cells."""
    moment = when(save.saved_at, view.now, view.zone)
    at = [Piece(moment)]
    if moment[2:3] == ":":  # today: a date tells by itself how long ago it was
        is_later = save.saved_at > view.now  # than the view was frozen
        passed = f"+{age(view.now, save.saved_at)}" if is_later else age(save.saved_at, view.now)
        at.append(Piece(SafeText(f" {passed:>4}"), "muted"))
    if save.data is None:
        run = save.job_instanceid
        told = f"cleared by {saved_by(save)}" if run is None else f"#{run} cleared"
        return [*at, Piece(safe(f"  {told}"), "muted")]
    line = [*at, Piece(SafeText(f"  {size(save.octets)}")), Piece(safe(f"  {saved_by(save)}"))]
    return [*line, own("  large", "warning")] if save.octets > LARGE else line


def difference_lines(history: Sequence[SavedState], index: int, *, reveal: bool) -> list[Line]:
    """Return what the save at `index` changed against the one before it, the next of the list."""
    if index >= len(history):
        return [[own("   no save to compare", "muted")]]
    newer = history[index].data or {}
    is_oldest = index + 1 >= len(history)
    older = {} if is_oldest else history[index + 1].data or {}
    found = differences(older, newer)
    if not found:
        return [[own("   the same as the save before", "muted")]]
    lines: list[Line] = []
    if is_oldest:
        lines.append([own("   the oldest save that is kept, against nothing:", "muted")])
    return lines + [[Piece(each.line(reveal=reveal), _ROLES[each.kind])] for each in found]
