"""`python -m compendium`."""

import sys

# nbformat imports jsonschema, which would compile grammars of web addresses for more than a second: nobody asks.
sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]

from compendium.cli import main  # noqa: E402

raise SystemExit(main())
