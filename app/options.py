"""What the console is told at its start, gathered from arguments, settings and terminal."""

from collections.abc import Mapping, Sequence
from datetime import UTC, tzinfo
from pathlib import Path

from msgspec import Struct, field

from app.presentation.symbols import SYMBOLS, Symbols
from app.theming.library import ThemeLibrary
from app.theming.theme import PLAIN, Theme


class ConsoleOptions(Struct, frozen=True):
    """How this console looks and what it may do."""

    environment: str = ""  # prod, stage, dev or "": the badge
    is_read_only: bool = False
    symbols: Symbols = SYMBOLS["unicode"]
    zone: tzinfo = UTC
    theme: Theme = PLAIN
    library: ThemeLibrary | None = None  # None: read when it is asked for
    memory_folder: Path | None = None  # where the last view is kept; None: nowhere
    filters: Mapping[str, str] = field(default_factory=dict)  # saved ones, by name
    problems: Sequence[str] = ()  # of the settings, shown at the start
    boxes: bool | None = None  # None: where there is room
    frames_per_second: float = 10.0  # of data; 0: only when asked
    mouse: bool = True
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # remapped: action id → keys
    key_places: Mapping[str, str] = field(default_factory=dict)  # action id → "file:line"
    origins: Mapping[str, str] = field(default_factory=dict)  # setting → where its value is from
