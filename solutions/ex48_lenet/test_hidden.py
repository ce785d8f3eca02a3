"""Hidden checks of ex48_lenet: edges, gradients, devices, other networks, and what was learned."""

import torch
from torch import nn
from torch.nn import functional

from grader.checks import (
    assert_equal,
    assert_tensor,
    check,
    module_gradients,
    module_output,
    probe,
    raises,
)

SHAPES = {
    "conv1.weight": (6, 1, 5, 5),
    "conv1.bias": (6,),
    "conv2.weight": (16, 6, 5, 5),
    "conv2.bias": (16,),
    "fc1.weight": (120, 400),
    "fc1.bias": (120,),
    "fc2.weight": (84, 120),
    "fc2.bias": (84,),
    "fc3.weight": (10, 84),
    "fc3.bias": (10,),
}


@probe
def some_scores(student, state, x):
    """Return the scores of no picture, one, several that are not contiguous, and of features."""
    model = student.LeNet().to(x.device)
    model.load_state_dict(state)
    turned = x.transpose(2, 3)
    return [model(x[:0]), model(x[2:3]), model(turned), model(x[1::2]), model.features(turned)]


@probe
def places_on(student, images, labels, device):
    """Return devices: of scores, of prepared pictures, and of a network after no epoch."""
    model = student.LeNet().to(device)
    x = torch.zeros(2, 1, 32, 32, device=device)
    trained = student.train_lenet(images, labels, 0, 5, device)
    found = [model(x), student.to_lenet_input(images.to(device)), *trained.parameters()]
    return [tensor.device.type for tensor in found]


@probe
def prepared(student, images, dtypes):
    """Return to_lenet_input of the pictures in each dtype, of special views, and the pictures."""
    results = [student.to_lenet_input(images.to(dtype)) for dtype in dtypes]
    floats = images.float()
    results += [student.to_lenet_input(floats.transpose(1, 2)), student.to_lenet_input(floats[:0])]
    results += [student.to_lenet_input(floats[1:2]), floats]
    return results


@probe
def counts_of_networks(student):
    """Return what layer_parameters says of three networks, as lists that keep their order."""
    block = nn.Sequential(nn.Conv2d(3, 5, (2, 4), bias=False), nn.BatchNorm2d(5), nn.ReLU())
    block[0].weight.requires_grad_(requires_grad=False)
    tree = nn.Sequential()
    tree.add_module("stem", block)
    tree.add_module("twice", nn.ModuleList([nn.Linear(7, 2), nn.Bilinear(3, 2, 4)]))
    tree.scale = nn.Parameter(torch.ones(11))
    models = [tree, nn.Linear(4, 3), nn.Flatten(), nn.Linear(20000, 50000, device="meta")]
    return [list(student.layer_parameters(model).items()) for model in models]


@probe
def trained_states(student, images, labels, settings, device):
    """Return the state after train_lenet for each setting (epochs, seed, draws before)."""
    states = []
    for epochs, seed, draws in settings:
        torch.rand(draws)
        model = student.train_lenet(images, labels, epochs, seed, device)
        states.append({name: value.clone() for name, value in model.state_dict().items()})
    return states


@probe
def scores_after_training(student, images, labels, epochs, seed, device):
    """Train a network; then give the scores of pictures that come only now."""
    torch.set_num_threads(1)  # with batches as small as these, threads wait for each other
    model = student.train_lenet(images, labels, epochs, seed, device)
    unseen = yield None
    with torch.no_grad():
        return model(unseen)


def random_state(rng, dtype=torch.float32):
    """Return random parameters that keep the numbers of every layer near 1."""
    state = {}
    for name, shape in SHAPES.items():
        fan_in = torch.Size(SHAPES[name.replace("bias", "weight")][1:]).numel()
        state[name] = rng.randn(*shape, dtype=dtype) * (2 / fan_in) ** 0.5
    return state


def features(state, x):
    """Return the maps after the second pooling."""
    for name in ("conv1", "conv2"):
        x = functional.conv2d(x, state[f"{name}.weight"], state[f"{name}.bias"])
        x = functional.max_pool2d(x.relu(), 2)
    return x


def lenet(state, x):
    """Return the scores of LeNet."""
    x = features(state, x).flatten(1)
    for name in ("fc1", "fc2"):
        x = functional.linear(x, state[f"{name}.weight"], state[f"{name}.bias"]).relu()
    return functional.linear(x, state["fc3.weight"], state["fc3.bias"])


def enlarged(images):
    """Return pictures (N, 8, 8) as LeNet needs them."""
    large = images.repeat_interleave(4, dim=1).repeat_interleave(4, dim=2)
    return (large.double() / 16).float()[:, None]


