"""Hidden checks of ex14_dropout_modes: other p, gradients, and modes that are not all the same."""

import torch
from torch import nn

from grader.checks import (
    Mistake,
    assert_close,
    assert_equal,
    assert_tensor,
    check,
    module_gradients,
    module_output,
    probe,
    raises,
)

PLACES = ("", "0", "1", "1.0", "1.1", "2")


@probe
def make_dropout(student, p):
    """Make a MyDropout."""
    student.MyDropout(p)


@probe
def three_calls(student, p, x, seed):
    """Return three outputs, the third after the seed of the first, and the names in the state."""
    layer = student.MyDropout(p)
    torch.manual_seed(seed)
    outputs = [layer(x.clone()), layer(x.clone())]
    torch.manual_seed(seed)
    outputs.append(layer(x.clone()))
    return [outputs, list(layer.state_dict())]


@probe
def dropped_and_input(student, p, tall):
    """Return MyDropout of a transposed, stepped tensor, and that tensor afterwards."""
    x = tall.t()[:, ::2]
    return [student.MyDropout(p)(x), x]


@probe
def network():
    """Return a network with a chain inside, and its modules by name."""
    inner = nn.Sequential(nn.BatchNorm1d(4), nn.Dropout(0.5))
    model = nn.Sequential(nn.Linear(3, 4), inner, nn.Linear(4, 2))
    return model, dict(model.named_modules())


@probe
def modes_after(student, modes, *, is_interrupted):
    """Return the modes inside of evaluating, inside of it a second time, and after both.

    The block may be interrupted; then its exception has to pass.
    """
    model, modules = network()
    for name, module in modules.items():
        module.training = modes[name]
    seen = []
    try:
        with student.evaluating(model):
            with student.evaluating(model[1]):
                seen.append([module.training for module in modules.values()])
            seen.append([module.training for module in modules.values()])
            if is_interrupted:
                modules.pop("interrupted")  # raises KeyError
    except KeyError as error:
        seen.append(str(error))
    return [*seen, {name: module.training for name, module in modules.items()}]


@probe
def gradients_in_evaluation(student, weight, x):
    """Return what reaches a weight from inside of evaluating, and all requires_grad after it."""
    model, _ = network()
    model[0].weight.data.copy_(weight)
    model[2].bias.requires_grad_(requires_grad=False)
    with student.evaluating(model):
        hidden = model[1](model[0](x))
    if hidden.requires_grad:
        hidden.sum().backward()
    flags = {name: parameter.requires_grad for name, parameter in model.named_parameters()}
    return [model[0].weight.grad, flags]


@probe
def prediction(student, state, modes, x):
    """Return what predict gives, the state and the modes after it."""
    model, modules = network()
    model.double().load_state_dict(state)
    for name, module in modules.items():
        module.training = modes[name]
    output = student.predict(model, x)
    after = {name: module.training for name, module in modules.items()}
    return [output, dict(model.state_dict()), after]


@probe
def modes_after_failed_prediction(student, modes, x):
    """Return the modes after predict on an input that the model refuses."""
    model, modules = network()
    for name, module in modules.items():
        module.training = modes[name]
    try:
        student.predict(model, x)
    except RuntimeError:
        return {name: module.training for name, module in modules.items()}
    return {}


@probe
def sensitive_names(student):
    """Return mode_sensitive of a network of many kinds of layers, and of single layers."""

    class Derived(nn.BatchNorm1d):
        """A kind of BatchNorm."""

    shared = nn.Dropout2d(0.1)
    deep = nn.Sequential(nn.LayerNorm(3), nn.Sequential(student.MyDropout(0.2), nn.Identity()))
    kinds = [nn.Dropout1d(), nn.Dropout3d(), nn.AlphaDropout(), nn.BatchNorm2d(3)]
    kinds += [nn.GroupNorm(1, 3), nn.ReLU(), nn.BatchNorm3d(3), Derived(3)]
    model = nn.ModuleDict({"dropout": nn.Linear(3, 3), "deep": deep, "a": shared})
    model["kinds"] = nn.ModuleList(kinds)
    model["b"] = shared
    singles = (nn.Dropout(), student.MyDropout(0.5), nn.Linear(2, 2))
    return [student.mode_sensitive(module) for module in (model, *singles)]


