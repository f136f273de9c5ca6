"""The theme in force: chosen, previewed, and read anew when its file is saved."""

from collections.abc import Callable
from typing import Any

from textual.app import App

from app.presentation.symbols import SYMBOLS, Symbols
from app.theming.library import ThemeLibrary, is_own
from app.theming.theme import Theme
from app.theming.toolkit import rich_styles, textual_theme
from app.widgets.paint import Paint

_TRIED_ON_LOOKS = 60  # looks at the files after one was saved: someone works on it


class Wardrobe:
    """Knows the themes and paints the app with one of them."""

    def __init__(
        self,
        app: App[Any],
        theme: Theme,
        symbols: Symbols,
        say: Callable[[str, str], None],
        library: ThemeLibrary | None = None,
    ) -> None:
        self._app = app
        self._say = say
        self._symbols = symbols
        self._library = library
        self.theme = theme
        self._is_own = is_own(theme)
        self.was_chosen = False  # by `:theme`, after all else
        self._looks_left = 0
        self.paint = self._paint_of(theme)
        # Before any style sheet is read: to change the theme later costs reading all of them again.
        look = textual_theme(theme)
        app.register_theme(look)
        app.theme = look.name
        app.stylesheet.set_variables(app.get_css_variables())

    def _paint_of(self, theme: Theme) -> Paint:
        symbols = self._symbols if theme.symbols is None else SYMBOLS[theme.symbols]
        return Paint(rich_styles(theme), symbols)

    @property
    def library(self) -> ThemeLibrary:
        """All themes; read from their folders when they are first asked for."""
        if self._library is None:
            self._library = ThemeLibrary()
            for problem in self._library.problems:
                self._say(problem, "error")
        return self._library

    def put_on(self, theme: Theme) -> None:
        """Paint with `theme` from now on."""
        look = textual_theme(theme)
        self._app.register_theme(look)
        self._app.ansi_color = not theme.uses_rgb
        self.theme = theme
        self._is_own = is_own(theme)
        self.paint = self._paint_of(theme)
        if self._app.theme == look.name:
            self._app.refresh_css(animate=False)
        else:
            self._app.theme = look.name
        for widget in self._app.screen.query("*"):
            widget.refresh()

    def use_symbols(self, symbols: Symbols) -> None:
        """Draw with other signs from now on, where the theme has none of its own."""
        self._symbols = symbols
        self.put_on(self.theme)

    def find(self, name: str) -> Theme | None:
        """Return the theme called `name`, also where its file was saved just now."""
        self.look_for_changes()
        return self.library.get(name)

    def choose(self, name: str) -> None:
        """Put on the theme called `name`."""
        theme = self.find(name)
        if theme is None:
            self._say(self.library.why_not(name), "error")
            return
        self.put_on(theme)
        self.was_chosen = True
        self._say(f"theme {name}", "")

    def choices(self) -> list[tuple[str, str]]:
        """Return the names of all themes, and what each is."""
        self.look_for_changes()
        known = ((name, self.library.get(name)) for name in self.library.names)
        return [(name, theme.description) for name, theme in known if theme is not None]

    @property
    def is_tried_on(self) -> bool:
        """Whether a theme's file was saved a short while ago, so that it may be again."""
        return self._looks_left > 0

    def look_for_changes(self) -> None:
        """Read the files anew where one was saved; a wrong one leaves the theme as it was."""
        if self._library is None and not self._is_own:
            return  # the shipped ones stay as they are; the others are read when one is asked for
        self._looks_left = max(0, self._looks_left - 1)
        if self._library is not None:
            if not self._library.has_changed():
                return
            self._looks_left = _TRIED_ON_LOOKS
            for problem in self._library.reload():
                self._say(problem, "error")
        theme = self.library.get(self.theme.name)
        if theme is not None and theme != self.theme:
            self.put_on(theme)
