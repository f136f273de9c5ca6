"""What operators ask of a living engine: written to the store, and answered there by the engine.

Asking twice under one request id has one effect. A request that nobody answered in time is
withdrawn by its asker: whoever sets `answered` first, the engine or the asker, decides. One whose
asker died is withdrawn by the engine that finds it a minute later or more, by the clock of the
store's server or, on a file, of the machine. What was withdrawn had no effect, and can be asked
again under the same id.

| kind | payload | answer when ok |
|---|---|---|
| run | `job` (name), `force`, `options` (mapping over the job's own, or None) | `job_instanceid` |
| cancel | `job_instanceid`, `grace` (seconds, None: the job's) | `message` |
| kill | `job_instanceid` | `message` |
| pause, resume | nothing | `mode` |
| drain | nothing: claim nothing more, stop when idle | `mode` |
| stop | `grace` (seconds, None: the engine's) | `mode` |

A refusal's answer is `code` and `message`, as in engine.errors.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from msgspec import Struct

from engine.clock import Instant


class RequestKind(StrEnum):
    """What can be asked."""

    RUN = "run"
    CANCEL = "cancel"
    KILL = "kill"
    PAUSE = "pause"
    RESUME = "resume"
    DRAIN = "drain"
    STOP = "stop"


class Request(Struct, frozen=True):
    """One row of `requests`."""

    requestid: str  # chosen by the asker
    kind: RequestKind
    payload: Mapping[str, Any]
    who: str
    source: str
    created: Instant  # by the clock of the asker, until it is in the store of a server
    engine_key: str = ""  # "": any engine
    answered: Instant | None = None
    ok: bool | None = None  # None: it waits, or was withdrawn
    answer: Mapping[str, Any] | None = None
