"""Each example does its work under a real engine, and goes on where it was ended."""

import gzip
import io
import json
import os
import shutil
import socket
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app.cli.boundary import run as command_line
from tests.cli.engines import serving
from tests.examples.test_definitions import EXAMPLES, JOBS
from tests.support.ledgers import problems_below

CERTIFICATE = "CERTIFICATE"
_TRIES = 1000
_PAUSE = 0.02  # seconds between two looks


@dataclass(frozen=True)
class Tocsin:
    """A home with an engine on the examples."""

    home: Path

    def __call__(self, *arguments: str, status: int = 0) -> str:
        """Type a command, and return what it prints."""
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            ended = command_line(["--home", str(self.home), *arguments])
        assert ended == status, err.getvalue()
        return out.getvalue()

    def ask(self, *arguments: str) -> Any:
        return json.loads(self(*arguments, "--json"))

    def run(self, name: str, *options: str, status: int = 0) -> dict[str, Any]:
        """Run a job to its end and return its instance."""
        self("job", "run", name, "--wait", *options, status=status)
        newest, *_ = [
            each for each in self.ask("instance", "list", "--job", name) if each["completed"]
        ]
        shown: dict[str, Any] = self.ask("instance", "show", str(newest["job_instanceid"]))
        return shown

    def await_state(self, name: str) -> dict[str, Any]:
        """Return a job's state data once there are any."""
        for _ in range(_TRIES):
            state: dict[str, Any] | None = self.ask("state", "show", name)
            if state:
                return state
            threading.Event().wait(_PAUSE)
        pytest.fail(f"job '{name}' saved no state data")

    def await_end(self, number: int) -> dict[str, Any]:
        """Return an instance once it has ended."""
        for _ in range(_TRIES):
            instance: dict[str, Any] = self.ask("instance", "show", str(number))
            if instance["completed"]:
                return instance
            threading.Event().wait(_PAUSE)
        pytest.fail(f"instance {number} does not end")

    def kept(self, name: str) -> Path:
        """Return the folder in which a job keeps what it wants to know next time."""
        return self.home / "examples" / name


@pytest.fixture(scope="module")
def tocsin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tocsin]:
    """An engine that has loaded a copy of the examples, all of them inactive: only we run them."""
    folder = tmp_path_factory.mktemp("examples")
    shutil.copytree(EXAMPLES, folder / "jobs")
    for path in (folder / "jobs").glob("*.yaml"):
        path.write_text(path.read_text() + "active: false\n")
    with serving(folder / "home", "--jobs", str(folder / "jobs")):
        yield Tocsin(folder / "home")
    assert problems_below(folder) == []


@pytest.mark.parametrize("name", sorted(JOBS))
def test_it_completes(tocsin: Tocsin, name: str) -> None:
    instance = tocsin.run(name)
    assert instance["jobstatus"] == "COMPLETE"
    assert tocsin("log", name)
    if JOBS[name].execution.lang == "python":
        assert instance["info"]
    assert [error for error in instance["errors"] if error["severity"] != "WARNING"] == []
    assert tocsin.ask("state", "show", name) is None


def test_the_import_goes_on_where_it_was_ended_and_has_every_row_once(tocsin: Tocsin) -> None:
    tocsin.run("csv-import")
    inbox = tocsin.kept("csv-import") / "inbox"
    rows = "".join(f"{number},{number * 7}\n" for number in range(1, 1001))
    (inbox / "orders.csv").write_text("order,amount\n" + rows)
    killed = tocsin.ask("job", "run", "csv-import", "--option", "pause=60")["job_instanceid"]
    state = tocsin.await_state("csv-import")
    tocsin("instance", "kill", str(killed))
    assert tocsin.await_end(killed)["jobstatus"] == "ERROR"
    assert (state["file"], state["rows"]) == ("orders.csv", 200)
    assert tocsin.run("csv-import")["info"]["files"] == {"orders.csv": 1000}
    assert f"goes on after row {state['rows']}" in tocsin("log", "csv-import")
    with sqlite3.connect(tocsin.kept("csv-import") / "imported.db") as database:
        found = database.execute(
            "SELECT number, data FROM imported WHERE file = 'orders.csv' ORDER BY number"
        ).fetchall()
    database.close()
    assert [number for number, _ in found] == list(range(1, 1001))
    assert json.loads(found[-1][1]) == {"order": "1000", "amount": "7000"}


