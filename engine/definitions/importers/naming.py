"""Names for jobs that had none."""

import re
from typing import Final

_LONGEST: Final = 60
_INTERPRETERS: Final = {"sh", "bash", "dash", "python", "python3", "perl", "php", "ruby", "node"}
_PREFIXES: Final = {"nice", "ionice", "nohup", "time", "sudo", "exec", "command", "env", "test"}
# What only says where or whether a command runs: `cd /srv &&`, `test -x FILE ||`, `if …; then`.
_GUARD: Final = re.compile(
    r"\A[\s{(]*(?:cd\s+\S+\s*(?:&&|;)|if\s[^;]*;\s*then\s"
    r"|(?:test\s|\[\s|command\s+-v\s)[^|&;]*(?:&&|\|\|))\s*"
)


class Names:
    """Gives each job a name of its own."""

    def __init__(self) -> None:
        self._given: set[str] = set()

    def unique(self, wanted: str) -> str:
        """Return `wanted` as a name of a job that was not given yet."""
        base = re.sub(r"[^A-Za-z0-9_-]+", "-", wanted).strip("-")[:_LONGEST] or "job"
        name, number = base, 1
        while name in self._given:
            number += 1
            name = f"{base}-{number}"
        self._given.add(name)
        return name


def name_of_command(command: str) -> str:
    """Return what a command is called: its program's name, of a script the script's."""
    while (rest := _GUARD.sub("", command)) != command and rest.strip(" {};"):
        command = rest
    words = [word for word in re.split(r"[\s;&|()<>{}]+", command) if word]
    for word in words:
        if word.isdigit():
            continue
        base = word.rpartition("/")[2]
        stem = re.sub(r"\.(sh|py|pl|php|rb|js|bash)\Z", "", base)
        if "=" in word or word.startswith(("-", "[", "!", "$", "'", '"')):
            continue
        if stem in _INTERPRETERS | _PREFIXES | {"if", "then", "true", "run-parts"}:
            continue
        if stem:
            return stem
    return "job"
