"""The version of tocsin: the build takes it from here, so that no process has to look for it."""

__version__ = "0.1.0"
