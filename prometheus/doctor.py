"""Doctor: can this installation run, draw and think?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from prometheus.errors import PrometheusError


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    what: str
    ok: bool
    detail: str


def examine() -> list[Finding]:
    """Look at the package, its data, the engine, the renderer and the motion model."""
    checks: tuple[tuple[str, Callable[[], str]], ...] = (
        ("package", _package),
        ("worlds", _worlds),
        ("bodies", _bodies),
        ("physics", _physics),
        ("renderer", _renderer),
        ("motion model", _motion),
    )
    return [_look(what, check) for what, check in checks]


def _look(what: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(what, True, check())
    except (PrometheusError, ImportError, OSError, ValueError) as error:
        return Finding(what, False, str(error))


def _package() -> str:
    import prometheus

    # Another distribution on PyPI is called prometheus, too.
    if not hasattr(prometheus, "load_scenario"):
        raise PrometheusError(
            f"{prometheus.__file__} is another package; install prometheus-world in a fresh environment"
        )
    return f"prometheus-world {prometheus.__version__}"


def _worlds() -> str:
    from prometheus.world.scenario import list_worlds

    return ", ".join(list_worlds())


def _bodies() -> str:
    from hephaestus.bodies import load_body, shipped

    return ", ".join(load_body(name).name for name in shipped())


def _physics() -> str:
    from prometheus.world.physics import World
    from prometheus.world.scenario import load_scenario

    with World(load_scenario("castle")) as world:
        world.step()
    return "PyBullet steps"


def _renderer() -> str:
    from prometheus.drawing.renderer import open_renderer

    renderer = open_renderer((160, 120))
    try:
        return renderer.name
    finally:
        renderer.close()


def _motion() -> str:
    from prometheus.config import load_config
    from prometheus.run import load_motion

    frames = load_motion(load_config()).stream("a person walks forward").next(2)
    return f"{len(frames)} frames generated"
