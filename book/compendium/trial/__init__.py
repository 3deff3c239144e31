"""The trial: claims, rules and verdicts. It decides and never executes."""

from compendium.trial.verdicts import conclude

__all__ = ["conclude"]
