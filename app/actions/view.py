"""Actions that only look: panes, motions, filter, order, marks, zoom."""

from collections.abc import Callable, Iterator, Sequence

from app.actions.extras import LOG_WORDS, SPAN, Extras, filter_words
from app.actions.registry import PANES, Action
from app.actions.scene import Console, Scene
from app.actions.tables import TABLES, elsewhere
from app.store.query import GROUPS, INSTANCES, JOBS
from app.widgets.bars import PANE_TITLES
from app.widgets.grid import Grid

_MOTIONS = (
    ("down", "Down", ("j", "down")),
    ("up", "Up", ("k", "up")),
    ("half_down", "Half a page down", ("ctrl+d",)),
    ("half_up", "Half a page up", ("ctrl+u",)),
    ("page_down", "Page down", ("pagedown",)),
    ("page_up", "Page up", ("pageup",)),
    ("home", "To the start", ("g", "home")),
    ("end", "To the end", ("G", "end")),
    ("left", "Left", ("h", "left")),
    ("right", "Right", ("l", "right")),
)
_TAKES = {
    **dict.fromkeys(TABLES, "[FILTER]"),
    "logs": "[NAME ... | #ID | FILTER] [since:10m] [until:5m] [level:warn]",
    "state": "[NAME]",
    "schedule": "[7d] [NAME ... | FILTER]",
}
_NAMED = {"logs": "logs.output", "state": "jobs.state", "schedule": "jobs.timeline"}
_FILTERS = {"jobs": JOBS, "groups": GROUPS, "instances": INSTANCES}
_EXTRAS = {
    **{pane: Extras(complete=filter_words(words)) for pane, words in _FILTERS.items()},
    "logs": LOG_WORDS,
    "schedule": SPAN,
}


def view_actions() -> Iterator[Action]:
    """Return the actions of every pane and of the tables."""
    for number, pane in enumerate(PANES, start=1):
        title = PANE_TITLES[pane]
        yield Action(
            f"go.{pane}",
            title,
            f"Go to {title}",
            _go(pane),
            (str(number),),
            verbs=(pane,),
            takes=_TAKES.get(pane, ""),
            named=_NAMED.get(pane, ""),
            extras=_EXTRAS.get(pane),
        )
    for motion, title, keys in _MOTIONS:
        yield Action(f"move.{motion}", title, title, _move(motion), keys, is_motion=True)
    yield from _everywhere()
    yield from _of_tables()


def _everywhere() -> Iterator[Action]:
    yield Action("part.next", "Next part", "Give the keys to the next part", _part(1), ("tab",))
    yield Action(
        "part.previous", "Previous part", "Give them to the previous one", _part(-1), ("shift+tab",)
    )
    yield Action("open", "Open", "Open what is under the cursor", _open, ("enter",))
    yield Action(
        "leave",
        "Leave",
        "Drop a range, clear the filter, then marks, then go back",
        _leave,
        ("escape",),
    )
    yield Action("back", "Back", "Back to the previous view", _history(-1), ("[",))
    yield Action("forward", "Forward", "Forward again", _history(1), ("]",))
    yield Action(
        "zoom", "Zoom", "Give the whole pane to one part, or share it again", _zoom, ("z",)
    )
    yield Action(
        "redraw",
        "Redraw",
        "Draw the screen anew",
        lambda scene: scene.console.redraw(),
        ("ctrl+l",),
    )
    yield Action(
        "resync",
        "Resync",
        "Read everything from the store anew",
        lambda scene: scene.console.resync(),
        ("ctrl+r",),
        verbs=("resync",),
    )
    yield Action(
        "follow",
        "Follow",
        "Freeze the view, or let it follow again",
        _follow,
        ("f",),
        bar=14,
        refusal=_why_not_follow,
    )
    yield Action(
        "undo", "Undo", "Take the last reversible action back", _undo, ("u",), refusal=_no_undo
    )


