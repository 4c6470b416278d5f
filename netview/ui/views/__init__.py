"""The lists, one file each."""
