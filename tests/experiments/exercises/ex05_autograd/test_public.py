"""Public checks of ex05_autograd: the example of the notes, and the graph of a few operations."""

import torch

from grader.checks import assert_equal, assert_tensor, check, probe


@probe
def names_of_a_chain(student, x, operations):
    """Return graph_names of a leaf after the operations."""
    t = x.requires_grad_()
    for operation in operations:
        t = getattr(t, operation)()
    return student.graph_names(t)


@check(
    points=2,
    zh="笔记中的例子：out 为 3，梯度依次为 3、4、1。",
    hint="y is x**2, not x + 2. x.grad itself changes later: keep a clone.",
    hint_zh="y 是 x**2，不是 x + 2。x.grad 之后还会变，请保存 clone。",
)
def test_demo_grad_on_the_example_of_the_notes(submission):
    """The example of the notes gives 3 and the gradients 3, then 4, then 1."""
    expected = (torch.tensor(3.0), *(torch.full((2, 2), g) for g in (3.0, 4.0, 1.0)))
    result = submission.demo_grad()
    assert_equal(type(result), tuple)
    for got, wanted in zip(result, expected, strict=True):
        assert_tensor(got, wanted)


@check(
    points=2,
    zh="graph_names 按反向顺序给出计算图各节点的名字。",
    hint="Start with t.grad_fn and follow next_functions[0][0]; type(node).__name__ is the name.",
    hint_zh="从 t.grad_fn 出发，沿 next_functions[0][0] 走；名字是 type(node).__name__。",
)
def test_graph_names_follow_the_operations_backwards(submission, rng):
    """graph_names lists the nodes of the graph backwards, and none for a leaf."""
    known = ["exp", "sin", "cos", "tanh", "sigmoid", "neg"]
    chain = [known[i] for i in rng.permutation(len(known)).tolist()[:4]] + ["sum"]
    names = submission.run(names_of_a_chain, rng.randn(3, 2), chain)
    assert_equal(names, [f"{operation.capitalize()}Backward0" for operation in reversed(chain)])
    assert_equal(submission.run(names_of_a_chain, rng.randn(3), []), [])
