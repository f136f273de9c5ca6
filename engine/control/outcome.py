"""What became of one item of a batch call: one bad item never fails the others."""

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from engine.errors import StoreError, TocsinError


class Outcome(Struct, frozen=True):
    """One item's answer. `code` is empty when it went well, else the refusal's (JOB-ERROR …)."""

    name: str
    ok: bool
    message: str
    code: str = ""
    job_instanceid: int | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the plain form that `--json` prints."""
        plain: dict[str, Any] = {
            "name": self.name,
            "ok": self.ok,
            "code": self.code,
            "message": self.message,
        }
        if self.job_instanceid is not None:
            plain["job_instanceid"] = self.job_instanceid
        return plain


def attempt(name: str, act: Callable[[], str]) -> Outcome:
    """Return what `act` says it did to `name`, or its refusal.

    Raises:
        StoreError: the transaction as a whole is lost.
    """
    try:
        return Outcome(name, ok=True, message=act())
    except StoreError:
        raise
    except TocsinError as error:
        return Outcome(name, ok=False, message=error.message, code=error.code)
