from hypothesis import settings

settings.register_profile("aether", deadline=None, max_examples=120, database=None)
settings.load_profile("aether")
