"""The words, glyphs and colour roles of every condition that `app.store.conditions` knows.

One vocabulary for the console, the command line and the filters; never told by colour alone.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from app.presentation.symbols import SymbolSet
from app.sanitize import SafeText
from app.store.conditions import Condition


class Role(StrEnum):
    """What a theme colours; a status look names one of them."""

    SUCCESS = "success"
    WARNING = "warning"
    ERROR = "error"
    CRASH = "crash"
    RUNNING = "running"
    OVERDUE = "overdue"
    MUTED = "muted"


class Look(NamedTuple):
    """How a condition is shown."""

    glyph: SafeText  # one cell
    ascii: SafeText  # up to five cells
    word: SafeText
    role: Role
    bold: bool = False
    reverse: bool = False

    def sign(self, symbols: SymbolSet) -> SafeText:
        """Return the sign to draw: the glyph, or the ASCII letters."""
        return self.ascii if symbols == "ascii" else self.glyph


def _look(
    glyph: str, plain: str, word: str, role: Role, *, bold: bool = False, reverse: bool = False
) -> Look:
    return Look(SafeText(glyph), SafeText(plain), SafeText(word), role, bold, reverse)


LOOKS: Mapping[Condition, Look] = {
    Condition.COMPLETE: _look("✓", "ok", "complete", Role.SUCCESS),
    Condition.ERROR: _look("✗", "ERR", "error", Role.ERROR),
    Condition.CRASH: _look("!", "CRASH", "crash", Role.CRASH, bold=True, reverse=True),
    Condition.RUNNING: _look("◐", "run", "running", Role.RUNNING),
    Condition.NEVER: _look("-", "-", "never", Role.MUTED),
    Condition.DISABLED: _look("off", "off", "disabled", Role.MUTED),
    Condition.GROUP_DISABLED: _look("grp", "grp", "group off", Role.MUTED),
    Condition.EXPIRED: _look("exp", "exp", "expired", Role.MUTED),
    Condition.INACTIVE: _look("idle", "idle", "inactive", Role.MUTED),
    Condition.RETIRED: _look("gone", "gone", "retired", Role.MUTED),
    Condition.OVERDUE: _look("^", "late", "overdue", Role.OVERDUE, bold=True),
}

_NARROW_GLYPHS: Mapping[Condition, SafeText] = {
    Condition.RUNNING: SafeText(">"),
}


def sign_of(condition: Condition, symbols: SymbolSet) -> SafeText:
    """Return the sign of `condition` in the set `symbols`."""
    if symbols == "narrow" and condition in _NARROW_GLYPHS:
        return _NARROW_GLYPHS[condition]
    return LOOKS[condition].sign(symbols)
