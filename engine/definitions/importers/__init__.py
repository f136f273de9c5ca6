"""Bring along what people have: crontabs and systemd timers, with a proof of when they will run.

`crontab.import_text` and `systemd.import_folder` give an `ImportResult`; `proof.prove` compares
each job with its source's own rule, instant by instant; `writing.as_yaml` writes it for review.
"""
