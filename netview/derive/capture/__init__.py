"""What is captured, and what captured packets mean together."""
