"""The panes that are tables, and why what belongs to tables is not possible elsewhere."""

from app.actions.scene import Scene

TABLES = ("jobs", "groups", "instances")


def elsewhere(scene: Scene, what: str) -> str:
    """Return that `what` holds of tables, and the keys that lead to one; "" in a table."""
    if scene.pane in TABLES:
        return ""
    *others, last = (scene.console.registry.key_of(f"go.{pane}") for pane in TABLES)
    return f"{what}: press {', '.join(others)} or {last}"
