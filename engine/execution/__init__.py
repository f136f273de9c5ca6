"""Running job code: the executor's side in the engine, and `runtime`, which runs outside of it.

`executor` is the door. The engine hands runs to a supervisor process and reads reports from it;
neither waits for the other. What is under `runtime` uses the standard library only and never
imports this package.
"""
