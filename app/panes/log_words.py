"""What the log pane says of what it shows: which lines are left out, and why none is there."""

from app.panes.log_feed import LogFeed
from app.panes.viewpoint import Viewpoint
from app.presentation.instants import full_time, when
from app.presentation.pieces import Piece
from app.sanitize import SafeText, safe
from app.store.log_lines import LEVELS
from app.store.log_reader import LogReader, reach_of
from app.store.log_stretch import WHOLE, Stretch
from app.store.query_values import parse_moment
from app.widgets.paint import own
from engine.clock import Instant, to_iso


def is_narrowed(feed: LogFeed, stretch: Stretch) -> bool:
    """Whether lines of the log are kept out of sight."""
    return bool(feed.level or feed.only or stretch != WHOLE)


def shown_pieces(title: str, feed: LogFeed, stretch: Stretch, view: Viewpoint) -> list[Piece]:
    """Return which log is shown, and what of it."""
    pieces = [own(" "), Piece(safe(title or "log"), "title")]
    if feed.level or stretch == WHOLE:
        pieces.append(own(f"  level {LEVELS[feed.level]}+", "match" if feed.level else "muted"))
    pieces += [Piece(SafeText(f"  {each}"), "match") for each in _stretch(stretch, view)]
    if feed.only:
        pieces.append(Piece(SafeText(f"  &{safe(feed.only)}"), "match"))
    return pieces


def _stretch(stretch: Stretch, view: Viewpoint) -> list[str]:
    """Return "since 12:20:05" and "until 12:30:00", as far as they are in force."""
    ends = (("since", stretch.since), ("until", stretch.until))
    return [f"{word} {_time(at, view)}" for word, at in ends if at is not None]


def _time(at: Instant, view: Viewpoint) -> SafeText:
    return when(at, view.clock.now(), view.zone)


def empty_words(feed: LogFeed, stretch: Stretch, view: Viewpoint) -> str:
    """Return what stands where no line does: nothing was logged, or nothing of it is wanted."""
    if feed.busy:
        return str(feed.busy)
    is_empty = not feed.window.size
    has_lost = is_empty and has_lost_lines(feed)
    if not is_narrowed(feed, stretch) or (is_empty and stretch == WHOLE):
        return nothing_words(view, has_lost=has_lost)
    if has_lost:
        stretches = " ".join(_stretch(stretch, view))
        return f"no line {stretches} is kept: older ones were rotated away; esc shows all"
    wants = [f"is {LEVELS[feed.level]} or graver"] if feed.level else []
    wants += [f"fits &{safe(feed.only)}"] if feed.only else []
    words = ["no line", *_stretch(stretch, view), " and ".join(wants)]
    return f"{' '.join(filter(None, words))}; esc shows all"


def has_lost_lines(feed: LogFeed) -> bool:
    """Whether older lines of the log that was read were there, and were rotated away."""
    return feed.reader is not None and not feed.is_filling and feed.reader.has_lost


def nothing_words(view: Viewpoint, *, has_lost: bool = False) -> str:
    """Return what stands in an empty log."""
    if has_lost:
        what = "then" if view.is_past else "it"
        return f"nothing of {what} is kept: older lines were rotated away"
    return "nothing logged by then" if view.is_past else "nothing logged yet"


def unread_words(problem: str) -> str:
    """Return what stands where a log is that cannot be opened; "": there is no problem."""
    return f"cannot be read: {problem}" if problem else ""


def ends_words(view: Viewpoint) -> str:
    """Return why nothing comes behind the end of a log: it is a moment of the past; "": it may."""
    return f"until {_time(view.now, view)}" if view.is_past else ""


def outside_words(stretch: Stretch, at: Instant, view: Viewpoint) -> str:
    """Return why an instant is not to be found in a stretch of a log; "": it may be."""
    early = stretch.since is not None and at < stretch.since
    late = stretch.until is not None and at >= stretch.until
    if not early and not late:
        return ""
    return f"{_time(at, view)} is left out ({' '.join(_stretch(stretch, view))}): esc shows all"


def beyond_words(reader: LogReader, stretch: Stretch, at: Instant, view: Viewpoint) -> str:
    """Return why no line was written at an instant: it is before the first, or after the last.

    "": it is not. Reads the log.
    """
    reach, stamp = reach_of(reader), to_iso(at)
    if reach is None or reach[0] <= stamp <= reach[1]:
        return ""
    is_before = stamp < reach[0]
    found = parse_moment(reach[0] if is_before else reach[1], at, view.zone)
    what = "the log" if stretch == WHOLE else "this part of the log"
    why = ": older lines were rotated away" if is_before and reader.has_lost else ""
    return f"{what} {'begins' if is_before else 'ends'} at {full_time(found, view.zone)}{why}"
