"""Every action of the console, gathered."""

from app.actions.jobs import job_actions
from app.actions.logs import log_actions
from app.actions.menus import Menus
from app.actions.registry import Registry
from app.actions.view import view_actions


def all_actions() -> Registry:
    """Return the registry with its default keys."""
    menus = Menus()
    registry = Registry([*view_actions(), *job_actions(), *log_actions(), *menus.actions()])
    menus.over(registry)
    return registry