def random_modes(rng):
    """Return a random mode for each module of the network, both modes among them."""
    modes = {name: bool(rng.integer(0, 2)) for name in PLACES}
    return modes | {"0": True, "1": False, "1.1": True}


def survivors(output, x, p):
    """Return x where output is not 0, divided by 1 - p."""
    return torch.where(output == 0, torch.zeros_like(x), x / (1 - p))


@check(
    points=2,
    zh="对各种 p，MyDropout 丢掉的比例约为 p（误差 0.02 以内），各数独立，剩下的除以 1 - p。",
    hint="p is the share that is dropped, not the one that stays, and every number has its own "
    "draw: the mask is as large as x.",
    hint_zh="p 是丢掉的比例，不是留下的比例；每个数各抽一次，所以掩码与 x 一样大。",
)
def test_my_dropout_drops_the_right_share(submission, rng):
    """MyDropout drops p of the numbers, within 0.02, each on its own, and scales the others."""
    for arguments in ([0.1], [0.3], [0.8], []):
        p = arguments[0] if arguments else 0.5
        x = rng.randn(200, 250)
        output = submission.run(module_output, "MyDropout", arguments, [x])
        plain = Mistake(
            torch.where(output == 0, torch.zeros_like(x), x) if output.shape == x.shape else x,
            en="The numbers that remain were not divided by 1 - p.",
            zh="剩下的数没有除以 1 - p。",
        )
        assert_tensor(output, survivors(output, x, p), mistakes=[plain])
        dropped = (output == 0).double()
        assert_close(dropped.mean().item(), p, rtol=0, atol=0.02)
        for share in (dropped.mean(0), dropped.mean(1)):
            lowest, highest = share.min().item(), share.max().item()
            assert lowest > 0, "a whole row or column was kept"
            assert highest < 1, "a whole row or column was dropped"


@check(
    points=1,
    zh="p = 0 时 MyDropout 什么也不改，p = 1 时全部变成 0，没有 NaN。",
    hint="1 - p is 0 for p = 1, and 0 / 0 is NaN, in the output or in the gradient.",
    hint_zh="p = 1 时 1 - p 为 0，而 0 / 0 是 NaN，可能出现在输出里，也可能出现在梯度里。",
)
def test_my_dropout_of_nothing_and_of_everything(submission, rng):
    """MyDropout(0) changes nothing, MyDropout(1) makes zeros, and neither makes NaN."""
    x = 1 + rng.rand(20, 30, dtype=torch.float64)
    for p, expected in ((0, x), (1, torch.zeros_like(x))):
        received = submission.run(module_gradients, "MyDropout", [p], [x])
        assert_tensor(received["output"], expected)
        if p == 0 or received["inputs"][0] is not None:  # zeros need no graph
            assert_tensor(received["inputs"][0], torch.full_like(x, 1 - p))


@check(
    points=2,
    zh="MyDropout 的梯度与前向用的是同一个掩码、同一个倍数。",
    hint="Multiply x by the mask in a graph: no .data, no new tensor of x, no second draw.",
    hint_zh="在计算图里用掩码乘 x：不要用 .data，不要用 x 另建张量，也不要再抽一次。",
)
def test_gradients_of_my_dropout_have_the_mask(submission, rng):
    """The gradient through MyDropout has the mask and the scale of the output."""
    for p, shape in ((0.25, (30, 40)), (0.6, (8, 5, 9))):
        x = 1 + rng.rand(*shape, dtype=torch.float64)
        upstream = rng.randn(*shape, dtype=torch.float64)
        received = submission.run(
            module_gradients, "MyDropout", [p], [x], state={}, upstream=upstream
        )
        assert_tensor(received["inputs"][0], upstream * received["output"] / x)


@check(
    points=1,
    zh="p 不在 0 到 1 之间时，创建 MyDropout 就抛出 ValueError。",
    hint="Compare in __init__, so that the mistake shows where it is made.",
    hint_zh="在 __init__ 里就比较，错误才会在出错的地方显现。",
)
def test_my_dropout_refuses_what_is_no_probability(submission):
    """MyDropout raises ValueError at once when p is not between 0 and 1."""
    for p in (-0.1, 1.5, 50):
        with raises(ValueError):
            submission.run(make_dropout, p)


