"""What a command may say besides names and filters: a span of time, a stretch and level of a log.

`:schedule 24h group:billing`, `:logs NAME since:10m level:warn`.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from app.presentation.instants import full_time
from app.store.log_lines import LEVELS
from app.store.log_stretch import Stretch
from app.store.query import JOBS, Vocabulary
from app.store.query_complete import complete
from app.store.query_lexer import Token, tokens
from app.store.query_values import parse_duration, parse_since
from app.store.store import ConsoleStore
from engine.clock import DAY, HOUR, SECOND, Instant
from engine.errors import UsageError

if TYPE_CHECKING:
    from app.actions.scene import Console

SPANS = ("24h", "3d", "7d", "14d", "31d")
LONGEST_SPAN = 31 * DAY  # as the engine's forecast has it
_SPAN = re.compile(r"[+-]?\d[\d.]*[a-z]{0,3}")
_TIMES = ("10m", "1h", "1d", "today")
_LEVEL_NAMES = {**{each.lower(): rank for rank, each in enumerate(LEVELS)}, "warning": 2}
_LOG_WORDS: Mapping[str, Sequence[str]] = {
    "since": _TIMES,
    "until": _TIMES,
    "level": tuple(each.lower() for each in LEVELS),
}

Read = Callable[[str, ConsoleStore, Instant, tzinfo], tuple[str, Mapping[str, Any]]]


class Extras(Struct, frozen=True):
    """How a command's own words are read, and how they may go on.

    `read` returns the rest of what was typed and the options that were taken out of it, and raises
    UsageError. `complete` gets what comes before the word, and the word; it returns whole words.
    """

    read: Read | None = None
    complete: Callable[[str, str, "Console"], Sequence[str]] | None = None


# -- filters ------------------------------------------------------------------------------------


def filter_words(vocabulary: Vocabulary) -> Callable[[str, str, "Console"], Sequence[str]]:
    """Return how a filter in these words may go on."""

    def words(before: str, word: str, console: "Console") -> Sequence[str]:
        del before
        store = console.store
        known: Mapping[str, Iterable[str]] = {"group": store.groups, "name": store.names}
        if not word or word[-1].isspace():
            return ()
        options = complete(word, len(word), vocabulary, lambda field: known.get(field, ()))
        return [word[: each.start] + each.insert for each in options]

    return words


_JOB_FILTER = filter_words(JOBS)


def _fields_or_values(before: str, word: str, console: "Console") -> Sequence[str]:
    """Return how a filter of jobs goes on; fields where one begins to be typed alone."""
    return _JOB_FILTER(before, word, console) if ":" in word else ()


# -- the schedule -------------------------------------------------------------------------------


def _read_span(
    rest: str, store: ConsoleStore, now: Instant, zone: tzinfo
) -> tuple[str, Mapping[str, Any]]:
    """Take the span off that comes first; a job that is called like one is that job."""
    del now, zone
    word, _, others = rest.partition(" ")
    if not _SPAN.fullmatch(word.lower()) or store.job(word) is not None:
        return rest, {}
    seconds = parse_duration(word.lower()) if word[-1].isalpha() else None
    span = 0 if seconds is None else round(seconds * SECOND)
    if not HOUR <= span <= LONGEST_SPAN:
        raise UsageError(f"{word} is no span of the schedule: 1h to 31d, as in 24h or 7d")
    return others.strip(), {"span": span}


def _span_words(before: str, word: str, console: "Console") -> Sequence[str]:
    if before.strip() or not word[:1].isdigit():
        return _fields_or_values(before, word, console)
    return _starting(SPANS, word)


SPAN = Extras(_read_span, _span_words)


# -- logs ---------------------------------------------------------------------------------------


def _read_log_words(
    rest: str, store: ConsoleStore, now: Instant, zone: tzinfo
) -> tuple[str, Mapping[str, Any]]:
    del store
    options: dict[str, Any] = {}
    times: dict[str, Instant] = {}
    left, at = "", 0
    for token in tokens(rest):
        if token.kind != "field" or token.text not in _LOG_WORDS:
            continue
        left, at = left + rest[at : token.start], token.end
        value = _value(rest, token)
        if token.text == "level":
            options["level"] = _level(value)
        else:
            times[token.text] = _time(token.text, value, now, zone)
    if times:
        options["stretch"] = _stretch(times.get("since"), times.get("until"), zone)
    return " ".join((left + rest[at:]).split()) if at else rest, options


def _value(rest: str, token: Token) -> str:
    if token.negated or token.operator != ":" or token.problem or len(token.values) != 1:
        written = rest[token.start : token.end]
        raise UsageError(f"{written}: {token.text} takes one value, as in {_example(token.text)}")
    return token.values[0].text


def _example(name: str) -> str:
    return "level:warn" if name == "level" else f"{name}:10m"


def _level(value: str) -> int:
    rank = _LEVEL_NAMES.get(value.lower())
    if rank is None:
        raise UsageError(f"level:{value}: a level is {', '.join(_LOG_WORDS['level'])}")
    return rank


def _time(name: str, value: str, now: Instant, zone: tzinfo) -> Instant:
    at = parse_since(value.removeprefix("-"), now, zone)
    if at is None:
        forms = "10m, 02:00, today or 2026-11-23T02:00"
        raise UsageError(f"{name}:{value} is no time: {forms}")
    if at > now:
        raise UsageError(f"{name}:{value} is {full_time(at, zone)}, which is still to come")
    return at


def _stretch(since: Instant | None, until: Instant | None, zone: tzinfo) -> Stretch:
    if since is not None and until is not None and since >= until:
        begin, end = full_time(since, zone), full_time(until, zone)
        raise UsageError(f"since {begin} is not before until {end}")
    return Stretch(since, until)


def _log_words(before: str, word: str, console: "Console") -> Sequence[str]:
    name, colon, value = word.partition(":")
    if colon and name not in _LOG_WORDS:
        return _fields_or_values(before, word, console)
    if colon:
        values = _LOG_WORDS[name]
        return [f"{name}:{each}" for each in _starting(values, value) if each != value]
    return [f"{each}:" for each in _starting(tuple(_LOG_WORDS), word)]


LOG_WORDS = Extras(_read_log_words, _log_words)


def _starting(words: Sequence[str], prefix: str) -> Sequence[str]:
    return [each for each in words if each.startswith(prefix)]
