"""Which ports are listened on, and by whom; and what is new, or gone, since the last run."""

import re
import socket
import struct
from pathlib import Path

from jobapi import get_option, job_save_info, job_warning, log

LISTENS = "0A"
TABLES = (("tcp", "tcp"), ("tcp6", "tcp"), ("udp", "udp"), ("udp6", "udp"))


def run():
    owners = owners_by_inode()
    now = {}
    for table, protocol in TABLES:
        for address, port, inode in listening(table, protocol):
            if not get_option("loopback") and is_loopback(address):
                continue
            now[f"{protocol} {address}:{port}"] = owners.get(inode, "")
    before = recall("ports")
    keep("ports", now)
    opened = sorted(now.keys() - before.keys()) if before is not None else []
    closed = sorted(before.keys() - now.keys()) if before is not None else []
    for port in sorted(now):
        log(f"{port} {now[port]}".rstrip())
    for port in opened:
        job_warning("PORT-OPENED", f"{port} {now[port]}".rstrip())
    for port in closed:
        job_warning("PORT-CLOSED", f"{port} {before[port]}".rstrip())
    if before is None:
        log("the first look: the next run compares with it")
    job_save_info({"listening": now, "opened": opened, "closed": closed})


def listening(table, protocol):
    """Yield address, port and inode of every socket that waits for somebody."""
    try:
        lines = Path(f"/proc/net/{table}").read_text(encoding="ascii").splitlines()[1:]
    except OSError as error:
        log(f"/proc/net/{table}: {error.strerror}", level="WARN")
        return
    for line in lines:
        fields = line.split()
        address, _, port = fields[1].partition(":")
        is_waiting = fields[3] == LISTENS if protocol == "tcp" else fields[2].endswith(":0000")
        if is_waiting:
            yield readable(address), int(port, 16), fields[9]


def readable(address):
    """Return an address of /proc/net: words of four bytes in the machine's own order."""
    words = [struct.pack("=I", int(address[at : at + 8], 16)) for at in range(0, len(address), 8)]
    packed = b"".join(words)
    if len(packed) == 4:
        return socket.inet_ntop(socket.AF_INET, packed)
    return f"[{socket.inet_ntop(socket.AF_INET6, packed)}]"


def is_loopback(address):
    return address.startswith("127.") or address == "[::1]"


def owners_by_inode():
    """Return the program behind each socket, as far as this user may see."""
    owners = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            name = (process / "comm").read_text(encoding="utf-8", errors="replace").strip()
            for descriptor in (process / "fd").iterdir():
                if match := re.match(r"socket:\[(\d+)\]", str(descriptor.readlink())):
                    owners[match[1]] = name
        except OSError:  # it ended, or is another user's
            continue
    return owners
