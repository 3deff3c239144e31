"""Tiers: lists, transitions, ordered models and the multiverse over them."""
