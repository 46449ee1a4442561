"""Controls: which key does what; the help, the hints and the window all read this one table."""

from __future__ import annotations

from dataclasses import dataclass

WALK = ("forward", "backward", "left", "right", "step left", "step right", "run", "creep")
"""What is held down rather than pressed."""


@dataclass(frozen=True, slots=True)
class Binding:
    """A key.

    Attributes:
        keys: names of pyglet's keys that do it, each with "CTRL+" before it where that is held as well.
        action: what `App` does, or one of `WALK`.
        label: how the keys are called in the help.
        text: what it does, for the help.
        group: under which heading the help shows it.
    """

    keys: tuple[str, ...]
    action: str
    label: str
    text: str
    group: str


BINDINGS: tuple[Binding, ...] = (
    Binding(("W", "UP"), "forward", "W / Up", "walk ahead", "Walk"),
    Binding(("S", "DOWN"), "backward", "S / Down", "walk back", "Walk"),
    Binding(("A", "LEFT"), "left", "A / Left", "turn left, walking with W", "Walk"),
    Binding(("D", "RIGHT"), "right", "D / Right", "turn right, walking with W", "Walk"),
    Binding(("Q",), "step left", "Q", "step to the left", "Walk"),
    Binding(("E",), "step right", "E", "step to the right", "Walk"),
    Binding(("LSHIFT", "RSHIFT"), "run", "Shift", "run while it is held", "Walk"),
    Binding(("X",), "creep", "X", "creep while it is held", "Walk"),
    Binding(("T", "ENTER", "NUM_ENTER"), "sentence", "T / Enter", "type what to do, in your own words", "Walk"),
    Binding(("M",), "release", "M", "give the body back to its mind", "Walk"),
    Binding(("TAB",), "next actor", "Tab", "choose the next one", "Walk"),
    Binding(("C",), "next view", "C", "next camera", "Look"),
    Binding(("_1", "NUM_1"), "view follow", "1", "follow", "Look"),
    Binding(("_2", "NUM_2"), "view orbit", "2", "orbit", "Look"),
    Binding(("_3", "NUM_3"), "view eyes", "3", "first person", "Look"),
    Binding(("_4", "NUM_4"), "view above", "4", "from above", "Look"),
    Binding(("PAGEUP",), "zoom in", "PgUp / wheel", "nearer", "Look"),
    Binding(("PAGEDOWN",), "zoom out", "PgDn / wheel", "farther", "Look"),
    Binding(("COMMA",), "turn left", ", or drag", "turn the camera", "Look"),
    Binding(("F11",), "full screen", "F11", "full screen", "Look"),
    Binding(("F2",), "dashboard", "F2", "mind: all, short, off", "Panels"),
    Binding(("F3",), "tools", "F3", "things to do", "Panels"),
    Binding(("F1", "H"), "help", "F1", "this help", "Panels"),
    Binding(("F5",), "mark rays", "F5", "rays to the walls", "Marks"),
    Binding(("F6",), "mark sectors", "F6", "predicted dangers", "Marks"),
    Binding(("F7",), "mark ghosts", "F7", "where others will be in 2 s", "Marks"),
    Binding(("F8",), "mark contacts", "F8", "contacts", "Marks"),
    Binding(("F9",), "mark skeleton", "F9", "skeletons", "Marks"),
    Binding(("F10",), "mark names", "F10", "names", "Marks"),
    Binding(("SPACE",), "pause", "Space", "pause and go on", "Time"),
    Binding(("PERIOD",), "step", ".", "one frame", "Time"),
    Binding(("BRACKETLEFT", "MINUS", "NUM_SUBTRACT"), "slower", "[ or -", "slower", "Time"),
    Binding(("BRACKETRIGHT", "EQUAL", "PLUS", "NUM_ADD"), "faster", "] or +", "faster", "Time"),
    Binding(("BACKSLASH", "_0"), "real time", "0", "at the clock's pace", "Time"),
    Binding(("CTRL+R",), "reset", "Ctrl+R", "from the beginning", "Time"),
    Binding(("_5",), "place beast", "5", "place a beast", "Place (then click)"),
    Binding(("_6",), "place man", "6", "place a man", "Place (then click)"),
    Binding(("_7",), "place woman", "7", "place a woman", "Place (then click)"),
    Binding(("_8",), "place wall", "8", "place a wall", "Place (then click)"),
    Binding(("_9",), "place sign", "9", "place a sign", "Place (then click)"),
    Binding(("R",), "rotate", "R", "turn what is placed", "Place (then click)"),
    Binding(("ESCAPE",), "cancel", "Esc", "let go, close", "Place (then click)"),
    Binding(("B",), "next body", "B", "next body", "Change"),
    Binding(("N",), "next behaviour", "N", "next behaviour of a passer-by", "Change"),
    Binding(("K",), "next brain", "K", "next brain", "Change"),
    Binding(("J",), "judge", "J", "judge: enforce, advise, off", "Change"),
    Binding(("CTRL+S",), "save", "Ctrl+S", "save the episode", "Keep"),
    Binding(("CTRL+E",), "export", "Ctrl+E", "save the motion as GLB", "Keep"),
    Binding(("F12", "P"), "screenshot", "F12", "screenshot", "Keep"),
    Binding(("V",), "video", "V", "start and stop a video", "Keep"),
    Binding(("CTRL+Q",), "quit", "Ctrl+Q", "close the window", "Keep"),
)


def table() -> dict[tuple[int, bool], str]:
    """Return what each key does: (pyglet's symbol, whether Ctrl is held) -> action."""
    from pyglet.window import key

    found = {}
    for binding in BINDINGS:
        for name in binding.keys:
            plain = name.removeprefix("CTRL+")
            found[getattr(key, plain), plain != name] = binding.action
    return found


def groups() -> dict[str, list[Binding]]:
    """Return the bindings under their headings, in order."""
    found: dict[str, list[Binding]] = {}
    for binding in BINDINGS:
        found.setdefault(binding.group, []).append(binding)
    return found
