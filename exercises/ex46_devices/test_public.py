"""Public checks of ex46_devices: flags, cards, a nested batch, one training state, small pieces."""

import weakref

import torch
from torch import nn
from torch.nn import functional

from grader.checks import Mistake, assert_close, assert_equal, assert_tensor, check, probe


@probe
def cards_behind(student, value, cards):
    """Return the type of a visible map and its pairs, in order."""
    seen = student.visible_map(value, cards)
    return type(seen).__name__, sorted(seen.items())


@probe
def places(batch):
    """Return batch with the name of its device instead of each tensor."""
    if isinstance(batch, torch.Tensor):
        return batch.device.type
    if isinstance(batch, dict):
        return {key: places(value) for key, value in batch.items()}
    if isinstance(batch, list | tuple):
        return type(batch)([places(value) for value in batch])
    return batch


@probe
def places_of_moved(student, batch, device):
    """Return where the tensors of a moved batch are."""
    return places(student.move_batch(batch, device))


@probe
def place_of_output(student, x, device):
    """Return the shape and device of the output of a layer on `device`, and the layer's device."""
    model = nn.Linear(x.shape[1], 2).to(device)
    output = student.forward_on_model_device(model, x)
    return output.shape, output.device.type, model.weight.device.type


@probe
def explanation(student, x, device):
    """Return the explanation for a layer on `device`, and how often the layer was called."""
    calls = []
    model = nn.Linear(x.shape[1], 2).to(device)
    model.register_forward_pre_hook(lambda *_: calls.append(1))
    return student.explain_mismatch(model, x), len(calls)


@probe
def trained_layer(student, state, x, y, lr, weight, steps, device):
    """Return a layer's state after some steps with what make_training_state has made."""
    model = nn.Linear(x.shape[1], len(weight)).to(x.dtype)
    model.load_state_dict(state)
    made = student.make_training_state(model, lr, device, weight)
    for _ in range(steps):
        made["optimizer"].zero_grad()
        made["criterion"](made["model"](x), y).backward()
        made["optimizer"].step()
    return dict(model.state_dict())


@probe
def sizes_tried(student, start, fits):
    """Return the size found, the sizes tried, and how many failed attempts lived on at each."""
    tried, alive, attempts = [], [], []

    def step(size):
        tried.append(size)
        alive.append(sum(each() is not None for each in attempts))
        activations = torch.zeros(size)
        attempts.append(weakref.ref(activations))
        if size > fits:
            raise torch.OutOfMemoryError("out of memory")

    return student.find_batch_size(step, start), tried, alive


@probe
def gradients_of_pieces(student, state, leftovers, x, y, batch_size, device):
    """Return the loss and the gradients of a layer that began with some leftovers."""
    model = nn.Linear(x.shape[1], len(state["bias"])).to(device, x.dtype)
    model.load_state_dict(state)
    for name, parameter in model.named_parameters():
        parameter.grad = leftovers[name].clone()
    loss = student.accumulate_gradients(model, nn.CrossEntropyLoss(), x, y, batch_size)
    return loss, {name: parameter.grad for name, parameter in model.named_parameters()}


def random_layer(rng, features, classes):
    """Return a random state of a linear layer, in float64."""
    weight = rng.randn(classes, features, dtype=torch.float64)
    return {"weight": weight, "bias": rng.randn(classes, dtype=torch.float64)}


@check(
    points=1,
    zh="给出标志时，select_device 先选 cuda，再选 mps，都没有才选 cpu。",
    hint="Three questions in a row: is there CUDA? If not, is there MPS? If not, the CPU.",
    hint_zh="依次问三个问题：有 CUDA 吗？没有的话，有 MPS 吗？还没有，就用 CPU。",
)
def test_flags_choose_the_device(submission):
    """Given both flags, select_device takes cuda first, then mps, and the cpu where neither is."""
    for cuda, mps, expected in [
        (True, True, "cuda"),
        (True, False, "cuda"),
        (False, True, "mps"),
        (False, False, "cpu"),
    ]:
        assert_equal(submission.select_device(cuda=cuda, mps=mps), torch.device(expected))


