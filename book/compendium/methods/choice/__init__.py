"""Choice: what a would-be trafficker weighs, and what policies against trafficking found."""
