"""The edge of the program: every ending becomes an exit status and at most a few clear lines.

0 done, 1 refused or failed, 2 wrong usage, 130 interrupted, 141 the reader of the output went away.
No traceback reaches a terminal: what was not foreseen is written to a file in the home's logs, and
its place is told.
"""

import errno
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from app.cli.place import Place
from app.cli.refused import ItemsFailedError
from engine.errors import TocsinError, UsageError

if TYPE_CHECKING:
    from app.client.first_look import FirstLook

_OUTPUT_FAILURES = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG}

_STANDARD_ERROR = 2
_IN_PLAIN_WORDS = (
    (" is not a valid integer range", " is not a whole number"),
    (" is not a valid integer", " is not a whole number"),
    (" is not a valid float", " is not a number"),
)
DONE, FAILED, WRONG_USAGE, INTERRUPTED, NO_READER = 0, 1, 2, 130, 141


def run(arguments: Sequence[str], first_look: "FirstLook | None" = None) -> int:
    """Run one command line and return its exit status.

    `first_look` got ready for a console, should it be one.
    """
    _open_streams()
    _prepare_streams()
    arguments = [_as_utf8(each) for each in arguments]
    try:
        status = _guarded(arguments, Place(first_look=first_look))
        sys.stdout.flush()
    except BrokenPipeError:
        _discard_output()
        return NO_READER
    except KeyboardInterrupt:
        return INTERRUPTED
    except OSError as error:  # a full disk behind `> file`
        _discard_output()
        return _fail(f"the output could not be written: {error.strerror}")
    return status


def _guarded(arguments: Sequence[str], place: Place) -> int:
    """Run the command; its own failures are told, those of the output are raised."""
    try:
        return _invoke(arguments, place)
    except BrokenPipeError:
        raise
    except (ItemsFailedError, TocsinError, click.ClickException) as error:
        return _refused(error)
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except OSError as error:
        if error.errno in _OUTPUT_FAILURES and error.filename is None:
            raise
        unusable = _unusable(error)
        return _fail(unusable) if unusable else _crashed(error, arguments)
    except UnicodeEncodeError as error:
        strange = next((each for each in arguments if not _is_utf8(each)), None)
        if strange is None:
            return _crashed(error, arguments)
        return _fail(f"The argument '{strange}' is not UTF-8 text.", status=WRONG_USAGE)
    except Exception as error:  # noqa: BLE001 - the process's edge: nobody sees a traceback
        return _crashed(error, arguments)


def _invoke(arguments: Sequence[str], place: Place) -> int:
    from app.cli.root import tocsin

    if "_TOCSIN_COMPLETE" in os.environ:  # a shell asks for completions
        tocsin.main(list(arguments), prog_name="tocsin")
    try:
        with tocsin.make_context("tocsin", list(arguments), obj=place) as context:
            result = tocsin.invoke(context)
    except click.exceptions.Exit as ended:
        return ended.exit_code
    return result if isinstance(result, int) else DONE


def _refused(error: Exception) -> int:
    if isinstance(error, ItemsFailedError):
        return FAILED
    if isinstance(error, click.UsageError):
        return _wrong_usage(error)
    if isinstance(error, click.ClickException):
        return _fail(error.format_message())
    status = WRONG_USAGE if isinstance(error, UsageError) else FAILED
    return _fail(str(error), getattr(error, "detail", ""), status=status)


def _unusable(error: OSError) -> str:
    from app.cli.out_of_reach import out_of_reach

    return out_of_reach(error)


def _crashed(error: Exception, arguments: Sequence[str]) -> int:
    from app.cli.crash import describe_crash

    return _fail(describe_crash(error, arguments))


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
    message = error.format_message()
    for words, plain in _IN_PLAIN_WORDS:
        message = message.replace(words, plain)
    return _fail(message, hint, status=WRONG_USAGE)


def _open_streams() -> None:
    """Open what `>&-` closed to nothing, so that no file of ours gets the number of a stream."""
    while (number := os.open(os.devnull, os.O_RDWR)) <= _STANDARD_ERROR:
        os.set_inheritable(number, True)
    os.close(number)
    sys.stdin = sys.stdin or open(0, encoding="utf-8")  # noqa: SIM115
    sys.stdout = sys.stdout or open(1, "w", encoding="utf-8")  # noqa: SIM115
    sys.stderr = sys.stderr or open(2, "w", encoding="utf-8")  # noqa: SIM115


def _as_utf8(argument: str) -> str:
    """Return an argument as UTF-8 has it, whatever the locale made of its bytes."""
    return os.fsencode(argument).decode("utf-8", "surrogateescape")


def _is_utf8(argument: str) -> bool:
    return not any("\udc80" <= character <= "\udcff" for character in argument)


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
