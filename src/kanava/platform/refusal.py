"""Conditions that the person at the terminal must change."""


class CannotRun(Exception):
    """The program cannot go on; the text is one sentence that says what is wrong and what to do."""
