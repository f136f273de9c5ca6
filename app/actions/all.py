"""Every action of the console, gathered."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from app.actions.alerts import alert_actions
from app.actions.console import console_actions
from app.actions.engine import engine_actions
from app.actions.groups import group_actions
from app.actions.instances import instance_actions
from app.actions.job_forms import form_actions
from app.actions.job_looks import look_actions
from app.actions.jobs import job_actions
from app.actions.logs import log_actions
from app.actions.menus import Menus
from app.actions.moment import moment_actions
from app.actions.registry import Registry
from app.actions.schedule import schedule_actions
from app.actions.setting import setting_actions
from app.actions.state import state_actions
from app.actions.travel import travel_actions
from app.actions.view import view_actions


def all_actions(keys: Mapping[str, Sequence[str]] = MappingProxyType({})) -> Registry:
    """Return the registry; the actions named in `keys` have those, the others their own.

    Raises:
        KeyClashError: an id is unknown, or two actions want one key.
    """
    menus = Menus()
    registry = Registry(
        [
            *job_actions(),
            *instance_actions(),
            *log_actions(),
            *look_actions(),
            *alert_actions(),
            *moment_actions(),
            *travel_actions(),
            *form_actions(),
            *group_actions(),
            *state_actions(),
            *schedule_actions(),
            *engine_actions(),
            *view_actions(),
            *menus.actions(),
            *console_actions(),
            *setting_actions(),
        ]
    ).remapped(keys)
    menus.over(registry)
    return registry
