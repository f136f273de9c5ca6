"""Put the console together: settings, terminal, client, keys, theme; and see it to its end."""

import gc
import os
import sys
from collections.abc import Mapping, MutableMapping
from contextlib import suppress
from typing import TYPE_CHECKING

from app.lean import load_asyncio
from engine.config import Settings
from engine.errors import UsageError

if TYPE_CHECKING:
    from app.client.first_look import FirstLook

HUNG_UP = 129  # 128 + SIGHUP, as shells say it


def prepare_for_screen(environment: MutableMapping[str, str]) -> None:
    """Set what the toolkit reads when it is loaded, and look for no garbage until rows are there.

    Textual waits for its next frame before it paints a key. Data are paced by the pump, so frames
    may follow each other as closely as keys do.
    """
    environment.setdefault("TEXTUAL_ANIMATIONS", "none")
    environment.setdefault("TEXTUAL_FPS", "250")
    gc.disable()  # until everything was read once: nothing of what is made till then is garbage


def run(
    settings: Settings,
    first_look: "FirstLook | None" = None,
    *,
    attach: bool = False,
    plain: bool = False,
    read_only: bool = False,
) -> int:
    """Open the console on the store of `settings` and return the exit status when it is left.

    Hosts an engine where none is alive, unless `attach` or `read_only`: these take the store as it
    is, and `attach` only with an engine. What `first_look` reads is what the screen begins with.

    Raises:
        TocsinError: there is no terminal, or the store cannot be used.
    """
    has_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    from app.settings import load_console_settings

    loaded = load_console_settings(settings.home)
    is_screen = has_terminal and not (plain or loaded.settings.plain)
    if first_look is not None:
        if is_screen and settings.home.is_dir():
            first_look.ask(settings)
        else:
            first_look.drop()
            first_look = None
    if plain or loaded.settings.plain:
        from app.lifetime import lives_long
        from app.plain import run as talk

        lives_long()
        return talk(settings, attach=attach, read_only=read_only or loaded.settings.read_only)
    if not has_terminal:
        raise UsageError(
            "The console needs a terminal. `tocsin console --plain` works without one."
        )
    return _open(settings, first_look, attach=attach, read_only=read_only, environment=os.environ)


def _open(
    settings: Settings,
    first_look: "FirstLook | None",
    *,
    attach: bool,
    read_only: bool,
    environment: Mapping[str, str],
) -> int:
    prepare_for_screen(os.environ)
    load_asyncio()
    from app.actions.all import all_actions
    from app.actions.registry import PANES
    from app.client.store_client import StoreClient
    from app.console import ConsoleApp
    from app.given_environment import given_environment
    from app.hang_up import HangUp
    from app.keymap import check_keys
    from app.live_settings import origins_at_start
    from app.options import ConsoleOptions
    from app.presentation.symbols import SYMBOLS, choose_symbols
    from app.sanitize import ascii_output
    from app.settings import load_console_settings, viewer_zone
    from app.theming.library import choose_theme, theme_at_start

    loaded = load_console_settings(settings.home, environment)
    wants = loaded.settings
    registry = all_actions()
    keys, key_problems = check_keys(loaded, registry, PANES)
    origins = {**loaded.origins, **origins_at_start(environment, wants.symbols)}
    if read_only and not wants.read_only:
        origins["read-only"] = "--read-only"
    given = given_environment(environment)
    symbols = wants.symbols or choose_symbols(given, sys.stdout.encoding)
    ascii_output(symbols == "ascii")
    read_only = read_only or wants.read_only
    may_host = not (attach or read_only)
    client = StoreClient(settings, may_host=may_host, needs_engine=attach, first_look=first_look)
    client.begin()
    theme, theme_problems = theme_at_start(choose_theme(wants.theme, environment))
    options = ConsoleOptions(
        environment=wants.environment,
        is_read_only=read_only,
        symbols=SYMBOLS[symbols],
        zone=viewer_zone(wants.zone),
        theme=theme,
        memory_folder=settings.home,
        filters=dict(wants.filters),
        problems=(*loaded.problems, *key_problems, *theme_problems),
        boxes=wants.boxes,
        frames_per_second=wants.refresh,
        mouse=wants.mouse,
        keys=keys,
        key_places=loaded.key_places,
        origins=origins,
    )
    app = ConsoleApp(client, all_actions(keys) if keys else registry, options)
    if not may_host:
        client.require()
        with suppress(OSError):  # where the view is kept, of a store that is elsewhere, too
            settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with HangUp(app, client):
        status = app.run(mouse=wants.mouse)
    client.end(settings.grace_seconds)
    return 1 if status is None and app.return_code else status or 0
