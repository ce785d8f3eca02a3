"""Public checks of ex24_optimizer_base: the run of the notes, piece by piece."""

import torch
from torch import nn

from grader.checks import Mistake, assert_close, assert_equal, assert_tensor, check, probe, raises


@probe
def leaves_of(tensors):
    """Return a parameter for each tensor."""
    return [nn.Parameter(tensor.clone()) for tensor in tensors]


@probe
def options_of(groups):
    """Return the options of each group, without its parameters."""
    return [{name: group[name] for name in group if name != "params"} for group in groups]


@probe
def told(state_dict):
    """Return a state_dict as lists, because only dicts with str keys leave the worker."""
    state = [[key, dict(value)] for key, value in state_dict["state"].items()]
    return {"keys": sorted(state_dict), "state": state, "groups": state_dict["param_groups"]}


@probe
def moved_through_groups(student, tensors, changes):
    """Add something to all that the groups hold, and return the parameters."""
    leaves = leaves_of(tensors)
    optimizer = student.MiniOptimizer(iter(leaves), {"lr": 0.1})
    with torch.no_grad():
        for p, change in zip(optimizer.param_groups[0]["params"], changes, strict=True):
            p.add_(change)
    return [leaf.detach() for leaf in leaves]


@probe
def groups_of_the_notes(student, first, second):
    """Return the options of both groups."""
    first, second = leaves_of([first, second])
    optimizer = student.MiniOptimizer([first], {"lr": 0.1, "momentum": 0.9, "nesterov": False})
    optimizer.add_param_group({"params": second, "lr": 0.0001, "nesterov": True})
    return options_of(optimizer.param_groups)


@probe
def gradients_after_clearing(student, tensors, gradients, options):
    """Return the gradients after zero_grad(**options)."""
    leaves = leaves_of(tensors)
    for leaf, gradient in zip(leaves, gradients, strict=True):
        leaf.grad = gradient.clone()
    student.MiniOptimizer(leaves, {"lr": 0.1}).zero_grad(**options)
    return [leaf.grad for leaf in leaves]


@probe
def made_of_nothing(student):
    """Make an optimizer of an empty list."""
    student.MiniOptimizer([], {"lr": 0.1})


@probe
def made_of_a_tensor(student, tensor):
    """Make an optimizer of one tensor without a list around it."""
    student.MiniOptimizer(nn.Parameter(tensor), {"lr": 0.1})


@probe
def made_of_a_method(student):
    """Make an optimizer of a method that was not called."""
    student.MiniOptimizer(nn.Linear(2, 3).parameters, {"lr": 0.1})


@probe
def added_twice(student, tensors):
    """Add a group with a parameter that stands in the first group."""
    leaves = leaves_of(tensors)
    optimizer = student.MiniOptimizer(leaves, {"lr": 0.1})
    optimizer.add_param_group({"params": leaves[1:]})


@probe
def steps_of_the_notes(student, weight, gradients):
    """Return the weight after each step."""
    (weight,) = leaves_of([weight])
    optimizer = student.MiniSGD([weight], lr=0.1, momentum=0.9)
    history = []
    for gradient in gradients:
        weight.grad = gradient.clone()
        optimizer.step()
        history.append(weight.detach().clone())
    return history


@probe
def state_of_three(student, tensors, gradient):
    """Return the state_dict after a step in which only the second parameter had a gradient."""
    leaves = leaves_of(tensors)
    optimizer = student.MiniSGD(leaves[:2], lr=0.1, momentum=0.9)
    optimizer.add_param_group({"params": leaves[2:], "lr": 0.5})
    leaves[1].grad = gradient.clone()
    optimizer.step()
    return told(optimizer.state_dict())


@probe
def taken_over(student, tensors, gradients):
    """Step, load the state into an optimizer of other parameters, and return what it says."""
    leaves = leaves_of(tensors)
    first = student.MiniSGD(leaves, lr=0.3, momentum=0.8)
    for leaf, gradient in zip(leaves, gradients, strict=True):
        leaf.grad = gradient.clone()
    first.step()
    second = student.MiniSGD(leaves_of(tensors), lr=0.1)
    second.load_state_dict(first.state_dict())
    return told(second.state_dict())


@probe
def steps_in_two_groups(student, tensors, frozen, lr, head_lr):
    """Return every parameter after a step with gradients of ones, by name."""
    model = nn.Sequential()
    model.add_module("head", nn.Linear(2, 3))
    model.add_module("body", nn.Linear(4, 2))
    model.load_state_dict(tensors)
    model.get_parameter(frozen).requires_grad_(requires_grad=False)
    optimizer = torch.optim.SGD(student.make_groups(model, lr, head_lr), lr=0.0)
    for parameter in model.parameters():
        parameter.grad = torch.ones_like(parameter)
    optimizer.step()
    return dict(model.state_dict())


