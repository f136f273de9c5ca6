"""What tests of the command line share: jobs to load, and what a command said."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

JOBS = """
name: report
version: "2.1"
desc: Counts the files
schedule: "30 2 * * mon-fri"
timezone: Europe/Prague
groups: [nightly]
tags: {team: ops}
options: {warn_at: 0.9}
code: |
  def run():
      log("hello")
---
name: probe
desc: Asks whether the service lives
duration: 600
groups: [probes]
lang: shell
code: "true"
---
name: ledger-close
schedule: "0 0 1 * *"
timezone: UTC
single-instance: true
run-skipped: false
code: |
  def run():
      pass
"""


@dataclass(frozen=True, slots=True)
class Said:
    """What one command line said."""

    status: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """The JSON document on standard output."""
        return json.loads(self.out)

    @property
    def reason(self) -> str:
        """The first line on standard error."""
        return self.err.split("\n")[0]


Cli = Callable[..., Said]
