"""How well every role can be read: WCAG contrast of each colour on each background it meets."""

from typing import NamedTuple

from app.theming.roles import ALONE, FAINT, GROUNDS, ROLES
from app.theming.theme import Theme

ENOUGH = 4.5  # WCAG 2.1 AA for text
ENOUGH_FOR_FAINT = 3.0

Rgb = tuple[int, int, int]


class Pair(NamedTuple):
    """One role on one ground."""

    role: str
    ground: str
    foreground: str
    background: str
    ratio: float

    @property
    def is_enough(self) -> bool:
        """Whether it can be read."""
        return self.ratio >= (ENOUGH_FOR_FAINT if self.role in FAINT else ENOUGH)


def contrast_table(theme: Theme) -> list[Pair]:
    """Return every pair of role and ground whose colours are both RGB."""
    text = theme.roles["text"]
    pairs = []
    for role in ROLES:
        look = theme.roles[role]
        for ground in (role,) if role in ALONE else GROUNDS:
            under = theme.roles[ground]
            foreground = look.foreground or under.foreground or text.foreground
            background = look.background or under.background or text.background
            if foreground.startswith("#") and background.startswith("#"):
                ratio = contrast(rgb(foreground), rgb(background))
                pairs.append(Pair(role, ground, foreground, background, ratio))
    return pairs


def contrast(one: Rgb, other: Rgb) -> float:
    """Return the WCAG contrast ratio of two colours: 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def rgb(colour: str) -> Rgb:
    """Return the parts of `#rrggbb`."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def linear(part: int) -> float:
    """Return one sRGB part (0..255) as linear light (0..1)."""
    share = part / 255
    return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4  # noqa: PLR2004


def _luminance(colour: Rgb) -> float:
    red, green, blue = map(linear, colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
