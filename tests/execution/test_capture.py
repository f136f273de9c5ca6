"""What runs write: kept as it came, within limits, whatever the disk does."""

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.domain.instance import Ending
from engine.domain.run import ApiCall
from engine.execution.job_log import JobLogs, parse_line
from engine.execution.log_reader import generations, slice_of
from tests.execution.driver import Driver
from tests.execution.test_process_runs import body

STAMP = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z ")


def test_each_line_says_when_what_and_whose(driver: Driver) -> None:
    driver.shell("echo out; echo err >&2")
    lines = driver.log().splitlines()
    assert all(STAMP.match(line) for line in lines)
    texts = sorted(line[28:] for line in lines[1:-1])
    assert texts == [b"ERR   JI 1: err", b"OUT   JI 1: out"]
    assert re.fullmatch(rb"INFO  JI 1: started, process \d+", lines[0][28:])
    assert lines[-1][28:] == b"INFO  JI 1: ended"


def test_bytes_are_kept_as_they_came(driver: Driver) -> None:
    data = bytes(range(256)) * 3 + b"\r10%\r20%\r\n\n\nno newline at the end"
    code = body(f"import sys; sys.stdout.buffer.write({data!r}); sys.stdout.flush()")
    assert driver.run(code).ending is Ending.RETURNED
    assert driver.output(1) == data


def test_a_line_of_twenty_megabytes_is_no_trouble(drivers: Callable[..., Driver]) -> None:
    driver = drivers(log_head=64 << 20, log_size=0)
    assert driver.shell("head -c 20000000 /dev/zero").ending is Ending.RETURNED
    assert driver.output(1) == bytes(20_000_000)


def test_of_a_message_of_fifty_megabytes_two_are_kept(drivers: Callable[..., Driver]) -> None:
    driver = drivers(log_size=0)
    assert driver.run(body("log('x' * 50_000_000)")).ending is Ending.RETURNED
    assert len(driver.output(1, "INFO")) < 3 << 20


def test_an_unfinished_line_is_shown_before_the_run_ends(driver: Driver) -> None:
    code = body("import sys; sys.stdout.write('Password: '); sys.stdout.flush(); job_sleep(60)")
    number = driver.submit(code)
    driver.until(lambda: b"OUT~  JI 1: Password: \n" in driver.log(), "the piece in the log")
    driver.executor.cancel(number, 30)
    driver.exited(number)


def test_head_and_tail_are_kept_and_the_gap_is_counted_exactly(
    drivers: Callable[..., Driver],
) -> None:
    driver = drivers(log_head=5000, log_tail=3000)
    code = body("for n in range(20_000): print('%079d' % n)")
    assert driver.run(code).ending is Ending.RETURNED
    written = b"".join(b"%079d\n" % n for n in range(20_000))
    gap = re.search(rb"GAP   JI 1: (\d+) bytes dropped\n", driver.log())
    assert gap is not None
    kept = driver.output(1)
    assert len(kept) + int(gap[1]) == len(written)
    assert kept == written[:5000] + written[-3000:]


@pytest.mark.parametrize(
    "code", ["for _ in range(20_000): log('')", "print('\\n' * 19_999)"], ids=["log", "print"]
)
def test_a_log_of_empty_lines_is_no_larger_than_what_is_to_be_kept(
    drivers: Callable[..., Driver], code: str
) -> None:
    driver = drivers(log_head=50_000, log_tail=30_000)
    assert driver.run(body(code)).ending is Ending.RETURNED
    assert 50_000 < len(driver.log()) < 80_000
    gap = re.search(rb"GAP   JI 1: (\d+) bytes dropped\n", driver.log())
    assert gap is not None
    kept = driver.output(1).count(b"\n") + driver.output(1, "INFO").count(b"\n")
    assert kept + int(gap[1]) == 20_000 + 2  # the lines with which it begins and ends


