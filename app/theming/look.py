"""The look of one role, read from a text such as `bold bright-red on default`."""

import re
from collections.abc import Mapping
from difflib import get_close_matches

from msgspec import Struct

ANSI_NAMES = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
ANSI_COLOURS = (*ANSI_NAMES, *(f"bright-{name}" for name in ANSI_NAMES))
ATTRIBUTES = ("bold", "dim", "italic", "underline", "reverse", "strike")
DEFAULT = "default"  # the terminal's own colour
_HEX = re.compile(r"#[0-9a-f]{6}")


class LookError(ValueError):
    """A look that cannot be read; the text says which word is wrong."""


class RoleLook(Struct, frozen=True):
    """Colours and attributes; "" leaves a colour as it is underneath.

    A colour is `default`, one of the sixteen ANSI names, or `#rrggbb` in lower case.
    """

    foreground: str = ""
    background: str = ""
    attributes: frozenset[str] = frozenset()

    @property
    def has_rgb(self) -> bool:
        """Whether it names a colour that the terminal's palette does not decide."""
        return self.foreground.startswith("#") or self.background.startswith("#")

    def __str__(self) -> str:
        words = [name for name in ATTRIBUTES if name in self.attributes]
        if self.foreground:
            words.append(self.foreground)
        if self.background:
            words += ["on", self.background]
        return " ".join(words)


def read_look(text: str, palette: Mapping[str, str] | None = None) -> RoleLook:
    """Return the look that `text` describes; `palette` names colours of the theme's own.

    Raises:
        LookError: a word is neither an attribute nor a colour.
    """
    foreground = background = ""
    attributes = set()
    words = text.lower().split()
    while words:
        word = words.pop(0)
        if word in ATTRIBUTES:
            attributes.add(word)
        elif word == "on":
            if background or not words:
                raise LookError("one background colour follows 'on'")
            background = read_colour(words.pop(0), palette)
        elif foreground:
            raise LookError(f"'{word}' is a second colour; a background is written `on {word}`")
        else:
            foreground = read_colour(word, palette)
    return RoleLook(foreground, background, frozenset(attributes))


def read_colour(word: str, palette: Mapping[str, str] | None = None) -> str:
    """Return the colour that `word` names.

    Raises:
        LookError: it names none; the nearest name is offered.
    """
    own = palette or {}
    if word in own:
        return own[word]
    if word == DEFAULT or word in ANSI_COLOURS or _HEX.fullmatch(word):
        return word
    near = get_close_matches(word, [*own, DEFAULT, *ANSI_COLOURS, *ATTRIBUTES], n=1)
    hint = f"nearest: '{near[0]}'" if near else "as in `bold red on #1a1b26`"
    raise LookError(f"'{word}' is no colour and no attribute ({hint})")
