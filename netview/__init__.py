"""Every wire of a Linux container host's network, live in a terminal."""

__version__ = "0.1.0"
