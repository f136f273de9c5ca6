"""Throw the switches of jobs and groups, with a way back, and say what became of each."""

from collections.abc import Callable, Sequence

from app.actions.scene import Scene
from app.client.desk import Desk
from app.client.views import Answer
from app.presentation.console_words import console_words
from app.presentation.quantities import name_rows
from app.store.model import JobRow

Switch = Callable[[Desk, Sequence[str]], list[Answer]]


def _on(desk: Desk, names: Sequence[str]) -> list[Answer]:
    return desk.enable(names)


def _off(desk: Desk, names: Sequence[str]) -> list[Answer]:
    return desk.disable(names)


def _active(desk: Desk, names: Sequence[str]) -> list[Answer]:
    return desk.activate(names)


def _inactive(desk: Desk, names: Sequence[str]) -> list[Answer]:
    return desk.deactivate(names)


def _group_on(desk: Desk, names: Sequence[str]) -> list[Answer]:
    return desk.enable_groups(names)


def _group_off(desk: Desk, names: Sequence[str]) -> list[Answer]:
    return desk.disable_groups(names)


def kept_off(rows: Sequence[JobRow]) -> str:
    """Return that a group keeps one of the jobs off, enabled or not, and what to do; "": none."""
    group = next((row.group_off for row in rows if row.group_off), "")
    whose = "its group" if len(rows) == 1 else "a group of theirs"
    return f"; {whose} is disabled: `tocsin group enable {group}`" if group else ""


def enable(scene: Scene) -> None:
    """Throw the switch of the groups or jobs that are meant on."""
    groups = [row.name for row in scene.selection.groups if not row.enabled]
    if scene.selection.groups:
        switch(scene, groups, "enable group", _group_on, _group_off, "jobs.disable")
    else:
        rows = [row for row in scene.jobs if not row.enabled]
        names = [row.name for row in rows]
        switch(scene, names, "enable", _on, _off, "jobs.disable", kept_off(rows))


def disable(scene: Scene) -> None:
    """Throw the switch of the groups or jobs that are meant off."""
    groups = [row.name for row in scene.selection.groups if row.enabled]
    if scene.selection.groups:
        switch(scene, groups, "disable group", _group_off, _group_on, "jobs.enable")
    else:
        names = [row.name for row in scene.jobs if row.enabled]
        switch(scene, names, "disable", _off, _on, "jobs.enable")


def activate(scene: Scene) -> None:
    """Let the schedules run the jobs that are meant."""
    names = [row.name for row in scene.jobs if not row.active]
    switch(scene, names, "activate", _active, _inactive, "jobs.deactivate")


def deactivate(scene: Scene) -> None:
    """Keep the schedules from running the jobs that are meant."""
    names = [row.name for row in scene.jobs if row.active]
    switch(scene, names, "deactivate", _inactive, _active, "jobs.activate")


def switch(
    scene: Scene,
    names: Sequence[str],
    order: str,
    forth: Switch,
    back: Switch,
    back_action: str,
    but: str = "",
) -> None:
    """Throw a switch of each, as "enable" or "enable group"; offer to throw back those that moved.

    `back_action` throws it back by hand on the same rows: `e enables` is said then; `but` says why
    it is of no effect for now.
    """
    console = scene.console
    key, verb = console.registry.key_of(back_action), back_action.rpartition(".")[2]
    forward, _, kind = order.partition(" ")
    done_word = f"{forward}d {kind}".rstrip()

    def done(answers: list[Answer]) -> None:
        good = tuple(answer.name for answer in answers if answer.ok)
        if good:
            by_hand = f"{key} {verb}s {'it' if len(good) == 1 else 'them'}"
            console.can_undo(f"{done_word} {name_rows(good)}", lambda: undo(good), by_hand)
        tell(scene, answers, done_word, but)

    def undo(good: Sequence[str]) -> None:
        console.request(
            lambda desk: back(desk, good),
            lambda answers: tell(scene, answers, "taken back:"),
            about=f"take back: {order} {name_rows(good)}",
        )

    console.request(lambda desk: forth(desk, names), done, about=f"{order} {name_rows(names)}")


def tell(scene: Scene, answers: Sequence[Answer], done_word: str, but: str = "") -> None:
    """Say what became of each of several, in one line; every refusal is in the messages."""
    good = tuple(answer.name for answer in answers if answer.ok)
    bad = [(each.name, _reason(scene, each)) for each in answers if not each.ok]
    if not bad:
        but = console_words(but, scene.console.zone)
        scene.console.say(f"{done_word} {name_rows(good)}{but}", "warning" if but else "success")
        return
    for name, reason in bad[1:]:
        scene.console.say(f"{name}: {reason}", "error")
    first = f"{bad[0][0]}: {bad[0][1]}"
    if len(answers) == 1:
        scene.console.say(first, "error")
        return
    more = "   :messages for all" if len(bad) > 1 else ""
    scene.console.say(f"{done_word} {len(good)}, refused {len(bad)}: {first}{more}", "error")


def _reason(scene: Scene, answer: Answer) -> str:
    return console_words(answer.text, scene.console.zone)
