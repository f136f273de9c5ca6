"""The rules, with no I/O: what jobs, schedules, instances and verdicts are; what may run when."""
