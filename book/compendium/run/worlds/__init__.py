"""Worlds with known truth: whole tables made again so that a claim holds, or does not hold, by construction.

Where evidence is a panel, no single row would move a verdict. A world is a function of a table's name and its cells
as text that returns the cells as they would be; `data/planted.yml` names it `module.function`. Worlds are seeded.
"""
