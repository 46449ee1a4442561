"""Drawing: worlds, bodies and episodes as pictures, with what the mind sees laid over them."""
