"""`pwm body check`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from prometheus.cli.options import Json

if TYPE_CHECKING:
    from prometheus.wardrobe import Fitting


def check(
    file: Annotated[Path, typer.Argument(metavar="FILE.glb", help="A GLB or VRM file, or a shipped body's name.")],
    strip: Annotated[
        Path | None, typer.Option("--strip", metavar="OUT.png", help="Draw it walking, running and panicking.")
    ] = None,
    save: Annotated[
        bool, typer.Option("--save", help="Write the map beside the file as NAME.body.yaml, to be corrected by hand.")
    ] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Leave a NAME.body.yaml beside the file unread.")] = False,
    json: Json = False,
) -> None:
    """Tell what body a file makes: kind, axes, size, which node is which part, what is ignored, what is refused.

    Example: pwm body check knight.glb --strip knight.png
    """
    from prometheus.cli.show import show_json
    from prometheus.wardrobe import fit
    from prometheus.wardrobe import strip as draw

    fitting = fit(file, fresh)
    written = []
    if fitting.finding is not None and fitting.body is not None:
        if strip is not None:
            written.append(draw(fitting.body, strip))
        if save:
            from hephaestus.anatomy import write_sheet

            written.append(write_sheet(fitting.finding, file.with_suffix(".body.yaml")))
    if json:
        show_json(fitting.to_dict())
    else:
        _show(fitting)
        for path in written:
            print(path)
    if fitting.refused is not None:
        raise typer.Exit(1)


def _show(fitting: Fitting) -> None:
    found = fitting.finding
    if found is None or fitting.body is None:
        print(f"refused: {fitting.refused}")
        return
    facts = fitting.to_dict()
    print(
        f"{fitting.path.name}: {found.kind} ({found.confidence:.0%} sure), {facts['height_m']:.2f} m tall,"
        f" up {_axis(facts['up'])}, facing {_axis(facts['facing'])}"
    )
    names = found.asset.names
    for role, part in found.parts.items():
        nodes = ", ".join(f"{names[n] or 'node'} ({n})" for n in part.nodes)
        print(f"  {role:12} {part.confidence:4.0%}  {nodes}")
    if found.ignored:
        reasons: dict[str, list[str]] = {}
        for node, why in found.ignored.items():
            reasons.setdefault(why, []).append(names[node] or str(node))
        for why, nodes_of in reasons.items():
            shown = ", ".join(nodes_of[:8]) + (f" and {len(nodes_of) - 8} more" if len(nodes_of) > 8 else "")
            print(f"  without role: {shown}: {why}")
    for warning in found.warnings:
        print(f"  note: {warning}")


def _axis(vector: list[float]) -> str:
    for axis, letter in enumerate("xyz"):
        if abs(vector[axis]) > 0.999:
            return ("+" if vector[axis] > 0 else "-") + letter
    return "(" + ", ".join(f"{v:.2f}" for v in vector) + ")"
