"""Record what Debian's cron daemon runs over clock changes, and compare it with what we plan.

    python -m tests.conformance.debian_cron [--record] [--story NAME ...]

With `--record` the real daemon is run (as root, with Debian's packages cron and faketime; five
minutes), and the evidence is written anew; without, the recorded evidence is compared again.
"""

# ruff: noqa: T201 - it is a command that prints

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from tests.conformance.debian_cron import daemon
from tests.conformance.debian_cron.compare import NAMES, compare
from tests.conformance.debian_cron.evidence import FILE, Evidence, load, save
from tests.conformance.debian_cron.stories import Story, stories

_TRIES = 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Record and compare; 1: there is a difference without a name."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance.debian_cron")
    parser.add_argument("--record", action="store_true", help="run the daemon, write evidence")
    parser.add_argument("--story", action="append", help="record these only, keep the others")
    options = parser.parse_args(arguments)
    if options.record:
        missing = daemon.what_is_missing()
        if missing:
            print(f"the daemon cannot be run without {missing}", file=sys.stderr)
            return 2
        _record(options.story)
    return report(load())


def _record(wanted: Sequence[str] | None) -> None:
    known = list(stories())
    chosen = [each for each in known if wanted is None or each.name in wanted]
    kept = load() if wanted is not None and FILE.exists() else []
    with ThreadPoolExecutor(len(chosen)) as pool:
        found = [each for some in pool.map(_live, chosen) for each in some]
    new = {each.name for each in chosen}
    found += [each for each in kept if each.story not in new]
    order = [each.name for each in known]
    found.sort(key=lambda each: order.index(each.story))
    save(FILE, daemon.version(), found)


def _live(story: Story) -> list[Evidence]:
    for _ in range(_TRIES):
        try:
            return _evidence(story)
        except daemon.TooSlowError as error:
            print(f"{error}: once more", file=sys.stderr)
    print(f"{story.name}: given up, the machine is too busy", file=sys.stderr)
    return []


def _evidence(story: Story) -> list[Evidence]:
    ran = daemon.run(story)
    return [
        Evidence(story.name, story.zone, story.start, story.minutes, expression, tuple(minutes))
        for expression, minutes in ran.items()
    ]


def report(found: Sequence[Evidence]) -> int:
    """Print what was compared and every difference; 1: one has no name."""
    compared = [compare(each) for each in found]
    named: Counter[str] = Counter(each.name for each in compared if each.name)
    false = [each for each in compared if not each.is_rule_true]
    print(f"stories                {len({each.story for each in found})}")
    print(f"zones                  {len({each.zone for each in found})}")
    print(f"crontab lines          {len(found)}")
    print(f"runs of the daemon     {sum(len(each.ran) for each in found)}")
    for name, text in NAMES.items():
        print(f"  named {named[name]:4}  {name}: {text}")
    print(f"  unnamed {named['unnamed']:2}")
    print(f"importer's rule wrong  {len(false)}")
    for each in [one for one in compared if one.name == "unnamed"] + false:
        evidence = each.evidence
        print(f"DIFFERENCE {evidence.story} '{evidence.expression}'")
        print(f"  cron ran  {_shown(evidence, evidence.instants)}")
        print(f"  planned   {_shown(evidence, each.planned)}")
        print(f"  importer  {_shown(evidence, each.by_rule)}")
    return 1 if named["unnamed"] or false else 0


def _shown(evidence: Evidence, instants: Sequence[int]) -> str:
    return " ".join(str((each - evidence.window[0]) // 60_000_000) for each in instants[:40])


if __name__ == "__main__":
    sys.exit(main())
