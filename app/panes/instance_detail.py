"""What is told about one instance below the table."""

from app.panes.viewpoint import Viewpoint
from app.presentation.instants import duration, full_time, when
from app.presentation.pieces import Piece
from app.presentation.status import LOOKS
from app.presentation.verdicts import cause_text
from app.sanitize import SafeText, safe
from app.store.conditions import of_status
from app.store.model import InstanceRow
from app.widgets.paint import own
from app.widgets.text_panel import Line


def instance_lines(row: InstanceRow | None, view: Viewpoint) -> list[Line]:
    """Return three lines about `row`."""
    if row is None:
        return []
    look = LOOKS[of_status(row.status)]
    ending = f" ({row.ending})" if row.ending else ""
    first: list[Piece] = [
        own(f" #{row.job_instanceid} "),
        Piece(safe(row.name), "title"),
        own(" "),
        Piece(SafeText(str(row.status)), look.role),
        Piece(SafeText(ending)),
        Piece(SafeText(f"  {full_time(row.started, view.zone)}")),
    ]
    if row.completed is not None:
        first.append(Piece(SafeText(f" took {duration(row.seconds)}")))
    return [first, _origin(row, view), _outcome(row)]


def _origin(row: InstanceRow, view: Viewpoint) -> Line:
    words = [f" {cause_text(row.cause, row.who)}"]
    if row.due_at is not None:
        words.append(f"due {when(row.due_at, view.now, view.zone)}")
    if row.late:
        words.append("late")
    if row.stands_for is not None:
        words.append(f"for {when(row.stands_for, view.now, view.zone)}")
    if row.sessionid is not None:
        words.append(f" session {row.sessionid}")
    if row.host:
        words.append(f"on {safe(row.host)}")
    if row.pid is not None and row.is_live:
        words.append(f"pid {row.pid}")
    return [Piece(SafeText(" ".join(words)))]


def _outcome(row: InstanceRow) -> Line:
    if row.error:
        return [own(" "), Piece(safe(row.error.split("\n", 1)[0]), "error")]
    if row.detail:
        return [own(" "), Piece(safe(row.detail), "warning" if row.has_failed else "")]
    if row.progress_text:
        return [own(" "), Piece(safe(row.progress_text), "running")]
    if row.info:
        return [own(" info "), Piece(safe(row.info.split("\n", 1)[0]), "muted")]
    return ()
