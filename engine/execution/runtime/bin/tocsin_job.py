"""`tocsin-job`: the job API for shell jobs, and for any command that a job runs.

    tocsin-job save-info VALUE           JSON, or text that is none; `-`: from standard input
    tocsin-job info                      prints facts about the job and this instance, as JSON
    tocsin-job state get [KEY]           prints the job's state data, or one of them; 1 if none
    tocsin-job state save JSON           a mapping; `-`: from standard input
    tocsin-job error CODE [TEXT] [--severity S] [--info JSON] [--business]
    tocsin-job warn CODE [TEXT] [--info JSON] [--business]
    tocsin-job progress FRACTION [TEXT]  from 0 to 1
    tocsin-job log [--level L] TEXT...   DEBUG, INFO, WARN or ERROR
    tocsin-job option NAME [DEFAULT]     prints an option; 1 if there is none and no default
    tocsin-job set-trigger WHEN          seconds from now, or an instant with its zone; 1 if refused
    tocsin-job sleep SECONDS             1 if the job was asked to stop
    tocsin-job fence                     prints the fencing token

Exits with 0 when done, 1 when refused, 2 when called wrongly. Standard library only, and little of
it, so that it starts fast.
"""

from __future__ import annotations

import os
import sys
from _socket import AF_UNIX, SOCK_STREAM, socket as Socket  # noqa: N812 the C class, without `enum`

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "lib"))

TYPE_CHECKING = False
if not TYPE_CHECKING:
    import jobapi
else:
    from collections.abc import Callable
    from typing import Any

    from engine.execution.runtime.lib import jobapi


class UsageError(Exception):
    """The command was called wrongly."""


class Refused(Exception):  # noqa: N818 `jobapi` asks for a class of this name
    """The supervisor refuses a call."""


class Line:
    """The supervisor of our run, in the form in which `jobapi` wants it."""

    Refused = Refused
    stop_seen = False

    def __init__(self) -> None:
        name, token = os.environ.get("TOCSIN_SOCKET"), os.environ.get("TOCSIN_TOKEN")
        if not name or not token:
            message = "this is no job that tocsin started"
            raise jobapi.JobApiError(message)
        self._socket = Socket(AF_UNIX, SOCK_STREAM)
        try:
            self._socket.connect(f"\0{name}")
        except OSError:
            message = "the supervisor of this run is gone"
            raise jobapi.JobApiError(message) from None
        self._send(["token", token])

    def _send(self, message: list[Any]) -> None:
        import json

        self._socket.sendall(json.dumps(message).encode() + b"\n")

    def ask(self, *message: Any) -> Any:
        """Send a message and return the answer.

        Raises:
            Refused: the answer is no.
        """
        import json

        self._send(list(message))
        data = b""
        while not data.endswith(b"\n"):
            piece = self._socket.recv(1 << 16)
            if not piece:
                text = "the supervisor of this run is gone"
                raise Refused(text)
            data += piece
        ok, value = json.loads(data)
        if not ok:
            raise Refused(value)
        return value

    def call(self, name: str, arguments: dict[str, Any]) -> Any:
        """Make a call of the job API."""
        return self.ask("call", name, arguments)

    def say(self, *message: Any) -> None:
        """Write to the log; it is there when this returns."""
        self.ask(*message)

    def facts(self) -> dict[str, Any]:
        """Return what is known of the run."""
        facts: dict[str, Any] = self.ask("facts")
        return facts

    def wait_stop(self, seconds: float, clock: Callable[[], float]) -> bool:
        """Wait until the run is asked to stop, at most `seconds`; True: it was."""
        del clock
        return not self.ask("sleep", seconds)

    @staticmethod
    def size_of(data: Any) -> int:
        """Return how many bytes plain data take as JSON."""
        import json

        return len(json.dumps(data))


def main(arguments: list[str]) -> int:
    """Run one command; return the exit status."""
    try:
        command = _command(arguments)
        options, rest = _options(arguments[1:])
        line = Line()
        jobapi._begin(line, line.facts)
        return command(rest, options)
    except UsageError as error:
        print(f"tocsin-job: {error}", file=sys.stderr)
        return 2
    except (jobapi.JobApiError, Refused) as error:
        print(f"tocsin-job: {error}", file=sys.stderr)
        return 1


def _command(arguments: list[str]) -> Callable[[list[str], dict[str, Any]], int]:
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        raise UsageError(__doc__)
    command = COMMANDS.get(arguments[0])
    if command is None:
        message = f"there is no command '{arguments[0]}'; there are {', '.join(COMMANDS)}"
        raise UsageError(message)
    return command


