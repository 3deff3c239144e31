"""Where things are."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BOOK = ROOT / "book"
BUILD = ROOT / "_build"
DATA = Path(os.environ.get("COMPENDIUM_DATA") or ROOT / "data")
