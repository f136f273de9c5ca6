"""Where a command works: its home, store and instance key, and the system API on it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from app.client.first_look import FirstLook
    from engine.config import Settings
    from engine.control import System


@dataclass(slots=True)  # for `--help` a Struct would cost the loading of its library
class Place:
    """What the global options named; None: the environment, the settings file or the default."""

    home: str | None = None
    database_url: str | None = None
    instance_key: str | None = None
    first_look: "FirstLook | None" = None  # what a console gets its first rows from

    def settings(self) -> "Settings":
        """Return the settings of this place.

        Raises:
            UsageError: a value is not accepted.
        """
        from engine.config import load_settings

        return load_settings(self.home, self.database_url, self.instance_key)

    def system(self, *, create: bool = False) -> "System":
        """Return the system API on the store, closed when the command ends.

        Args:
            create: make the store where there is none, and bring an older one up to date.

        Raises:
            StoreError: there is none, or it cannot be used.
        """
        from engine.control import open_system

        system = open_system(self.settings(), create=create)
        click.get_current_context().call_on_close(system.close)
        return system


pass_place = click.make_pass_decorator(Place, ensure=True)