def test_a_file_that_cannot_be_read_is_set_aside_and_the_others_are_imported(
    tocsin: Tocsin, tmp_path: Path
) -> None:
    inbox = tocsin.kept("csv-import") / "inbox"
    inbox.mkdir(parents=True, exist_ok=True)
    (inbox / "a-folder.csv").mkdir()
    (inbox / "bad.csv").write_bytes(b"order\n1\ncaf\xe9\n")
    (inbox / "good.csv").write_text("order\n1\n2\n")
    instance = tocsin.run("csv-import", status=1)
    assert [each["error"] for each in instance["errors"]] == ["CSV-REFUSED"]
    assert "bad.csv is set aside" in instance["errors"][0]["description"]
    assert instance["info"]["files"] == {"good.csv": 2}
    assert [path.name for path in inbox.iterdir()] == ["a-folder.csv"]
    assert (tocsin.kept("csv-import") / "refused" / "bad.csv").exists()
    (inbox / "a-folder.csv").rmdir()


def test_another_file_of_the_same_name_is_imported_as_well(tocsin: Tocsin) -> None:
    inbox = tocsin.kept("csv-import") / "inbox"
    inbox.mkdir(parents=True, exist_ok=True)
    before = tocsin.run("csv-import")["info"]["rows in all"]
    for day in ("monday", "tuesday", "tuesday"):
        (inbox / "daily.csv").write_text(f"day\n{day}\n")
        after = tocsin.run("csv-import")["info"]["rows in all"]
    assert after == before + 2  # the third has what the second had
    done = tocsin.kept("csv-import") / "done"
    assert {"daily.csv", "daily.2.csv", "daily.3.csv"} <= {path.name for path in done.iterdir()}


def test_the_inventory_keeps_what_it_knows_of_a_folder_that_is_not_there(
    tocsin: Tocsin, tmp_path: Path
) -> None:
    root = tmp_path / "mounted"
    root.mkdir()
    (root / "file").write_text("x")
    option = ["--option", f"root={root}"]
    assert tocsin.run("checksum-inventory", *option)["info"]["files"] == 1
    (root / "file").rename(tmp_path / "elsewhere")
    assert tocsin.run("checksum-inventory", *option, status=1)["jobstatus"] == "ERROR"
    (tmp_path / "elsewhere").rename(root / "file")
    again = tocsin.run("checksum-inventory", *option)["info"]
    assert (again["added"], again["removed"], again["first time"]) == (0, 0, False)


def test_the_inventory_tells_what_was_added_changed_and_removed(
    tocsin: Tocsin, tmp_path: Path
) -> None:
    tree = tmp_path / "tree"
    for name in ("a/1", "a.b/2", "a/b/3", "z"):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(name)
    option = ("--option", f"root={tree}")
    first = tocsin.run("checksum-inventory", *option)["info"]
    assert (first["files"], first["added"], first["first time"]) == (4, 4, True)
    (tree / "a/1").write_text("otherwise")
    (tree / "z").unlink()
    (tree / "new name").write_text("new")
    second = tocsin.run("checksum-inventory", *option)
    info = second["info"]
    assert (info["added"], info["changed"], info["removed"]) == (1, 1, 1)
    assert {error["error"] for error in second["errors"]} == {
        "FILES-ADDED",
        "FILES-CHANGED",
        "FILES-REMOVED",
    }


