"""Sessions: the lives of engines. Liveness is a counter that peers watch; a dead one stays dead."""

from sqlalchemy import and_, bindparam, insert, select, update

from engine.clock import Instant
from engine.domain.session import Session, SessionStatus
from engine.errors import NotFoundError
from engine.persistence.failures import SessionDeadError
from engine.persistence.tables import sessions as table
from engine.persistence.transaction import Transaction

SESSION_COLUMNS = select(
    table.c.sessionid,
    table.c.instancekey,
    table.c.hostname,
    table.c.pid,
    table.c.boot_id,
    table.c.pid_started,
    table.c.version,
    table.c.sessionstatus,
    table.c.started,
    table.c.ended,
    table.c.beat_seq,
    table.c.beat_at,
    table.c.lease_seconds,
    table.c.mode,
    table.c.supervisor,
)
_ONE = SESSION_COLUMNS.where(table.c.sessionid == bindparam("session"))
_ALL = SESSION_COLUMNS.order_by(table.c.sessionid.desc())
_OF_ENGINE = SESSION_COLUMNS.where(table.c.instancekey == bindparam("engine")).order_by(
    table.c.sessionid
)
_ACTIVE = SESSION_COLUMNS.where(table.c.sessionstatus == SessionStatus.ACTIVE).order_by(
    table.c.sessionid
)
_UNRECOVERED = SESSION_COLUMNS.where(
    table.c.sessionstatus.in_([SessionStatus.ACTIVE, SessionStatus.ABNORMAL])
).order_by(table.c.sessionid)
_LIVING = and_(
    table.c.sessionid == bindparam("session"), table.c.sessionstatus == SessionStatus.ACTIVE
)
_BEAT = update(table).where(_LIVING).values(beat_seq=table.c.beat_seq + 1, beat_at=bindparam("now"))
_SHARE = (
    select(table.c.sessionstatus)
    .where(table.c.sessionid == bindparam("session"))
    .with_for_update(read=True, key_share=True)
)
_LOCK = select(table.c.sessionid).where(table.c.sessionid == bindparam("session")).with_for_update()


def open_session(tx: Transaction, session: Session) -> int:
    """Record a new session and return its id; `session.sessionid` is ignored."""
    values = {
        "instancekey": session.engine_key,
        "hostname": session.host,
        "pid": session.pid,
        "boot_id": session.boot_id,
        "pid_started": session.pid_started,
        "version": session.version,
        "sessionstatus": session.status,
        "started": session.started,
        "ended": session.ended,
        "beat_seq": session.beat_seq,
        "beat_at": session.beat_at,
        "lease_seconds": session.lease_seconds,
        "mode": session.mode,
        "supervisor": session.supervisor,
        "change_seq": tx.seq,
    }
    key = tx.execute(insert(table), values).inserted_primary_key
    return int(key[0]) if key else 0


def beat(tx: Transaction, sessionid: int, now: Instant) -> bool:
    """Count the session's beat up; False: it is dead for ever, and its engine must stop.

    `now` is for showing only. No change number: a beat is news for peers, not for screens.
    """
    return tx.execute(_BEAT, {"session": sessionid, "now": now}).rowcount == 1


def set_mode(tx: Transaction, sessionid: int, mode: str) -> bool:
    """Record that an engine is running, paused, draining or stopping; False: it is dead."""
    statement = update(table).where(_LIVING).values(mode=mode, change_seq=tx.seq)
    return tx.execute(statement, {"session": sessionid}).rowcount == 1


def set_supervisor(tx: Transaction, sessionid: int, supervisor: str) -> bool:
    """Record where the session's supervisor can be reached; False: the session is dead."""
    statement = update(table).where(_LIVING).values(supervisor=supervisor, change_seq=tx.seq)
    return tx.execute(statement, {"session": sessionid}).rowcount == 1


