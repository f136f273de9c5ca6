"""Figures of the console, through a real pseudo-terminal."""
