"""Hidden checks of ex46_devices: this machine, odd models, old memory, and errors of others."""

import contextlib
import os
import weakref

import torch
from torch import nn
from torch.nn import functional

from grader.checks import assert_equal, assert_tensor, check, probe, raises


@probe
def choices(student, flags):
    """Return what is selected where the machine has what `flags` say and nothing is given."""
    chosen = []
    for cuda, mps in flags:
        torch.cuda.is_available = lambda cuda=cuda: cuda
        torch.backends.mps.is_available = lambda mps=mps: mps
        torch.backends.mps.is_built = lambda mps=mps: mps
        given = student.select_device(mps=not mps), student.select_device(cuda=not cuda)
        chosen.append((student.select_device(), *given))
    return chosen


@probe
def mps_answers(student, machines):
    """Return mps_usable for this machine and for those that have MPS or not."""
    answers = [student.mps_usable()]
    for has in machines:
        torch.backends.mps.is_built = lambda has=has: has
        torch.backends.mps.is_available = lambda has=has: has
        answers.append(student.mps_usable())
    return answers


@probe
def maps(student, cases, own):
    """Return the pairs of each visible map, and this process's own variable afterwards."""
    os.environ["CUDA_VISIBLE_DEVICES"] = own
    pairs = [sorted(student.visible_map(value, cards).items()) for value, cards in cases]
    return pairs, os.environ.get("CUDA_VISIBLE_DEVICES")


@probe
def containers(batch):
    """Return the ids of all containers in a batch."""
    if isinstance(batch, dict | list | tuple):
        inside = batch.values() if isinstance(batch, dict) else batch
        return [id(batch), *(each for value in inside for each in containers(value))]
    return []


@probe
def batch_before_and_after(student, batch, device):
    """Return whether moving made new containers only, and the batch that was given, afterwards."""
    given = set(containers(batch))
    moved = student.move_batch(batch, device)
    return given.isdisjoint(containers(moved)), batch


@probe
def moved_nowhere(student, batch):
    """Return a batch that was moved to where it is."""
    return student.move_batch(batch, "cpu")


@probe
def model_of(kind, device):
    """Return a model with a parameter, with a buffer alone, or with neither, on a device."""

    class Shift(nn.Module):
        """Add a buffer."""

        def __init__(self):
            super().__init__()
            self.register_buffer("by", torch.ones(4))

        def forward(self, x):
            return x + self.by

    return {"parameter": nn.Linear(4, 4), "buffer": Shift(), "neither": nn.ReLU()}[kind].to(device)


@probe
def places_of_outputs(student, x, kinds, there, device):
    """Return the devices of the outputs of models of these kinds, on `device`, for x `there`."""
    x = x.to(there)
    outputs = [student.forward_on_model_device(model_of(kind, device), x) for kind in kinds]
    return [output.device.type for output in outputs]


@probe
def explanations(student, x, kinds, there, device):
    """Return the explanations for models of these kinds on `device` and x `there`."""
    return [student.explain_mismatch(model_of(kind, device), x.to(there)) for kind in kinds]


@probe
def places_of_state(student, device, weight):
    """Return what make_training_state made, and where everything is."""
    model = nn.Sequential(nn.Linear(5, 3), nn.BatchNorm1d(3))
    made = student.make_training_state(model, 0.1, device, weight)
    held = [p for group in made["optimizer"].param_groups for p in group["params"]]
    tensors = [*model.parameters(), *model.buffers(), *held, *made["criterion"].buffers()]
    return {
        "same model": made["model"] is model,
        "optimizer": type(made["optimizer"]).__name__,
        "criterion": type(made["criterion"]).__name__,
        "weighted": made["criterion"].weight is not None,
        "held": [any(p is q for q in held) for p in model.parameters()] + [len(held) == 4],
        "places": sorted({tensor.device.type for tensor in tensors}),
    }


@probe
def steps_around_a_conversion(student, kind, options, values, gradients):
    """Return parameters and state after steps in float32, move_optimizer, and steps in float64."""
    model = nn.ParameterList([value.float() for value in values])
    optimizer = getattr(torch.optim, kind)(model.parameters(), **options)
    for number, step in enumerate(gradients):
        if number == 2:
            model.double()
            student.move_optimizer(optimizer)
        for parameter, gradient in zip(model, step, strict=False):  # the last one has none
            parameter.grad = gradient.to(parameter)
        optimizer.step()
    dtypes = {name: str(value.dtype) for name, value in optimizer.state[model[0]].items()}
    return [p.detach() for p in model], dtypes, optimizer.param_groups[0]["lr"]


