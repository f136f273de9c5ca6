"""The systemd unit: what `tocsin engine --print-unit` prints and `packaging/` holds."""

import shlex
import shutil
import sys
from pathlib import Path

UNIT = """\
# tocsin.service: the tocsin engine under systemd.
#
# Install:  tocsin engine --print-unit > /etc/systemd/system/tocsin.service
#           systemctl daemon-reload && systemctl enable --now tocsin
# See docs/systemd.md for what happens at stop, restart, reload and crash.

[Unit]
Description=tocsin, a persistent job scheduler
Documentation=man:systemd.service(5)
# Schedules go by the wall clock: begin when it is right.
After=time-sync.target network.target
Wants=time-sync.target

[Service]
Type=notify
NotifyAccess=main
# Jobs run with the rights of this user; as root, a job's own `user:` is honoured.
#User=tocsin
Environment=TOCSIN_HOME=/var/lib/tocsin
StateDirectory=tocsin tocsin/jobs
StateDirectoryMode=0700
UMask=0077
ExecStart={command} engine --jobs /var/lib/tocsin/jobs
ExecReload=/bin/kill -HUP $MAINPID

# `systemctl restart` keeps the running jobs: the engine is told to hand them over (SIGUSR1) and the
# next one adopts them. `systemctl stop` is SIGTERM: no new runs, the running ones get their grace.
# systemd sends the same signal for both, so this asks it which of the two is going on.
ExecStop=/bin/sh -c 'signal=TERM; \\
  if systemctl list-jobs --no-legend "$$1" | grep -qw restart; then signal=USR1; fi; \\
  kill -s "$$signal" "$$2"; while kill -0 "$$2"; do sleep 0.1; done 2>/dev/null' stop %n $MAINPID
# Only the engine's own process is signalled. Its supervisor and the jobs stay in the unit's control
# group, outlive it at a restart or a crash, and are ended by the supervisor itself when no engine
# comes back.
KillMode=process
TimeoutStartSec=180
TimeoutStopSec=60

# An engine that crashed is back in a second and adopts what runs; a frozen one is ended and
# started again. One that was stopped or drained, by whatever command, stays down.
Restart=on-failure
RestartSec=1
WatchdogSec=30
# The job that is out of memory ends, not the service.
OOMPolicy=continue
TasksMax=infinity
LimitNOFILE=65536

[Install]
WantedBy=multi-user.target
"""


def unit_text(command: str) -> str:
    """Return the unit for the program at `command`, an absolute path."""
    return UNIT.format(command=shlex.quote(command))


def own_command() -> str:
    """Return the absolute path by which this program was started."""
    started = Path(sys.argv[0])
    if started.name == "tocsin":
        return str(started.absolute())
    return shutil.which("tocsin") or "/usr/local/bin/tocsin"
