"""The first line: what is looked at, whether it is alive, how old the data are, what is wrong."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.presentation.pieces import Piece
from app.sanitize import SafeText, safe
from app.store.model import EngineHealth
from app.store.store import ConsoleStore
from app.widgets.paint import own, width_of
from engine.clock import SECOND, Instant, to_datetime

WARN_AGE_SECONDS = 3.0
ERROR_AGE_SECONDS = 10.0
LOST_AGE_SECONDS = 1.0  # an engine's sign of life may be this much older than its heartbeat
_ROOMY = 100


@dataclass(frozen=True, slots=True)
class HeaderFacts:
    """What the header tells beside the store."""

    now: Instant
    environment: str = ""
    is_read_only: bool = False
    is_frozen: bool = False
    is_behind: bool = False  # the terminal takes frames slowly


def header_pieces(
    store: ConsoleStore, facts: HeaderFacts, width: int, dot: SafeText
) -> Sequence[Piece]:
    """Return the header for a screen `width` cells wide."""
    health = store.health
    is_roomy = width >= _ROOMY
    left = [own(" tocsin ", "brand")]
    if facts.environment:
        badge = f"badge.{facts.environment.lower()}"
        left.append(Piece(safe(f" {facts.environment.upper()} "), badge))
        left.append(own(" "))
    left += _link(health, facts, dot, is_roomy=is_roomy)
    if facts.is_read_only:
        left.append(own(" RO ", "warning"))
    if facts.is_frozen:
        left.append(own(" FROZEN ", "warning"))
    if facts.is_behind:
        left.append(own(" slow link ", "warning"))
    left += _counts(store, is_roomy=is_roomy)
    clock = to_datetime(facts.now).strftime("%H:%M UTC ")
    room = width - width_of(left) - len(clock)
    return [*left, own(" " * max(1, room)), own(clock)]


def _link(
    health: EngineHealth, facts: HeaderFacts, dot: SafeText, *, is_roomy: bool
) -> Sequence[Piece]:
    session = health.session
    who = safe(f"{session.engine_key} ") if session else SafeText("")
    if health.link == "mismatch":
        return [own(f"{dot} version mismatch, look only ", "error")]
    if health.link == "none" or session is None:
        since = to_datetime(health.alive_at).strftime(" since %H:%M:%S") if health.alive_at else ""
        return [own(f"{dot} no engine{since} ", "error")]
    how = f"{health.link} session {session.sessionid}" if is_roomy else health.link
    mode = "" if session.mode == "running" else f" {session.mode.upper()}"
    return [
        Piece(who),
        own(f"{how}  "),
        own(f"{dot} {_age(health, facts)}", _age_role(health, facts)),
        own(f"{mode} ", "warning"),
    ]


def age_seconds(health: EngineHealth, now: Instant) -> float:
    """Return how old the data are."""
    return max(0.0, (now - health.seen_at) / SECOND)


def _age(health: EngineHealth, facts: HeaderFacts) -> str:
    age = age_seconds(health, facts.now)
    return "live" if age < WARN_AGE_SECONDS else f"data {age:.0f}s old"


def _age_role(health: EngineHealth, facts: HeaderFacts) -> str:
    age = age_seconds(health, facts.now)
    if age >= ERROR_AGE_SECONDS:
        return "error"
    return "warning" if age >= WARN_AGE_SECONDS else "success"


def _counts(store: ConsoleStore, *, is_roomy: bool) -> Sequence[Piece]:
    health = store.health
    pieces = [own(f"  run {len(store.live)}", "running" if store.live else "muted")]
    if health.queued or is_roomy:
        pieces.append(own(f"  queued {health.queued}", "queued" if health.queued else "muted"))
    pieces.append(own(f"  err {store.failing}", "error" if store.failing else "muted"))
    pieces.append(own(f"  held {store.held}", "warning" if store.held else "muted"))
    if health.alerts:
        pieces.append(own(f"  alerts {health.alerts}", "warning"))
    if health.unexplained is not None:
        role = "error" if health.unexplained else "muted"
        pieces.append(own(f"  unexplained {health.unexplained}", role))
    return pieces
