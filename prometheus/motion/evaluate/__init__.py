"""Evaluation of the motion model: one table of figures with ceilings, floors, baselines and bars; `pwm motion eval`."""