def test_of_a_long_message_head_and_tail_are_kept(drivers: Callable[..., Driver]) -> None:
    driver = drivers(log_head=5000, log_tail=3000)
    code = body("log(''.join('%06d,' % n for n in range(20_000)), level='WARN'); log('after')")
    assert driver.run(code).ending is Ending.RETURNED
    written = b"".join(b"%06d," % n for n in range(20_000)) + b"\n"
    first, last = driver.output(1, "WARN").split(b"\n")[:2]
    assert first == written[:5000]
    assert written.endswith(last + b"\n")
    gap = re.search(rb"GAP   JI 1: (\d+) bytes dropped\n", driver.log())
    assert gap is not None
    assert len(first) + int(gap[1]) + len(last) + 1 == len(written)
    assert driver.log().splitlines()[-2].endswith(b" INFO  JI 1: after")


@pytest.mark.parametrize("size", [0, 1, 4998, 4999, 5000, 7999])
def test_of_a_message_that_fits_nothing_is_dropped(
    drivers: Callable[..., Driver], size: int
) -> None:
    driver = drivers(log_head=5000, log_tail=3000)
    driver.run(body(f"log('x' * {size}, level='WARN')"))
    written = driver.output(1, "WARN")
    assert written.replace(b"\n", b"") == b"x" * size
    assert written.count(b"\n") == (2 if size > 5000 else 1)
    assert b"bytes dropped" not in driver.log()


@pytest.mark.parametrize("size", [0, 1, 4999, 5000, 5001, 7999, 8000, 8001])
def test_nothing_is_dropped_that_fits(drivers: Callable[..., Driver], size: int) -> None:
    driver = drivers(log_head=5000, log_tail=3000)
    driver.run(body(f"import sys; sys.stdout.write('x' * {size}); sys.stdout.flush()"))
    dropped = max(0, size - 8000)
    assert driver.output(1) == b"x" * (size - dropped)
    assert (f"{dropped} bytes dropped".encode() in driver.log()) is bool(dropped)


def test_a_runaway_writer_costs_little_and_keeps_nobody_waiting(driver: Driver) -> None:
    number = driver.submit("exec yes", lang="shell")
    for _ in range(5):
        assert driver.run().ending is Ending.RETURNED
    driver.executor.kill(number)
    assert driver.exited(number).ending is Ending.CANCELLED
    assert len(driver.log()) < 64 << 20
    status = Path(f"/proc/{driver.supervisor()}/status").read_text()
    peak = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert peak is not None
    assert int(peak[1]) < 64 << 10


def test_a_log_that_cannot_be_written_fails_no_run(driver: Driver) -> None:
    (driver.folder / "logs" / "job.log").mkdir()
    ended = driver.shell("echo lost")
    assert (ended.ending, ended.log_start, ended.log_end) == (Ending.RETURNED, None, None)


def test_a_link_in_place_of_a_log_is_not_followed(driver: Driver) -> None:
    victim = driver.folder / "victim"
    victim.write_text("precious")
    (driver.folder / "logs" / "job.log").symlink_to(victim)
    assert driver.shell("echo overwritten").ending is Ending.RETURNED
    assert victim.read_text() == "precious"


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to mount a small disk")
def test_a_full_disk_costs_lines_and_says_so_when_there_is_room_again(driver: Driver) -> None:
    disk = driver.folder / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", disk], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("no file system can be mounted here")
    try:
        log = disk / "job.log"
        ballast = disk / "ballast"
        ballast.write_bytes(bytes(100_000))
        number = driver.submit(
            body("print('x' * 500_000); job_save_info(1); print('after')"), log_path=str(log)
        )

        def make_room(_: ApiCall) -> tuple[bool, Any]:
            ballast.unlink()
            log.write_bytes(b"")
            return True, None

        driver.answer = make_room
        assert driver.exited(number).ending is Ending.RETURNED
        assert b"bytes of this log could not be written" in log.read_bytes()
        assert b"OUT   JI 1: after\n" in log.read_bytes()
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


