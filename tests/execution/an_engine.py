"""An engine reduced to its executor, in a process of its own that a test can kill.

Usage: an_engine.py FOLDER SESSION CODE_FILE COUNT MODE; it hands over COUNT runs and prints what
happens. MODE `answers` answers API calls, `silent` never does, `deaf` acknowledges nothing either.
"""

import select
import sys
from pathlib import Path

from engine.domain.run import ApiCall, Exited, Started
from tests.execution.driver import make, spec


def say(*words: object) -> None:
    """Tell the test."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def main(folder: str, session: str, code_file: str, count: str, mode: str) -> None:
    """Hand over runs and look after them until somebody kills us."""
    driver = make(Path(folder), session)
    driver.executor.start()
    say("address", driver.executor.address)
    code = Path(code_file).read_text()
    driver.executor.submit([spec(number, code) for number in range(1, int(count) + 1)])
    while True:
        select.select([driver.executor], [], [])
        for report in driver.executor.poll():
            if isinstance(report, ApiCall):
                say("call", report.job_instanceid, report.call)
                if mode == "answers":
                    driver.executor.reply(report.job_instanceid, report.seq, True, None)
                    say("answered", report.job_instanceid)
            elif isinstance(report, Exited):
                say("exited", report.job_instanceid)
                if mode != "deaf":
                    driver.executor.acknowledge([report.job_instanceid])
                    say("acknowledged", report.job_instanceid)
            elif isinstance(report, Started):
                say("started", report.job_instanceid, report.pid)


if __name__ == "__main__":
    main(*sys.argv[1:])
