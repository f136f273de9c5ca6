"""What runs outside of the engine: the supervisor and the processes of jobs.

Standard library only; started by path through `start.py`, which loads this folder as a package of
another name, so that a job may have packages of its own called `engine` and `app`. Never imports
the engine.

Every page of memory that the supervisor holds is paid for at each fork, and every page that a child
touches once more. So what is loaded before a fork goes without `typing`, `enum`, `re`,
`contextlib`, `socket`, `signal` and `json` (3 MB, and half of the cost of a process), and uses the
parts of them that are written in C.
"""
