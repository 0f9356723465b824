class CannotServe(Exception):
    """The program cannot run here; the text is one sentence for whoever typed the command."""
