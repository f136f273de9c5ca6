"""The first line: what is looked at, whether it is alive, how old the data are, what is wrong."""

from collections.abc import Sequence
from datetime import UTC, tzinfo

from msgspec import Struct

from app.presentation.instants import duration, long_duration, moment_time
from app.presentation.pieces import Piece
from app.presentation.quantities import counted
from app.presentation.strips import lag_role, lag_strip
from app.presentation.symbols import Symbols
from app.sanitize import SafeText, safe
from app.store.store import ConsoleStore
from app.widgets.paint import own, width_of
from engine.clock import MINUTE, SECOND, Instant, to_datetime

WARN_AGE_SECONDS = 3.0
ERROR_AGE_SECONDS = 10.0
EMPTY = SafeText("")


class HeaderFacts(Struct, frozen=True):
    """What the header tells beside the store."""

    now: Instant
    environment: str = ""
    is_read_only: bool = False
    frozen_at: Instant | None = None  # since when the view stands still; None: it does not
    missed: int = 0  # changes that came meanwhile
    is_behind: bool = False  # the terminal takes frames slowly
    withheld_at: Instant | None = None  # the store as it is shown; None: as it is by now
    as_of: SafeText = EMPTY  # the moment of the past that is shown; "": now
    clock: SafeText = EMPTY  # the time now, in the same zone
    zone: tzinfo = UTC  # the viewer's
    problem: str = ""  # while another moment is shown: what is wrong now


def header_pieces(
    store: ConsoleStore, facts: HeaderFacts, width: int, symbols: Symbols
) -> Sequence[Piece]:
    """Return the header for a screen `width` cells wide.

    Counts of nothing go first from it, then the product's name, then what is held; the
    time has what room is left.
    """
    for detail in (_FULL, _SHORT, _LEAST, _TIGHT, _BARE):
        left = [
            *_brand(facts, detail),
            *_link(store, facts, symbols.live, detail),
            *_counts(store, detail),
        ]
        if facts.as_of and facts.missed and width >= _ROOMY:
            left.append(own(f"  {counted(facts.missed, 'change')} since", "muted"))
        elif width >= _WIDE and not facts.as_of:
            left += lag_pieces(store.lags[-_LAGS:], symbols)
        clock = to_datetime(facts.now).strftime("%H:%M UTC " if detail < _LEAST else "%H:%MZ")
        if facts.as_of:
            clock = f"now {facts.clock} "
        room = width - width_of(left) - len(clock)
        if room > 0:  # a count never touches the time
            break
    if room <= 0:
        return left
    return [*left, own(" " * room), own(clock)]


def header_until(store: ConsoleStore, facts: HeaderFacts) -> Instant:
    """Return until when the header reads the same, if neither the store nor the data age."""
    if (not facts.as_of and facts.frozen_at is not None) or age_seconds(
        store, facts.now, facts.withheld_at
    ) >= WARN_AGE_SECONDS:
        return facts.now + SECOND
    return facts.now - facts.now % MINUTE + MINUTE


_FULL, _SHORT, _LEAST, _TIGHT, _BARE = range(5)
_ROOMY = 100
_WIDE = 160
_LAGS = 8


def lag_pieces(lags: Sequence[float], symbols: Symbols) -> Sequence[Piece]:
    """Return how late the last scheduled runs started: the last one in words, all as bars."""
    if not lags:
        return ()
    words = own(f"  lag {duration(lags[-1])} ", lag_role(lags[-1]))
    return [words, *lag_strip(lags, symbols)]


def _brand(facts: HeaderFacts, detail: int) -> Sequence[Piece]:
    pieces = [own(" tocsin ", "brand") if detail < _TIGHT else own(" ")]
    if facts.environment:
        badge = f"badge.{facts.environment.lower()}"
        pieces += [Piece(safe(f" {facts.environment.upper()} "), badge), own(" ")]
    return pieces


