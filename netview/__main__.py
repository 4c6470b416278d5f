"""`python -m netview`."""

import sys

from netview.cli import main

if __name__ == "__main__":
    sys.exit(main())
