"""When an action asks first, and how: by danger, by number of rows, by environment."""

from app.actions.registry import Action, Danger
from app.actions.scene import Scene
from app.actions.subject import Subject

BULK = 50  # more rows than this have to be confirmed by typing their number


def level_of(action: Action, scene: Scene, subject: Subject) -> Danger:
    """Return how this press of `action`, which is about `subject`, has to be confirmed."""
    danger = action.danger
    if danger is Danger.NONE or action.asks_itself:
        return Danger.NONE
    if subject.count > BULK:
        return Danger.DESTRUCTIVE
    is_run_in_production = action.id == "jobs.run" and scene.console.environment == "prod"
    if danger is Danger.REVERSIBLE and (
        subject.count > 1 or subject.hidden or subject.noun == "group" or is_run_in_production
    ):
        return Danger.HARD
    return danger
