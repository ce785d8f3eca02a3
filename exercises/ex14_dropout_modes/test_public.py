"""Public checks of ex14_dropout_modes: dropout on ones, and modes of a small network."""

import torch
from torch import nn

from grader.checks import (
    assert_close,
    assert_equal,
    assert_tensor,
    check,
    module_output,
    probe,
    state_dict,
    train_and_eval,
)


@probe
def modes_around(student):
    """Return the modes of a network before, inside and after evaluating.

    It trains, but its BatchNorm does not.
    """
    model = nn.Sequential(nn.Linear(3, 4), nn.Sequential(nn.BatchNorm1d(4), nn.Dropout(0.5)))
    model[1][0].eval()
    modes = [[module.training for module in model.modules()]]
    with student.evaluating(model) as given:
        modes.append([module.training for module in model.modules()])
    modes.append([module.training for module in model.modules()])
    return {"modes": modes, "gives the model": given is model}


@probe
def prediction(student, weight, x):
    """Return what predict gives for a network with dropout, and whether it requires grad."""
    model = nn.Sequential(nn.Linear(3, 4, bias=False), nn.Dropout(0.5))
    model.load_state_dict({"0.weight": weight})
    output = student.predict(model, x)
    return [output, output.requires_grad, [module.training for module in model.modules()]]


@probe
def sensitive_names(student):
    """Return mode_sensitive of a network with a dropout and two BatchNorm layers."""
    features = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU())
    head = nn.Sequential(nn.Linear(8, 16), nn.BatchNorm1d(16), nn.Dropout(0.5), nn.Linear(16, 2))
    model = nn.Sequential()
    model.add_module("features", features)
    model.add_module("head", head)
    return student.mode_sensitive(model)


@check(
    points=1,
    zh="训练模式下，MyDropout(0.5) 把 100000 个 1 变成 0 和 2，平均值仍约为 1（相差不超过 0.02）。",
    hint="Half of them are dropped. For the mean to stay, the others must grow: divide by 1 - p.",
    hint_zh="丢掉了一半。平均值要不变，剩下的就得变大：除以 1 - p。",
)
def test_my_dropout_keeps_the_mean_of_ones(submission):
    """In training MyDropout(0.5) makes 0 and 2 of 100000 ones, with a mean of 1 within 0.02."""
    output = submission.run(module_output, "MyDropout", [0.5], [torch.ones(100_000)])
    assert_equal(sorted(output.unique().tolist()), [0.0, 2.0])
    assert_close(output.mean().item(), 1.0, rtol=0, atol=0.02)


@check(
    points=1,
    zh="评估模式下，MyDropout 原样返回输入，每次都一样；训练模式下，两次的结果不同。",
    hint="self.training is what train() and eval() set; ask for it in forward, and draw a new mask "
    "there. x itself has to stay as it is.",
    hint_zh="train() 和 eval() 设定的就是 self.training；在 forward 里查看它，并且每次重新抽掩码。"
    "x 本身不能改动。",
)
def test_my_dropout_rests_in_evaluation_mode(submission, rng):
    """In evaluation mode MyDropout gives back its input; in training two outputs differ."""
    x = rng.randn(8, 9)
    outputs = submission.run(train_and_eval, "MyDropout", [0.4], [x])
    assert_tensor(outputs["eval"][0], x)
    assert_tensor(outputs["eval"][1], x)
    assert_equal(torch.equal(*outputs["train"]), expected=False)


@check(
    points=2,
    zh="Net 的参数是 fc1 和 fc2；评估模式下没有 dropout，训练模式下两次的得分不同。",
    hint="F.dropout knows of no mode. It is on unless you hand over training=self.training.",
    hint_zh="F.dropout 不知道有什么模式。不传 training=self.training 的话，它一直起作用。",
)
def test_net_obeys_its_mode(submission, rng):
    """Net has fc1 and fc2, no dropout in evaluation mode, and new scores each time in training."""
    shapes = {"fc1.weight": (30, 5), "fc1.bias": (30,), "fc2.weight": (3, 30), "fc2.bias": (3,)}
    fresh = submission.run(state_dict, "Net", [5, 30, 3, 0.5])
    assert_equal({name: tuple(value.shape) for name, value in fresh.items()}, shapes)
    state = {name: rng.randn(*shape) for name, shape in shapes.items()}
    x = rng.randn(6, 5)
    outputs = submission.run(train_and_eval, "Net", [5, 30, 3, 0.5], [x], state=state)
    hidden = nn.functional.linear(x, state["fc1.weight"], state["fc1.bias"]).relu()
    expected = nn.functional.linear(hidden, state["fc2.weight"], state["fc2.bias"])
    assert_tensor(outputs["eval"][0], expected, rtol=1e-4, atol=1e-4)
    assert_tensor(outputs["eval"][1], expected, rtol=1e-4, atol=1e-4)
    assert_equal(torch.equal(*outputs["train"]), expected=False)


@check(
    points=1,
    zh="在 evaluating(model) 的块里，每个模块都处于评估模式；之后各自回到原来的模式。",
    hint="What stands before yield runs at the start of the block, what stands after it at the "
    "end; what is yielded is given to the block.",
    hint_zh="yield 之前的代码在块开始时运行，之后的在块结束时运行；yield 出去的就是交给块的东西。",
)
def test_evaluating_switches_and_returns(submission):
    """Inside evaluating(model) every module evaluates; afterwards each has its old mode again."""
    told = submission.run(modes_around)
    before = [True, True, True, False, True]
    assert_equal(told["modes"], [before, [False] * 5, before])
    assert_equal(told["gives the model"], expected=True)


@check(
    points=1,
    zh="predict 在评估模式下计算，结果不带计算图，之后模型又回到训练模式。",
    hint="Two things are needed: the mode switches layers, torch.no_grad() switches autograd.",
    hint_zh="需要两样东西：模式管的是层，torch.no_grad() 管的是 autograd。",
)
def test_predict_has_no_dropout_and_no_graph(submission, rng):
    """predict computes without dropout and without a graph, and the model trains again after it."""
    weight, x = rng.randn(4, 3), rng.randn(5, 3)
    output, requires_grad, modes = submission.run(prediction, weight, x)
    assert_tensor(output, x @ weight.T)
    assert_equal(requires_grad, expected=False)
    assert_equal(modes, [True] * 3)


@check(
    points=1,
    zh="mode_sensitive 找出各级子模块里的 Dropout 和 BatchNorm，给出完整的名字。",
    hint="named_modules() goes to any depth and joins the names with dots.",
    hint_zh="named_modules() 会走到任意深度，并用点把各级名字连起来。",
)
def test_mode_sensitive_finds_dropout_and_batch_norm(submission):
    """mode_sensitive names Dropout and BatchNorm layers at any depth, by their full names."""
    names = submission.run(sensitive_names)
    assert_equal(names, ["features.1", "head.1", "head.2"])
