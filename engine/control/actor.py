"""Who asks, and from where: what every audit row names."""

import os
import pwd
from socket import gethostname

from msgspec import Struct

_LONGEST = 160


class Actor(Struct, frozen=True):
    """An operator as the audit names them."""

    who: str  # login name; "ops as root" where another user acts
    source: str  # host, terminal and, over SSH, the address it came from


def current_actor() -> Actor:
    """Return who runs this process, from which host, terminal and SSH connection."""
    return Actor(_who()[:_LONGEST], _source()[:_LONGEST])


def _who() -> str:
    try:
        acting = pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:  # a user that the machine does not name, as in containers
        acting = f"uid {os.geteuid()}"
    try:
        logged_in = os.getlogin()
    except OSError:  # no terminal that anybody logged in to
        return acting
    return acting if logged_in == acting else f"{logged_in} as {acting}"


def _source() -> str:
    parts = [gethostname()]
    for stream in (0, 2):
        try:
            parts.append(os.ttyname(stream).removeprefix("/dev/"))
            break
        except OSError:
            continue
    address = os.environ.get("SSH_CONNECTION", "").split()
    if address:
        parts.append(f"from {address[0]}")
    return " ".join(parts)
