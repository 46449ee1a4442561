"""Perf: where the time goes, in the loop, in the motion model, in drawing."""
