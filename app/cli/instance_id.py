"""The number of an instance as people write it: 42 or #42."""

import click

_LARGEST = 2**63 - 1


class InstanceIdParam(click.ParamType[int]):
    """The id of an instance."""

    name = "id"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        """Return the number, or refuse what is none."""
        digits = str(value).removeprefix("#")
        if not (digits.isascii() and digits.isdecimal() and 1 <= len(digits) <= 19):  # noqa: PLR2004
            self.fail(f"'{value}' is no instance id; it is a number such as 42.", param, ctx)
        if not 1 <= int(digits) <= _LARGEST:
            self.fail(f"there is no instance {digits}; ids begin with 1.", param, ctx)
        return int(digits)


INSTANCE_ID = InstanceIdParam()
