"""The roles that a theme gives a look to, and what each falls back on.

A theme file needs only a few of them: a role that it leaves out looks like the one named here.
Widgets name roles, never colours.
"""

from collections.abc import Mapping
from typing import NamedTuple


class RoleInfo(NamedTuple):
    """What a role is for, and the role that it looks like where a theme says nothing."""

    help: str
    fallback: str = "text"


ROLES: Mapping[str, RoleInfo] = {
    "text": RoleInfo("ordinary text, and the background of everything", ""),
    "muted": RoleInfo("what is less important; never the only carrier of a fact"),
    "title": RoleInfo("headings, names in details"),
    "accent": RoleInfo("what stands out without being a status"),
    "brand": RoleInfo("the product's name in the header", "title"),
    "header": RoleInfo("the header line and the headings of tables", "bar"),
    "bar": RoleInfo("the key bar"),
    "key": RoleInfo("a key that can be pressed", "accent"),
    "tab": RoleInfo("the open pane among the tabs", "cursor"),
    "prompt": RoleInfo("the sign before a line that is typed", "accent"),
    "caret": RoleInfo("the character under the text cursor", "cursor"),
    "question": RoleInfo("a question that waits for an answer", "warning"),
    "border": RoleInfo("frames", "muted"),
    "active": RoleInfo("the frame and the cursor sign of the part that has the keys", "accent"),
    "cursor": RoleInfo("the row under the cursor"),
    "cursor-idle": RoleInfo("the cursor's row in a part that does not have the keys", "marked"),
    "mark": RoleInfo("the sign of a marked row", "accent"),
    "marked": RoleInfo("a marked row"),
    "match": RoleInfo("what a search or filter found", "accent"),
    "invalid": RoleInfo("a wrong term of a filter, a wrong character", "error"),
    "success": RoleInfo("COMPLETE, and what went well"),
    "warning": RoleInfo("what deserves a look"),
    "error": RoleInfo("ERROR, refusals, a lost engine"),
    "crash": RoleInfo("CRASH", "error"),
    "running": RoleInfo("IN-PROGRESS", "accent"),
    "overdue": RoleInfo("a due instant that passed unserved", "warning"),
    "added": RoleInfo("a value that a save of state data added", "success"),
    "removed": RoleInfo("a value that a save of state data removed", "error"),
    "changed": RoleInfo("a value that a save of state data changed", "warning"),
    "badge.prod": RoleInfo("the badge of a production environment", "error"),
    "badge.stage": RoleInfo("the badge of a staging environment", "warning"),
    "badge.dev": RoleInfo("the badge of a development environment", "success"),
    "moment": RoleInfo("the banner of a console that shows a moment of the past", "badge.stage"),
}

# What roles were once, and theme files of people may still name: passed over without a word.
FORMER = frozenset({"queued"})

# Roles that fill the background of others, and those that stand alone.
GROUNDS = ("text", "header", "bar", "marked", "cursor-idle")
ALONE = ("cursor", "tab", "caret", "badge.prod", "badge.stage", "badge.dev", "moment")
FAINT = ("muted", "border")  # may be as faint as large text