def test_files_are_private_and_logs_readable_by_the_group(driver: Driver) -> None:
    driver.shell("echo text")
    modes = {
        path.name: oct(path.stat().st_mode & 0o777)
        for path in (driver.folder / "run", driver.folder / "logs", driver.folder / "logs/job.log")
    }
    assert modes == {"run": "0o700", "logs": "0o750", "job.log": "0o640"}


def test_a_log_is_rotated_by_size_and_old_generations_go(drivers: Callable[..., Driver]) -> None:
    driver = drivers(log_size=4000, log_generations=3)
    numbers = []
    for _ in range(12):
        numbers.append(driver.submit(body("print('x' * 1500)")))
        driver.exited(numbers[-1])
    path = driver.folder / "logs" / "job.log"
    files = generations(path)
    assert [file.name for file in files] == ["job.log", "job.log.1", "job.log.2", "job.log.3"]
    assert all(file.stat().st_size < 6500 for file in files)


def test_an_instance_is_found_in_a_rotated_log(drivers: Callable[..., Driver]) -> None:
    driver = drivers(log_size=4000, log_generations=5)
    ends = [driver.run(body(f"print('run {n} ' + 'x' * 1500)")) for n in range(1, 9)]
    path = driver.folder / "logs" / "job.log"
    for n, ended in enumerate(ends, 1):
        found = slice_of(path, ended.job_instanceid, ended.log_start, ended.log_end)
        assert found.is_whole
        texts = [parse_line(line).text for line in found.lines]
        assert [text.split(b" x")[0] for text in texts][1] == f"run {n}".encode()
        assert (texts[0].startswith(b"started, process"), texts[-1]) == (True, b"ended")
        assert len(texts) == 3


def test_a_run_that_spans_a_rotation_is_found_whole(drivers: Callable[..., Driver]) -> None:
    driver = drivers(log_size=3000, log_generations=5)
    for number in range(40):
        driver.submit(body(f"for n in range(3): print({number}, n, 'x' * 100)"))
    ends = [driver.exited(number) for number in range(1, 41)]
    path = driver.folder / "logs" / "job.log"
    whole = 0
    for ended in ends:
        found = slice_of(path, ended.job_instanceid, ended.log_start, ended.log_end)
        lines = list(found.lines)
        assert all(parse_line(line).job_instanceid == ended.job_instanceid for line in lines)
        whole += found.is_whole
        assert len(lines) == 5 if found.is_whole else len(lines) < 5
    assert whole > 10


def test_two_runs_of_one_job_are_told_apart(driver: Driver) -> None:
    slow = driver.submit(
        body("print('slow begins'); job_save_info(1); job_sleep(60); print('slow ends')")
    )
    driver.called(slow, "save_info")
    quick = driver.run(body("print('quick')"))
    driver.executor.ask(slow)
    ended = driver.exited(slow)
    path = driver.folder / "logs" / "job.log"
    slice_slow = slice_of(path, slow, ended.log_start, ended.log_end)
    assert [parse_line(line).text for line in slice_slow.lines][1:-1] == [
        b"slow begins",
        b"slow ends",
    ]
    slice_quick = slice_of(path, quick.job_instanceid, quick.log_start, quick.log_end)
    assert [parse_line(line).text for line in slice_quick.lines][1:-1] == [b"quick"]


def test_the_systems_own_lines_stand_beside_the_jobs(tmp_path: Path) -> None:
    logs = JobLogs(tmp_path)
    logs.write("report", 42, "INFO", "claimed\nfor now")
    logs.write("report", 0, "WARN", "expired")
    lines = [parse_line(line) for line in (tmp_path / "report.log").read_bytes().splitlines()]
    assert [(line.level, line.job_instanceid, line.text) for line in lines] == [
        ("INFO", 42, b"claimed"),
        ("INFO", 42, b"for now"),
        ("WARN", None, b"expired"),
    ]
