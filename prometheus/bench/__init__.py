"""WM Bench with the rubric pwm-1: scenarios, their truth from the simulator, scorers, and the report."""
