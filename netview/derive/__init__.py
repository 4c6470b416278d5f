"""Facts to meaning; pure."""
