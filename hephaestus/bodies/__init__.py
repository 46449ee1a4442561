"""Bodies: a rig, its roles and a driver that moves it by any Motion. One driver a file; its name is the body's kind."""

from hephaestus.bodies.body import Body, Driver, load_body, make_body, shipped

__all__ = ["Body", "Driver", "load_body", "make_body", "shipped"]
