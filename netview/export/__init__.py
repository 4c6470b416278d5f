"""Snapshots as text."""