@probe
def places_of_memory(student, values, device):
    """Return where the momentum of an optimizer is, after its model has moved to `device`."""
    torch.__future__.set_swap_module_params_on_conversion(True)  # as for a GPU: same parameters
    model = nn.ParameterList(list(values))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    for parameter in model:
        parameter.grad = torch.ones_like(parameter)
    optimizer.step()
    model.to(device)
    student.move_optimizer(optimizer)
    return [optimizer.state[parameter]["momentum_buffer"].device.type for parameter in model]


@probe
def tried_before(student, kind, start):
    """Return the sizes that were tried until an error other than a lack of memory came through."""
    tried = []

    def step(size):
        tried.append(size)
        raise {"shape": RuntimeError, "value": ValueError, "key": KeyError}[kind](kind)

    with contextlib.suppress(RuntimeError, ValueError, KeyError):
        student.find_batch_size(step, start)
    return tried


@probe
def never_fits(student, start):
    """Look for a batch size where not even one sample fits; 20 attempts are enough."""
    tried = []

    def step(size):
        tried.append(size)
        if len(tried) > 20 or size < 1:
            raise InterruptedError
        raise torch.OutOfMemoryError("out of memory")

    student.find_batch_size(step, start)


@probe
def watched_pieces(student, x, y, batch_size, device):
    """Return for each call of the model its rows, for the criterion its rows and living graphs."""
    rows, targets, alive, hooks = [], [], [], []
    model = nn.Linear(x.shape[1], 3).to(device)
    model.register_forward_pre_hook(lambda _, inputs: rows.append(inputs[0].clone()))

    def criterion(output, target):
        def hook(gradient):  # lives as long as the graph that it hangs on
            return gradient

        targets.append(target.clone())
        alive.append(sum(each() is not None for each in hooks))
        hooks.append(weakref.ref(hook))
        output.register_hook(hook)
        return functional.cross_entropy(output, target)

    student.accumulate_gradients(model, criterion, x, y, batch_size)
    return rows, targets, alive


@probe
def places_of_pieces(student, x, y, device):
    """Return the devices of output and target, as the criterion gets them, for a model there."""
    seen = []

    def criterion(output, target):
        seen.extend([len(output), output.device.type, target.device.type])
        raise InterruptedError  # the rest may need values, and meta has none

    model = nn.Linear(x.shape[1], 3).to(device)
    with contextlib.suppress(InterruptedError):
        student.accumulate_gradients(model, criterion, x, y, 2)
    return seen


@check(
    points=2,
    zh="没有给出的标志，select_device 在调用时询问这台机器；给出的标志则照办。",
    hint="None and False are two things: only for None is the machine asked, at every call.",
    hint_zh="None 和 False 是两回事：只有 None 才去问机器，而且每次调用都要问。",
)
def test_machine_is_asked_for_flags_that_are_not_given(submission):
    """select_device asks the machine for each flag that is not given, and believes the others."""
    flags = [(True, True), (True, False), (False, True), (False, False)]

    def best(cuda, mps):
        return torch.device("cuda" if cuda else "mps" if mps else "cpu")

    expected = [(best(c, m), best(c, not m), best(not c, m)) for c, m in flags]
    assert_equal(submission.run(choices, flags), expected)


@check(
    points=1,
    zh="mps_usable 用 bool 说明有没有 MPS，在没有的机器上也不抛出异常。",
    hint="torch.backends.mps, and not torch.mps, knows whether it is there. Is the name right?",
    hint_zh="知道有没有 MPS 的是 torch.backends.mps，不是 torch.mps。名字拼对了吗？",
)
def test_mps_is_recognised(submission):
    """mps_usable says with a bool whether there is MPS, and raises nothing where there is none."""
    here, *others = submission.run(mps_answers, [True, False])
    assert_equal([type(here), *others], [bool, True, False])


@check(
    points=2,
    zh="visible_map 遇到不存在的卡号就停止；变量未设置时看得到所有的卡；自己的环境变量不变。",
    hint="The number that no card has hides itself and all that follow. None is not ''.",
    hint_zh="不存在的卡号会让它自己和后面的卡都看不见。None 与空字符串不同。",
)
def test_list_ends_at_a_card_that_is_not_there(submission):
    """visible_map ends at a card that is not there, knows None, and leaves the environment."""
    cases = [("2,0,1", 3), (" 1 , 0 ", 2), ("0,5,1", 3), ("1,-1,0", 2), ("3", 3), ("-1", 2)]
    cases += [(None, 3), (None, 0), ("0", 0), ("10,2", 11)]
    expected = [[2, 0, 1], [1, 0], [0], [1], [], [], [0, 1, 2], [], [], [10, 2]]
    pairs, own = submission.run(maps, cases, "0")
    assert_equal(pairs, [list(enumerate(cards)) for cards in expected])
    assert_equal(own, "0")


