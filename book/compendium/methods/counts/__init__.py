"""Counts that states and agencies publish: agreement, growth, estimates of hidden populations."""
