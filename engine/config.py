"""Where an engine lives and how it behaves: its home, its store, its key, its lease.

The home is one folder: the database, `logs/`, `run/`, `jobs/` and `settings.yaml`. What the command
line says wins over the environment (`TOCSIN_HOME`, `TOCSIN_DB`, `TOCSIN_INSTANCE`), which wins over
the settings file.
"""

import os
import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from engine.errors import UsageError

DEFAULT_INSTANCE_KEY = "main"
_RUN = "TOCSIN_RUN"  # the environment is that of a run: its TOCSIN_INSTANCE is the run's id
SETTINGS_FILE = "settings.yaml"
ENGINE_LOG = "tocsin.engine.log"  # the dot keeps it apart from the log of a job
SHORTEST_LEASE = 1.0
_HUGE = 10**18  # more than any setting may be, and still a float
_MOST_SECONDS, _MOST_DAYS, _MOST = 86_400, 36_525, 1 << 50
_BOUNDS = {
    "grace_seconds": (0, _MOST_SECONDS),
    "retention_days": (0, _MOST_DAYS),
    "max_parallel": (0, _MOST),
    "process_stock": (0, _MOST),
    "max_processes": (1, _MOST),
    "pool_workers": (1, _MOST),
    "output_bytes": (1, _MOST),
    "log_bytes": (1, _MOST),
    "log_generations": (1, _MOST),
}
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")


class Settings(Struct, frozen=True):
    """The settings of one engine, and of everything that talks to it through its store."""

    home: Path  # absolute
    database_url: str  # any SQLAlchemy URL of SQLite or PostgreSQL
    instance_key: str = DEFAULT_INSTANCE_KEY
    timezone: str = ""  # IANA name for jobs that name none; "": the machine's
    lease_seconds: float = 10.0
    grace_seconds: float = 10.0  # between asking a run to stop and killing its process group
    retention_days: float = 90.0  # finished instances are kept that long; 0: for ever
    max_parallel: int = 0  # runs at once in this engine; 0: 512
    max_processes: int = 256  # of them in processes of their own; more wait for one
    pool_workers: int = 2  # processes that jobs with `isolation: pool` share
    process_stock: int = 4  # fresh processes kept ready, so that a due job need not wait for one
    output_bytes: int = 2 << 20  # of one run's output that are kept: half from its beginning
    log_bytes: int = 10 << 20  # at which a job's log is rotated
    log_generations: int = 10  # rotated logs that are kept

    @property
    def shown_url(self) -> str:
        """The store's URL as people may see it: without a password."""
        return without_password(self.database_url)

    @property
    def log_dir(self) -> Path:
        """One log per job, the engine's own, and the details of crashes."""
        return self.home / "logs"

    @property
    def run_dir(self) -> Path:
        """Sockets and exit records of the supervisor."""
        return self.home / "run"

    @property
    def jobs_dir(self) -> Path:
        """Definitions that an engine loads when it is not told others."""
        return self.home / "jobs"


def without_password(url: str) -> str:
    """Return a URL with the user it names and without the password."""
    parts = urlsplit(url)
    credentials, at, place = parts.netloc.rpartition("@")
    user, colon, _ = credentials.partition(":")
    return parts._replace(netloc=f"{user}{at}{place}").geturl() if colon else url


def default_home(environment: Mapping[str, str] = os.environ) -> Path:
    """Return the home that holds when none is given: `TOCSIN_HOME`, else the user's data folder."""
    if named := environment.get("TOCSIN_HOME"):
        return Path(named).expanduser().absolute()
    from platformdirs import user_data_path  # only when it is needed: it costs start-up time

    return user_data_path("tocsin")


def load_settings(
    home: str | Path | None = None,
    database_url: str | None = None,
    instance_key: str | None = None,
    *,
    environment: Mapping[str, str] = os.environ,
) -> Settings:
    """Gather the settings from the arguments, the environment and the home's settings file.

    Raises:
        UsageError: a value, or a key of the settings file, is not one of those accepted.
    """
    place = Path(home).expanduser().absolute() if home else default_home(environment)
    if place.exists() and not place.is_dir():
        raise UsageError(f"The home {place} is a file; it must be a folder.")
    settings = Settings(home=place, database_url=f"sqlite:///{place / 'tocsin.db'}")
    settings = replace(settings, **_from_file(place / SETTINGS_FILE))
    url = database_url or environment.get("TOCSIN_DB") or settings.database_url
    named = "" if _RUN in environment else environment.get("TOCSIN_INSTANCE")
    key = instance_key or named or settings.instance_key
    return _checked(replace(settings, database_url=url, instance_key=key))


