"""What the kernel's trace of packets through the rules means."""
