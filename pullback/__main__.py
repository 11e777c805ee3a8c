"""`python -m pullback` is the `pullback` command."""

import sys

from .cli import main

sys.exit(main())
