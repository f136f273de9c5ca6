"""Definition files ↔ jobs: read and check them, bring the store in line with them, write them back.

`reader` reads, `loading` plans and applies, `exporting` writes, `template` starts a new one,
`watching` notices changes, `importers` bring crontabs and systemd timers along.
"""
