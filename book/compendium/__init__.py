"""The methods, data access and book machinery of the compendium."""

import sys

# altair and nbformat import jsonschema, which would compile grammars of web
# addresses for more than a second: nobody asks.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
