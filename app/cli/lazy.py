"""Commands that are imported when they are called, and options that may stand anywhere.

`tocsin job list` must not pay for what `tocsin engine` or the console needs, so a group knows its
commands by name, one line of help and where they are. The global options (`--home`, `--db`,
`--instance`) are accepted before and after the command; the last one given wins.
"""

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from importlib import import_module
from typing import Any, NoReturn

import click

from app.cli.place import Place

Lazy = Mapping[str, tuple[str, str]]  # name → ("module:attribute", help in one line)

_TIME_AGO = re.compile(r"-\d.*", re.ASCII)  # or what was meant for one: no option has a digit there
_GLOBAL = {
    "home": ("--home", "DIR", "The folder of the store, logs and settings."),
    "database_url": ("--db", "URL", "The store: a SQLite or PostgreSQL URL."),
    "instance_key": ("--instance", "KEY", "The instance key of the engine."),
}


def global_options(*, hidden: bool, without: str = "") -> list[click.Parameter]:
    """Return the global options; on a command they are hidden, its help names them in one line."""
    return [
        click.Option(
            [flag, name],
            metavar=metavar,
            help=text,
            hidden=hidden,
            expose_value=False,
            callback=_remember(name),
        )
        for name, (flag, metavar, text) in _GLOBAL.items()
        if flag != without
    ]


def _remember(name: str) -> Callable[[click.Context, click.Parameter, str | None], None]:
    def callback(context: click.Context, _: click.Parameter, value: str | None) -> None:
        if value == "":  # of a variable that was never set: not what the default is for
            raise click.BadParameter("it is empty; leave it out to have the default.")
        if value is not None:
            setattr(context.ensure_object(Place), name, value)

    return callback


class Command(click.Command):
    """A command that also takes the global options."""

    def __init__(self, *args: Any, without: str = "", **kwargs: Any) -> None:
        kwargs.setdefault("epilog", "Global options: --home DIR, --db URL, --instance KEY.")
        super().__init__(*args, **kwargs)
        self.params.extend(global_options(hidden=True, without=without))

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take a time ago such as `-1h` for the argument that it is, not for options."""
        return super().parse_args(ctx, self._without_times_as_options(args))

    def _without_times_as_options(self, args: list[str]) -> list[str]:
        """Return `args` with all arguments behind `--` where one of them is such as `-1h`."""
        end = args.index("--") if "--" in args else len(args)
        options: list[str] = []
        arguments: list[str] = []
        is_value = False
        for each in args[:end]:
            is_option = each.startswith("-") and each != "-" and not _TIME_AGO.fullmatch(each)
            (options if is_value or is_option else arguments).append(each)
            is_value = not is_value and is_option and self._takes_value(each)
        if is_value or not any(map(_TIME_AGO.fullmatch, arguments)):
            return args
        return [*options, "--", *arguments, *args[end + 1 :]]

    def _takes_value(self, written: str) -> bool:
        """Whether the option takes the word behind it."""
        return any(
            isinstance(each, click.Option)
            and written in each.opts
            and not (each.is_flag or each.count)
            for each in self.params
        )


class Group(click.Group):
    """A group whose commands are imported when they are called."""

    def __init__(self, *args: Any, lazy: Lazy, **kwargs: Any) -> None:
        kwargs.setdefault("no_args_is_help", False)
        super().__init__(*args, **kwargs)
        self._lazy = lazy
        self.params.extend(global_options(hidden=self.name != "tocsin"))

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Refuse a group without a command in one line that names its commands."""
        if not args and not self.invoke_without_command and not ctx.resilient_parsing:
            raise click.UsageError(
                f"'{ctx.command_path}' needs a command: {', '.join(self._lazy)}.", ctx
            )
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, in the order of the manual."""
        del ctx
        return list(self._lazy)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command, None where there is none of that name."""
        del ctx
        if cmd_name not in self._lazy:
            return None
        module, attribute = self._lazy[cmd_name][0].split(":")
        found = getattr(import_module(module), attribute)
        if not isinstance(found, click.Command):
            message = f"{module}:{attribute} is no command"
            raise TypeError(message)
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that `args` begin with; an unknown one is refused with the nearest."""
        if args and args[0] not in self._lazy and not args[0].startswith("-"):
            self._unknown(ctx, args[0])
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in self._lazy.items()])

    def _unknown(self, ctx: click.Context, name: str) -> NoReturn:
        near = get_close_matches(name, self._lazy, n=1)
        hint = f" Nearest: '{near[0]}'." if near else ""
        raise click.UsageError(
            f"'{ctx.command_path}' has no command '{name}'.{hint} It has: {', '.join(self._lazy)}.",
            ctx,
        )


def command(name: str, *, without: str = "", **attributes: Any) -> Callable[..., Command]:
    """Declare a command of the given name."""
    return click.command(name, cls=Command, without=without, **attributes)
