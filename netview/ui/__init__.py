"""The terminal app: the only Textual."""
