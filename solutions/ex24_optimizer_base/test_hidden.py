"""Hidden checks of ex24_optimizer_base: groups that stay apart, odd gradients, saved training."""

import io

import torch
from torch import nn

from grader.checks import Mistake, assert_equal, assert_tensor, check, probe, raises


@probe
def leaves_of(tensors):
    """Return a parameter for each tensor."""
    return [nn.Parameter(tensor.clone()) for tensor in tensors]


@probe
def options_of(groups):
    """Return the options of each group, without its parameters."""
    return [{name: group[name] for name in group if name != "params"} for group in groups]


@probe
def through_a_file(state_dict):
    """Return what the default torch.load reads from what torch.save wrote."""
    file = io.BytesIO()
    torch.save(state_dict, file)
    file.seek(0)
    return torch.load(file)


@probe
def groups_apart(student, tensors):
    """Make groups of dicts and change one; return all options, the defaults and the dicts."""
    leaves = leaves_of(tensors)
    passed = [
        {"params": (leaf for leaf in leaves[:2])},
        {"params": leaves[2], "lr": 0.7, "nickname": "c"},
        {"params": [leaves[3]]},
    ]
    optimizer = student.MiniOptimizer((group for group in passed), {"lr": 0.1, "momentum": 0.4})
    before = options_of(optimizer.param_groups)
    sizes = [len(group["params"]) for group in optimizer.param_groups]
    optimizer.param_groups[0]["lr"] = 5.0
    optimizer.param_groups[1]["momentum"] = 6.0
    after = options_of(optimizer.param_groups)
    return {
        "before": before,
        "sizes": sizes,
        "after": after,
        "defaults": dict(optimizer.defaults),
        "passed": options_of(passed),
        "unchanged": isinstance(passed[1]["params"], torch.Tensor),
    }


@probe
def odd_gradients(student, tensors, *, set_to_none):
    """Clear an infinite gradient, one with a graph, and none, in two groups."""
    leaves = leaves_of(tensors)
    optimizer = student.MiniOptimizer(leaves[:1], {"lr": 0.1})
    optimizer.add_param_group({"params": leaves[1:]})
    leaves[0].grad = torch.full_like(leaves[0], torch.inf)
    (leaves[1] ** 3).sum().backward(create_graph=True)
    optimizer.zero_grad(set_to_none=set_to_none)
    left = [leaf.grad for leaf in leaves]
    return left, [gradient is not None and gradient.requires_grad for gradient in left]


@probe
def made_of(student, tensors, kind):
    """Make an optimizer of something that it has to refuse."""
    leaves = leaves_of(tensors)
    given = {
        "no leaf": [leaves[0], leaves[1] * 2],
        "twice": [leaves[0], leaves[1], leaves[0]],
        "empty generator": (leaf for leaf in leaves[:0]),
        "names": ["weight", "bias"],
        "twice in groups": [{"params": leaves}, {"params": leaves[0]}],
        "no leaf in a group": [{"params": leaves[0]}, {"params": leaves[1] * 2}],
    }
    student.MiniOptimizer(given[kind], {"lr": 0.1})


@probe
def trained(student, tensors, gradients, defaults, rates, cut):
    """Step with two groups and changing rates; return the parameters after every step.

    Also return whether all gradients stayed as they were, and how many parameters have a state.
    After `cut` steps the optimizer is saved, and another one goes on with other parameters.
    """
    leaves = leaves_of(tensors)

    def optimizer_of(leaves, defaults):
        groups = [{"params": leaves[:2]}, {"params": leaves[2:], "weight_decay": 0.0}]
        return student.MiniSGD(groups, **defaults)

    optimizer = optimizer_of(leaves, defaults)
    history, kept = [], True
    for step, (given, rate) in enumerate(zip(gradients, rates, strict=True)):
        if step == cut:
            saved = through_a_file(optimizer.state_dict())
            leaves = leaves_of([leaf.detach() for leaf in leaves])
            optimizer = optimizer_of(leaves, {"lr": 9.0})
            optimizer.load_state_dict(saved)
        optimizer.param_groups[1]["lr"] = rate
        for leaf, gradient in zip(leaves, given, strict=True):
            leaf.grad = None if gradient is None else gradient.clone()
        optimizer.step()
        for leaf, gradient in zip(leaves, given, strict=True):
            kept = kept and (gradient is None or torch.equal(leaf.grad, gradient))
        history.append([leaf.detach().clone() for leaf in leaves])
    return history, kept, len(optimizer.state_dict()["state"])


