"""How a job finds back to the tocsin that runs it: three variables of its environment."""

import shlex
import sys
from pathlib import Path

from engine.config import without_password


def way_back(home: Path, database_url: str) -> dict[str, str]:
    """Return `TOCSIN_HOME`, `TOCSIN_DB` and `TOCSIN_COMMAND` for the environment of jobs.

    `TOCSIN_COMMAND` is what to run, as words of a shell command. A password is left out of the URL:
    jobs get no secrets, and the database's own client files are the place for it.
    """
    return {
        "TOCSIN_HOME": str(home),
        "TOCSIN_DB": without_password(database_url),
        "TOCSIN_COMMAND": shlex.join(_command()),
    }


def _command() -> list[str]:
    program = Path(sys.executable).with_name("tocsin")
    if program.is_file():
        return [str(program)]
    tree = Path(__file__).parents[2]  # run from a source tree that is not installed
    return ["env", f"PYTHONPATH={tree}", sys.executable, "-m", "app"]
