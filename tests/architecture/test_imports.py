"""Who loads what at run time, seen from a fresh interpreter: contracts miss late imports."""

import json
import subprocess
import sys

import pytest

_PROBE = """
import importlib, json, sys
importlib.import_module({module!r})
print(json.dumps(sorted({{name.partition(".")[0] for name in sys.modules}})))
"""


def loaded_by(module: str) -> set[str]:
    """Return the top-level packages that importing `module` brings in."""
    ran = subprocess.run(
        [sys.executable, "-c", _PROBE.format(module=module)],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return set(json.loads(ran.stdout))


@pytest.mark.parametrize("module", ["engine.engine", "engine.control"])
def test_the_engine_loads_no_terminal_toolkit(module: str) -> None:
    assert not loaded_by(module) & {"textual", "rich", "app", "click"}


def test_the_rules_load_no_database() -> None:
    assert not loaded_by("engine.domain.eligibility") & {"sqlalchemy", "yaml", "sqlite3"}


def test_the_command_line_starts_without_the_console_and_without_migrations() -> None:
    assert not loaded_by("app.__main__") & {"textual", "rich", "alembic", "sqlalchemy"}


@pytest.mark.parametrize("module", ["app.console", "app.actions.all", "app.client.store_client"])
def test_the_screen_opens_without_the_toolkit_of_the_store(module: str) -> None:
    assert not loaded_by(module) & {"sqlalchemy", "sqlite3", "alembic"}
