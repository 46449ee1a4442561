import pytest
from hypothesis import settings

import aether.brains.litellm

settings.register_profile("aether", deadline=None, max_examples=120, database=None)
settings.load_profile("aether")
aether.brains.litellm.ALLOW_MODEL_REQUESTS = False


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch):
    """No test may find a real key: whatever the machine has in its environment is gone."""
    import os

    for name in list(os.environ):
        if name.endswith(("_API_KEY", "_API_BASE", "_BASE_URL", "_SECRET_ACCESS_KEY", "_ACCESS_KEY_ID")):
            monkeypatch.delenv(name)
