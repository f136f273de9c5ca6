"""What a terminal sends, as keys: Textual's parser, told apart where it guesses.

A terminal sends alt and a key as Escape and that key. So one who types Escape and then `1` on a
line that delivers both at once sends what alt+1 sends. Here either comes as `alt+…` with the
character that was typed behind the Escape, which says that it may be two keys.
"""

import re
from collections.abc import Iterable

from textual._xterm_parser import XTermParser
from textual.events import Key
from textual.keys import Keys

_ESCAPE = "\x1b"
_BEGIN = frozenset("[OP]X^_\\\t\x1b")  # what makes a sequence of an Escape; a tab: shift+tab
_WHOLE = re.compile(r"\x1b\[(?!\[)[0-?]*[ -/]*[@-~]")  # ECMA-48, 5.4; `ESC [ [ A` is Linux' F1
_NO_KEY = re.compile(r"\x1b\[(?:<?[-\d;]+[mM]|M|\?[\d;]+\$y|\d+;\d+R|48;.*t)")  # read later on


class KeyParser(XTermParser):
    """A parser that loses no key behind an Escape, and presses none for a key that it knows not."""

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterable[Key]:
        behind = sequence.removeprefix(_ESCAPE)
        if len(behind) == 1 and behind != sequence and behind not in _BEGIN:
            sequence, alt = behind, True
        if alt and len(sequence) == 1:
            for event in super()._sequence_to_key_events(sequence):
                base = f"shift+{event.key.lower()}" if sequence.isupper() else event.key
                yield Key(f"alt+{base}", sequence)
            return
        found = list(super()._sequence_to_key_events(sequence, alt))
        yield from found
        if not found and _WHOLE.fullmatch(sequence) and not _NO_KEY.fullmatch(sequence):
            yield Key(Keys.Ignore, sequence)