def _options(arguments: list[str]) -> tuple[dict[str, Any], list[str]]:
    """Divide options from the rest; `--` ends them."""
    options: dict[str, Any] = {}
    rest: list[str] = []
    words = iter(arguments)
    for word in words:
        if word == "--":
            rest += words
        elif word == "--business":
            options["business"] = True
        elif word in ("--severity", "--info", "--level"):
            value = next(words, None)
            if value is None:
                message = f"{word} needs a value"
                raise UsageError(message)
            options[word[2:]] = value
        elif word.startswith("--"):
            message = f"there is no option '{word}'"
            raise UsageError(message)
        else:
            rest.append(word)
    return options, rest


def _expect(words: list[str], least: int, most: int, form: str) -> None:
    if not least <= len(words) <= most:
        message = f"expected: tocsin-job {form}"
        raise UsageError(message)


def _value(text: str) -> Any:
    """Return what a text stands for as JSON, or the text; `-` is standard input."""
    import json

    text = sys.stdin.read() if text == "-" else text
    try:
        return json.loads(text)
    except ValueError:
        return text


def _print(value: Any) -> None:
    import json

    print(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        message = f"'{text}' is no number"
        raise UsageError(message) from None


def _save_info(words: list[str], options: dict[str, Any]) -> int:
    del options
    _expect(words, 1, 1, "save-info VALUE")
    jobapi.job_save_info(_value(words[0]))
    return 0


def _info(words: list[str], options: dict[str, Any]) -> int:
    del options
    _expect(words, 0, 0, "info")
    _print(jobapi.job_info())
    return 0


def _state(words: list[str], options: dict[str, Any]) -> int:
    del options
    _expect(words, 1, 2, "state get [KEY] | state save JSON")
    verb, *which = words
    if verb == "save" and which:
        jobapi.job_save_state_data(_value(which[0]))
        return 0
    if verb != "get":
        message = "expected: tocsin-job state get [KEY] | state save JSON"
        raise UsageError(message)
    state = jobapi.job_get_state_data()
    if state is None or (which and which[0] not in state):
        return 1
    _print(state[which[0]] if which else state)
    return 0


def _error(words: list[str], options: dict[str, Any]) -> int:
    _expect(words, 1, 2, "error CODE [TEXT] [--severity S] [--info JSON] [--business]")
    jobapi.job_error(
        words[0],
        "".join(words[1:]),
        _value(options["info"]) if "info" in options else None,
        options.get("severity", "MAJOR"),
        business=options.get("business", False),
    )
    return 0


def _warn(words: list[str], options: dict[str, Any]) -> int:
    return _error(words, {**options, "severity": "WARNING"})


def _progress(words: list[str], options: dict[str, Any]) -> int:
    del options
    _expect(words, 1, 2, "progress FRACTION [TEXT]")
    jobapi.job_progress(_number(words[0]), *words[1:])
    return 0


def _log(words: list[str], options: dict[str, Any]) -> int:
    jobapi.log(" ".join(words), level=options.get("level", "INFO"))
    return 0


def _option(words: list[str], options: dict[str, Any]) -> int:
    del options
    _expect(words, 1, 2, "option NAME [DEFAULT]")
    value = jobapi.get_option(*words)
    if value is None:
        return 1
    _print(value)
    return 0


def _set_trigger(words: list[str], options: dict[str, Any]) -> int:
    del options
    _expect(words, 1, 1, "set-trigger WHEN")
    when: float | str = words[0]
    try:
        when = float(when)
    except ValueError:
        pass
    return 0 if jobapi.job_set_trigger(when) else 1


def _sleep(words: list[str], options: dict[str, Any]) -> int:
    del options
    _expect(words, 1, 1, "sleep SECONDS")
    return 0 if jobapi.job_sleep(_number(words[0])) else 1


def _fence(words: list[str], options: dict[str, Any]) -> int:
    del options
    _expect(words, 0, 0, "fence")
    print(jobapi.job_fencing_token())
    return 0


COMMANDS: dict[str, Callable[[list[str], dict[str, Any]], int]] = {
    "save-info": _save_info,
    "info": _info,
    "state": _state,
    "error": _error,
    "warn": _warn,
    "progress": _progress,
    "log": _log,
    "option": _option,
    "set-trigger": _set_trigger,
    "sleep": _sleep,
    "fence": _fence,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
