"""The figures of the README, each printed by one command.

What is measured runs as an installed program does, with the bytecode that pip leaves beside it:
without, each process would compile all of our modules anew.
"""

import os

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