@check(
    points=2,
    zh="MyDropout 每次调用都重新抽取，什么也不保存；同样的 torch.manual_seed 得到同样的结果。",
    hint="Draw in forward with torch's own functions, and set nothing on self.",
    hint_zh="在 forward 里用 PyTorch 的函数抽取，不要往 self 上放任何东西。",
)
def test_my_dropout_draws_anew_and_keeps_nothing(submission, rng):
    """MyDropout draws anew in every call, keeps nothing, and torch.manual_seed repeats it."""
    outputs, names = submission.run(three_calls, 0.5, rng.randn(10, 12), rng.seed())
    assert not torch.equal(outputs[0], outputs[1]), "two calls dropped the same numbers"
    assert_tensor(outputs[2], outputs[0])
    assert_equal(names, [])


@check(
    points=1,
    zh="对不连续的张量和空张量，MyDropout 也正确，结果的 dtype 不变，x 本身也不变。",
    hint="x[mask] = 0 writes into the caller's tensor. Multiply instead: a product is new.",
    hint_zh="x[mask] = 0 会写进调用者的张量。改用乘法：乘积是新的张量。",
)
def test_my_dropout_leaves_its_input_alone(submission, rng):
    """MyDropout takes any tensor, keeps its dtype, and leaves x itself as it is."""
    cases = [((12, 7), torch.float64), ((9, 20), torch.float32), ((0, 4), torch.float32)]
    for shape, dtype in cases:
        tall = rng.randn(*shape, dtype=dtype)
        seen = tall.t()[:, ::2]
        output, _ = submission.run(dropped_and_input, 0.0, tall)
        assert_tensor(output, seen)
        _, after = submission.run(dropped_and_input, 0.5, tall)
        assert_tensor(after, seen)


@check(
    points=2,
    zh="训练模式下，Net 丢掉的恰好是 ReLU 之后、fc2 之前的数，丢掉的比例为 p，其余除以 1 - p。",
    hint="fc1, ReLU, dropout, fc2, with the p of this Net. Scores are never dropped.",
    hint_zh="依次是 fc1、ReLU、dropout、fc2，p 用这个 Net 的。得分本身从不丢弃。",
)
def test_net_drops_what_enters_the_last_layer(submission, rng):
    """In training Net drops what comes out of ReLU, a share of p, and nothing else."""
    shapes = {"fc1.weight": (9, 4), "fc1.bias": (9,), "fc2.weight": (3, 9), "fc2.bias": (3,)}
    state = {name: rng.randn(*shape, dtype=torch.float64) for name, shape in shapes.items()}
    x = rng.randn(5, 4, dtype=torch.float64)
    hidden = nn.functional.linear(x, state["fc1.weight"], state["fc1.bias"]).relu()
    everything = nn.functional.linear(hidden, state["fc2.weight"], state["fc2.bias"])
    for p, expected in ((0.0, everything), (1.0, state["fc2.bias"].expand(5, 3))):
        output = submission.run(module_output, "Net", [4, 9, 3, p], [x], state=state)
        assert_tensor(output, expected)
    width = 20  # two layers that change nothing show the mask
    same = {f"{name}.weight": torch.eye(width) for name in ("fc1", "fc2")}
    same |= {f"{name}.bias": torch.zeros(width) for name in ("fc1", "fc2")}
    x = 0.5 + rng.rand(300, width)
    output = submission.run(module_output, "Net", [width, width, width, 0.25], [x], state=same)
    assert_tensor(output, survivors(output, x, 0.25))
    assert_close((output == 0).double().mean().item(), 0.25, rtol=0, atol=0.05)


@check(
    points=2,
    zh="evaluating 之后，每个模块都回到各自原来的模式，模式不一、嵌套使用时也是。",
    hint="model.training is only the mode of the outermost module. Remember one for each of "
    "model.modules().",
    hint_zh="model.training 只是最外层模块的模式。要为 model.modules() 里的每一个各记一个。",
)
def test_evaluating_returns_to_every_mode(submission, rng):
    """After evaluating every module has its own mode again, mixed ones and nested blocks too."""
    off = [False] * len(PLACES)
    for outermost in (True, False):
        modes = random_modes(rng) | {"": outermost}
        inner, outer, after = submission.run(modes_after, modes, is_interrupted=False)
        assert_equal(inner, off)
        assert_equal(outer, off)
        assert_equal(after, modes)