def digits():
    """Return pictures and labels for training, sorted by their labels, and others for a test."""
    from sklearn.datasets import load_digits  # not above: imports travel with the probes

    data = load_digits()
    pictures, labels = torch.tensor(data.images), torch.tensor(data.target)
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(3))
    train, test = order.split([600, len(order) - 600])
    train = train[labels[train].argsort(stable=True)]
    return (pictures[train], labels[train]), (pictures[test], labels[test])


@check(
    points=2,
    zh="一张图像、零张图像、内存不连续的一批图像，LeNet 都给出正确的结果。",
    hint="Keep the first dimension as it is: flatten(1) needs no number of pictures.",
    hint_zh="第一维保持不变：flatten(1) 不需要知道有几张图像。",
)
def test_scores_of_any_number_of_pictures(submission, rng):
    """LeNet is right for one picture, for none, and for pictures that are not contiguous."""
    state, x = random_state(rng), rng.rand(5, 1, 32, 32)
    turned = x.transpose(2, 3)
    expected = [lenet(state, part) for part in (x[:0], x[2:3], turned, x[1::2])]
    received = submission.run(some_scores, state, x)
    for actual, wanted in zip(received, [*expected, features(state, turned)], strict=True):
        assert_tensor(actual, wanted)


@check(
    points=2,
    zh="float64 下，分数的梯度正确地传到图像和全部十个参数。",
    hint="No detach, no .data, no no_grad in forward; each layer takes part once.",
    hint_zh="forward 里不要有 detach、.data 或 no_grad；每一层恰好用一次。",
)
def test_gradients_reach_all_ten_parameters(submission, rng):
    """Scores in float64 give the picture and all ten parameters the right gradients."""
    state = random_state(rng, torch.float64)
    x, upstream = (rng.randn(*shape, dtype=torch.float64) for shape in [(2, 1, 32, 32), (2, 10)])
    leaves = {name: value.clone().requires_grad_() for name, value in state.items()}
    picture = x.clone().requires_grad_()
    output = lenet(leaves, picture)
    expected = torch.autograd.grad((output * upstream).sum(), [picture, *leaves.values()])
    received = submission.run(module_gradients, "LeNet", [], [x], state=state, upstream=upstream)
    assert_tensor(received["output"], output)
    assert_tensor(received["inputs"][0], expected[0])
    assert_equal(sorted(received["parameters"]), sorted(SHAPES))
    for name, slope in zip(SHAPES, expected[1:], strict=True):
        assert_tensor(received["parameters"][name], slope)


@check(
    points=2,
    zh="形状不是 (N, 1, 32, 32) 的输入，LeNet 都以 ValueError 拒绝，不会把几张图像混在一起。",
    hint="Four dimensions, one channel, 32 rows, 32 columns: all of it must be asked for.",
    hint_zh="四维、一个通道、32 行、32 列：每一项都要检查。",
)
def test_lenet_refuses_all_other_shapes(submission, rng):
    """LeNet raises ValueError for every other shape, and never mixes the pictures of a batch."""
    for shape in [(25, 1, 28, 28), (1, 32, 32), (2, 3, 32, 32), (1, 1, 32, 36), (1, 1, 35, 32)]:
        with raises(ValueError):
            submission.run(module_output, "LeNet", [], [rng.rand(*shape)])


@check(
    points=2,
    zh="to_lenet_input 接受各种 dtype、零张或内存不连续的图像，结果都是 float32，且不改动原图。",
    hint="Turn the pictures into float32 first, and write into none of them.",
    hint_zh="先把图像转成 float32，并且不要往原图里写任何东西。",
)
def test_input_of_every_dtype(submission, rng):
    """to_lenet_input takes every dtype, no picture and any memory layout, and changes nothing."""
    images = rng.randint(0, 17, (3, 8, 8))
    dtypes = [torch.uint8, torch.int64, torch.float16, torch.float64]
    expected = [enlarged(images)] * 4
    expected += [enlarged(part) for part in (images.transpose(1, 2), images[:0], images[1:2])]
    received = submission.run(prepared, images, dtypes)
    for actual, wanted in zip(received, [*expected, images.float()], strict=True):
        assert_tensor(actual, wanted)


@check(
    points=1,
    zh="形状不是 (N, 8, 8) 的图像，to_lenet_input 以 ValueError 拒绝。",
    hint="Look at the number of dimensions and at both sides before anything else.",
    hint_zh="先检查维数和两条边的长度，再做别的事。",
)
def test_input_of_other_shapes_is_refused(submission, rng):
    """to_lenet_input raises ValueError for every shape but (N, 8, 8)."""
    for shape in [(8, 8), (2, 1, 8, 8), (3, 8, 7), (3, 9, 8), (4, 64)]:
        with raises(ValueError):
            submission.to_lenet_input(rng.rand(*shape))


