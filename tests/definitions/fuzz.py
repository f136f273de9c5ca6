"""Generated files through the reader: no traceback, no hang, every refusal with its place.

    python -m tests.definitions.fuzz [--files 100000] [--seed 1]

Each file is a good one that was bent (lines and characters dropped, doubled, swapped, replaced by
what YAML, Python and cron find special), or is put together from such pieces. What is refused must
say where; what is accepted must export, and load again to the same jobs.
"""

import argparse
import random
import re
import resource
import sys
import time
from dataclasses import dataclass, field

from msgspec.structs import replace

from engine.definitions.exporting import export
from engine.definitions.keys import KEYS
from engine.definitions.reader import read_definitions_text
from engine.definitions.template import template
from engine.errors import DefinitionError

SLOWEST_SECONDS = 1.0

_SEEDS = (
    template("hello"),
    (
        'name: a\nduration: 60\nlang: shell\ncode: df -h\n---\nname: b\nschedule: "@daily"\n'
        "lang: shell\ncode: |\n  true\n  # end\n"
    ),
    (
        'name: c\nschedule: {minutes: "0-59/5", hours: "*", days: 1, months: jan, dow: "*"}\n'
        "options: {a: [1, 2.5, null, {b: c}], d: true}\nlimits: {memory: 1G, cpu: 5}\n"
        "env: {A: b}\ntags: {x: y}\ngroups: [g]\nlibrary: [{name: l, code: x = 1}]\n"
        "code: |\n  import os\n  def run():\n    pass\n"
    ),
)
_PIECES = (
    *(f"{key}: " for key in KEYS),
    *("&a ", "*a", "<<: ", "!!python/name:os.system ", "!!binary ", "? ", "- ", ": ", "{", "}"),
    *("[", "]", ",", "'", '"', "|", ">", "|-\n", ">+2\n", "#", "%YAML 1.1\n", "---\n", "...\n"),
    *("\n", "\n  ", "\t", " ", "\r\n", "\0", "\x1b[31m", "\x85", "\u2028", "\ufeff", "\u202e"),
    *("no", "~", "1e3", "010", "0x1F", "12:30:45", "1_000", ".inf", "=", "2026-02-30", "9" * 400),
    *("* * * * *", "*/0", "5-1", "fri-mon", "@daily", "0 0 30 2 *", "60", "24", "L", "1#5"),
    *("Europe/Prague", "../../etc/passwd", "\\N", "\\ud800", "\\x00", "😀", "é", "(" * 300),
    *("def run(): pass", "def run(:", "run = ", "'" * 3, "/etc/passwd", "a.py", "x" * 300),
)  # fmt: skip
_PLACE = re.compile(r"fuzz:\d+:\d+: \S|\.\.\. and \d+ more problems|[\d,]+ problems in all")


@dataclass
class Tally:
    """What came of the files."""

    files: int = 0
    accepted: int = 0
    jobs: int = 0
    slowest: float = 0.0
    failures: list[str] = field(default_factory=list)


def generate(source: random.Random) -> str:
    """Return one file."""
    if source.random() < 0.15:
        return "".join(source.choice(_PIECES) for _ in range(source.randrange(1, 60)))
    text = source.choice(_SEEDS)
    for _ in range(source.randrange(1, 5)):
        text = _bent(text, source)
    return text[:100_000]


def _bent(text: str, source: random.Random) -> str:
    place = source.randrange(len(text) + 1)
    match source.randrange(7):
        case 0:
            return text[:place] + source.choice(_PIECES) + text[place:]
        case 1:
            return text[:place] + text[place + source.randrange(1, 20) :]
        case 2:
            return (
                text[:place]
                + chr(source.choice((source.randrange(128), 0x2028, 0x1F600)))
                + (text[place + 1 :])
            )
        case 3:
            lines = text.split("\n")
            source.shuffle(lines)
            return "\n".join(lines)
        case 4:
            lines = text.split("\n")
            line = source.randrange(len(lines))
            return "\n".join((*lines[:line], *lines[line:][:3], *lines[line:]))
        case 5:
            return re.sub(r": \S.*", lambda _: f": {source.choice(_PIECES)}", text, count=1)
        case _:
            return text[:place] + source.choice(_PIECES) * source.randrange(1, 40) + text[place:]


def try_one(text: str, tally: Tally) -> None:
    """Read one file, and note what must not happen."""
    tally.files += 1
    began = time.perf_counter()
    try:
        definitions = read_definitions_text(text, name="fuzz", timezone="UTC").definitions
    except DefinitionError as error:
        wrong = [problem for problem in error.problems if not _PLACE.match(problem)]
        if wrong or any("\n" in problem or "\x1b" in problem for problem in error.problems):
            tally.failures.append(f"no place in {wrong[:1]!r}: {text!r}")
    except Exception as error:  # noqa: BLE001 - what the fuzzing is for
        tally.failures.append(f"{type(error).__name__}: {error}: {text!r}")
    else:
        tally.accepted += 1
        tally.jobs += len(definitions)
        for definition in definitions:
            (again,) = read_definitions_text(export(definition), timezone="UTC").definitions
            if replace(again, source_line=definition.source_line) != definition:
                tally.failures.append(f"exports to another job: {text!r}")
    took = time.perf_counter() - began
    tally.slowest = max(tally.slowest, took)
    if took > SLOWEST_SECONDS:
        tally.failures.append(f"took {took:.1f} s: {text!r}")


def fuzz(files: int, seed: int) -> Tally:
    """Try that many generated files."""
    source = random.Random(seed)
    tally = Tally()
    for _ in range(files):
        try_one(generate(source), tally)
    return tally


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    began = time.perf_counter()
    tally = fuzz(arguments.files, arguments.seed)
    took = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(  # noqa: T201
        f"files {tally.files:,}  accepted {tally.accepted:,} ({tally.jobs:,} jobs)  "
        f"slowest {tally.slowest * 1000:.0f} ms  peak memory {peak} MB  {took:.0f} s  "
        f"failures {len(tally.failures)}"
    )
    for failure in tally.failures[:10]:
        print(failure[:2000])  # noqa: T201
    return 1 if tally.failures else 0


if __name__ == "__main__":
    sys.exit(main())
