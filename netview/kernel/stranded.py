"""What ends a thread in the wrong namespace; by itself, so that catching it loads nothing else."""


class StrandedError(RuntimeError):
    """The way home failed: this thread is in a foreign namespace and must end."""
