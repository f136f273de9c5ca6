"""What is typed in each console for a command of the shell that a sentence of the engine names."""

import re
from typing import Literal

SHELL_COMMAND = re.compile(r"`tocsin ([^`]+)`")

# The beginning of the command; what takes its place after `:`, and in the plain console.
_TYPED = (
    ("job list", "jobs", "jobs"),
    ("group list", "groups", "groups"),
    ("instance list", "instances", "instances"),
    ("alert list", "alerts", "alerts"),
    ("log ", "log ", "log "),
    ("status", "engine", "engine"),
    ("session list", "engine", "sessions"),
    ("engine resume", "resume", "resume"),
    ("job run ", "run ", "run "),
    ("job enable ", "enable ", "enable "),
    ("job activate ", "activate ", "activate "),
    ("job expire ", "expire ", "expire "),
    ("job schedule ", "reschedule ", "schedule "),
    ("group enable ", "enablegroup ", "group enable "),
    ("instance cancel ", "stop #", "cancel "),
    ("instance show ", "errors #", "instance "),
)


def typed(command: str, door: Literal["console", "plain"]) -> str | None:
    """Return what is typed for a command and the rest of its line; None: only the shell has it."""
    for said, console, plain in _TYPED:
        if command.startswith(said):
            return (console if door == "console" else plain) + command[len(said) :]
    return None