@check(
    points=2,
    zh="对别的网络，layer_parameters 也逐层数对：嵌套的、冻结的、带缓冲区的，以及 meta 上的。",
    hint="model.named_modules() gives every module; parameters(recurse=False) gives its own.",
    hint_zh="model.named_modules() 给出每个模块；parameters(recurse=False) 只给出它自己的参数。",
)
def test_parameters_of_other_networks(submission):
    """layer_parameters counts right in nested, frozen and huge networks, buffers left out."""
    tree = [("", 11), ("stem.0", 120), ("stem.1", 10), ("twice.0", 16), ("twice.1", 28)]
    expected = [tree, [("", 15)], [], [("", 1000050000)]]
    assert_equal(submission.run(counts_of_networks), expected)


@check(
    points=3,
    zh="每个 epoch 分成 16 张一批，最后一批是剩下的；Adam 的记忆一直保留到最后一个 epoch。",
    hint="The last batch is trained on as well, and one optimizer serves all epochs.",
    hint_zh="最后不满的一批也要训练；所有 epoch 共用一个优化器。",
)
def test_every_batch_makes_a_step(submission, rng, device):
    """Every batch of 16, and the rest at the end, makes one step of Adam, in each epoch."""
    # Equal pictures: whatever their order, every batch has the same gradient.
    images, labels = rng.randint(0, 17, (1, 8, 8)), rng.randint(0, 10, (1,))
    seed = rng.seed()
    settings = [(0, seed, 0), (2, seed, 0)]
    start, end = submission.run(
        trained_states, images.expand(38, 8, 8), labels.expand(38), settings, device
    )
    assert_equal(sorted(start), sorted(SHAPES))
    leaves = {name: value.clone().requires_grad_() for name, value in start.items()}
    optimizer = torch.optim.Adam(leaves.values(), lr=0.003)
    for _ in range(2 * 3):
        optimizer.zero_grad()
        functional.cross_entropy(lenet(leaves, enlarged(images)), labels).backward()
        optimizer.step()
    for name in SHAPES:
        # Where a gradient is nearly 0, Adam makes a step of the rounding: most must agree.
        difference = (end[name] - leaves[name].detach()).abs()
        share = (difference < 0.0003).double().mean().item()
        assert share > 0.9, f"{name}: {share:.0%} of the numbers are where Adam puts them"


@check(
    points=2,
    zh="同样的参数训练出同样的网络，不管之前抽过什么随机数；seed 不同，网络也不同。",
    hint="torch.manual_seed(seed) before the network is made: its first weights are drawn too.",
    hint_zh="创建网络之前就调用 torch.manual_seed(seed)：初始权重也是抽出来的。",
)
def test_seed_decides_everything(submission, rng, device):
    """The same arguments give the same network, another seed gives another, also without epochs."""
    images, labels, seed = rng.randint(0, 17, (33, 8, 8)), rng.randint(0, 10, (33,)), rng.seed()
    settings = [(0, seed, 0), (0, seed, 3), (0, seed + 1, 0)]
    settings += [(1, seed, 0), (1, seed, 5), (1, seed + 1, 2)]
    states = submission.run(trained_states, images, labels, settings, device)
    assert_equal(sorted(states[0]), sorted(SHAPES))
    for first, again, other in (states[:3], states[3:]):
        for name in SHAPES:
            assert_tensor(again[name], first[name])
            assert (other[name] - first[name]).abs().max().item() > 1e-3, name


@check(
    points=1,
    zh="网络和图像都在指定的设备上。",
    hint="Make no tensor of your own without a device, and move the network before the training.",
    hint_zh="自己创建张量时要写明设备；训练之前先把网络移过去。",
)
def test_everything_is_on_the_device(submission, rng, other_device):
    """Scores, prepared pictures and the trained network are on the device that is asked for."""
    images, labels = rng.randint(0, 17, (2, 8, 8)), rng.randint(0, 10, (2,))
    found = submission.on("cpu").run(places_on, images, labels, other_device)
    assert_equal(found, [other_device] * 12)


@check(
    points=4,
    zh="train_lenet 训练出的网络，对没见过的手写数字至少认对 75%。",
    hint="Every epoch goes through all pictures in a new random order. Does yours?",
    hint_zh="每个 epoch 都要按新的随机顺序走完全部图像。你的训练是这样吗？",
)
def test_network_reads_digits_that_it_has_not_seen(submission, rng, device):
    """The network that train_lenet returns reads at least 75 % of digits it has not seen."""
    (images, labels), (unseen, expected) = digits()
    names = rng.permutation(10)  # other names for the digits: nobody can know the answers
    arguments = [images, names[labels], 3, rng.seed(), device]
    conversation = submission.start(scores_after_training, *arguments)
    scores = conversation.send(enlarged(unseen))
    assert_equal(tuple(scores.shape), (len(unseen), 10))
    accuracy = (scores.argmax(1) == names[expected]).double().mean().item()
    assert accuracy >= 0.75, f"{accuracy:.3f} of unseen digits"
