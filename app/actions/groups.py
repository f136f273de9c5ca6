"""Actions on groups: create, fill, empty, delete. Their switch is enable and disable."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from app.actions.jobs import no_job, why_not_disable, why_not_enable
from app.actions.registry import Action, Danger
from app.actions.scene import Scene
from app.actions.switches import disable, enable, tell
from app.client.views import Answer
from app.overlays.choice import Choice
from app.overlays.entries import Entry
from app.overlays.form import Form, FormField, Preview, Values
from app.presentation.pieces import Piece
from app.presentation.quantities import counted, name_rows
from app.sanitize import safe
from app.store.query import parse
from app.widgets.paint import own
from engine.domain.group import DEFAULT_GROUP
from engine.errors import TocsinError

_ROWS = ("jobs", "groups")
_GROUPS = ("groups",)
_MOST_SHOWN = 8  # names below the filter


def group_actions() -> Iterator[Action]:
    """Return the actions."""
    yield Action("groups.create", "New group", "Create a group", _create, ("C",), _GROUPS,
                 Danger.REVERSIBLE, bar=8, verbs=("newgroup",), takes="NAME",
                 asks_itself=True)  # fmt: skip
    yield Action("groups.delete", "Delete group", "Delete the group; its jobs stay", _delete, (),
                 _GROUPS, Danger.DESTRUCTIVE, refusal=_why_not_delete, verbs=("deletegroup",),
                 on="groups", takes="NAME", consequences=_delete_consequences)  # fmt: skip
    yield Action("groups.add", "Add to group", "Put jobs into a group", _add, ("A",), _ROWS,
                 Danger.REVERSIBLE, refusal=_why_not_add, asks_itself=True)  # fmt: skip
    yield Action("groups.remove", "Remove from group", "Take the jobs out of a group", _remove, (),
                 _ROWS, Danger.REVERSIBLE, refusal=_why_not_remove, asks_itself=True)  # fmt: skip
    yield Action("groups.enable", "Enable group", "Let the jobs of a group run", enable,
                 danger=Danger.REVERSIBLE, refusal=_why_not_enable, verbs=("enablegroup",),
                 on="groups", takes="NAME")  # fmt: skip
    yield Action("groups.disable", "Disable group", "Keep the jobs of a group from running",
                 disable, danger=Danger.REVERSIBLE, refusal=_why_not_disable,
                 verbs=("disablegroup",), on="groups", takes="NAME")  # fmt: skip


def _why_not_enable(scene: Scene) -> str:
    return why_not_enable(scene) if scene.selection.groups else scene.selection.missing("no group")


def _why_not_disable(scene: Scene) -> str:
    return why_not_disable(scene) if scene.selection.groups else scene.selection.missing("no group")


def _create(scene: Scene) -> None:
    console = scene.console

    def preview(values: Values) -> Preview:
        name = values["name"]
        if not name:
            return Preview(problem="a group needs a name")
        if name in console.store.groups:
            return Preview(problem=f"group '{name}' exists already")
        return Preview()

    def submit(values: Values) -> None:
        name = values["name"]

        def done(_: None) -> None:
            key = console.registry.key_of("groups.add")
            console.say(f"created group {name}   {key} adds jobs to it", "success")
            if console.travel.at is None:  # then, it was not there yet
                console.go_to("groups", name)

        console.request(
            lambda desk: desk.create_group(name, values["description"]),
            done,
            about=f"create group {name}",
        )

    fields = [
        FormField("name", "Name", scene.argument),
        FormField("description", "Description"),
    ]
    console.open(Form("New group", fields, submit, preview=preview, verb="create", height=8))


def _why_not_delete(scene: Scene) -> str:
    groups = scene.selection.groups
    if not groups:
        return scene.selection.missing("no group")
    if any(row.name == DEFAULT_GROUP for row in groups):
        return "group 'DEFAULT' holds every job and cannot be deleted"
    return ""


def _delete_consequences(scene: Scene) -> Sequence[str]:
    names = {row.name for row in scene.selection.groups}
    members = [row for row in scene.console.store.jobs.values() if names & set(row.groups)]
    leave = (
        "leaves it; it stays with its" if len(members) == 1 else "leave it; they stay with their"
    )
    return [f"{counted(len(members), 'job')} {leave} other groups."]


def _delete(scene: Scene) -> None:
    names = [row.name for row in scene.selection.groups]
    scene.console.request(
        lambda desk: desk.delete_groups(names),
        lambda answers: tell(scene, answers, "deleted"),
        about=f"delete group {name_rows(names)}",
    )


def _why_not_add(scene: Scene) -> str:
    groups = scene.selection.groups
    if scene.jobs or not groups:
        return no_job(scene)
    if len(groups) > 1:
        return "choose one group"
    return "group 'DEFAULT' holds every job" if groups[0].name == DEFAULT_GROUP else ""


def _add(scene: Scene) -> None:
    if not scene.jobs:
        _fill(scene, scene.selection.groups[0].name)
        return
    names = scene.names
    groups = [name for name in sorted(scene.console.store.groups) if name != DEFAULT_GROUP]
    add = partial(_put, scene, names)
    _choose(scene, f"Add {len(names)} to group", groups, add)


def _put(scene: Scene, names: Sequence[str], group: str) -> None:
    """Put jobs into a group; undo takes out again those that were not in it before."""
    console = scene.console
    members = {row.name for row in console.store.jobs.values() if group in row.groups}

    def done(answers: Sequence[Answer]) -> None:
        new = [each.name for each in answers if each.ok and each.name not in members]
        if new:
            console.can_undo(
                f"added to {group}",
                lambda: console.request(
                    lambda desk: desk.remove_from_group(group, new),
                    lambda undone: tell(scene, undone, f"taken out of {group} again:"),
                    about=f"take out of {group}",
                ),
            )
        tell(scene, answers, f"added to {group}:")

    console.request(lambda desk: desk.add_to_group(group, names), done, about=f"add to {group}")


def _fill(scene: Scene, group: str) -> None:
    """Let jobs be chosen for a group by a filter, as `/` takes it in the jobs pane."""
    console = scene.console

    def found(text: str) -> list[str]:
        matches = parse(text, zone=console.zone).checked().matcher(console.clock.now())
        rows = [row for row in console.store.jobs.values() if group not in row.groups]
        return sorted(row.name for row in rows if matches is None or matches(row))

    def preview(values: Values) -> Preview:
        if not values["jobs"]:
            return Preview(problem="which jobs? a part of their names, or a filter")
        try:
            names = found(values["jobs"])
        except TocsinError as error:
            return Preview(problem=error.message)
        if not names:
            return Preview(problem=f"no job outside of {group} matches")
        shown = [[Piece(safe(f"  {name}"))] for name in names[:_MOST_SHOWN]]
        more = len(names) - len(shown)
        rest = [[own(f"  and {more:,} more", "muted")]] if more else []
        return Preview([[own(f"{counted(len(names), 'job')} would join", "title")], *shown, *rest])

    def add(values: Values) -> None:
        _put(scene, found(values["jobs"]), group)

    help_text = "as after / in Jobs: invoice, group:mail, tag:team=vat"
    field = FormField("jobs", "Jobs", scene.argument, help=help_text)
    title = f"Fill group {group}"
    console.open(Form(title, [field], add, preview=preview, verb="add them", height=16))


def _why_not_remove(scene: Scene) -> str:
    if no_job(scene):
        return no_job(scene)
    return "" if _groups_of(scene) else "it is in no group but DEFAULT"


def _groups_of(scene: Scene) -> list[str]:
    return sorted({name for row in scene.jobs for name in row.groups} - {DEFAULT_GROUP})


def _remove(scene: Scene) -> None:
    title = f"Take {len(scene.names)} out of group"
    _choose(scene, title, _groups_of(scene), partial(_take, scene))


def _take(scene: Scene, group: str) -> None:
    """Take jobs out of a group; undo puts them back."""
    console = scene.console
    names = [row.name for row in scene.jobs if group in row.groups]

    def done(answers: Sequence[Answer]) -> None:
        gone = [each.name for each in answers if each.ok]
        if gone:
            console.can_undo(
                f"taken out of {group}",
                lambda: console.request(
                    lambda desk: desk.add_to_group(group, gone),
                    lambda undone: tell(scene, undone, f"added to {group} again:"),
                    about=f"add to {group}",
                ),
            )
        tell(scene, answers, f"taken out of {group}:")

    console.request(
        lambda desk: desk.remove_from_group(group, names), done, about=f"take out of {group}"
    )


def _choose(scene: Scene, title: str, groups: Sequence[str], then: Callable[[str], None]) -> None:
    entries = [Entry(name, partial(then, name)) for name in groups]
    scene.console.open(Choice(title, entries, key_width=0, width=50))