@probe
def counting_optimizer(student, tensors, saved_after, steps):
    """Return what an optimizer of another kind says after loading what one of its kind saved.

    It adds up its gradients and counts its steps; only its second parameter takes part.
    """

    class Summing(student.MiniOptimizer):
        """Remember a sum, a count and a name for each parameter with a gradient."""

        def step(self):
            for group in self.param_groups:
                for p in group["params"]:
                    if p.grad is not None:
                        state = self.state[p]
                        state["sum"] = state.get("sum", 0) + p.grad
                        state["count"] = state.get("count", 0) + group["by"]
                        state["name"] = "sum of gradients"

    leaves = leaves_of(tensors)
    first = Summing(leaves, {"by": 2})
    leaves[1].grad = torch.ones_like(leaves[1])
    for _ in range(saved_after):
        first.step()
    others = leaves_of(tensors)
    others[1].grad = torch.ones_like(others[1])
    second = Summing(others, {"by": 7})
    second.load_state_dict(through_a_file(first.state_dict()))
    for _ in range(steps):
        second.step()
    return [dict(first.state[p]) for p in leaves], [dict(second.state[p]) for p in others]


@probe
def loaded_over(student, tensors, gradient):
    """Load over an old state; return the new one, and the saved one after further steps."""
    leaves = leaves_of(tensors)
    first = student.MiniSGD(leaves, lr=0.1, momentum=0.5)
    second = student.MiniSGD(leaves, lr=0.2, momentum=0.5)
    leaves[0].grad = torch.ones_like(leaves[0])
    second.step()  # the old state, of the first parameter
    leaves[0].grad, leaves[1].grad = None, gradient.clone()
    first.step()
    saved = through_a_file(first.state_dict())
    second.load_state_dict(saved)
    numbers = list(second.state_dict()["state"])
    second.param_groups[0]["lr"] = 4.0
    for p in second.state:
        for value in second.state[p].values():
            value.add_(1)  # as a step may do that works in place
    buffers = [state["momentum_buffer"] for state in saved["state"].values()]
    return numbers, buffers, saved["param_groups"][0]["lr"]


@probe
def load_into(student, tensors, saved_sizes, own_sizes):
    """Load the state of an optimizer into one with groups of other sizes."""

    def optimizer_of(sizes):
        leaves = iter(leaves_of(tensors))
        return student.MiniSGD([{"params": [next(leaves) for _ in range(n)]} for n in sizes], lr=1)

    optimizer_of(own_sizes).load_state_dict(optimizer_of(saved_sizes).state_dict())


@probe
def demo_and_weight(student, weight, steps, set_to_none):
    """Return the result of momentum_demo, its flags, and the weight that it was given."""
    weight = weight.t()
    result = student.momentum_demo(weight, steps, set_to_none=set_to_none)
    flags = [value is not None and value.requires_grad for value in result.values()]
    return result, flags, weight


@probe
def steps_of_a_deep_model(student, tensors, frozen, lr, head_lr):
    """Return the parameters of a model with misleading names after a step with ones."""
    model = nn.Module()
    model.header = nn.Linear(3, 2)
    model.body = nn.Module()
    model.body.head = nn.Linear(2, 2)
    model.head = nn.Sequential(nn.Linear(2, 4), nn.Sequential(nn.Linear(4, 1)))
    model.scale = nn.Parameter(torch.zeros(2))
    model.load_state_dict(tensors)
    for name in frozen:
        model.get_parameter(name).requires_grad_(requires_grad=False)
    optimizer = torch.optim.SGD(student.make_groups(model, lr, head_lr), lr=0.0)
    for parameter in model.parameters():
        parameter.grad = torch.ones_like(parameter)
    optimizer.step()
    return dict(model.state_dict()), len(optimizer.param_groups)


def stepped(tensors, gradients, momentum, decays, rates, slip=None):
    """Return the parameters after each step of the published rule; `slip` names a mistake to make.

    Source: the algorithm in the documentation of torch.optim.SGD, without dampening: the momentum
    of Sutskever, Martens, Dahl and Hinton (ICML 2013, "On the importance of initialization and
    momentum in deep learning"), with lr taken out of the velocity, and weight decay as an L2 term.
    """
    values, velocities, history = [t.clone() for t in tensors], [None] * len(tensors), []
    for given, rate in zip(gradients, rates, strict=True):
        for i, gradient in enumerate(given):
            if gradient is not None or slip == "none":
                decay = decays[0] if slip == "options" else decays[i]
                slope = (0 if gradient is None else gradient) + decay * values[i]
                old = velocities[i]
                velocities[i] = slope if old is None else momentum * old + slope
                lr = rate[0] if slip == "options" else rate[i]
                values[i] = values[i] - lr * velocities[i]
        history.append(list(values))
    return history


