"""Actions on the console itself: quit, themes, columns, filters, copies, messages, reports."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from app.actions.extras import Extras
from app.actions.registry import Action
from app.actions.scene import Console, Scene
from app.actions.tables import TABLES, elsewhere
from app.overlays.choice import Choice
from app.overlays.entries import Entry
from app.overlays.form import Form, FormField, Preview, Values
from app.overlays.text import TextView
from app.presentation.console_words import console_words
from app.presentation.instants import clock_time
from app.presentation.pieces import Piece
from app.presentation.quantities import counted
from app.presentation.reasons import reason_of
from app.presentation.saved_filters import SHIPPED_FILTERS
from app.sanitize import SafeText, safe
from app.widgets.csv_rows import rows_as_csv
from app.widgets.grid import Grid
from app.widgets.paint import own
from app.widgets.text_panel import Line


def console_actions() -> Iterator[Action]:
    """Return the actions."""
    yield Action("quit", "Quit", "Leave the console", _quit, ("q", "ctrl+c"), bar=20,
                 verbs=("q", "quit"))  # fmt: skip
    yield Action("quit.now", "Quit at once", "Leave an attached console without asking", _quit_now,
                 ("ctrl+q",))  # fmt: skip
    yield Action("suspend", "Suspend", "Go to the shell; fg comes back", _suspend, ("ctrl+z",),
                 refusal=_why_not_suspend)  # fmt: skip
    yield Action("copy", "Copy", "Copy names, ids, lines to the terminal's clipboard", _copy,
                 ("y",), bar=13)  # fmt: skip
    yield Action("columns", "Columns", "Choose the columns of the table", _columns, ("c",), TABLES,
                 refusal=_no_table, verbs=("cols",), takes="[NAME,NAME ...]")  # fmt: skip
    yield Action("theme", "Theme", "Choose colours", _theme, verbs=("theme",), takes="[NAME]",
                 extras=Extras(complete=_theme_words))  # fmt: skip
    yield Action("messages", "Messages", "Show what was said on the status line", _messages,
                 verbs=("messages",))  # fmt: skip
    yield Action("doctor", "Doctor", "Report on terminal, colours, link", _report("Terminal"),
                 verbs=("doctor",))  # fmt: skip
    yield Action("bench", "Bench", "Report on events, frames, times", _report("Console"),
                 verbs=("bench",))  # fmt: skip
    yield Action("filter.save", "Save filter", "Keep the filter under a name", _save_filter,
                 refusal=_no_filter, verbs=("save",), takes="NAME")  # fmt: skip
    yield Action("filter.use", "Saved filters", "Use a saved filter", _use_filter, ("F",), TABLES,
                 verbs=("use",), takes="[NAME]", extras=Extras(complete=_saved_words))  # fmt: skip
    yield Action("export", "Export", "Write the rows that are shown to a CSV file", _export,
                 verbs=("export",), takes="csv PATH")  # fmt: skip


def _theme_words(before: str, word: str, console: Console) -> Sequence[str]:
    return (
        [] if before else [each for each in console.wardrobe.library.names if each.startswith(word)]
    )


def _saved_words(before: str, word: str, console: Console) -> Sequence[str]:
    known = {**SHIPPED_FILTERS, **console.saved_filters}  # a name of several words goes on
    typed = f"{before} {word}".lstrip()
    start = len(typed) - len(word)
    return [each[start:] for each in known if each.startswith(typed)]


def _quit(scene: Scene) -> None:
    scene.console.ask_to_quit()


def _quit_now(scene: Scene) -> None:
    scene.console.ask_to_quit(at_once=True)


def _suspend(scene: Scene) -> None:
    scene.console.outside.suspend_to_shell()


def _why_not_suspend(scene: Scene) -> str:
    is_hosted = scene.console.live_store.health.link == "hosted"
    return "the engine in this console would stop too; quit, or attach another" if is_hosted else ""


# -- copy -----------------------------------------------------------------------------------------


def _copy(scene: Scene) -> None:
    console = scene.console
    entries = []

    def add(what: str, text: str, key: str) -> None:
        if text:
            entries.append(
                Entry(what, partial(console.outside.copy, text), key=key, more=text[:60])
            )

    add("names", "\n".join(scene.names), "n")
    add("instances", "\n".join(str(row.job_instanceid) for row in scene.selection.instances), "i")
    add("groups", "\n".join(row.name for row in scene.selection.groups), "g")
    if scene.jobs:
        add("command line", f"tocsin job show {' '.join(scene.names)}", "c")
        add("schedule", scene.jobs[0].schedule, "s")
    if scene.selection.instances and scene.selection.instances[0].error:
        add("error", scene.selection.instances[0].error, "e")
    pane = console.pane_named(scene.pane)
    if hasattr(pane, "copy_text"):
        add("path", pane.copy_text(), "p")
    if hasattr(pane, "copy_value"):
        add("value", pane.copy_value(), "v")
    if hasattr(pane, "lines_in_sight"):
        add("lines in sight", pane.lines_in_sight(), "l")
    if not entries:
        console.say("nothing to copy here", "warning")
        return
    console.open(Choice("Copy", entries, can_type=False, key_width=4))


# -- columns and filters --------------------------------------------------------------------------


def _columns(scene: Scene) -> None:
    pane = scene.console.pane_named(scene.pane)
    grid = pane.grid
    if scene.argument:
        _show_columns(scene, grid)
        return

    def toggle(column_id: str) -> None:
        grid.choice.turn(column_id)
        grid.show()
        _columns(scene)

    entries = [
        Entry(
            column.title,
            partial(toggle, column.id),
            key="off" if column.id in grid.choice.hidden else "on",
            more=column.help,
            reason="always shown" if column.priority == 0 else "",
        )
        for column in grid.columns
    ]
    scene.console.open(Choice("Columns", entries, key_width=5, width=50))


def _no_table(scene: Scene) -> str:
    return elsewhere(scene, "columns belong to tables")


def _show_columns(scene: Scene, grid: Grid[Any, Any]) -> None:
    """Show the columns that were typed, and those that are always shown."""
    wanted = set(scene.argument.replace(",", " ").lower().split())
    known = [column.id for column in grid.columns]
    unknown = sorted(wanted - set(known))
    if unknown:
        scene.console.say(f"no column {unknown[0]}; there are {', '.join(known)}", "error")
        return
    free = [column.id for column in grid.columns if column.priority]
    grid.choice.by_hand = {each: each in wanted for each in free}
    grid.show()


def _no_filter(scene: Scene) -> str:
    if scene.pane not in TABLES:
        return elsewhere(scene, "filters belong to tables")
    if scene.console.pane_named(scene.pane).view.filter_text:
        return ""
    return f"no filter is in force: press {scene.console.registry.key_of('filter')}"


def _save_filter(scene: Scene) -> None:
    console = scene.console
    text = console.pane_named(scene.pane).view.filter_text

    def save(name: str) -> None:
        console.saved_filters[name] = text
        console.note_filter(name, text)
        write = partial(console.keep_filter, name, text)
        console.request(lambda _desk: write(), partial(kept, name), failed=partial(waits, name))

    def kept(name: str, problem: str) -> None:
        if problem:
            console.say(f"{name} is there until you leave: {problem}", "error")
        else:
            console.say(f"kept as {name}: {text}", "success")

    def waits(name: str, error: BaseException) -> None:
        why = console_words(reason_of(error), console.zone)
        console.say(f"{name} is kept when you leave: {why}", "error")

    if scene.argument:
        save(scene.argument)
        return

    def preview(values: Values) -> Preview:
        return Preview(problem="" if values["name"] else "a filter is kept under a name")

    fields = [FormField("name", "Name")]
    console.open(Form(f"Keep {text}", fields, lambda values: save(values["name"]),
                      preview=preview, height=6))  # fmt: skip


def _use_filter(scene: Scene) -> None:
    console = scene.console
    pane = scene.pane if scene.pane in TABLES else "jobs"
    known = {**SHIPPED_FILTERS, **console.saved_filters}

    def use(text: str) -> None:
        console.go(pane)
        console.pane_named(pane).set_filter(text)

    if scene.argument:
        if scene.argument not in known:
            console.say(f"no filter is called {scene.argument}", "error")
            return
        use(known[scene.argument])
        return
    entries = [Entry(name, partial(use, text), more=text) for name, text in known.items()]
    console.open(Choice("Filters", entries, key_width=0))


def _export(scene: Scene) -> None:
    form, _, path = scene.argument.strip().partition(" ")
    path = path.strip()
    if form != "csv" or not path or scene.pane not in TABLES:
        scene.console.say("in a table: export csv PATH", "error")
        return
    grid = scene.console.pane_named(scene.pane).grid
    text = rows_as_csv(grid)

    def done(_: None) -> None:
        scene.console.say(f"wrote {counted(len(grid.view), 'row')} to {path}", "success")

    def refused(error: BaseException) -> None:
        if isinstance(error, FileExistsError):
            scene.console.say(f"{path} exists already, and is not replaced: name another", "error")
        elif isinstance(error, OSError):
            scene.console.say(f"{path} cannot be written: {error.strerror}", "error")
        else:
            scene.console.refused(error)

    write = scene.console.outside.write
    scene.console.request(
        lambda _desk: write(path, text), done, about=f"write {path}", failed=refused
    )


# -- looking --------------------------------------------------------------------------------------


def _theme(scene: Scene) -> None:
    console = scene.console
    if scene.argument:
        console.wardrobe.choose(scene.argument.strip())
        return
    entries = [
        Entry(name, partial(console.wardrobe.choose, name), more=about)
        for name, about in console.wardrobe.choices()
    ]
    console.open(Choice("Theme", entries, key_width=0))


def _messages(scene: Scene) -> None:
    console, news = scene.console, scene.console.news
    lines: list[Line] = [
        [
            own("  " if each.is_read else f"{console.wardrobe.paint.symbols.mark} ", "mark"),
            Piece(SafeText(f"{clock_time(each.at, console.zone)}  "), "muted"),
            Piece(safe(each.text), each.role),
        ]
        for each in reversed(news.told)
    ]
    empty: list[Line] = [[own("nothing was said yet")]]
    console.open(TextView("Messages", lines or empty, words=True, copy=console.outside.copy))
    news.read_all()


def _report(title: str) -> Callable[[Scene], None]:
    def run(scene: Scene) -> None:
        console = scene.console
        lines: list[Line] = [
            [own(f"{name:<12}", "muted"), Piece(safe(value))] for name, value in console.figures()
        ]
        console.open(TextView(title, lines, copy=console.outside.copy))

    return run
