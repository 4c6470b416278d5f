"""What each subcommand does; one is imported when it is asked for."""
