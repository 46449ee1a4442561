"""Every error that PROMETHEUS raises on purpose, each one sentence that says what to do.

```
PrometheusError
├── ConfigError      a setting, a configuration file or an output directory
├── WorldError       a world file or the name of a world
├── EpisodeError     an episode file that cannot be read, written or replayed
├── MotionError      motion weights, a caption or a corpus
├── RenderError      nothing here can draw, or a video cannot be written
├── BatchError       the SPEC of a batch, or the folder of its results
├── BenchError       scenarios or answers of the bench that cannot be read, or a scorer that fails
└── DataError        the shipped worlds and assets are not where they should be
```

The command line prints the sentence and exits with `exit_code`.
"""

from __future__ import annotations


class PrometheusError(Exception):
    """Base of the tree: wrong usage or bad input; its text is one sentence with the fix."""

    exit_code = 2


class ConfigError(PrometheusError):
    """A setting is unknown, out of range or unreadable, or the output directory cannot be written."""


class WorldError(PrometheusError):
    """A world has no such name, or its file breaks a rule or a limit."""


class EpisodeError(PrometheusError):
    """An episode cannot be read, does not match this wheel, or differs on replay."""


class MotionError(PrometheusError):
    """The motion model's weights are missing or do not fit, or a corpus is unreadable."""


class RenderError(PrometheusError):
    """No renderer works here, or a picture or video cannot be written."""


class BatchError(PrometheusError):
    """The SPEC of a batch breaks a rule, or its results cannot be kept or do not belong together."""


class BenchError(PrometheusError):
    """Scenarios or answers of the bench cannot be read, or somebody's own scorer fails."""


class DataError(PrometheusError):
    """The files that travel with the wheel cannot be found."""


def shorten(value: object, limit: int = 60) -> str:
    """Return a printable form of an untrusted value, at most `limit` characters, for use in an error's sentence."""
    text = value if isinstance(value, str) else repr(value)
    text = "".join(c if c.isprintable() else "?" for c in text[: limit + 1])
    return text if len(text) <= limit else text[: limit - 3] + "..."
