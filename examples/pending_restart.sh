#!/bin/sh
# Three signs that something waits for a restart after an upgrade. Shows; changes nothing.
found=0

if [ -e /run/reboot-required ] || [ -e /var/run/reboot-required ]; then
    echo "the distribution asks for a restart of the machine"
    [ -r /run/reboot-required.pkgs ] && sort -u /run/reboot-required.pkgs | sed 's/^/  because of /'
    found=$((found + 1))
fi

# A newer kernel of the same series is installed than the one that runs.
running=$(uname -r)
newest=$(ls /lib/modules 2>/dev/null | sort -V | tail -n 1)
if [ -n "$newest" ] && [ -d "/lib/modules/$running" ] && [ "$newest" != "$running" ]; then
    echo "kernel $running runs, $newest is installed"
    found=$((found + 1))
fi

# Programs that still use a library which was replaced or removed.
for maps in /proc/[0-9]*/maps; do
    if grep -q '\.so[^ ]* (deleted)$' "$maps" 2>/dev/null; then
        pid=${maps#/proc/}
        pid=${pid%/maps}
        echo "$(cat "/proc/$pid/comm" 2>/dev/null) ($pid) uses a library that was replaced"
        found=$((found + 1))
    fi
done

[ "$found" -eq 0 ] && echo "nothing waits for a restart"
exit 0
