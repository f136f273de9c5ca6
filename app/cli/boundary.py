"""The edge of the program: every ending becomes an exit status and at most a few clear lines.

0 done, 1 refused or failed, 2 wrong usage, 130 interrupted, 141 the reader of the output went away.
No traceback reaches a terminal: what was not foreseen is written to a file in the home's logs, and
its place is told.
"""

import os
import sys
from collections.abc import Sequence

import click

from engine.errors import TocsinError, UsageError

DONE, FAILED, WRONG_USAGE, INTERRUPTED, NO_READER = 0, 1, 2, 130, 141


class ItemsFailedError(Exception):
    """Some items of a batch were refused; each has been told already."""


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit status."""
    _prepare_streams()
    try:
        status = _guarded(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        _discard_output()
        return NO_READER
    except KeyboardInterrupt:
        return INTERRUPTED
    except OSError as error:  # the flush: a full disk behind `> file`
        _discard_output()
        return _fail(f"the output could not be written: {error.strerror}")
    return status


def _guarded(arguments: Sequence[str]) -> int:
    from app.cli.root import tocsin

    try:
        result = tocsin.main(list(arguments), prog_name="tocsin", standalone_mode=False)
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except ItemsFailedError:
        return FAILED
    except click.UsageError as error:
        return _wrong_usage(error)
    except click.ClickException as error:
        return _fail(error.format_message())
    except UsageError as error:
        return _fail(error.message, error.detail, status=WRONG_USAGE)
    except TocsinError as error:
        return _fail(error.message, error.detail)
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 - the process's edge: nobody sees a traceback
        from app.cli.crash import describe_crash

        return _fail(describe_crash(error, arguments))
    return result if isinstance(result, int) else DONE


def _fail(message: str, detail: str = "", *, status: int = FAILED) -> int:
    from app.sanitize import safe

    sys.stdout.flush()
    for line in (message, *detail.splitlines()):
        sys.stderr.write(safe(line) + "\n")
    return status


def _wrong_usage(error: click.UsageError) -> int:
    hint = ""
    if error.ctx is not None and error.ctx.command.get_help_option(error.ctx) is not None:
        hint = f"See `{error.ctx.command_path} --help`."
    return _fail(error.format_message(), hint, status=WRONG_USAGE)


def _prepare_streams() -> None:
    """Let no character that the locale cannot write end the program."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
    if not (sys.stdout.encoding or "").lower().startswith("utf"):
        from app.sanitize import ascii_output

        ascii_output(on=True)


def _discard_output() -> None:
    """Point standard output at nothing, so that the interpreter's own last flush cannot fail."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