def _of_tables() -> Iterator[Action]:
    yield Action(
        "filter",
        "Filter",
        "Show only some rows",
        _filter,
        ("/",),
        TABLES,
        refusal=_no_table,
        bar=15,
        verbs=("filter",),
        takes="[FILTER]",
    )
    yield Action("mark", "Mark", "Mark the row", _marking("toggle"), ("space",), TABLES,
                 refusal=_not_in_rows, bar=12)  # fmt: skip
    yield Action("mark.range", "Mark range", "Begin or end a range", _marking("range"), ("V",),
                 TABLES, refusal=_not_in_rows)  # fmt: skip
    yield Action("mark.down", "Mark down", "Mark this row and the next", _marking("along", 1),
                 ("shift+down",), TABLES, refusal=_not_in_rows, is_motion=True)  # fmt: skip
    yield Action("mark.up", "Mark up", "Mark this row and the one above", _marking("along", -1),
                 ("shift+up",), TABLES, refusal=_not_in_rows, is_motion=True)  # fmt: skip
    yield Action("mark.all", "Mark all", "Mark all rows in the filter", _marking("all"), ("*",),
                 TABLES, refusal=_not_in_rows)  # fmt: skip
    yield Action("sort.next", "Sort right", "Sort by the next column", _sort(1), (">",), TABLES)
    yield Action(
        "sort.previous", "Sort left", "Sort by the column before", _sort(-1), ("<",), TABLES
    )
    yield Action(
        "sort.reverse", "Reverse", "Turn the order around", _on_pane("sort_reverse"), ("=",), TABLES
    )
    yield Action("go.job", "Go to job", "Go to a job", _go_to_job, refusal=_no_one_job,
                 verbs=("job",), on="job", takes="NAME")  # fmt: skip
    yield Action("sort", "Sort", "Sort by a column", _sort_by, refusal=_no_rows, verbs=("sort",),
                 takes="COLUMN", extras=Extras(complete=_order_words))  # fmt: skip


def _go(pane: str) -> Callable[[Scene], None]:
    def run(scene: Scene) -> None:
        scene.console.go(pane)
        if scene.argument and pane in TABLES:
            scene.console.pane_named(pane).set_filter(scene.argument)
        if scene.options:
            scene.console.pane_named(pane).narrow(**scene.options)

    return run


def _no_one_job(scene: Scene) -> str:
    if scene.selection.is_gone:
        return scene.selection.missing("no job")
    return "" if len(scene.jobs) == 1 else "name one job: job NAME"


def _go_to_job(scene: Scene) -> None:
    scene.console.go_to("jobs", scene.jobs[0].name)


def _move(motion: str) -> Callable[[Scene], None]:
    return lambda scene: scene.console.move(motion)


def _part(step: int) -> Callable[[Scene], None]:
    return lambda scene: scene.console.pane_named(scene.pane).activate_part(step)


def _open(scene: Scene) -> None:
    scene.console.pane_named(scene.pane).open()


def _leave(scene: Scene) -> None:
    scene.console.leave()


def _history(step: int) -> Callable[[Scene], None]:
    return lambda scene: scene.console.walk_history(step)


def _zoom(scene: Scene) -> None:
    pane = scene.console.pane_named(scene.pane)
    pane.zoom(on=not pane.is_zoomed)


def _follow(scene: Scene) -> None:
    scene.console.toggle_frozen()


def _why_not_follow(scene: Scene) -> str:
    as_of = scene.console.travel.as_of
    return f"what is shown stands still as of {as_of}; :live returns" if as_of else ""


def _undo(scene: Scene) -> None:
    scene.console.undo()


def _no_undo(scene: Scene) -> str:
    if scene.console.travel.as_of:
        return f"read only: as of {scene.console.travel.as_of}; :live returns"
    return scene.console.why_no_undo


def _filter(scene: Scene) -> None:
    if scene.argument:
        scene.console.pane_named(scene.pane).set_filter(scene.argument)
    else:
        scene.console.type_filter()


def _on_pane(method: str) -> Callable[[Scene], None]:
    return lambda scene: getattr(scene.console.pane_named(scene.pane), method)()


def _marking(method: str, *arguments: int) -> Callable[[Scene], None]:
    return lambda scene: getattr(scene.console.pane_named(scene.pane).marking, method)(*arguments)


def _not_in_rows(scene: Scene) -> str:
    """Return why nothing is marked from a part of the pane that is no table; "" in a table."""
    pane = scene.console.pane_named(scene.pane)
    if isinstance(pane.active_part, Grid):
        return ""
    return f"rows are marked in tables: press {scene.console.registry.key_of('part.next')}"


def _sort(step: int) -> Callable[[Scene], None]:
    return lambda scene: scene.console.pane_named(scene.pane).sort_step(step)


def _no_table(scene: Scene) -> str:
    return elsewhere(scene, "filters belong to tables")


def _no_rows(scene: Scene) -> str:
    return elsewhere(scene, "rows are sorted in tables")


def _order_words(before: str, word: str, console: Console) -> Sequence[str]:
    """Return the names that begin like `word` of what the table in sight is sorted by."""
    pane = console.scene().pane
    known = () if before.strip() or pane not in TABLES else console.pane_named(pane).orders
    return [each for each in known if each.startswith(word.lower())]


def _sort_by(scene: Scene) -> None:
    pane = scene.console.pane_named(scene.pane)
    wanted = scene.argument.strip().lower()
    if wanted in pane.orders:
        pane.sort_by(wanted)
        return
    names = ", ".join(pane.orders)
    what = f"there is no column {wanted} to sort by; there are" if wanted else "name a column:"
    scene.console.say(f"{what} {names}", "error" if wanted else "warning")
