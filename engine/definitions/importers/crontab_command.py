"""The command of a crontab's line: whose it is, where it starts, and what it is as shell code."""

import pwd
import re
from pathlib import Path
from shutil import which
from typing import Final

_STDIN_END: Final = "END_OF_INPUT"


def looks_like_user(command: str) -> bool:
    """Whether a command begins as a line with a field for the user does."""
    first, *others = command.split()
    if not others or which(first) is not None:
        return False
    try:
        pwd.getpwnam(first)
    except KeyError:
        return False
    return True


def home_of(user: str) -> str:
    """Return the folder that cron starts a job in: its user's home."""
    try:
        return pwd.getpwnam(user).pw_dir if user else str(Path.home())
    except KeyError:
        return "/"


def code_of(command: str) -> str:
    """Return a command as shell code; a `%` that is not escaped begins its input, or a new line."""
    parts = [part.replace("\\%", "%") for part in re.split(r"(?<!\\)%", command)]
    if len(parts) == 1:
        return parts[0] + "\n"
    end = _STDIN_END
    while end in parts:
        end += "_"
    lines = "\n".join(parts[1:])
    return f"{{\n{parts[0]}\n}} <<'{end}'\n{lines}\n{end}\n"
