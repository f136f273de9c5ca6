"""The text in which a job's info is kept: YAML, and for large data JSON, which is YAML too.

YAML takes about a second for each megabyte of small values, and the engine waits for it.
"""

import re
from typing import Any

import msgspec

LARGE = 1 << 14  # characters of JSON
_INDENT = 2
# JSON has them as they are; YAML forbids some of them, and takes others for the end of a line.
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def compact(info: Any) -> str:
    """Return `info` as JSON on one line: what its size is measured by.

    Raises:
        TypeError: it is no plain data.
        RecursionError: it is nested without end.
    """
    return msgspec.json.encode(info).decode()


def readable(info: Any, as_json: str) -> str:
    """Return the text to keep of `info`, which is `as_json` when it is compact."""
    if len(as_json) > LARGE and not isinstance(info, str):  # a text alone is quick in YAML
        lines = msgspec.json.format(as_json, indent=_INDENT)
        return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", lines) + "\n"
    import yaml

    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    return str(yaml.dump(info, Dumper=dumper, allow_unicode=True, sort_keys=False))
