"""When an action asks first, and how: by danger, by number of rows, by environment."""

from app.actions.gradation import is_bulk, is_several
from app.actions.registry import Action, Danger
from app.actions.scene import Scene
from app.actions.subject import Subject


def level_of(action: Action, scene: Scene, subject: Subject) -> Danger:
    """Return how this press of `action`, which is about `subject`, has to be confirmed."""
    danger = action.danger
    if danger is Danger.NONE or action.asks_itself:
        return Danger.NONE
    if is_bulk(subject.count):
        return Danger.DESTRUCTIVE
    is_run_in_production = action.id == "jobs.run" and scene.console.environment == "prod"
    is_doubtful = subject.hidden or subject.noun == "group" or is_run_in_production
    if danger is Danger.REVERSIBLE and (is_several(subject.count) or is_doubtful):
        return Danger.HARD
    return danger