@check(
    points=2,
    zh="块里抛出异常时，evaluating 也恢复各个模式，异常照样传出去。",
    hint="What must happen in any case stands in finally: an exception comes out of the yield.",
    hint_zh="无论如何都要做的事放在 finally 里：异常是从 yield 那里冒出来的。",
)
def test_evaluating_returns_after_an_exception(submission):
    """An exception in the block passes through evaluating, and the modes are back."""
    modes = dict.fromkeys(PLACES, True)
    *_, error, after = submission.run(modes_after, modes, is_interrupted=True)
    assert_equal(error, "'interrupted'")
    assert_equal(after, modes)


@check(
    points=1,
    zh="在 evaluating 的块里，autograd 照常记录；requires_grad 保持不变。",
    hint="Evaluation mode is no torch.no_grad() and freezes nothing.",
    hint_zh="评估模式不等于 torch.no_grad()，也不冻结任何参数。",
)
def test_evaluating_leaves_autograd_alone(submission, rng):
    """Inside evaluating gradients flow as before, and requires_grad stays as it is."""
    weight, x = rng.randn(4, 3), rng.randn(6, 3)
    received, flags = submission.run(gradients_in_evaluation, weight, x)
    # A fresh BatchNorm divides by the root of 1 + 1e-5 in evaluation mode.
    assert_tensor(received, x.sum(0).expand(4, 3) / (1 + 1e-5) ** 0.5)
    frozen = [name for name, requires_grad in flags.items() if not requires_grad]
    assert_equal(frozen, ["2.bias"])


@check(
    points=2,
    zh="predict 用 BatchNorm 保存的统计量计算，不改动它们；之后各个模式都恢复，出错时也是。",
    hint="A BatchNorm in training mode takes the mean of the batch and changes its running mean. "
    "predict can lean on evaluating.",
    hint_zh="训练模式的 BatchNorm 用这一批的均值，还会改动滑动平均。predict 可以借助 evaluating。",
)
def test_predict_leaves_the_model_as_it_was(submission, rng):
    """predict uses the statistics of BatchNorm, changes nothing, and brings all modes back."""
    inner = nn.Sequential(nn.BatchNorm1d(4), nn.Dropout(0.5))
    model = nn.Sequential(nn.Linear(3, 4), inner, nn.Linear(4, 2)).double().eval()
    state = {
        name: 0.5 + rng.rand(*value.shape, dtype=torch.float64)
        if value.is_floating_point()
        else value
        for name, value in model.state_dict().items()
    }
    model.load_state_dict(state)
    for outermost in (True, False):
        modes, x = random_modes(rng) | {"": outermost}, rng.randn(1, 3, dtype=torch.float64)
        output, kept, after = submission.run(prediction, state, modes, x)
        assert_tensor(output, model(x).detach())
        assert_equal(after, modes)
        for name, value in state.items():
            assert_tensor(kept[name], value)
        failed = submission.run(modes_after_failed_prediction, modes, rng.randn(2, 5))
        assert_equal(failed, modes)


@check(
    points=2,
    zh="mode_sensitive 认得列出的每一类、它们的派生类和 MyDropout，不列别的层，重复的只列一次。",
    hint="isinstance takes a tuple of classes, and sees derived ones. Names of modules say nothing "
    "of their kind.",
    hint_zh="isinstance 接受由类组成的元组，派生类也认得。模块的名字并不说明它是哪一类。",
)
def test_mode_sensitive_knows_every_kind(submission):
    """mode_sensitive knows every kind, derived ones and MyDropout, and nothing else."""
    names, *singles = submission.run(sensitive_names)
    kinds = [f"kinds.{place}" for place in (0, 1, 2, 3, 6, 7)]
    assert_equal(names, ["deep.1.0", "a", *kinds])
    assert_equal(singles, [[""], [""], []])