@check(
    points=1,
    zh="param_groups 里放的就是参数本身，不是副本。",
    hint="A list may hold a parameter without copying it: list(params), without clone or detach.",
    hint_zh="列表可以直接引用参数，不用复制：写 list(params)，不要 clone 或 detach。",
)
def test_groups_hold_the_parameters_themselves(submission, rng):
    """param_groups holds the parameters themselves: what is done to them there is done to them."""
    tensors, changes = [rng.randn(2, 3), rng.randn(4)], [rng.randn(2, 3), rng.randn(4)]
    moved = submission.run(moved_through_groups, tensors, changes)
    for leaf, tensor, change in zip(moved, tensors, changes, strict=True):
        copied = Mistake(
            tensor,
            en="The parameter has not moved: your groups hold a copy of it.",
            zh="参数没有动：你的参数组里放的是它的副本。",
        )
        assert_tensor(leaf, tensor + change, mistakes=[copied])


@check(
    points=1,
    zh="新加的组保留自己的 lr 和 nesterov，momentum 取自 defaults；第一组不变。",
    hint="Begin with the defaults and write the options of the group over them, in a new dict.",
    hint_zh="先放 defaults，再用这一组自己的选项覆盖，结果写进一个新的字典。",
)
def test_added_group_keeps_its_own_options(submission, rng):
    """An added group keeps its lr and nesterov and takes momentum from the defaults."""
    groups = submission.run(groups_of_the_notes, rng.randn(2, 2), rng.randn(3, 3))
    assert_equal(groups[0], {"lr": 0.1, "momentum": 0.9, "nesterov": False})
    assert_equal(groups[1], {"lr": 0.0001, "momentum": 0.9, "nesterov": True})


@check(
    points=1,
    zh="zero_grad() 之后梯度是 None；zero_grad(set_to_none=False) 之后是零。",
    hint="None is the default today. Zeros are made only for set_to_none=False.",
    hint_zh="现在的默认结果是 None；只有 set_to_none=False 时才置零。",
)
def test_zero_grad_clears(submission, rng):
    """zero_grad() leaves None as gradient, zero_grad(set_to_none=False) leaves zeros."""
    tensors, gradients = [rng.randn(2, 3), rng.randn(4)], [rng.randn(2, 3), rng.randn(4)]
    cleared = submission.run(gradients_after_clearing, tensors, gradients, {})
    assert_equal([grad if grad is None else "a tensor" for grad in cleared], [None, None])
    options = {"set_to_none": False}
    zeros = submission.run(gradients_after_clearing, tensors, gradients, options)
    for zero, tensor in zip(zeros, tensors, strict=True):
        assert_tensor(zero, torch.zeros_like(tensor))


@check(
    points=1,
    zh="空列表和重复的参数抛出 ValueError；单个张量和漏写括号的 parameters 抛出 TypeError。",
    hint="Look at the argument before you store it. Tell parameters apart by `is` or id(), not ==.",
    hint_zh="先检查参数再保存。判断是不是同一个参数要用 `is` 或 id()，不能用 ==。",
)
def test_optimizer_refuses_what_is_no_list_of_parameters(submission, rng):
    """Nothing and a parameter twice are a ValueError; a tensor and a method are a TypeError."""
    with raises(ValueError):
        submission.run(made_of_nothing)
    with raises(TypeError):
        submission.run(made_of_a_tensor, rng.randn(3))
    with raises(TypeError):
        submission.run(made_of_a_method)
    with raises(ValueError):
        submission.run(added_twice, [rng.randn(2, 3), rng.randn(4)])


@check(
    points=1,
    zh="MiniSGD 走出笔记里的一步 -0.3077 → -0.4077，随后梯度为零的三步仍靠动量前进。",
    hint="v = 0.9 v + gradient, then weight - 0.1 v. At the first step v is the gradient itself.",
    hint_zh="v = 0.9 v + 梯度，再用 weight 减去 0.1 v。第一步的 v 就是梯度本身。",
)
def test_sgd_takes_the_steps_of_the_notes(submission):
    """MiniSGD goes from -0.3077 to -0.4077, and on with its momentum when the gradient is zero."""
    weight = torch.tensor([-0.3077, 2.0], dtype=torch.float64)
    gradients = [torch.ones_like(weight)] + 3 * [torch.zeros_like(weight)]
    history = submission.run(steps_of_the_notes, weight, gradients)
    ways = [0.1, 0.1 + 0.09, 0.1 + 0.09 + 0.081, 0.1 + 0.09 + 0.081 + 0.0729]
    for moved, way in zip(history, ways, strict=True):
        still = Mistake(
            weight,
            en="The weight has not moved: step() moves something else.",
            zh="权重没有动：step() 移动的是别的东西。",
        )
        assert_tensor(moved, weight - way, mistakes=[still])


