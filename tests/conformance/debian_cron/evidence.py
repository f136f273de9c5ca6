"""What the daemon ran, as it was recorded: one JSON file beside this one."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

FILE = Path(__file__).with_name("evidence.json")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one line of a crontab did during one life of the daemon."""

    story: str
    zone: str
    start: datetime  # UTC
    minutes: int
    expression: str
    ran: tuple[int, ...]  # minutes after `start`, each as often as it ran then

    @property
    def window(self) -> tuple[int, int]:
        """The window `after < due <= until`, in microseconds since 1970."""
        begin = round(self.start.timestamp())
        return begin * 1_000_000, (begin + self.minutes * 60) * 1_000_000

    @property
    def instants(self) -> list[int]:
        """When it ran, in microseconds since 1970, each as often as it did."""
        return [self.window[0] + minute * 60_000_000 for minute in self.ran]


def load(path: Path = FILE) -> list[Evidence]:
    """Read what was recorded."""
    content = json.loads(path.read_text())
    return [
        Evidence(
            story["name"],
            story["zone"],
            datetime.fromisoformat(story["start"]),
            story["minutes"],
            expression,
            tuple(ran),
        )
        for story in content["stories"]
        for expression, ran in story["ran"].items()
    ]


def save(path: Path, version: str, found: Sequence[Evidence]) -> None:
    """Write evidence, one story a paragraph and one line of the crontab a line."""
    stories: dict[str, list[Evidence]] = {}
    for each in found:
        stories.setdefault(each.story, []).append(each)
    written = []
    for name, lines in stories.items():
        one = lines[0]
        ran = ",\n".join(
            f"    {json.dumps(each.expression)}: {json.dumps(each.ran, separators=(',', ':'))}"
            for each in lines
        )
        head = f'"name": "{name}", "zone": "{one.zone}", "start": "{one.start.isoformat()}"'
        written.append(f'  {{{head}, "minutes": {one.minutes}, "ran": {{\n{ran}\n  }}}}')
    stories_text = ",\n".join(written)
    path.write_text(f'{{"cron": "{version}", "stories": [\n{stories_text}\n]}}\n')
