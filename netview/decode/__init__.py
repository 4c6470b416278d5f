"""Bytes and text of the kernel to facts; pure."""