@check(
    points=1,
    zh="state_dict 用 0、1、2 表示参数，跨组连续编号；没有状态的参数不出现。",
    hint="Numbers and not tensors: an id or a tensor means nothing to the process that loads it.",
    hint_zh="用编号，不用张量：id 或张量到了载入它的进程里毫无意义。",
)
def test_state_dict_counts_the_parameters(submission, rng):
    """state_dict names parameters 0, 1, 2 through all groups, and only those with a state."""
    tensors = [rng.randn(2, 3), rng.randn(4), rng.randn(5)]
    gradient = rng.randn(4)
    saved = submission.run(state_of_three, tensors, gradient)
    assert_equal(saved["keys"], ["param_groups", "state"])
    groups = [{"lr": lr, "momentum": 0.9, "weight_decay": 0.0} for lr in (0.1, 0.5)]
    assert_equal(saved["groups"], [groups[0] | {"params": [0, 1]}, groups[1] | {"params": [2]}])
    assert_equal([number for number, _ in saved["state"]], [1])
    assert_tensor(saved["state"][0][1]["momentum_buffer"], gradient)


@check(
    points=1,
    zh="load_state_dict 让另一个优化器接过选项和动量缓冲。",
    hint="Put the options into the groups, and each entry of the state at the parameter it counts.",
    hint_zh="把选项写进各组；再按编号，把状态放到对应的参数上。",
)
def test_loading_takes_over_options_and_state(submission, rng):
    """load_state_dict makes another optimizer take over options and momentum buffers."""
    tensors, gradients = [rng.randn(2, 3), rng.randn(4)], [rng.randn(2, 3), rng.randn(4)]
    loaded = submission.run(taken_over, tensors, gradients)
    group = {"lr": 0.3, "momentum": 0.8, "weight_decay": 0.0, "params": [0, 1]}
    assert_equal(loaded["groups"], [group])
    assert_equal([number for number, _ in loaded["state"]], [0, 1])
    for (_, state), gradient in zip(loaded["state"], gradients, strict=True):
        assert_tensor(state["momentum_buffer"], gradient)


@check(
    points=1,
    zh="momentum_demo 得到笔记里的 -1.3031 和 0.00515；set_to_none=True 时停在 -0.4077 和 1。",
    hint="After zero_grad nobody calls backward(). What does step() do without a gradient?",
    hint_zh="zero_grad 之后没有人调用 backward()。没有梯度时，step() 会做什么？",
)
def test_momentum_demo_is_the_run_of_the_notes(submission):
    """momentum_demo ends at -1.3031 and 0.00515 with zeros, at -0.4077 and 1 with None."""
    weight = torch.tensor([[-0.3077]])
    zeros = submission.momentum_demo(weight, 50, set_to_none=False)
    assert_equal(sorted(zeros), ["buffer", "grad", "weight"])
    assert_tensor(zeros["grad"], torch.zeros(1, 1))
    assert_close(zeros["weight"].item(), -1.3031, rtol=0, atol=1e-4)
    assert_close(zeros["buffer"].item(), 0.00515, rtol=0, atol=1e-5)
    none = submission.momentum_demo(weight, 50, set_to_none=True)
    assert_equal(none["grad"], None)
    assert_close(none["weight"].item(), -0.4077, rtol=0, atol=1e-4)
    assert_close(none["buffer"].item(), 1.0)


@check(
    points=1,
    zh="make_groups 的两组：主体用 lr，model.head 用 head_lr，冻结的参数不在任何一组里。",
    hint="model.head has parameters of its own; all others that are trained are the body.",
    hint_zh="model.head 自己就有 parameters()；其余参与训练的参数都属于主体。",
)
def test_make_groups_gives_the_head_its_own_rate(submission, rng):
    """make_groups moves the body with lr and the head with head_lr, and no frozen parameter."""
    shapes = {"head.weight": (3, 2), "head.bias": (3,), "body.weight": (2, 4), "body.bias": (2,)}
    tensors = {name: rng.randn(*shape) for name, shape in shapes.items()}
    moved = submission.run(steps_in_two_groups, tensors, "body.bias", 0.01, 0.5)
    ways = {"head.weight": 0.5, "head.bias": 0.5, "body.weight": 0.01, "body.bias": 0.0}
    for name, way in ways.items():
        assert_tensor(moved[name], tensors[name] - way)
