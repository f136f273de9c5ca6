"""Ask the tocsin that runs this job: its command line, with --json."""

import json
import os
import shlex
import shutil
import subprocess


class TocsinError(Exception):
    """The command could not be run, or refused; the text is its first line."""


def tocsin_command():
    """Return the program that TOCSIN_COMMAND names, as a list of words."""
    command = shlex.split(os.environ.get("TOCSIN_COMMAND", "")) or ["tocsin"]
    if shutil.which(command[0]) is None:
        raise TocsinError(f"there is no program {command[0]}; TOCSIN_COMMAND names it")
    return command


def tocsin(*arguments, seconds=120):
    """Run a tocsin command and return what it printed."""
    command = [*tocsin_command(), *arguments]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode != 0:
        said = (done.stderr.strip() or done.stdout.strip() or "no reason given").splitlines()[0]
        raise TocsinError(f"`tocsin {' '.join(arguments)}` ended with {done.returncode}: {said}")
    return done.stdout


def ask_tocsin(*arguments, seconds=120):
    """Run a tocsin command with --json and return its answer."""
    return json.loads(tocsin(*arguments, "--json", seconds=seconds))