def random_training(rng, dtype):
    """Return parameters, and gradients for 12 steps; some parameters have none at times."""
    shapes = [(4, 3), (5,), (), (0, 2), (1, 2, 2)]
    tensors = [rng.randn(*shape, dtype=dtype) for shape in shapes]
    gradients = [[rng.randn(*shape, dtype=dtype) for shape in shapes] for _ in range(12)]
    for step, i in [(0, 1), (3, 0), (4, 0), (5, 2), (6, 4), (8, 1)]:
        gradients[step][i] = None
    return tensors, gradients


SLIPS = {
    "none": [
        "A parameter without a gradient has moved, by its momentum or its weight decay.",
        "没有梯度的参数也动了：动量或权重衰减仍在起作用。",
    ],
    "options": [
        "All groups move with the same options. Each group has its own, and they may change.",
        "所有的组用了同样的选项。每一组都有自己的选项，而且可能改变。",
    ],
}


def assert_history(actual, *rule):
    """Compare the parameters after every step with what the published rule gives."""
    expected = stepped(*rule)
    assert_equal(len(actual), len(expected))
    slips = [(stepped(*rule, slip=slip), *texts) for slip, texts in SLIPS.items()]
    for step, (moved, right) in enumerate(zip(actual, expected, strict=True)):
        for i, (tensor, value) in enumerate(zip(moved, right, strict=True)):
            mistakes = [Mistake(slipped[step][i], en=en, zh=zh) for slipped, en, zh in slips]
            assert_tensor(tensor, value, mistakes=mistakes)


@check(
    points=2,
    zh="由字典建立的各组互不影响：改一组的选项，别的组、defaults 和传入的字典都不变。",
    hint="Each group is a new dict. An iterable may be a generator, which runs only once.",
    hint_zh="每一组都是一个新的字典。可迭代对象可能是生成器，它只能遍历一次。",
)
def test_groups_stay_apart(submission, rng):
    """Groups made of dicts stay apart from each other, from the defaults and from those dicts."""
    same = rng.randn(2, 2)
    told = submission.run(groups_apart, [same, same, rng.randn(3), same])
    expected = [{"lr": 0.1, "momentum": 0.4} for _ in range(3)]
    expected[1] |= {"lr": 0.7, "nickname": "c"}
    assert_equal(told["before"], expected)
    assert_equal(told["sizes"], [2, 1, 1])
    expected[0]["lr"], expected[1]["momentum"] = 5.0, 6.0
    assert_equal(told["after"], expected)
    assert_equal(told["defaults"], {"lr": 0.1, "momentum": 0.4})
    assert_equal(told["passed"], [{}, {"lr": 0.7, "nickname": "c"}, {}])
    assert_equal(told["unchanged"], expected=True)


@check(
    points=1,
    zh="zero_grad 清掉所有组里的梯度，不管是无穷大、带计算图，还是本来就没有。",
    hint="Zero times infinity is nan, and a product has a graph. Make new zeros, or detach first.",
    hint_zh="零乘无穷大得 nan，乘积还会带上计算图。请新建零张量，或者先 detach。",
)
def test_zero_grad_clears_every_gradient(submission, rng):
    """zero_grad clears gradients in all groups, infinite ones, ones with a graph, and none."""
    tensors = [rng.randn(2, 3), rng.randn(4), rng.randn(2)]
    left, flags = submission.run(odd_gradients, tensors, set_to_none=False)
    assert_tensor(left[0], torch.zeros(2, 3))
    assert_tensor(left[1], torch.zeros(4))
    assert_equal(left[2], None)
    assert_equal(flags, [False, False, False])
    left, _ = submission.run(odd_gradients, tensors, set_to_none=True)
    assert_equal([gradient if gradient is None else "a tensor" for gradient in left], [None] * 3)