def test_the_inventory_goes_on_after_the_last_file_that_was_saved(
    tocsin: Tocsin, tmp_path: Path
) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    for number in range(1200):
        (tree / f"{number:04}").write_text(str(number))
    # As a crash leaves it: a thousand files are done, and the state data say so.
    option = ("--option", f"root={tree}")
    (other := tmp_path / "other").mkdir()
    (other / "one").write_text("1")
    tocsin.run("checksum-inventory", "--option", f"root={other}")  # makes its tables
    with sqlite3.connect(tocsin.kept("checksum-inventory") / "inventory.db") as database:
        database.execute("DELETE FROM found")
        database.executemany(
            "INSERT INTO found VALUES (?, ?)", [(f"{tree}/{n:04}", f"sum {n}") for n in range(1000)]
        )
    database.close()
    done = {"root": str(tree), "after": f"{tree}/0999", "files": 1000, "bytes": 1, "unreadable": 0}
    tocsin("state", "set", "checksum-inventory", json.dumps(done))
    info = tocsin.run("checksum-inventory", *option)["info"]
    assert (info["files"], info["added"]) == (1200, 1200)
    assert "goes on after" in tocsin("log", "checksum-inventory")


def test_a_port_that_opens_is_reported(tocsin: Tocsin) -> None:
    tocsin.run("listening-ports")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        instance = tocsin.run("listening-ports")
    assert f"tcp 127.0.0.1:{port}" in instance["info"]["opened"]
    assert "PORT-OPENED" in {error["error"] for error in instance["errors"]}


def test_a_service_that_goes_down_is_reported_once(tocsin: Tocsin, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        services = tmp_path / "services.csv"
        services.write_text(f"name,kind,target,if_down\nmine,tcp,127.0.0.1:{port},error\n")
        option = ("--option", f"services={services}")
        assert tocsin.run("probe-services", *option)["info"]["up"] == 1
    down = tocsin.run("probe-services", *option, status=1)
    assert down["jobstatus"] == "ERROR"
    assert down["errors"][0]["error"] == "SERVICE-DOWN"
    assert tocsin.run("probe-services", *option)["info"]["up"] == 0


def test_the_backup_opens_as_a_store_and_the_oldest_are_deleted(tocsin: Tocsin) -> None:
    for _ in range(2):
        instance = tocsin.run("backup-store", "--option", "keep=1")
    copy = Path(instance["info"]["file"])
    assert list(copy.parent.glob("tocsin-*.db")) == [copy]
    assert instance["info"]["jobs"] == len(JOBS)


def test_a_certificate_that_expires_soon_is_reported(tocsin: Tocsin, tmp_path: Path) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("this machine has no openssl to make a certificate with")
    for name, days in (("soon", "5"), ("later", "400")):
        subprocess.run(
            [openssl, "req", "-x509", "-newkey", "ed25519", "-nodes",
             "-subj", f"/O=Example/CN={name}.example.org", "-days", days,
             "-keyout", str(tmp_path / "key"), "-out", str(tmp_path / f"{name}.pem")],
            check=True, capture_output=True,
        )  # fmt: skip
    (tmp_path / "broken.pem").write_text(
        f"-----BEGIN {CERTIFICATE}-----\nMIIB\n-----END {CERTIFICATE}-----"
    )
    instance = tocsin.run("certificate-expiry", "--option", f'paths=["{tmp_path}"]')
    assert instance["info"]["certificates"] == 2
    assert list(instance["info"]["days left"].values()) in ([4], [5])
    assert "soon.example.org" in instance["errors"][0]["description"]
    assert len(instance["info"]["unreadable"]) == 1


def test_large_logs_are_rotated_and_old_ones_compressed(tocsin: Tocsin) -> None:
    logs = tocsin.home / "logs"
    (logs / "other.log").write_text("line\n" * 1000)
    (logs / "other.log.1").write_text("older\n" * 1000)
    os.utime(logs / "other.log.1", (1, 1))
    instance = tocsin.run(
        "rotate-logs", "--option", "rotate_bytes=4000", "--option", "keep_days=99999"
    )
    assert "other.log" in instance["info"]["rotated"]
    assert (logs / "other.log.1").read_text() == "line\n" * 1000
    assert not (logs / "other.log.2").exists()
    (archived,) = (logs / "archive").glob("other.log.1970-01-01.*.gz")
    assert gzip.decompress(archived.read_bytes()) == b"older\n" * 1000


def test_the_weekly_report_counts_the_runs(tocsin: Tocsin) -> None:
    tocsin.run("machine-pulse")
    info = tocsin.run("weekly-report")["info"]
    assert info["runs"] > 0
    assert "machine-pulse" in Path(info["report"]).read_text()
