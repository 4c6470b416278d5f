"""The only kernel I/O."""
