"""What a service unit runs, and under which conditions → an execution."""

import pwd
from pathlib import Path
from typing import Final

from engine.definitions.importers.command_line import (
    CommandError,
    shell_code,
    specified,
    split_words,
)
from engine.definitions.importers.result import ImportResult
from engine.definitions.importers.timespans import seconds_of
from engine.definitions.importers.units import Entry, Unit
from engine.domain.job import LEAST_FILES, Execution, Limits

_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_COMMANDS: Final = ("ExecStartPre", "ExecStart", "ExecStartPost")
_CARRIED: Final = {
    *_COMMANDS,
    *("User", "WorkingDirectory", "Environment", "RuntimeMaxSec", "TimeoutStartSec", "Type"),
    *("LimitNOFILE", "LimitCPU", "LimitNPROC", "LimitAS"),
}
_LIMITS: Final = {
    "LimitNOFILE": "files",
    "LimitCPU": "cpu",
    "LimitNPROC": "processes",
    "LimitAS": "memory",
}
_SIZES: Final = {"K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}


def specifiers_of(unit: Unit, *, as_root: bool) -> dict[str, str]:
    """Return what specifiers stand for in the values of a unit, by their letters."""
    prefix, _, instance = unit.stem.partition("@")
    found = {"n": unit.name, "N": unit.stem, "p": prefix, "i": instance}
    if as_root:
        return {**found, "h": "/root", "u": "root", "t": "/run", "S": "/var/lib"}
    home = str(Path.home())
    return {**found, "h": home, "S": f"{home}/.local/state"}


class ServiceReader:
    """Reads one service unit."""

    def __init__(self, service: Unit, result: ImportResult, *, as_root: bool) -> None:
        self._service = service
        self._result = result
        self._as_root = as_root
        self._specifiers = specifiers_of(service, as_root=as_root)

    def execution(self) -> Execution | None:
        """Return how the service is run; None, and the reason in the result, if it cannot be."""
        code = self._code()
        named, folder = self._specified("User"), self._specified("WorkingDirectory")
        if code is None or named is None or folder is None:
            return None
        self._say_settings()
        user = named or ("root" if self._as_root else "")
        return Execution(
            lang="shell",
            code=code,
            timeout=self._timeout(),
            env=self._environment(),
            cwd=self._folder(folder, user),
            user=user or None,
            limits=self._limits(),
        )

    def _value(self, key: str) -> str:
        entry = self._service.last("Service", key)
        return entry.value if entry else ""

    def _specified(self, key: str) -> str | None:
        """Return a value with what its specifiers stand for; None, and said why, if unknown."""
        entry = self._service.last("Service", key)
        if entry is None:
            return ""
        try:
            return specified(entry.value, self._specifiers)
        except CommandError as error:
            self._refuse(entry, str(error))
            return None

    def _refuse(self, entry: Entry, why: str) -> None:
        self._result.refuse(entry.line, f"{entry.file}: {entry.key}={entry.value}: {why}")

    def _code(self) -> str | None:
        lines: list[str] = []
        for key in _COMMANDS:
            for entry in self._service.all("Service", key):
                try:
                    code, said = shell_code(entry.value, self._specifiers)
                except CommandError as error:
                    self._refuse(entry, str(error))
                    return None
                lines.append(code)
                for each in said:
                    self._result.note(entry.line, f"{entry.file}: {each}")
        if not self._service.all("Service", "ExecStart"):
            self._result.refuse(1, f"{self._service.name}: it has no ExecStart")
            return None
        several = len("\n".join(lines).splitlines()) > 1
        return "\n".join(["set -e", *lines] if several else lines) + "\n"

    def _environment(self) -> dict[str, str]:
        found = {"PATH": _PATH} if self._as_root else {}
        for entry in self._service.all("Service", "Environment"):
            try:
                words = [specified(word, self._specifiers) for word in split_words(entry.value)]
            except CommandError as error:
                self._refuse(entry, str(error))
                continue
            for word in words:
                name, equals, value = word.partition("=")
                if equals:
                    found[name] = value
                else:
                    self._refuse(entry, f"'{word}' sets nothing")
        return found

    def _folder(self, value: str, user: str) -> str:
        value = value.lstrip("-")
        if value == "~":
            try:
                return pwd.getpwnam(user).pw_dir if user else str(Path.home())
            except KeyError:
                return "/"
        return value or ("/" if self._as_root else str(Path.home()))

    def _timeout(self) -> float | None:
        """Return the time-out: of a `oneshot` that of its start, which is all that it does."""
        is_oneshot = self._value("Type") == "oneshot"
        for key in ("RuntimeMaxSec", *(["TimeoutStartSec"] if is_oneshot else [])):
            entry = self._service.last("Service", key)
            if entry is None or entry.value in {"infinity", "0"}:
                continue
            try:
                return seconds_of(entry.value) or None
            except ValueError as error:
                self._refuse(entry, str(error))
        return None

    def _limits(self) -> Limits:
        found: dict[str, int] = {}
        for key, name in _LIMITS.items():
            entry = self._service.last("Service", key)
            if entry is None or entry.value == "infinity":
                continue
            value = entry.value.partition(":")[0]  # the soft one
            number, unit = value.rstrip("KMGT"), value[-1:]
            if not (number.isascii() and number.isdigit()):
                self._refuse(entry, "no number that is read here")
                continue
            if name == "files" and int(number) < LEAST_FILES:
                self._refuse(entry, f"a job needs {LEAST_FILES} open files at least")
                continue
            found[name] = int(number) * (_SIZES.get(unit, 1) if name == "memory" else 1)
        return Limits(**found)

    def _say_settings(self) -> None:
        """Note or refuse what is not carried over."""
        kind = self._service.last("Service", "Type")
        if kind is not None and kind.value not in {"oneshot", "simple", "exec"}:
            self._refuse(kind, "a job is over when its process ends")
        for entry in self._service.entries:
            if entry.section == "Service" and entry.key not in _CARRIED and entry.value:
                self._refuse(entry, "it has no counterpart")
            elif entry.section == "Unit" and entry.key in {"Documentation", "Description"}:
                if entry.key == "Documentation":
                    self._result.note(entry.line, f"{entry.file}: Documentation is not kept")
            elif entry.section == "Unit":
                self._refuse(entry, "a job does not depend on units, nor on conditions")
            elif entry.section == "Install":
                self._result.note(
                    entry.line, f"{entry.file}: {entry.key}={entry.value}: the timer starts it"
                )
