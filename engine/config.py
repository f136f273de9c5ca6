"""Where an engine lives and how it behaves: its home, its store, its key, its lease.

The home is one folder: the database, `logs/`, `run/`, `jobs/` and `settings.yaml`. What the command
line says wins over the environment (`TOCSIN_HOME`, `TOCSIN_DB`, `TOCSIN_INSTANCE`), which wins over
the settings file.
"""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from engine.errors import UsageError

DEFAULT_INSTANCE_KEY = "main"
SETTINGS_FILE = "settings.yaml"
ENGINE_LOG = "tocsin.engine.log"  # the dot keeps it apart from the log of a job
SHORTEST_LEASE = 1.0
_AT_LEAST_ONE = (
    "max_processes",
    "pool_workers",
    "output_bytes",
    "log_bytes",
    "log_generations",
)
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")


@dataclass(frozen=True, slots=True)
class Settings:
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
    settings = Settings(home=place, database_url=f"sqlite:///{place / 'tocsin.db'}")
    settings = replace(settings, **_from_file(place / SETTINGS_FILE))
    url = database_url or environment.get("TOCSIN_DB") or settings.database_url
    key = instance_key or environment.get("TOCSIN_INSTANCE") or settings.instance_key
    return _checked(replace(settings, database_url=url, instance_key=key))


def _from_file(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read: {error}") from None
    accepted = {
        each.name.replace("_", "-"): each for each in fields(Settings) if each.name != "home"
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
        found[accepted[key].name] = _typed(place, key, value, accepted[key].type)
    return found


def _pairs(path: Path, text: str) -> Iterator[tuple[str, str, Any]]:
    """Yield `file:line`, key and value of each setting in the file."""
    import yaml

    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        values = yaml.safe_load(text) or {}
    except (yaml.YAMLError, RecursionError) as error:
        raise UsageError(f"{path}: is not YAML: {' '.join(str(error).split())}") from None
    if root is None:
        return
    if not isinstance(root, yaml.MappingNode) or not isinstance(values, dict):
        raise UsageError(f"{path}: must be a mapping of settings, as in `lease-seconds: 10`")
    for key, _ in root.value:
        name = key.value if isinstance(key, yaml.ScalarNode) else "?"
        yield f"{path}:{key.start_mark.line + 1}", str(name), values.get(name)


def _typed(path: str, key: str, value: object, kind: object) -> object:
    if kind in {float, "float"} and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if kind in {int, "int"} and isinstance(value, int) and not isinstance(value, bool):
        return value
    if kind in {str, "str"} and isinstance(value, str):
        return value
    wanted = "text" if kind in {str, "str"} else "a number"
    raise UsageError(f"{path}: '{key}' must be {wanted}, not {value!r}")


def _checked(settings: Settings) -> Settings:
    if not _KEY.fullmatch(settings.instance_key):
        raise UsageError(
            f"The instance key {settings.instance_key!r} is not accepted: up to 80 letters, "
            "digits, '.', '_' and '-', beginning with a letter or digit."
        )
    if "://" not in settings.database_url:
        raise UsageError(
            f"The store {settings.database_url!r} is not a URL. Accepted: "
            "sqlite:////absolute/path.db and postgresql://user@host/database."
        )
    if settings.lease_seconds < SHORTEST_LEASE:
        raise UsageError(f"A lease of {settings.lease_seconds:g} s is too short: at least 1 s.")
    for name in ("grace_seconds", "retention_days", "max_parallel", "process_stock"):
        if getattr(settings, name) < 0:
            raise UsageError(f"'{name.replace('_', '-')}' cannot be negative.")
    for name in _AT_LEAST_ONE:
        if getattr(settings, name) < 1:
            raise UsageError(f"'{name.replace('_', '-')}' must be at least 1.")
    return settings
