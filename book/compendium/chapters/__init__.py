"""What each page shows: one module a page, with the name of the page.

Tables are shown whole, wherever a page runs: pandas would cut long cells and many rows with dots that nobody wrote.
"""

import pandas as pd

WHOLE = ("max_colwidth", "max_columns", "max_rows", "max_seq_items")

for limit in WHOLE:
    pd.set_option(f"display.{limit}", None)
