"""When an action asks first, and how: by danger, by number of rows, by environment."""

from app.actions.registry import Action, Danger
from app.actions.scene import Scene

BULK = 50  # more rows than this have to be confirmed by typing their number


def level_of(action: Action, scene: Scene) -> Danger:
    """Return how this press of `action` has to be confirmed."""
    count = max(len(scene.selection.jobs), len(scene.selection.instances))
    danger = action.danger
    if danger is Danger.NONE or action.asks_itself:
        return Danger.NONE
    if count > BULK:
        return Danger.DESTRUCTIVE
    is_run_in_production = action.id == "jobs.run" and scene.console.environment == "prod"
    if danger is Danger.REVERSIBLE and (
        count > 1 or is_run_in_production or scene.selection.groups
    ):
        return Danger.HARD
    return danger


def name_rows(names: tuple[str, ...], hidden: int = 0, most: int = 3) -> str:
    """Return the first names and how many more there are."""
    shown = ", ".join(names[:most])
    more = len(names) - most
    text = f"{shown} and {more:,} more" if more > 0 else shown
    return f"{text} ({hidden} of them hidden by the filter)" if hidden else text
