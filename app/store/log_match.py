"""Whether what is shown of a line contains a text: its time, level, instance, and its text.

Each of these by itself, as the screen shows it: in the reader's zone, and without the escape
sequences that colour a job's output. Most lines have none, and a text that can stand in nothing but
their bytes is looked for there first.
"""

import re
from collections.abc import Callable
from datetime import UTC, tzinfo
from typing import NamedTuple

from msgspec import Struct

from app.ansi import without_escapes
from app.sanitize import safe
from app.store.log_lines import Test, parse_head, rank_of, text_start
from app.store.log_stamps import local_time

ESCAPE, TAB = b"\x1b", b"\t"
_SHOWN_OTHERWISE = re.compile(r"\d{1,3}|\d*[:.][\d:.]*|#\d*")  # may be a time or an instance


class Look(NamedTuple):
    """How lines are shown."""

    zone: tzinfo = UTC
    shows_ids: bool = True  # of instances


class Match(Struct, frozen=True):
    """What is looked for.

    `raw` is in the bytes of every such line that has none of `others` in it, with `folds` in lower
    case; None: nothing is known of them.
    """

    test: Test
    raw: bytes | None = None
    others: tuple[bytes, ...] = ()
    folds: bool = False


def matching(needle: str, look: Look) -> Match:
    """Return the match of `needle`; lower-case letters match both cases, `!` turns it around."""
    if needle.startswith("!") and len(needle) > 1:
        inner = matching(needle[1:], look).test
        return Match(lambda head: not inner(head))
    folds = needle.lower() == needle
    is_raw = needle.isascii() and not _SHOWN_OTHERWISE.fullmatch(needle)
    raw = needle.encode() if is_raw else None
    others = (ESCAPE, TAB) if " " in needle else (ESCAPE,)  # a blank may be a tab
    shows = _shown(needle, look, folds=folds)

    def test(head: bytes) -> bool:
        if raw is None or any(other in head for other in others):
            return shows(head)
        seen = head.lower() if folds else head
        return raw in seen and (seen.find(raw, text_start(head)) >= 0 or shows(head))

    return Match(test, raw, others, folds)


def _shown(needle: str, look: Look, *, folds: bool) -> Callable[[bytes], bool]:
    def has(text: str) -> bool:
        return needle in (text.lower() if folds else text)

    def test(head: bytes) -> bool:
        stamp, level, number, text = parse_head(head)
        return (
            has(_text(text))
            or has(level)
            or (bool(stamp) and has(local_time(stamp, look.zone, with_day=False)))
            or (look.shows_ids and number is not None and has(f"#{number}"))
        )

    return test


def _text(text: bytes) -> str:
    """Return the text of a line as it is shown, however long it is."""
    shown = text.decode("utf-8", "replace")
    if ESCAPE in text:
        shown = without_escapes(shown)
    return safe(shown.rstrip("\r\n").expandtabs(8) if "\t" in shown else shown.rstrip("\r\n"))


def shown_lines(level: int, needle: str, instance: bytes, look: Look | None = None) -> Test | None:
    """Return the test of a view: at least `level`, showing `needle`, of one instance.

    None where every line is shown.
    """
    tests: list[Test] = []
    if instance:
        tests.append(lambda head: instance in head[:80])
    if needle:
        tests.append(matching(needle, look or Look()).test)
    if level > 0:
        tests.append(lambda head: rank_of(head) >= level)
    if not tests:
        return None
    if len(tests) == 1:
        return tests[0]
    return lambda head: all(test(head) for test in tests)
