#!/bin/sh
# Three signs that something waits for a restart after an upgrade. Shows; changes nothing.
# tocsin-job is the job API for shell jobs: `tocsin-job --help`.

found=0

tell() {
    echo "$1"
    tocsin-job warn PENDING-RESTART "$1"
    found=$((found + 1))
}

if [ -e /run/reboot-required ] || [ -e /var/run/reboot-required ]; then
    tell "the distribution asks for a restart of the machine"
    [ -r /run/reboot-required.pkgs ] && sort -u /run/reboot-required.pkgs | sed 's/^/  because of /'
fi

# A newer kernel of the same series is installed than the one that runs.
running=$(uname -r)
newest=$(ls /lib/modules 2>/dev/null | sort -V | tail -n 1)
if [ -n "$newest" ] && [ -d "/lib/modules/$running" ] && [ "$newest" != "$running" ]; then
    tell "kernel $running runs, $newest is installed"
fi

# Programs that still use a library which was replaced or removed.
for maps in /proc/[0-9]*/maps; do
    if grep -q '\.so[^ ]* (deleted)$' "$maps" 2>/dev/null; then
        pid=${maps#/proc/}
        pid=${pid%/maps}
        tell "$(cat "/proc/$pid/comm" 2>/dev/null) ($pid) uses a library that was replaced"
    fi
done

[ "$found" -eq 0 ] && echo "nothing waits for a restart"
tocsin-job save-info "{\"waiting\": $found}"
