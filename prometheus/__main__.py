"""`python -m prometheus` is `pwm`."""

from prometheus.cli import main

main()
