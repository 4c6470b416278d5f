"""What rules do with a packet; no I/O: whether an address is in a set is asked for."""