@check(
    points=2,
    zh="不是叶子、重复出现、空的生成器都抛出 ValueError，不是张量的抛出 TypeError。",
    hint="All groups, the first too, go through add_param_group: check there, once for all.",
    hint_zh="所有的组（包括第一组）都要经过 add_param_group：把检查集中写在那里。",
)
def test_groups_refuse_what_is_no_parameter(submission, rng):
    """What is no leaf, comes twice or is empty is a ValueError; what is no tensor a TypeError."""
    tensors = [rng.randn(2, 3), rng.randn(2, 3)]
    kinds = ["no leaf", "twice", "empty generator", "twice in groups", "no leaf in a group"]
    for kind in kinds:
        with raises(ValueError):
            submission.run(made_of, tensors, kind)
    with raises(TypeError):
        submission.run(made_of, tensors, "names")


@check(
    points=4,
    zh="12 步带动量和权重衰减的训练，每一步的参数都符合公布的更新规则；没有动量时什么都不记。",
    hint="Each group has its own options, and they may change between two steps.",
    hint_zh="每一组有自己的选项，两步之间还可能改变。",
)
def test_sgd_follows_the_published_rule(submission, rng):
    """For 12 steps all parameters follow the published rule; without momentum nothing is kept."""
    settings = [(torch.float64, 0.85, 0.3), (torch.float32, 0.6, 0.0), (torch.float64, 0.0, 0.2)]
    for dtype, momentum, decay in settings:
        tensors, gradients = random_training(rng, dtype)
        rates = [0.02 + 0.01 * step for step in range(12)]
        options = {"momentum": momentum, "weight_decay": decay}
        options = {name: value for name, value in options.items() if value}  # 0 is the default
        history, kept, remembered = submission.run(
            trained, tensors, gradients, options | {"lr": 0.05}, rates, cut=None
        )
        decays, rates = [decay] * 2 + [0.0] * 3, [[0.05] * 2 + [rate] * 3 for rate in rates]
        assert_history(history, tensors, gradients, momentum, decays, rates)
        assert_equal(kept, expected=True)
        assert_equal(remembered, 5 if momentum else 0)


@check(
    points=3,
    zh="训练到一半，用 torch.save 保存、用 torch.load 的默认设置载入，接着训练与不中断时相同。",
    hint="Options, momentum buffers, numbers: all must come back, in plain dicts and lists.",
    hint_zh="选项、动量缓冲和编号都要恢复，而且只用普通的字典和列表。",
)
def test_training_goes_on_after_saving(submission, rng):
    """Training that is saved and loaded half way goes on as if it had not been interrupted."""
    tensors, gradients = random_training(rng, torch.float64)
    defaults = {"lr": 0.05, "momentum": 0.85, "weight_decay": 0.3}
    rates = [0.04 + 0.01 * step for step in range(12)]
    history, kept, _ = submission.run(trained, tensors, gradients, defaults, rates, cut=5)
    decays, rates = [0.3] * 2 + [0.0] * 3, [[0.05] * 2 + [rate] * 3 for rate in rates]
    assert_history(history, tensors, gradients, 0.85, decays, rates)
    assert_equal(kept, expected=True)


@check(
    points=2,
    zh="建立在 MiniOptimizer 上的另一种优化器，不管记住什么，都能保存和载入。",
    hint="The base class does not know what its children remember. Copy all that state[p] holds.",
    hint_zh="基类不知道子类会记住什么。state[p] 里有什么，就全部复制。",
)
def test_other_optimizers_keep_their_state(submission, rng):
    """Another optimizer built on MiniOptimizer keeps whatever it remembers through a file."""
    tensors = [rng.randn(2), rng.randn(3, 2)]
    first, second = submission.run(counting_optimizer, tensors, saved_after=3, steps=4)
    for states, count in [(first, 3), (second, 7)]:
        assert_equal(states[0], {})
        assert_equal(sorted(states[1]), ["count", "name", "sum"])
        assert_tensor(states[1]["sum"], torch.full((3, 2), float(count)))
        assert_equal(states[1]["count"], 2 * count)
        assert_equal(states[1]["name"], "sum of gradients")


