"""The world: scenarios as data, PyBullet physics, entities with behaviours, perception and the forecast."""
