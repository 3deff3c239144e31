"""The evidence: tables under digests, numbers for prose, and where things are."""