def _link(store: ConsoleStore, facts: HeaderFacts, dot: SafeText, detail: int) -> Sequence[Piece]:
    pieces = [*(_moment(store, facts, dot) or _engine(store, facts, dot, detail))]
    if facts.is_read_only and not facts.as_of:
        pieces.append(own(" RO ", "warning"))
    if facts.frozen_at is not None and not facts.as_of:
        seconds = max(0, facts.now - facts.frozen_at) // SECOND
        since = f" {f'{seconds}s' if seconds < MINUTE // SECOND else long_duration(seconds)}"
        missed = f", {counted(facts.missed, 'change')}" if detail < _LEAST else ""
        pieces.append(own(f" FROZEN{since if detail < _BARE else ''}{missed} ", "warning"))
    if facts.is_behind:
        pieces.append(own(" slow link ", "warning"))
    return pieces


def _moment(store: ConsoleStore, facts: HeaderFacts, dot: SafeText) -> Sequence[Piece]:
    """Return the banner of a moment of the past; nothing where it is now."""
    if not facts.as_of:
        return ()
    pieces = [Piece(SafeText(f" AS OF {facts.as_of} - read only "), "moment")]
    if store.health.link == "none":
        pieces.append(own(" no engine was up", "error"))
    if facts.problem:
        pieces.append(own(f" {dot} {facts.problem}", "error"))
    return pieces


def _engine(store: ConsoleStore, facts: HeaderFacts, dot: SafeText, detail: int) -> Sequence[Piece]:
    health = store.health
    session = health.session
    if health.link == "mismatch":
        return [own(f"{dot} version mismatch: look only", "error")]
    if health.coming:
        return [Piece(safe(f"{dot} {health.coming}"), "warning")]
    if health.link == "none" or session is None:
        return [own(f"{dot} no engine{_since(health.alive_at, facts, detail)}", "error")]
    how = f"{health.link} session {session.sessionid}" if detail == _FULL else health.link
    pieces = (
        [own(f"{how} ")] if detail else [Piece(safe(f"{session.engine_key} ")), own(f"{how}  ")]
    )
    age = age_seconds(store, facts.now, facts.withheld_at)
    pieces.append(own(f"{dot} {_age(age)}", _age_role(age)))
    if session.mode != "running":
        pieces.append(own(f" {session.mode.upper()}", "warning"))
    return pieces


def _since(at: Instant, facts: HeaderFacts, detail: int) -> str:
    """Return since when, in the viewer's zone and with the day; the second where there is room."""
    if not at:
        return ""
    told = at if detail < _LEAST else at - at % MINUTE
    return f" since {moment_time(told, facts.now, facts.zone)}"


def age_seconds(store: ConsoleStore, now: Instant, withheld_at: Instant | None) -> float:
    """Return how old the data are that are shown."""
    seen_at = store.seen_at if withheld_at is None else withheld_at
    return max(0.0, (now - seen_at) / SECOND)


def _age(age: float) -> str:
    return "live" if age < WARN_AGE_SECONDS else f"data {age:.0f}s old"


def _age_role(age: float) -> str:
    if age >= ERROR_AGE_SECONDS:
        return "error"
    return "warning" if age >= WARN_AGE_SECONDS else "success"


def _counts(store: ConsoleStore, detail: int) -> Sequence[Piece]:
    health = store.health
    counts = (
        ("run", len(store.live), "running"),
        ("err", store.failing, "error"),
        ("held", store.held, "warning"),
        ("alerts", health.alerts, "warning"),
        ("unexplained", health.unexplained, "error"),
    )
    gap = " " if detail >= _TIGHT else "  "
    return [
        own(f"{gap}{name} {count}", role if count else "muted")
        for name, count, role in counts
        if count is not None and (_is_news(name, detail) if count else _is_shown(name, detail))
    ]


def _is_news(name: str, detail: int) -> bool:
    """Whether a count of something is told at this width: what is held gives way to trouble."""
    return detail < _BARE or name != "held"


def _is_shown(name: str, detail: int) -> bool:
    """Whether a count of nothing is told at this width."""
    if name in {"run", "unexplained"}:
        return True
    return detail == _FULL and name in {"err", "held"}
