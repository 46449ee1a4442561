"""Where: which jobs of a grid are meant, as a small expression that is read and never executed."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

from prometheus.errors import BatchError, shorten

_LONGEST = 500
_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt,
    ast.GtE: operator.ge, ast.In: lambda a, b: a in b, ast.NotIn: lambda a, b: a not in b,
}  # fmt: skip


class Where:
    """A condition on a job such as `world != "arena" or seed % 2 == 0`.

    Comparisons, `in`, `and`, `or`, `not`, `%`, numbers, texts, lists, and the names that a job has.

    Raises:
        BatchError: it is no such condition, or names what no job has.
    """

    def __init__(self, text: str, names: frozenset[str]) -> None:
        self.text = text
        if len(text) > _LONGEST:
            raise BatchError(f"`where` is longer than {_LONGEST} characters; shorten it")
        try:
            self._tree = ast.parse(text.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            raise self._wrong("it cannot be read") from None
        for node in ast.walk(self._tree):
            if isinstance(node, ast.Name) and node.id not in names:
                raise self._wrong(f"there is no '{shorten(node.id, 30)}'; a job has {', '.join(sorted(names))}")

    def __call__(self, job: Mapping[str, Any]) -> bool:
        """Whether a job, by its names and values, is meant.

        Raises:
            BatchError: its values cannot be compared so.
        """
        try:
            return bool(self._value(self._tree, job))
        except (TypeError, ZeroDivisionError) as error:
            raise self._wrong(str(error)) from None

    def _value(self, node: ast.expr, job: Mapping[str, Any]) -> Any:
        match node:
            case ast.Constant(value=value) if isinstance(value, str | int | float | bool | None):
                return value
            case ast.Name(id=name):
                return job[name]
            case ast.List(elts=items) | ast.Tuple(elts=items):
                return [self._value(item, job) for item in items]
            case ast.BoolOp(op=ast.And(), values=parts):
                return all(self._value(part, job) for part in parts)
            case ast.BoolOp(values=parts):
                return any(self._value(part, job) for part in parts)
            case ast.UnaryOp(op=ast.Not(), operand=part):
                return not self._value(part, job)
            case ast.UnaryOp(op=ast.USub(), operand=part):
                return -self._value(part, job)
            case ast.BinOp(left=left, op=ast.Mod(), right=right):
                number, by = self._value(left, job), self._value(right, job)
                if not isinstance(number, int | float):
                    raise TypeError("only numbers have a remainder")
                return number % by
            case ast.Compare(left=left, ops=signs, comparators=others) if all(type(sign) in _COMPARE for sign in signs):
                values = [self._value(left, job), *(self._value(other, job) for other in others)]
                return all(_COMPARE[type(sign)](values[i], values[i + 1]) for i, sign in enumerate(signs))
        raise self._wrong("only comparisons, in, and, or, not and % are known")

    def _wrong(self, why: str) -> BatchError:
        return BatchError(f"`where: {shorten(self.text, 80)}`: {shorten(why, 120)}; write such as world != 'arena'")
