"""What is wrong: each check a pure function over a snapshot and the answers that it asked for."""
