"""Textual ends the console at a fault in a handler: each of ours stays inside the boundary."""

import ast
from pathlib import Path

import app

_STAND_APART = {
    "on_event",  # runs each key and paste inside the boundary by itself
    "on_mount",  # of what cannot begin nothing is to be seen
    "on_unmount",
}


def handlers_without_guard() -> list[str]:
    """Return the handlers that a fault would leave, as `file:line name`."""
    found = []
    root = Path(app.__file__).parent
    for path in sorted(root.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        classes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
        for each in classes:
            if any(isinstance(base, ast.Name) and base.id == "Protocol" for base in each.bases):
                continue
            found += [
                f"{path.relative_to(root)}:{node.lineno} {node.name}"
                for node in each.body
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
                and node.name.startswith("on_")
                and node.name not in _STAND_APART
                and "guarded" not in " ".join(map(ast.dump, node.decorator_list))
            ]
    return found


def test_a_fault_in_a_handler_of_ours_stays_inside_the_boundary() -> None:
    assert handlers_without_guard() == []
