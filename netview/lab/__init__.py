"""Demo networks in private namespaces."""
