"""The engine's sentences as the plain console says them: its own commands, the viewer's zone."""

import re
from datetime import tzinfo

from app.presentation.console_words import local_times
from app.presentation.shell_commands import SHELL_COMMAND, typed

_FORCE = re.compile(r"(job '([^']*)' is running[^;]*; )--force starts")
_LOG_OF_INSTANCE = re.compile(r"log \S+ --instance (\d+)")


def plain_words(text: str, zone: tzinfo) -> str:
    """Return a sentence of the engine for who types to the plain console, with times in `zone`.

    What only the shell can do keeps its command.
    """
    if "tocsin " in text:
        text = SHELL_COMMAND.sub(lambda found: _typed(found[1]), text)
    if "--force" in text:
        text = _FORCE.sub(r"\1'run \2 --force' starts", text)
    return local_times(text, zone)


def _typed(command: str) -> str:
    of_instance = _LOG_OF_INSTANCE.fullmatch(command)
    if of_instance is not None:
        return f"'log #{of_instance[1]}'"
    said = typed(command, "plain")
    return f"`tocsin {command}`" if said is None else f"'{said}'"