def _from_file(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path}: cannot be read: it is not UTF-8") from None
    accepted = {
        name.replace("_", "-"): name for name in Settings.__struct_fields__ if name != "home"
    }
    accepted["db"] = accepted.pop("database-url")
    accepted["instance"] = accepted.pop("instance-key")
    found: dict[str, Any] = {}
    for place, key, value in _pairs(path, text):
        if key not in accepted:
            near = get_close_matches(str(key), accepted, n=1)
            hint = f" Nearest: '{near[0]}'." if near else ""
            raise UsageError(
                f"{place}: unknown setting '{key}'.{hint} Accepted: {', '.join(sorted(accepted))}."
            )
        name = accepted[key]
        found[name] = _typed(place, key, value, Settings.__annotations__[name])
        if fault := _fault(name, found[name]):
            raise UsageError(f"{place}: {fault}")
    return found


def _pairs(path: Path, text: str) -> Iterator[tuple[str, str, Any]]:
    """Yield `file:line`, key and value of each setting in the file."""
    import yaml

    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        values = yaml.safe_load(text) or {}
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = "" if mark is None else f":{mark.line + 1}:{mark.column + 1}"
        raise UsageError(f"{path}{place}: is not YAML: {error.problem}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        said = str(error).splitlines() or ["nested too deeply"]
        raise UsageError(f"{path}: is not YAML: {said[0]}") from None
    if root is None:
        return
    if not isinstance(root, yaml.MappingNode) or not isinstance(values, dict):
        raise UsageError(f"{path}: must be a mapping of settings, as in `lease-seconds: 10`")
    for key, _ in root.value:
        name = key.value if isinstance(key, yaml.ScalarNode) else "?"
        yield f"{path}:{key.start_mark.line + 1}", str(name), values.get(name)


def _typed(path: str, key: str, value: object, kind: object) -> object:
    if kind in {float, "float"} and isinstance(value, int | float) and not isinstance(value, bool):
        return float(min(value, _HUGE))
    if kind in {int, "int"} and isinstance(value, int) and not isinstance(value, bool):
        return value
    if kind in {str, "str"} and isinstance(value, str):
        return value
    wanted = "text" if kind in {str, "str"} else "a number"
    raise UsageError(f"{path}: '{key}' must be {wanted}, not {value!r}")


def _checked(settings: Settings) -> Settings:
    """Refuse what the command line or the environment says; a file's values are checked there."""
    for name in ("instance_key", "database_url"):
        if fault := _fault(name, getattr(settings, name)):
            raise UsageError(fault)
    return settings


def _fault(name: str, value: Any) -> str:
    """Return what is wrong with the value of a setting, "" if it is accepted."""
    if name == "instance_key" and not _KEY.fullmatch(value):
        return (
            f"The instance key {value!r} is not accepted: up to 80 letters, "
            "digits, '.', '_' and '-', beginning with a letter or digit."
        )
    if name == "database_url" and "://" not in value:
        return (
            f"The store {value!r} is not a URL. Accepted: "
            "sqlite:////absolute/path.db and postgresql://user@host/database."
        )
    if name == "timezone" and value:
        from engine.zones import zone_fault  # only when it is needed: it costs start-up time

        return f"'timezone': {fault}." if (fault := zone_fault(value)) else ""
    if name == "lease_seconds":
        return _lease_fault(value)
    least, most = _BOUNDS.get(name, (value, value))
    if least <= value <= most:  # not a number (.nan) is outside, too
        return ""
    return f"'{name.replace('_', '-')}' is {value:g}; it must be from {least} to {most:,}."


def check_lease(seconds: float) -> None:
    """Refuse a lease that is too short to be renewed in time, or longer than a day.

    Raises:
        UsageError: it is not accepted.
    """
    if fault := _lease_fault(seconds):
        raise UsageError(fault)


def _lease_fault(seconds: float) -> str:
    if SHORTEST_LEASE <= seconds <= _MOST_SECONDS:
        return ""
    kind = "long" if seconds > _MOST_SECONDS else "short"
    return f"A lease of {seconds:g} s is too {kind}: from {SHORTEST_LEASE:g} to {_MOST_SECONDS} s."