@check(
    points=1,
    zh="对 “3,1”，visible_map 把 3 号卡编为 0、1 号卡编为 1；对空字符串则一张卡也没有。",
    hint="The place in the list is the new number, what stands there is the card.",
    hint_zh="在列表中的位置是新编号，写在那里的数是卡号。",
)
def test_visible_cards_get_new_numbers(submission):
    """For "3,1" visible_map makes card 3 number 0 and card 1 number 1; for "" there is no card."""
    assert_equal(submission.run(cards_behind, "3,1", 4), ("dict", [(0, 3), (1, 1)]))
    assert_equal(submission.run(cards_behind, "", 4), ("dict", []))


@check(
    points=2,
    zh="move_batch 移动一批数据里的每个张量，不管它嵌套在哪里；结构和其余内容不变。",
    hint="x.to(device) returns the moved tensor. A container is moved by moving what it holds.",
    hint_zh="x.to(device) 返回移动后的张量。移动一个容器，就是逐个移动其中的内容。",
)
def test_batch_moves_with_all_that_it_holds(submission, rng, other_device):
    """move_batch moves every tensor of a batch, however nested, and keeps everything else."""
    x, y = rng.randn(3, 2), rng.randint(0, 3, (3,))
    cases = [x, (x, y), [x, "names", 3, None], {"x": x, "more": ({"y": [y, (x,)]}, 0.5)}, "x", ()]
    there = other_device
    expected = [
        there,
        (there, there),
        [there, "names", 3, None],
        {"x": there, "more": ({"y": [there, (there,)]}, 0.5)},
        "x",
        (),
    ]
    for batch, moved in zip(cases, expected, strict=True):
        assert_equal(submission.on("cpu").run(places_of_moved, batch, other_device), moved)


@check(
    points=1,
    zh="forward_on_model_device 把输入移到模型所在的设备，输出也在那里，模型留在原处。",
    hint="Ask a parameter of the model where it is, and use what x.to(...) returns.",
    hint_zh="问一问模型的某个参数在哪里，并使用 x.to(...) 的返回值。",
)
def test_input_goes_where_the_model_is(submission, rng, other_device):
    """forward_on_model_device brings x to the model: the output is there, the model stays."""
    answer = submission.on("cpu").run(place_of_output, rng.randn(3, 4), other_device)
    assert_equal(answer, (torch.Size([3, 2]), other_device, other_device))


@check(
    points=1,
    zh="设备不一致时，explain_mismatch 说出模型和输入各在哪个设备上，而且不调用模型。",
    hint='Write the sentence yourself: f"model on {...}, input on {...}". PyTorch uses others.',
    hint_zh='句子要自己写：f"model on {...}, input on {...}"。PyTorch 的报错用的是别的说法。',
)
def test_mismatch_is_explained(submission, rng, other_device):
    """explain_mismatch names the devices of model and input, and does not call the model."""
    answer = submission.on("cpu").run(explanation, rng.randn(3, 4), other_device)
    place = {"cuda": "cuda:0"}.get(other_device, other_device)
    assert_equal(answer, (f"model on {place}, input on cpu", 0))


