"""The command line inside the environment that `python3 -m portal` prepared."""

from portal.cli import main

raise SystemExit(main())
