"""Duel: one world, one seed, two brains: both lives in step, and where they part."""
