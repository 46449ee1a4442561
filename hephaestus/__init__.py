"""HEPHAESTUS, the body: gives a motion a shape, whatever the shape is."""