@check(
    points=1,
    zh="move_batch 不改动传入的数据：结果中的容器都是新的，原来的张量留在原处。",
    hint="Build a new container; do not write the moved tensors into the one that was given.",
    hint_zh="要新建容器，不要把移动后的张量写回传入的容器里。",
)
def test_batch_that_was_given_stays(submission, rng, other_device):
    """move_batch leaves what was given as it was: the containers of the result are new ones."""
    x, y = rng.randn(3, 2), rng.randint(0, 3, (3,))
    batch = [x, {"y": (y, [x, 2])}]
    new, given = submission.on("cpu").run(batch_before_and_after, batch, other_device)
    assert_equal(new, expected=True)
    moved = submission.on("cpu").run(moved_nowhere, batch)
    for same in (given, moved):  # given has crossed back, which a tensor on meta could not
        (first, rest), (second, (third, number)) = same, same[1]["y"]
        for tensor, expected in [(first, x), (second, y), (third, x)]:
            assert_tensor(tensor, expected)
        assert_equal([list(rest), number], [["y"], 2])


@check(
    points=1,
    zh="模型只有缓冲区，或者什么张量都没有时，forward_on_model_device 也能运行，而且不移动模型。",
    hint="next(model.parameters()) fails if there are none. Buffers have a device, too.",
    hint_zh="没有参数时，next(model.parameters()) 会报错。缓冲区也有所在的设备。",
)
def test_models_without_parameters_run(submission, rng, other_device):
    """forward_on_model_device works for models with buffers alone, or with no tensor at all."""
    x, kinds = rng.randn(2, 4), ["parameter", "buffer", "neither"]
    run, there = submission.on("cpu").run, other_device
    assert_equal(run(places_of_outputs, x, kinds, "cpu", there), [there, there, "cpu"])
    assert_equal(run(places_of_outputs, x, kinds[1:], "cpu", "cpu"), ["cpu"] * 2)
    assert_equal(run(places_of_outputs, x, kinds[2:], there, "cpu"), [there])


@check(
    points=1,
    zh="explain_mismatch 对只有缓冲区的模型也说得对；没有问题时返回空字符串。",
    hint="First find the device of the model; it may have buffers alone, or nothing at all.",
    hint_zh="先求模型所在的设备：它可能只有缓冲区，也可能没有任何会冲突的张量。",
)
def test_nothing_is_explained_where_nothing_is_wrong(submission, rng, other_device):
    """explain_mismatch is right for buffers alone, and says nothing where nothing is wrong."""
    x, kinds = rng.randn(2, 4), ["parameter", "buffer", "neither"]
    run, there = submission.on("cpu").run, other_device
    name = {"cuda": "cuda:0"}.get(there, there)
    expected = [f"model on cpu, input on {name}"] * 2 + [""]
    assert_equal(run(explanations, x, kinds, there, "cpu"), expected)
    assert_equal(run(explanations, x, kinds, there, there), [""] * 3)
    expected = [f"model on {name}, input on cpu"] * 2 + [""]
    assert_equal(run(explanations, x, kinds, "cpu", there), expected)


@check(
    points=2,
    zh="make_training_state 的模型、损失的类别权重和优化器所管的参数，都在指定的设备上。",
    hint="Move first, then make the optimizer. A criterion with class weights is moved as well.",
    hint_zh="先移动，再创建优化器。带类别权重的损失函数也要移动。",
)
def test_training_state_is_on_the_device(submission, rng, other_device):
    """Model, class weights and the optimizer's parameters of a training state are on the device."""
    weight = rng.rand(3)
    expected = {
        "same model": True,
        "optimizer": "SGD",
        "criterion": "CrossEntropyLoss",
        "weighted": True,
        "held": [True] * 5,
        "places": [other_device],
    }
    run = submission.on("cpu").run
    assert_equal(run(places_of_state, other_device, weight), expected)
    expected["weighted"] = False
    assert_equal(run(places_of_state, other_device, None), expected)


