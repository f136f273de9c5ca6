"""What runs outside of the engine: the supervisor and the processes of jobs.

Standard library only; started by path through `start.py`, which loads this folder as a package of another
name, so that a job may have packages of its own called `engine` and `app`. Never imports the engine.
"""
