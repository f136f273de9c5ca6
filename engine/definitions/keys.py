"""The keys of a definition, and what people who come from elsewhere write instead of them."""

import re
from difflib import get_close_matches
from typing import Final

KEYS: Final = (
    "name",
    "version",
    "desc",
    "author",
    "schedule",
    "duration",
    "timezone",
    "dst-gap",
    "dst-overlap",
    "groups",
    "define-group",
    "tags",
    "run-skipped",
    "single-instance",
    "active",
    "expiry-date",
    "lang",
    "code",
    "library",
    "options",
    "timeout",
    "isolation",
    "interpreter",
    "env",
    "cwd",
    "user",
    "limits",
    "retention",
)

# Other words for the same thing, and Qorus's keys that have no counterpart.
_MEANT: Final = {
    "description": "desc",
    "cron": "schedule",
    "every": "duration",
    "interval": "duration",
    "recurring": "duration",
    "group": "groups",
    "enabled": "active",
    "command": "code",
    "script": "code",
    "run": "code",
    "environment": "env",
    "language": "lang",
    "functions": "library",
    "classes": "library",
    "constants": "library",
    "expires": "expiry-date",
    "tz": "timezone",
    "workdir": "cwd",
}
_NOT_HERE: Final = {
    "remote": "every run has a process of its own; `isolation` says which kind",
    "class-name": "the code defines a function run()",
    "class-based": "the code defines a function run()",
    "config-items": "`options` holds what an operator may change",
    "modules": "the code imports what it needs; `library` lists the job's own files",
    "patch": "`version` is the only label",
    "type": "every definition is a job",
}

_LIKE_A_KEY: Final = re.compile(r"[\w.-]*")


def unknown_key(key: str) -> str:
    """Return the message for an unknown key, naming the one that was probably meant."""
    said = f"unknown key '{key[:60]}'"
    if key in _NOT_HERE:
        return f"{said}: {_NOT_HERE[key]}"
    near = _MEANT.get(key.lower()) or _nearest(key)
    if near:
        return f"{said}; nearest: '{near}'"
    if not _LIKE_A_KEY.fullmatch(key):
        return f"{said}; what belongs to the text under `code: |` must be indented"
    return f"{said}; accepted are {', '.join(KEYS)}"


def _nearest(key: str) -> str:
    near = get_close_matches(key[:60].lower().replace("_", "-"), KEYS, n=1, cutoff=0.6)
    return near[0] if near else ""
