"""What can go wrong with a body: one sentence that says what and how to mend it."""


class BodyError(ValueError):
    """Base of the errors of this package."""


class AssetError(BodyError):
    """A GLB, BVH or motion file is hostile, broken, or uses what is not supported."""


class RigError(BodyError):
    """A skeleton lacks the joints that a driver needs."""
