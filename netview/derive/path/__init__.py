"""Where a packet goes, hop by hop; no I/O: what a snapshot does not hold is asked for."""