def lengthen_lease(tx: Transaction, sessionid: int, lease_seconds: float) -> bool:
    """Have peers wait longer before they take a session as lost; False: it is dead already."""
    statement = update(table).where(_LIVING)
    values = {"lease_seconds": lease_seconds, "change_seq": tx.seq}
    return tx.execute(statement.values(**values), {"session": sessionid}).rowcount == 1


def close(tx: Transaction, sessionid: int, now: Instant) -> bool:
    """End a session as COMPLETE; False: it was declared dead before."""
    return mark(tx, sessionid, SessionStatus.COMPLETE, now)


def mark(tx: Transaction, sessionid: int, status: SessionStatus, now: Instant) -> bool:
    """Give a living session its last status but one; False: it was not ACTIVE any more.

    Waits for claims of that session that are being committed: after it there are none to come.
    """
    tx.execute(_LOCK, {"session": sessionid})
    statement = update(table).where(_LIVING)
    values = {"sessionstatus": status, "ended": now, "change_seq": tx.seq}
    return tx.execute(statement.values(**values), {"session": sessionid}).rowcount == 1


def recovered(tx: Transaction, sessionid: int, now: Instant) -> bool:
    """Record that a session that ended abnormally was rescued; False: it needs no rescue."""
    statement = update(table).where(
        table.c.sessionid == sessionid, table.c.sessionstatus == SessionStatus.ABNORMAL
    )
    values = {"sessionstatus": SessionStatus.RECOVERED, "ended": now, "change_seq": tx.seq}
    return tx.execute(statement.values(**values)).rowcount == 1


def active(tx: Transaction) -> list[Session]:
    """Return the living sessions, oldest first."""
    return [Session(*row) for row in tx.rows(_ACTIVE)]


def unrecovered(tx: Transaction) -> list[Session]:
    """Return the sessions that live, or died and were not rescued so far, oldest first."""
    return [Session(*row) for row in tx.rows(_UNRECOVERED)]


def of_engine(tx: Transaction, engine_key: str) -> list[Session]:
    """Return every session that an engine has had, oldest first."""
    return [Session(*row) for row in tx.rows(_OF_ENGINE, {"engine": engine_key})]


def get(tx: Transaction, sessionid: int) -> Session:
    """Return a session.

    Raises:
        NotFoundError: there is none.
    """
    row = tx.row(_ONE, {"session": sessionid})
    if row is None:
        raise NotFoundError("session", str(sessionid), listing="tocsin session list", numbered=True)
    return Session(*row)


def hold(tx: Transaction, sessionid: int) -> Session:
    """Return a session as it is once nobody else is writing it; it stays so until the end of `tx`.

    Raises:
        NotFoundError: there is none.
    """
    tx.execute(_LOCK, {"session": sessionid})
    return get(tx, sessionid)


def share(tx: Transaction, sessionid: int) -> bool:
    """Let nobody rescue a session before the end of `tx`: what it wrote until then is seen whole.

    Before a session writes to its instances: who rescues it locks it before them. False: it was
    declared dead before. Always True on SQLite, where nobody else can have taken its place.
    """
    if tx.dialect == "sqlite":
        return True
    return bool(tx.value(_SHARE, {"session": sessionid}) == SessionStatus.ACTIVE)


def must_live(tx: Transaction, sessionid: int) -> None:
    """Share a session that is about to decide something in its engine's name.

    Raises:
        SessionDeadError: it is not ACTIVE any more, and others decide.
    """
    if not share(tx, sessionid):
        raise SessionDeadError(sessionid)


def all_sessions(tx: Transaction, limit: int = 1000) -> list[Session]:
    """Return the newest sessions, newest first."""
    return [Session(*row) for row in tx.rows(_ALL.limit(limit))]


def between(tx: Transaction, after: Instant, until: Instant) -> list[Session]:
    """Return the sessions that lived at any time in `after < t <= until`, oldest first."""
    lived = and_(table.c.started <= until, (table.c.ended.is_(None)) | (table.c.ended > after))
    query = SESSION_COLUMNS.where(lived).order_by(table.c.sessionid)
    return [Session(*row) for row in tx.rows(query)]
