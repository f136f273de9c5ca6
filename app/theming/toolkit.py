"""Turn a theme into what Textual and Rich paint with. The only file of themes that imports them."""

from rich.color import Color
from rich.style import Style
from textual.theme import Theme as TextualTheme

from app.theming.look import DEFAULT, RoleLook
from app.theming.theme import Theme


def rich_styles(theme: Theme) -> dict[str, Style]:
    """Return a Rich style for each role; a role without a background shows what is under it."""
    return {role: rich_style(look) for role, look in theme.roles.items()}


def rich_style(look: RoleLook) -> Style:
    """Return the Rich style of one look."""
    has = look.attributes.__contains__
    return Style(
        color=_rich_colour(look.foreground),
        bgcolor=_rich_colour(look.background),
        bold=has("bold") or None,
        dim=has("dim") or None,
        italic=has("italic") or None,
        underline=has("underline") or None,
        reverse=has("reverse") or None,
        strike=has("strike") or None,
    )


def _rich_colour(colour: str) -> Color | None:
    return Color.parse(colour.replace("-", "_")) if colour else None


def textual_theme(theme: Theme) -> TextualTheme:
    """Return the Textual theme: what its CSS, its scroll bars and its blanks are painted with."""
    roles = theme.roles
    text = roles["text"]
    background = _css(text.background)
    border = _css(roles["border"].foreground)
    return TextualTheme(
        name=f"tocsin-{theme.name}",
        primary=_css(roles["accent"].foreground),
        warning=_css(roles["warning"].foreground),
        error=_css(roles["error"].foreground),
        success=_css(roles["success"].foreground),
        accent=_css(roles["accent"].foreground),
        foreground=_css(text.foreground),
        background=background,
        surface=background,
        panel=background,
        boost=background,
        dark=theme.is_dark,
        ansi=not theme.uses_rgb,
        variables={
            "ansi-background": background,
            "ansi-foreground": _css(text.foreground),
            "border": border,
            "border-blurred": border,
            "scrollbar": border,
            "scrollbar-hover": border,
            "scrollbar-active": _css(roles["active"].foreground),
            "scrollbar-background": background,
            "scrollbar-background-hover": background,
            "scrollbar-background-active": background,
            "scrollbar-corner-color": background,
        },
    )


def _css(colour: str) -> str:
    if not colour or colour == DEFAULT:
        return "ansi_default"
    return colour if colour.startswith("#") else f"ansi_{colour.replace('-', '_')}"
