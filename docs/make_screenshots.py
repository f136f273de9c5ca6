"""Make the README's pictures: a real engine on the examples, seen by the real console.

    python docs/make_screenshots.py [SECONDS]

Runs the examples for SECONDS (default 45) in a temporary home, opens the console on it without a
terminal and writes docs/console.svg and docs/console-instances.svg.
"""

import asyncio
import re
import select
import subprocess
import sys
import tempfile
from pathlib import Path

from app.actions.all import all_actions
from app.client.store_client import StoreClient
from app.console import ConsoleApp
from app.options import ConsoleOptions
from app.theming.library import ThemeLibrary
from engine.config import load_settings

DOCS = Path(__file__).parent
EXAMPLES = DOCS.parent / "examples"
SIZE = (120, 36)
PANES = {"console.svg": ("1", *["down"] * 6), "console-instances.svg": ("3",)}
SETTLING = 1.5  # seconds that the console gets to read the store and paint


def main() -> None:
    """Run the examples, take the pictures, end the engine."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 45.0
    with tempfile.TemporaryDirectory(prefix="tocsin") as folder:
        home = Path(folder)
        command = [sys.executable, "-m", "app", "--home", str(home), "--instance", "ops1"]
        with subprocess.Popen(
            [*command, "engine", "--jobs", str(EXAMPLES)], cwd=DOCS.parent, stdout=subprocess.PIPE
        ) as engine:
            try:
                _let_it_run(engine, seconds)
                asyncio.run(_take(home))
            finally:
                engine.terminate()


def _let_it_run(engine: "subprocess.Popen[bytes]", seconds: float) -> None:
    """Wait, but not for an engine that has ended: its output would become readable and stay so."""
    reader = select.poll()
    assert engine.stdout is not None  # noqa: S101 - it was asked for
    reader.register(engine.stdout, select.POLLHUP)
    if reader.poll(seconds * 1000):
        raise SystemExit("the engine ended before the pictures were taken")


async def _take(home: Path) -> None:
    settings = load_settings(home, None, "ops1")
    client = StoreClient(settings, may_host=False)
    client.begin()
    library = ThemeLibrary()
    options = ConsoleOptions(
        environment="prod", theme=library.choose("night"), library=library, memory_folder=home
    )
    app = ConsoleApp(client, all_actions(), options)
    async with app.run_test(size=SIZE) as pilot:
        for name, keys in PANES.items():
            await pilot.pause(SETTLING)
            await pilot.press(*keys)
            await pilot.pause(SETTLING)
            picture = app.export_screenshot(title="tocsin")
            (DOCS / name).write_text(_without_fonts(picture), encoding="utf-8")
    client.end(settings.grace_seconds)


def _without_fonts(picture: str) -> str:
    """Leave out the fonts that the picture would fetch from elsewhere; a monospace one will do."""
    return re.sub(r"@font-face \{.*?\}\s*", "", picture, flags=re.DOTALL)


if __name__ == "__main__":
    main()