@check(
    points=2,
    zh="用 make_training_state 的结果训练几步，权重与带动量的 SGD、带类别权重的交叉熵完全一致。",
    hint="nn.CrossEntropyLoss(weight=...), torch.optim.SGD(..., lr=..., momentum=0.9).",
    hint_zh="nn.CrossEntropyLoss(weight=...)，torch.optim.SGD(..., lr=..., momentum=0.9)。",
)
def test_training_state_takes_the_right_steps(submission, rng, device):
    """Steps with make_training_state are those of SGD with momentum and of a weighted loss."""
    state, dtype = random_layer(rng, 4, 3), torch.float64
    x, y = rng.randn(9, 4, dtype=dtype), torch.tensor([0, 1, 2] * 3)
    weight = torch.tensor([0.5, 4, 1], dtype=dtype)

    def trained(weight, momentum):
        values = [value.clone().requires_grad_() for value in state.values()]
        optimizer = torch.optim.SGD(values, lr=0.2, momentum=momentum)
        for _ in range(4):
            optimizer.zero_grad()
            functional.cross_entropy(functional.linear(x, *values), y, weight).backward()
            optimizer.step()
        return values[0].detach()

    mistakes = [
        Mistake(
            trained(None, 0.9),
            en="This is the result without the weights of the classes.",
            zh="这是没有用类别权重的结果。",
        ),
        Mistake(
            trained(weight, 0.0),
            en="This is the result without momentum.",
            zh="这是没有动量的结果。",
        ),
    ]
    after = submission.run(trained_layer, state, x, y, 0.2, weight, 4, device)
    assert_tensor(after["weight"], trained(weight, 0.9), mistakes=mistakes)


@check(
    points=2,
    zh="find_batch_size 每次减半，直到放得下为止；试下一个大小时，失败的那次已经什么都不剩。",
    hint="Try again after the except block, not in it: inside, the error is still alive.",
    hint_zh="要在 except 块结束之后再试，不要在块里面试：在块里面，那个异常还活着。",
)
def test_batch_size_is_halved_until_it_fits(submission):
    """find_batch_size halves until a step fits, and keeps nothing of an attempt that failed."""
    for start, fits, tried in [
        (64, 20, [64, 32, 16]),
        (50, 3, [50, 25, 12, 6, 3]),
        (5, 9, [5]),
        (3, 1, [3, 1]),
    ]:
        found = submission.run(sizes_tried, start, fits)
        assert_equal(found, (tried[-1], tried, [0] * len(tried)))


@check(
    points=2,
    zh="分成小块得到的损失和梯度与整批一次算出的相同，原有的梯度不起作用。",
    hint="A piece of 3 of 10 samples counts 3/10 of the whole: multiply its mean loss by that.",
    hint_zh="10 个样本中的 3 个，份量就是整体的 3/10：用它去乘这一块的平均损失。",
)
def test_pieces_give_the_gradient_of_the_whole(submission, rng, device):
    """Loss and gradients from small pieces are those of the whole batch; old gradients are gone."""
    state, leftovers = random_layer(rng, 4, 3), random_layer(rng, 4, 3)
    x, y = rng.randn(10, 4, dtype=torch.float64), rng.randint(0, 3, (10,))

    def slopes(pieces):
        values = {name: value.clone().requires_grad_() for name, value in state.items()}
        losses = [
            functional.cross_entropy(functional.linear(x[rows], **values), y[rows])
            for rows in pieces
        ]
        loss = torch.stack(losses).mean()
        return loss.item(), torch.autograd.grad(loss, [*values.values()])

    loss, expected = slopes([slice(None)])
    for size in (4, 1, 10, 64):
        pieces = [slice(first, first + size) for first in range(0, 10, size)]
        unweighted = slopes(pieces)[1][0]
        mistakes = [
            Mistake(
                unweighted,
                en="The mean of the pieces' gradients: the small last piece counts too much.",
                zh="这是各块梯度的平均：最后那个小块的份量过重了。",
            ),
            Mistake(
                unweighted * len(pieces),
                en="The sum of the pieces' gradients: each counts as much as the whole.",
                zh="这是各块梯度之和：每一块的份量都被当成了整体。",
            ),
            Mistake(
                expected[0] + leftovers["weight"],
                en="The gradients that stood there before are still in it.",
                zh="参数里原有的梯度还留在结果中。",
            ),
        ]
        arguments = [state, leftovers, x, y, size, device]
        returned, gradients = submission.run(gradients_of_pieces, *arguments)
        assert_tensor(gradients["weight"], expected[0], mistakes=mistakes)
        assert_tensor(gradients["bias"], expected[1])
        assert_close(returned, loss)
