"""Print docs/keys.md from the registry of actions: `python -m app.testing.manual`."""

import sys
from collections.abc import Iterable
from pathlib import Path

from app.actions.all import all_actions
from app.actions.registry import PANES, Action, Danger
from app.widgets.bars import PANE_TITLES

PAGE = Path(__file__).parents[2] / "docs" / "keys.md"

_HEAD = """# Keys and commands of the console

Printed from the registry of actions by `python -m app.testing.manual`; a test holds the page to it.
The name in the first column is what `keys:` in `console.yaml` changes ([console.md](console.md)).
"""
_DANGERS = {
    Danger.NONE: "",
    Danger.REVERSIBLE: "can be taken back",
    Danger.HARD: "asks",
    Danger.DESTRUCTIVE: "typed",
}


def manual_page() -> str:
    """Return the page."""
    actions = list(all_actions())
    parts = [_HEAD, "## Everywhere\n", _table(each for each in actions if not each.panes)]
    for pane in PANES:
        own = [each for each in actions if pane in each.panes]
        if own:
            parts += [f"## {PANE_TITLES[pane]}\n", _table(own)]
    return "\n".join(parts)


def _table(actions: Iterable[Action]) -> str:
    rows = ["| name | keys | command | does | confirmed |", "|---|---|---|---|---|"]
    for action in actions:
        keys = " ".join(f"`{_cell(key)}`" for key in action.keys)
        verbs = " ".join(f"`:{_cell(f'{verb} {action.takes}'.strip())}`" for verb in action.verbs)
        danger = _DANGERS[action.danger]
        rows.append(f"| `{action.id}` | {keys} | {verbs} | {_cell(action.help)} | {danger} |")
    return "\n".join(rows) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(manual_page(), encoding="utf-8")
    sys.stdout.write(f"{PAGE} written\n")
