"""What a shell completes, and its own words for that."""

from netview.front import write


def names() -> "list[str]":
    """What a shell completes: links of this namespace and named ones, as far as they need no quotes."""
    from netview.kernel.names import names_here

    return names_here()


def completion(script: str) -> int:
    """A shell's own words."""
    write(script + "\n", ascii_only=False)
    return 0
