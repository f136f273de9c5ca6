"""Which earlier sessions are dead, so that a new one may take their place.

On SQLite the engine's lock is held, so that all of them are. On a shared database those of other
keys are their peers' to judge; one of our own key is dead when its process is gone, as far as that
can be seen from here, or when its beat did not move for a whole lease on our own clock.

That a process lives says nothing where it is this very one: an engine that failed to begin leaves a
session behind for which nobody beats, and the process goes on.
"""

import threading
from collections.abc import Collection

from engine.clock import Clock, to_text
from engine.domain.session import Session, SessionStatus
from engine.errors import EngineError
from engine.identity import Identity, is_gone
from engine.persistence import sessions
from engine.persistence.database import Database

_LOOK_SECONDS = 0.1


def find_dead(
    database: Database,
    engine_key: str,
    clock: Clock,
    here: Identity,
    given_up: Collection[int] = (),
) -> list[Session]:
    """Return the dead sessions that nobody recovered so far, oldest first.

    `given_up` are the ids of those that the asking engine opened itself and beats for no more: dead
    without another look.

    Raises:
        EngineError: an engine with this key is alive; the text names it.
    """
    with database.read() as tx:
        left = sessions.unrecovered(tx)
    if database.dialect == "sqlite":
        return left
    own = [each for each in left if each.engine_key == engine_key]
    for each in own:
        if each.status is not SessionStatus.ACTIVE or each.sessionid in given_up:
            continue
        if not _is_dead(database, each, clock, here):
            raise EngineError(
                f"Engine '{engine_key}' is alive: pid {each.pid} on host {each.host}, since "
                f"{to_text(each.started)}. Give this one another key with --instance."
            )
    return own


def _is_dead(database: Database, session: Session, clock: Clock, here: Identity) -> bool:
    process = Identity(session.host, session.boot_id, session.pid, session.pid_started)
    gone = is_gone(process, here)
    if gone is not None and (gone or process != here):
        return gone
    pause = threading.Event()  # never set: only its timeout is used
    began, beat = clock.monotonic(), session.beat_seq
    while clock.monotonic() - began < session.lease_seconds:
        pause.wait(_LOOK_SECONDS)
        with database.read() as tx:
            now = sessions.get(tx, session.sessionid)
        if now.status is not SessionStatus.ACTIVE:
            return True
        if now.beat_seq != beat:
            return False
    return True
