"""The rules, with no I/O: what a job, a schedule, an instance and a verdict are, and what may run when."""