@check(
    points=2,
    zh="载入之后旧的状态不再留着，此后的更新也不会改动那份 state_dict。",
    hint="Start from an empty state, and copy the tensors: copy.deepcopy does it for all of them.",
    hint_zh="从空的状态开始，并且复制张量：copy.deepcopy 可以一次全部复制。",
)
def test_loading_replaces_and_copies(submission, rng):
    """After loading, the old state is gone, and what follows does not change the state_dict."""
    gradient = rng.randn(4)
    numbers, buffers, lr = submission.run(loaded_over, [rng.randn(2, 3), rng.randn(4)], gradient)
    assert_equal(numbers, [1])
    assert_equal(len(buffers), 1)
    assert_tensor(buffers[0], gradient)
    assert_equal(lr, 0.1)


@check(
    points=1,
    zh="组的数目不同，或某一组的参数个数不同时，load_state_dict 抛出 ValueError。",
    hint="Compare the lists of sizes, group by group, before anything is changed.",
    hint_zh="改动任何东西之前，先逐组比较参数的个数。",
)
def test_loading_refuses_other_groups(submission, rng):
    """load_state_dict raises ValueError for other numbers of groups or of their parameters."""
    tensors = [rng.randn(2), rng.randn(3), rng.randn(2)]
    for saved, own in [([1, 2], [3]), ([3], [1, 2]), ([2, 1], [1, 2]), ([2], [3]), ([2, 1], [2])]:
        with raises(ValueError):
            submission.run(load_into, tensors, saved, own)


@check(
    points=2,
    zh="对任意的权重和步数，momentum_demo 都正确；传入的权重不变，结果不需要梯度。",
    hint="Clone the weight before it becomes a parameter, and detach what you return.",
    hint_zh="先 clone 权重，再把它当作参数；返回的张量要 detach。",
)
def test_momentum_demo_for_every_weight(submission, rng):
    """momentum_demo is right for every weight and number of steps, and leaves the weight alone."""
    for dtype, shape, steps, tolerance in [
        (torch.float64, (3, 2), 7, 1e-9),
        (torch.float32, (2, 5), 0, 1e-5),
    ]:
        weight = rng.randn(*shape, dtype=dtype)
        for set_to_none in (True, False):
            result, flags, same = submission.run(demo_and_weight, weight, steps, set_to_none)
            assert_equal(flags, [False, False, False])
            assert_tensor(same, weight.t())
            moving = 0 if set_to_none else steps
            way = 0.1 * sum(0.9**i for i in range(moving + 1))
            ones = torch.ones_like(weight.t())
            assert_tensor(result["weight"], weight.t() - way, rtol=0, atol=tolerance)
            assert_tensor(result["buffer"], 0.9**moving * ones, rtol=0, atol=tolerance)
            if set_to_none:
                assert_equal(result["grad"], None)
            else:
                assert_tensor(result["grad"], 0 * ones)


@check(
    points=2,
    zh="不管名字多像 head，make_groups 只把 model.head 里的参数归到头部。",
    hint="Ask the submodule for its parameters instead of looking at names.",
    hint_zh="直接向子模块要参数，不要靠名字判断。",
)
def test_make_groups_does_not_go_by_names(submission, rng):
    """make_groups finds the head in whatever else has a similar name, and skips the frozen."""
    rates = {"header.weight": 0.0, "header.bias": 0.02, "body.head.weight": 0.02}
    rates |= {"body.head.bias": 0.02, "head.0.weight": 0.4, "head.0.bias": 0.4}
    rates |= {"head.1.0.weight": 0.0, "head.1.0.bias": 0.4, "scale": 0.02}
    shapes = [(2, 3), (2,), (2, 2), (2,), (4, 2), (4,), (1, 4), (1,), (2,)]
    tensors = {name: rng.randn(*shape) for name, shape in zip(rates, shapes, strict=True)}
    frozen = [name for name, rate in rates.items() if rate == 0.0]
    moved, groups = submission.run(steps_of_a_deep_model, tensors, frozen, 0.02, 0.4)
    assert_equal(groups, 2)
    kinds = {
        0.0: ["A parameter does not move that should be in a group.", "该进组的参数没有动。"],
        0.02: [
            "A parameter moves with the body that is in the head, or is frozen.",
            "头部的参数或冻结的参数跟着主体动了。",
        ],
        0.4: [
            "A parameter moves with the head that is not in model.head, or is frozen.",
            "不在 model.head 里的参数或冻结的参数跟着头部动了。",
        ],
    }
    for name, rate in rates.items():
        mistakes = [
            Mistake(tensors[name] - way, en=en, zh=zh)
            for way, (en, zh) in kinds.items()
            if way != rate
        ]
        assert_tensor(moved[name], tensors[name] - rate, mistakes=mistakes)
