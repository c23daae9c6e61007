"""Reads one module and finds the conditions that Python would evaluate in the database's place."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from tabor.lint.conditions import Conditions
from tabor.lint.findings import Finding
from tabor.lint.meanings import Meaning
from tabor.lint.modules import Module, Modules, dotted

Function = ast.FunctionDef | ast.AsyncFunctionDef
_COMPARED: dict[type[ast.cmpop], str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}


class Checker(ast.NodeVisitor):
    """Visits the nodes of a module in the order of the text; ``findings`` has the result."""

    def __init__(self, modules: Modules, module: Module) -> None:
        self._conditions = Conditions(modules, module)
        self._module = module
        self._class = ""
        self.findings: list[Finding] = []

    # --- names ---

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._function(node)

    def _function(self, node: Function) -> None:
        for outside in (*node.decorator_list, *node.args.defaults, *filter(None, node.args.kw_defaults)):
            self.visit(outside)
        with self._conditions.scope(node, self._of_class(node)):
            for statement in node.body:
                self.visit(statement)

    def _of_class(self, node: Function) -> Meaning | None:
        """What ``cls`` stands for in a class method of a table."""
        if self._class and any(dotted(each) == "classmethod" for each in node.decorator_list):
            return self._conditions.own_table(self._class)
        return None

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        outer, self._class = self._class, node.name
        self.generic_visit(node)
        self._class = outer

    def visit_Lambda(self, node: ast.Lambda) -> None:
        with self._conditions.scope(node):
            self.visit(node.body)

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        for target in node.targets:
            self._conditions.assign(target, node.value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)
        self._conditions.assign(node.target, node.value, node.annotation)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        self._conditions.assign(node.target, node.value)

    def visit_For(self, node: ast.For) -> None:
        self._conditions.loop(node.target, node.iter)
        self.generic_visit(node)

    def visit_AsyncFor(self, node: ast.AsyncFor) -> None:
        self._conditions.hide(node.target)
        self.generic_visit(node)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        self._conditions.hide(node.target)
        for test in node.ifs:
            self._truth(test)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        self._builtin(node)
        given = self._conditions.given_to(node)
        for part in (node.func, *node.args, *[word.value for word in node.keywords]):
            if isinstance(part, ast.Lambda) and given is not None:
                with self._conditions.scope(part, given):
                    self.visit(part.body)
            else:
                self.visit(part)

    # --- rules ---

    def _builtin(self, node: ast.Call) -> None:
        """``all()``, ``any()`` and ``bool()`` of conditions, which ask for their truth."""
        if len(node.args) != 1 or node.keywords:
            return
        (argument,) = node.args
        if self._conditions.is_builtin(node.func, "bool"):
            self._truth(argument)
            return
        for name, code, sign in (("all", "TAB001", " & "), ("any", "TAB002", " | ")):
            if self._conditions.is_builtin(node.func, name):
                each = _items(argument)
                if any(map(self._conditions.belongs, each)):
                    more = "" if isinstance(argument, (ast.List, ast.Tuple)) else f"{sign}..."
                    self._report(node, code, sign.join(map(_bracketed, each)) + more)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        # The last operand is given back as it is; every other one is asked for its truth.
        if any(self._conditions.belongs(value) for value in node.values[:-1]):
            code, sign = ("TAB001", " & ") if isinstance(node.op, ast.And) else ("TAB002", " | ")
            self._report(node, code, sign.join([_bracketed(value) for value in node.values]))
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, ast.Not) and self._conditions.belongs(node.operand):
            self._report(node, "TAB003", f"~{_bracketed(node.operand)}")
        self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        sides = [node.left, *node.comparators]
        if len(node.ops) > 1 and any(map(self._conditions.belongs, sides)):
            self._report(node, "TAB005", " & ".join(_pairs(sides, node.ops)))
        elif len(node.ops) == 1:
            self._comparison(node, node.ops[0], *sides)
        self.generic_visit(node)

    def _comparison(self, node: ast.Compare, op: ast.cmpop, left: ast.expr, right: ast.expr) -> None:
        belongs, text = self._conditions.belongs, ast.unparse
        if isinstance(op, (ast.Is, ast.IsNot)) and isinstance(left, ast.Constant):
            left, right = right, left
        if isinstance(op, (ast.Is, ast.IsNot)):
            if not isinstance(right, ast.Constant) or not belongs(left) or self._conditions.may_be_none(left):
                return
            if right.value is None:
                instead = f"{text(left)}.{'is_null' if isinstance(op, ast.Is) else 'is_not_null'}()"
            else:
                instead = f"{text(left)} {'==' if isinstance(op, ast.Is) else '!='} {text(right)}"
            self._report(node, "TAB006", instead)
        elif isinstance(op, (ast.In, ast.NotIn)):
            tilde = "" if isinstance(op, ast.In) else "~"
            if belongs(left):
                method = "is_in" if isinstance(op, ast.In) else "not_in"
                self._report(node, "TAB004", f"{text(left)}.{method}({text(right)})")
            elif belongs(right):
                what = text(right)
                self._report(
                    node,
                    "TAB004",
                    f"{tilde}{what}.contains({text(left)}) for text, {tilde}{what}.has({text(left)}) for lists",
                )

    def visit_If(self, node: ast.If) -> None:
        self._truth(node.test)
        self.generic_visit(node)

    def visit_While(self, node: ast.While) -> None:
        self._truth(node.test)
        self.generic_visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self._truth(node.test)
        self.generic_visit(node)

    def visit_Assert(self, node: ast.Assert) -> None:
        self._truth(node.test)
        self.generic_visit(node)

    def _truth(self, test: ast.expr) -> None:
        if self._conditions.belongs(test):
            self._report(test, "TAB007", f"a query with .where({ast.unparse(test)})")

    def _report(self, node: ast.expr, code: str, instead: str) -> None:
        self.findings.append(Finding(self._module.path, node.lineno, node.col_offset + 1, code, instead))


def _items(node: ast.expr) -> list[ast.expr]:
    """The items of a list that is written down, or the one expression of all items of another."""
    if isinstance(node, (ast.List, ast.Tuple)):
        return node.elts
    return [node.elt] if isinstance(node, (ast.GeneratorExp, ast.ListComp)) else []


def _bracketed(node: ast.expr) -> str:
    text = ast.unparse(node)
    return text if isinstance(node, (ast.Name, ast.Attribute, ast.Call, ast.Constant)) else f"({text})"


def _pairs(sides: Sequence[ast.expr], ops: Sequence[ast.cmpop]) -> Iterator[str]:
    for left, op, right in zip(sides, ops, sides[1:], strict=False):
        sign = _COMPARED.get(type(op), "==")
        yield f"({ast.unparse(left)} {sign} {ast.unparse(right)})"
