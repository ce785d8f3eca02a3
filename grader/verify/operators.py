"""Small mistakes that a machine can make in Python that uses torch: one at a time.

Each operator takes a node and yields what may stand in its place. The list follows what students
get wrong: an operator, a constant, an axis, keepdim, a mean for a sum, a forgotten zero_grad or
detach, a dtype, a step too many, a dropped argument.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import libcst as cst

Operator = Callable[[cst.CSTNode], Iterator[cst.CSTNode]]

_SWAPPED: dict[type[cst.CSTNode], type[cst.CSTNode]] = {
    cst.Add: cst.Subtract,
    cst.Subtract: cst.Add,
    cst.Multiply: cst.Divide,
    cst.Divide: cst.Multiply,
    cst.FloorDivide: cst.Divide,
    cst.Modulo: cst.Multiply,
    cst.Power: cst.Multiply,
    cst.MatrixMultiply: cst.Multiply,
    cst.AddAssign: cst.SubtractAssign,
    cst.SubtractAssign: cst.AddAssign,
    cst.MultiplyAssign: cst.DivideAssign,
    cst.DivideAssign: cst.MultiplyAssign,
    cst.LessThan: cst.LessThanEqual,
    cst.LessThanEqual: cst.LessThan,
    cst.GreaterThan: cst.GreaterThanEqual,
    cst.GreaterThanEqual: cst.GreaterThan,
    cst.Equal: cst.NotEqual,
    cst.NotEqual: cst.Equal,
    cst.Is: cst.IsNot,
    cst.IsNot: cst.Is,
    cst.In: cst.NotIn,
    cst.NotIn: cst.In,
    cst.And: cst.Or,
    cst.Or: cst.And,
    cst.BitAnd: cst.BitOr,
    cst.BitOr: cst.BitAnd,
}
_NAMES = {
    "mean": "sum",
    "sum": "mean",
    "max": "min",
    "min": "max",
    "argmax": "argmin",
    "argmin": "argmax",
    "amax": "amin",
    "amin": "amax",
    "zeros": "ones",
    "ones": "zeros",
    "zeros_like": "ones_like",
    "ones_like": "zeros_like",
    "new_zeros": "new_ones",
    "new_ones": "new_zeros",
    "rand": "randn",
    "randn": "rand",
    "cat": "stack",
    "stack": "cat",
    "any": "all",
    "all": "any",
    "float32": "float64",
    "float64": "float32",
    "int64": "int32",
    "long": "int",
    "float": "double",
    "True": "False",
    "False": "True",
    "softmax": "log_softmax",
    "log_softmax": "softmax",
    "train": "eval",
    "eval": "train",
    "floor": "ceil",
    "ceil": "floor",
}
"""Left out are names that stand for the same in most uses: view and reshape."""


def swapped(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Another operator, comparison or connective."""
    if other := _SWAPPED.get(type(node)):
        kept = {
            name: getattr(node, name)
            for name in ("whitespace_before", "whitespace_after")
            if hasattr(node, name)
        }
        yield other(**kept)


def renamed(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Another function or dtype, the other truth value."""
    if isinstance(node, cst.Name) and node.value in _NAMES:
        yield node.with_changes(value=_NAMES[node.value])


def other_number(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """A constant that is one more or one less; of floats twice as much."""
    if isinstance(node, cst.Integer):
        value = node.evaluated_value
        yield cst.Integer(str(value + 1))
        if value > 0:
            yield cst.Integer(str(value - 1))
    if isinstance(node, cst.Float):
        yield cst.Float(repr(2 * node.evaluated_value or 1.0))


def other_string(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Another text."""
    if isinstance(node, cst.SimpleString) and isinstance(node.evaluated_value, str):
        yield cst.SimpleString(repr(node.evaluated_value + "x"))


def without_sign(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Without a minus or a not."""
    if isinstance(node, cst.UnaryOperation) and isinstance(node.operator, cst.Minus | cst.Not):
        yield node.expression


def without_call(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Without a method that takes no arguments: detach, clone, sqrt ..."""
    if isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute) and not node.args:
        yield node.func.value


def without_argument(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Without one of the named arguments, or without the last of several."""
    if not isinstance(node, cst.Call):
        return
    for place, argument in enumerate(node.args):
        is_last = place == len(node.args) - 1
        if argument.keyword or (is_last and place and not argument.star):
            args = [*node.args[:place], *node.args[place + 1 :]]
            args[-1:] = [arg.with_changes(comma=cst.MaybeSentinel.DEFAULT) for arg in args[-1:]]
            yield node.with_changes(args=args)


def shorter_range(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """range(n - 1) instead of range(n)."""
    match node:
        case cst.Call(func=cst.Name("range"), args=[*_, cst.Arg() as last]):
            less = cst.BinaryOperation(last.value, cst.Subtract(), cst.Integer("1"))
            yield node.with_changes(args=[*node.args[:-1], last.with_changes(value=less)])


def without_slice_part(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """A slice without its start, its end or its step."""
    if isinstance(node, cst.Slice):
        for part in ("lower", "upper", "step"):
            if getattr(node, part) is not None:
                yield node.with_changes(**{part: None})


def other_condition(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Always, and never."""
    if isinstance(node, cst.If | cst.IfExp):
        for name in ("True", "False"):
            yield node.with_changes(test=cst.Name(name))


def other_result(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """None instead of what is returned."""
    if isinstance(node, cst.Return) and node.value is not None:
        yield node.with_changes(value=None)


def without_statement(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Without a call, a changing assignment, a raise or a deletion: without zero_grad()."""
    removable = cst.Expr | cst.AugAssign | cst.Raise | cst.Del
    is_idle = isinstance(node, cst.Expr) and isinstance(node.value, cst.Ellipsis)
    if isinstance(node, removable) and not is_idle:
        yield cst.Pass()


def without_context(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """What stands in `with torch.no_grad():`, without it."""
    if isinstance(node, cst.With) and not any(item.asname for item in node.items):
        yield cst.If(test=cst.Name("True"), body=node.body)


def without_decorator(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """A function without its first decorator."""
    if isinstance(node, cst.FunctionDef) and node.decorators:
        yield node.with_changes(decorators=node.decorators[1:])


OPERATORS: tuple[Operator, ...] = (
    swapped,
    renamed,
    other_number,
    other_string,
    without_sign,
    without_call,
    without_argument,
    shorter_range,
    without_slice_part,
    other_condition,
    other_result,
    without_statement,
    without_context,
    without_decorator,
)
