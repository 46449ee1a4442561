"""A bounded YAML document: an untrusted file is measured before it is built, and every value knows its line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from prometheus.errors import WorldError, shorten

MAX_BYTES = 1_000_000
MAX_DEPTH = 12
MAX_NODES = 20_000
MAX_SCALAR = 2_000


class Document:
    """A YAML file as plain values, with the line of each.

    Attributes:
        value: what the file says: dicts, lists, strings, numbers.
        where: the file, as printed in errors.
    """

    def __init__(self, text: str, where: str) -> None:
        """Parse the text.

        Raises:
            WorldError: not YAML, or over a limit of size, depth, count, aliases or string length.
        """
        import yaml

        self.where = where
        _measure(text, where)
        loader = _loader()(text)
        try:
            self._root = loader.get_single_node()
            self.value: Any = None if self._root is None else loader.construct_document(self._root)
        except (yaml.YAMLError, ValueError, TypeError, RecursionError, OverflowError) as error:
            raise WorldError(_sentence(error, where)) from None
        finally:
            loader.dispose()

    def line(self, path: tuple[Any, ...]) -> int:
        """Return the 1-based line of the value at a path of keys and indices, or of its nearest parent."""
        node = self._root
        for part in path:
            child = _child(node, part)
            node = node if child is None else child
        return 1 if node is None else node.start_mark.line + 1

    def line_of(self, sentence: str) -> int:
        """Return the 1-based line of the last value that a sentence quotes in '...'; 1 where it quotes none."""
        import yaml

        quoted, line, nodes = set(sentence.split("'")[1::2]), 1, [self._root]
        while nodes and quoted:
            node = nodes.pop()
            if isinstance(node, yaml.ScalarNode) and node.value in quoted:
                line = max(line, node.start_mark.line + 1)
            elif isinstance(node, yaml.MappingNode):
                nodes += [value for _, value in node.value]
            elif isinstance(node, yaml.SequenceNode):
                nodes += node.value
        return line


def read_document(path: Path) -> Document:
    """Read a file as a Document.

    Raises:
        WorldError: the file cannot be read, is too large, is not UTF-8 or breaks a limit.
    """
    where = shorten(str(path), 100)
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a usable path"
        raise WorldError(f"cannot read the world file {where}: {reason}; give the path of a YAML file") from None
    if len(data) > MAX_BYTES:
        line = data.count(b"\n", 0, MAX_BYTES) + 1
        raise WorldError(
            f"{where}, line {line}: here it becomes larger than the limit of {MAX_BYTES} bytes; simplify the world"
        )
    try:
        return Document(data.decode("utf-8"), where)
    except UnicodeDecodeError as error:
        raise WorldError(f"{where} is not UTF-8 text (byte {error.start}); save it as UTF-8") from None


def _loader() -> Any:
    import yaml

    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _measure(text: str, where: str) -> None:
    # The event stream is read first: it costs no memory per node, and an alias (a "billion laughs" bomb) never expands.
    import yaml

    depth = count = 0
    try:
        for event in yaml.parse(text, Loader=_loader()):
            line = event.start_mark.line + 1
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                raise WorldError(f"{where}, line {line}: anchors and aliases are not allowed; write the value out")
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
                continue
            elif isinstance(event, yaml.ScalarEvent) and len(event.value) > MAX_SCALAR:
                raise WorldError(f"{where}, line {line}: a text is over {MAX_SCALAR} characters, the limit")
            count += 1
            if depth > MAX_DEPTH:
                raise WorldError(f"{where}, line {line}: nested deeper than the limit of {MAX_DEPTH}; flatten it")
            if count > MAX_NODES:
                raise WorldError(f"{where}, line {line}: more than the limit of {MAX_NODES} values; simplify the world")
    except (yaml.YAMLError, RecursionError) as error:
        raise WorldError(_sentence(error, where)) from None


def _sentence(error: Exception, where: str) -> str:
    mark = getattr(error, "problem_mark", None)
    line = f", line {mark.line + 1}" if mark is not None else ""
    problem = shorten(str(getattr(error, "problem", None) or error or "unreadable"), 120)
    return f"{where}{line} is not valid YAML ({problem}); correct it there"


def _child(node: Any, part: Any) -> Any:
    import yaml

    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if getattr(key, "value", None) == str(part)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and 0 <= part < len(node.value):
        return node.value[part]
    return None
