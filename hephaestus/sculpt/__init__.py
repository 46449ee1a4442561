"""Bodies from code: clay as distance fields, meshed, bound, painted and written as GLB."""
