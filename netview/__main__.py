"""`python -m netview`."""

from netview.cli import main

if __name__ == "__main__":
    main()
