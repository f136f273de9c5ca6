"""Perform an action: refuse with the reason, ask first where it is dangerous, then run it."""

from collections.abc import Callable

from app.actions.confirm import level_of
from app.actions.gradation import is_bulk
from app.actions.question import Question
from app.actions.registry import Action, Danger
from app.actions.scene import TYPED, Console, Scene
from app.actions.subject import Subject, meant, subject_of
from app.overlays.typed import TypedConfirmation
from app.presentation.console_words import about_row, console_words
from app.presentation.quantities import counted
from app.widgets.bars import PANE_TITLES

READ_ONLY = "this console is read-only"


def why_not(action: Action, scene: Scene) -> str:
    """Return why `action` is not possible now, in the console's words; "" when it is."""
    scene = meant(action, scene)
    as_of = scene.console.travel.as_of
    if action.danger is not Danger.NONE:
        if scene.console.is_read_only:
            return READ_ONLY
        if as_of:
            return f"read only: as of {as_of}; :live returns"
        problem = scene.console.store.health
        if problem.link == "mismatch":
            return problem.problem or "the store is of another version: look only"
    if as_of and action.is_of_now:
        return f"not kept as of {as_of}; :live returns"
    if not action.verbs and not action.works_in(scene.pane):
        return f"works in {', '.join(PANE_TITLES[each] for each in action.panes)}"
    reason = action.refusal(scene)
    zone, key_of = scene.console.zone, scene.console.registry.key_of
    if scene.key == TYPED:
        return console_words(reason, zone)
    if len(scene.jobs) == 1:
        return about_row(reason, scene.jobs[0].name, zone, key_of)
    return console_words(reason, zone, key_of)


def perform(action: Action, scene: Scene) -> None:
    """Do it, at once or after a confirmation; the selection is the one of now, whatever comes."""
    scene = meant(action, scene)
    console = scene.console
    reason = why_not(action, scene)
    if reason:
        console.say(f"{action.title}: {reason}", "warning")
        return
    scene = action.narrowed(scene)
    subject = subject_of(action, scene)
    level = level_of(action, scene, subject)
    if level is Danger.HARD:
        text = f"{subject.verb_of(action.title)} {subject.in_words}?"
        verb = action.title.lower()
        now = console.clock.monotonic()
        console.ask(Question(text, verb, _run(action, scene), scene.key, now))
    elif level is Danger.DESTRUCTIVE:
        console.open(_typed(action, scene, subject))
    else:
        action.run(scene)


def _run(action: Action, scene: Scene) -> Callable[[], None]:
    return lambda: action.run(scene)


def _typed(action: Action, scene: Scene, subject: Subject) -> TypedConfirmation:
    consequences = [*action.consequences(scene)]
    if is_bulk(subject.count):
        consequences.append(f"This acts on {counted(subject.count, subject.noun)} at once.")
    if subject.hidden:
        be = "is" if subject.hidden == 1 else "are"
        consequences.append(f"{subject.unseen or 'It'} {be} hidden by the filter.")
    return TypedConfirmation(
        action.title, subject.names, consequences, subject.expected,
        yes=_run(action, scene), no=lambda: _kept(scene.console, action),
    )  # fmt: skip


def _kept(console: Console, action: Action) -> None:
    console.say(f"not done: {action.title.lower()}")
