"""Shares of people: intervals, bounds, pooling, self-report, printed percentages."""