@check(
    points=2,
    zh="模型转成别的 dtype 之后，经过 move_optimizer，优化器接着走的每一步都正确。",
    hint="The moments become what the parameter is; the count of steps stays as it is.",
    hint_zh="动量要变得与参数一致；步数的计数保持原样。",
)
def test_training_goes_on_after_a_conversion(submission, rng):
    """After a model was converted, move_optimizer lets the optimizer go on with the right steps."""
    values = [rng.randn(*shape, dtype=torch.float64) for shape in [(3, 2), (4,), (2,)]]
    gradients = [[rng.randn(*v.shape, dtype=torch.float64) for v in values[:2]] for _ in range(5)]
    memory = {"momentum_buffer": "torch.float64"}
    moments = {"exp_avg": "torch.float64", "exp_avg_sq": "torch.float64"}
    for kind, options, dtypes in [
        ("SGD", {"lr": 0.1, "momentum": 0.9}, memory),
        ("Adam", {"lr": 0.05}, {"step": "torch.float32"} | moments),
    ]:
        held = [value.float().requires_grad_() for value in values]
        optimizer = getattr(torch.optim, kind)(held, **options)
        for number, step in enumerate(gradients):
            if number == 2:
                for parameter in held:
                    parameter.grad = None
                    parameter.data = parameter.data.double()
                for parameter in held[:2]:
                    memo = optimizer.state[parameter]
                    memo.update({name: memo[name].double() for name in memo if name != "step"})
            for parameter, gradient in zip(held, step, strict=False):
                parameter.grad = gradient.to(parameter)
            optimizer.step()
        arguments = [kind, options, values, gradients]
        after, seen, lr = submission.run(steps_around_a_conversion, *arguments)
        for parameter, expected in zip(after, held, strict=True):
            assert_tensor(parameter, expected.detach())
        assert_equal((seen, lr), (dtypes, options["lr"]))


@check(
    points=1,
    zh="模型移到别的设备之后，move_optimizer 让动量跟到那里。",
    hint="optimizer.state[parameter] is a dict; what a step left in it does not move by itself.",
    hint_zh="optimizer.state[parameter] 是一个字典；之前的更新留在其中的张量不会自己移动。",
)
def test_momentum_follows_to_the_device(submission, rng, other_device):
    """After a model has moved, move_optimizer brings the momentum to its device."""
    values = [rng.randn(3, 2), rng.randn(4)]
    seen = submission.on("cpu").run(places_of_memory, values, other_device)
    assert_equal(seen, [other_device] * 2)


@check(
    points=2,
    zh="内存不足以外的异常立刻传给调用者；连一个样本也放不下时，传出 OutOfMemoryError。",
    hint="OutOfMemoryError is a RuntimeError, but not every RuntimeError is one. And 1 // 2 is 0.",
    hint_zh="OutOfMemoryError 是一种 RuntimeError，反过来却不成立。另外 1 // 2 等于 0。",
)
def test_only_a_lack_of_memory_is_tried_again(submission):
    """Errors of other kinds come through at once, and the lack of memory for a single sample."""
    for kind in ("shape", "value", "key"):
        assert_equal(submission.run(tried_before, kind, 12), [12])
    for start in (6, 1):
        with raises(torch.OutOfMemoryError):
            submission.run(never_fits, start)


@check(
    points=2,
    zh="每一块最多 batch_size 个样本，按顺序各经过模型一次；下一块开始前，上一块的计算图已经释放。",
    hint="Call backward() for each piece: it adds to .grad and lets the graph of the piece go.",
    hint_zh="每一块都要调用 backward()：它累加到 .grad，并释放这一块的计算图。",
)
def test_one_piece_at_a_time_is_in_memory(submission, rng, device):
    """Pieces go through the model in order, each once, and the graph of each is let go."""
    x, y = rng.randn(11, 5), rng.randint(0, 3, (11,))
    rows, targets, alive = submission.run(watched_pieces, x, y, 2, device)
    assert_equal([len(piece) for piece in rows], [2, 2, 2, 2, 2, 1])
    for actual, expected in zip([*rows, *targets], [*x.split(2), *y.split(2)], strict=True):
        assert_tensor(actual, expected)
    # The variable `loss` of the piece before may still hold one, but no more pile up.
    assert max(alive) <= 1, f"{max(alive)} graphs"


@check(
    points=1,
    zh="accumulate_gradients 把每一块样本和标签移到模型所在的设备。",
    hint="The samples go where the model is, and the targets go there, too.",
    hint_zh="样本要移到模型所在的设备，标签也要。",
)
def test_pieces_move_to_the_model(submission, rng, other_device):
    """accumulate_gradients moves the samples and the targets of a piece to the model's device."""
    x, y = rng.randn(5, 4), rng.randint(0, 3, (5,))
    seen = submission.on("cpu").run(places_of_pieces, x, y, other_device)
    assert_equal(seen, [2, other_device, other_device])
