"""The three sets of signs: what is drawn where, in every terminal.

`unicode` is for UTF-8 terminals; `narrow` keeps off the code points that East Asian setups draw two
cells wide; `ascii` is for the C locale, TERM=linux and TERM=dumb, and for those who ask for it.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from app.sanitize import SafeText

SymbolSet = Literal["unicode", "narrow", "ascii"]
SYMBOL_SETS: tuple[SymbolSet, ...] = ("unicode", "narrow", "ascii")

# Terminals that draw no more than the characters of a line printer, or have too few glyphs.
_POOR_TERMINALS = frozenset({"dumb", "linux", "unknown", "vt52", "vt100", "vt220"})


class Symbols(NamedTuple):
    """One set of signs. Each is one cell wide unless its comment says otherwise."""

    name: SymbolSet
    cursor: SafeText
    mark: SafeText
    live: SafeText
    lost: SafeText
    ascending: SafeText
    descending: SafeText
    expanded: SafeText
    collapsed: SafeText
    leaf: SafeText
    separator: SafeText
    ellipsis: SafeText  # `..` in ascii
    bars: tuple[SafeText, ...]  # heights of a sparkline, lowest first
    shades: tuple[SafeText, ...]  # load of a heat map cell, none first
    full: SafeText  # of a progress bar
    part: SafeText
    empty: SafeText
    solid: SafeText  # a past run in a Gantt row
    growing: SafeText
    hollow: SafeText  # a run to come
    now: SafeText
    horizontal: SafeText
    vertical: SafeText


def _set(name: SymbolSet, signs: str, bars: str, shades: str, ellipsis: str) -> Symbols:
    """Build a set; `signs` holds the one-cell signs in the order of the fields."""
    fields = [field for field in Symbols._fields if field not in _OTHERS]
    single = dict(zip(fields, map(SafeText, signs), strict=True))
    return Symbols(
        name=name,
        ellipsis=SafeText(ellipsis),
        bars=tuple(map(SafeText, bars)),
        shades=tuple(map(SafeText, shades)),
        **single,
    )


_OTHERS = frozenset({"name", "ellipsis", "bars", "shades"})
_ROUGH = ">*+o^v-+.|" + "#=.#+-|" + "-|"
SYMBOLS: Mapping[SymbolSet, Symbols] = {
    "unicode": _set("unicode", "▸•●○↑↓▾▸·│" + "█▌░█▓░│" + "─│", "▁▂▃▄▅▆▇█", "·░▒▓█", "…"),
    "narrow": _set("narrow", "▸" + _ROUGH[1:], ".:-=+*%#", ".░▒*#", "~"),
    "ascii": _set("ascii", _ROUGH, ".:-=+*%#", ".-+*#", ".."),
}


def choose_symbols(environment: Mapping[str, str], encoding: str) -> SymbolSet:
    """Return the set for a terminal with this `TERM`, locale and output encoding.

    `TOCSIN_SYMBOLS` wins where it names a set.
    """
    wanted = environment.get("TOCSIN_SYMBOLS", "")
    for name in SYMBOL_SETS:
        if wanted == name:
            return name
    if environment.get("TERM", "dumb") in _POOR_TERMINALS:
        return "ascii"
    locale = environment.get("LC_ALL") or environment.get("LC_CTYPE") or environment.get("LANG", "")
    if "utf" not in encoding.lower() or locale in {"C", "POSIX"}:
        return "ascii"
    if locale[:2] in {"ja", "ko", "zh"}:
        return "narrow"
    return "unicode"
