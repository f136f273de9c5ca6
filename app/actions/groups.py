"""Actions on groups: create, fill, empty, delete. Their switch is enable and disable."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from app.actions.jobs import no_job, tell
from app.actions.registry import Action, Danger
from app.actions.scene import Scene
from app.overlays.choice import Choice, Entry
from app.overlays.form import Form, FormField, Preview, Values
from app.presentation.quantities import counted

_ROWS = ("jobs", "groups")
_GROUPS = ("groups",)


def group_actions() -> Iterator[Action]:
    """Return the actions."""
    yield Action("groups.create", "New group", "Create a group", _create, ("C",), _GROUPS,
                 Danger.REVERSIBLE, bar=8, verbs=("newgroup",), takes="NAME",
                 asks_itself=True)  # fmt: skip
    yield Action("groups.delete", "Delete group", "Delete the group; its jobs stay", _delete, (),
                 _GROUPS, Danger.DESTRUCTIVE, refusal=_why_not_delete, verbs=("deletegroup",),
                 on="groups", takes="NAME", consequences=_delete_consequences)  # fmt: skip
    yield Action("groups.add", "Add to group", "Put the jobs into a group", _add, ("A",), _ROWS,
                 Danger.REVERSIBLE, refusal=no_job, asks_itself=True)  # fmt: skip
    yield Action("groups.remove", "Remove from group", "Take the jobs out of a group", _remove, (),
                 _ROWS, Danger.REVERSIBLE, refusal=_why_not_remove, asks_itself=True)  # fmt: skip
    yield Action("groups.enable", "Enable group", "Let the jobs of a group run", _enable,
                 danger=Danger.REVERSIBLE, verbs=("enablegroup",), on="groups",
                 takes="NAME")  # fmt: skip
    yield Action("groups.disable", "Disable group", "Keep the jobs of a group from running",
                 _disable, danger=Danger.REVERSIBLE, verbs=("disablegroup",), on="groups",
                 takes="NAME")  # fmt: skip


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
            console.say(f"created group {name}   A adds jobs to it", "success")
            console.go_to("groups", name)

        console.request(lambda desk: desk.create_group(name, values["description"]), done)

    fields = [
        FormField("name", "Name", scene.argument),
        FormField("description", "Description"),
    ]
    console.open(Form("New group", fields, submit, preview=preview, verb="create", height=8))


def _why_not_delete(scene: Scene) -> str:
    groups = scene.selection.groups
    if not groups:
        return "no group is selected"
    if any(row.name == "DEFAULT" for row in groups):
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
        lambda desk: desk.delete_groups(names), lambda answers: tell(scene, answers, "deleted")
    )


def _add(scene: Scene) -> None:
    names = scene.names

    def add(group: str) -> None:
        scene.console.request(
            lambda desk: desk.add_to_group(group, names),
            lambda answers: tell(scene, answers, f"added to {group}:"),
        )

    groups = [name for name in sorted(scene.console.store.groups) if name != "DEFAULT"]
    _choose(scene, f"Add {len(names)} to group", groups, add)


def _why_not_remove(scene: Scene) -> str:
    if no_job(scene):
        return no_job(scene)
    return "" if _groups_of(scene) else "it is in no group but DEFAULT"


def _groups_of(scene: Scene) -> list[str]:
    return sorted({name for row in scene.jobs for name in row.groups} - {"DEFAULT"})


def _remove(scene: Scene) -> None:
    names = scene.names

    def remove(group: str) -> None:
        scene.console.request(
            lambda desk: desk.remove_from_group(group, names),
            lambda answers: tell(scene, answers, f"taken out of {group}:"),
        )

    _choose(scene, f"Take {len(names)} out of group", _groups_of(scene), remove)


def _choose(scene: Scene, title: str, groups: Sequence[str], then: Callable[[str], None]) -> None:
    entries = [Entry(name, partial(then, name)) for name in groups]
    scene.console.open(Choice(title, entries, key_width=0, width=50))


def _enable(scene: Scene) -> None:
    names = [row.name for row in scene.selection.groups]
    scene.console.request(
        lambda desk: desk.enable_groups(names), lambda answers: tell(scene, answers, "enabled")
    )


def _disable(scene: Scene) -> None:
    names = [row.name for row in scene.selection.groups]
    scene.console.request(
        lambda desk: desk.disable_groups(names), lambda answers: tell(scene, answers, "disabled")
    )
