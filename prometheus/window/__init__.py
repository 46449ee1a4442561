"""The window: a world that a person walks into, and sees a mind at work. Start with `app`."""
