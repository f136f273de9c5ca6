"""What ends a command of which some items were refused."""


class ItemsFailedError(Exception):
    """Some items of a batch were refused; each has been told already."""
