"""Public checks of ex48_lenet: the tensors of the network, its values, its input, one training."""

import torch
from torch.nn import functional

from grader.checks import (
    Mistake,
    assert_equal,
    assert_tensor,
    check,
    module_output,
    probe,
    raises,
    state_dict,
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
def maps_of(student, state, x):
    """Return features(x) of a LeNet with these parameters."""
    model = student.LeNet().to(x.device)
    model.load_state_dict(state)
    return model.features(x)


@probe
def counts_of_lenet(student):
    """Return what layer_parameters says of a LeNet."""
    return student.layer_parameters(student.LeNet())


@probe
def trained_states(student, images, labels, epochs, seed, device):
    """Return the state of the network that train_lenet gives for each number of epochs."""
    return [
        dict(student.train_lenet(images, labels, count, seed, device).state_dict())
        for count in epochs
    ]


def random_state(rng):
    """Return random parameters that keep the numbers of every layer near 1."""
    state = {}
    for name, shape in SHAPES.items():
        fan_in = torch.Size(SHAPES[name.replace("bias", "weight")][1:]).numel()
        state[name] = rng.randn(*shape) * (2 / fan_in) ** 0.5
    return state


def features(state, x, pool=functional.max_pool2d):
    """Return the maps after the second pooling."""
    for name in ("conv1", "conv2"):
        x = functional.conv2d(x, state[f"{name}.weight"], state[f"{name}.bias"])
        x = pool(x.relu(), 2)
    return x


def scores(state, maps, act=torch.relu):
    """Return what the three linear layers make of the maps."""
    x = maps.flatten(1)
    for name in ("fc1", "fc2"):
        x = act(functional.linear(x, state[f"{name}.weight"], state[f"{name}.bias"]))
    return functional.linear(x, state["fc3.weight"], state["fc3.bias"])


@check(
    points=1,
    zh="LeNet 的 state_dict 恰有 10 个张量，名字和形状都与五个层一致。",
    hint="Weights of an nn.Conv2d are (out, in, 5, 5), of an nn.Linear (out, in).",
    hint_zh="nn.Conv2d 的 weight 是 (out, in, 5, 5)，nn.Linear 的是 (out, in)。",
)
def test_lenet_has_ten_tensors(submission):
    """The state_dict of LeNet holds ten tensors with the names and shapes of its five layers."""
    state = submission.run(state_dict, "LeNet", [])
    assert_equal({name: tuple(value.shape) for name, value in state.items()}, SHAPES)


@check(
    points=2,
    zh="features 在第二次池化之后给出正确的特征图，形状是 (N, 16, 5, 5)。",
    hint="Twice the same: convolution, ReLU, the largest number of each 2x2 square.",
    hint_zh="同样的三步做两遍：卷积、ReLU、取每个 2x2 方格中最大的数。",
)
def test_features_are_the_maps_after_the_second_pooling(submission, rng):
    """Features gives the right maps (N, 16, 5, 5) after the second pooling."""
    state, x = random_state(rng), rng.rand(3, 1, 32, 32)
    expected = features(state, x)
    mistakes = [
        Mistake(
            features(state, x, functional.avg_pool2d),
            en="This is the result of average pooling. Here the largest number is kept.",
            zh="这是平均池化的结果。这里要保留的是最大值。",
        ),
        Mistake(
            expected.flatten(1),
            en="The numbers are right, but they are flattened already. That belongs to forward.",
            zh="数值是对的，但已经展平了。展平应放在 forward 里。",
        ),
    ]
    maps = submission.run(maps_of, state, x)
    assert_tensor(maps, expected, mistakes=mistakes)


@check(
    points=2,
    zh="LeNet 对一批图像给出正确的分数，形状是 (N, 10)。",
    hint="Flatten from dimension 1 on; ReLU after fc1 and fc2, nothing after fc3.",
    hint_zh="从第 1 维开始展平；fc1 和 fc2 之后是 ReLU，fc3 之后什么都没有。",
)
def test_lenet_gives_ten_scores(submission, rng):
    """LeNet gives the right ten scores for every picture of a batch."""
    state, x = random_state(rng), rng.rand(3, 1, 32, 32)
    maps = features(state, x)
    expected = scores(state, maps)
    mistakes = [
        Mistake(
            scores(state, maps, act=lambda x: x),
            en="This is the result without ReLU after fc1 and fc2: three layers worth one.",
            zh="这是 fc1 和 fc2 之后没有 ReLU 的结果：三个线性层只相当于一个。",
        ),
        Mistake(
            expected.softmax(1),
            en="These are probabilities. The cross entropy contains the softmax: return scores.",
            zh="这是概率。交叉熵里已经包含 softmax，请直接返回分数。",
        ),
        Mistake(
            expected.relu(),
            en="ReLU stands after fc3 as well, and takes away the scores below 0.",
            zh="fc3 之后也加了 ReLU，小于 0 的分数都被去掉了。",
        ),
        Mistake(
            scores(state, features(state, x, functional.avg_pool2d)),
            en="This is the result of average pooling. Here the largest number is kept.",
            zh="这是平均池化的结果。这里要保留的是最大值。",
        ),
    ]
    received = submission.run(module_output, "LeNet", [], [x], state=state)
    assert_tensor(received, expected, mistakes=mistakes)


@check(
    points=1,
    zh="图像是 28x28 时，LeNet 抛出 ValueError。",
    hint="Compare x.shape with (N, 1, 32, 32) at the beginning of forward.",
    hint_zh="在 forward 的开头，把 x.shape 与 (N, 1, 32, 32) 比较。",
)
def test_lenet_refuses_pictures_of_28(submission, rng):
    """LeNet raises ValueError for pictures of 28x28, which leave only 256 numbers in the end."""
    with raises(ValueError):
        submission.run(module_output, "LeNet", [], [rng.rand(2, 1, 28, 28)])


@check(
    points=2,
    zh="to_lenet_input 把 8x8 的每个像素除以 16，放大成 4x4 的方格。",
    hint="Each number is repeated four times next to itself, along the rows and the columns.",
    hint_zh="每个数在原地重复四次，行方向和列方向都要。",
)
def test_each_pixel_fills_a_square(submission, rng):
    """to_lenet_input makes each pixel of 8x8, divided by 16, a square of 4x4."""
    images = rng.randint(0, 17, (3, 8, 8)).double()
    expected = (images / 16).float().kron(torch.ones(1, 4, 4))[:, None]
    tiled = (images / 16).float().repeat(1, 4, 4)[:, None]
    mistakes = [
        Mistake(
            tiled,
            en="The picture stands there sixteen times. repeat() copies the whole picture; each "
            "pixel is to be repeated by itself.",
            zh="整张图像重复了十六次。repeat() 复制的是整张图像，要重复的是每一个像素。",
        ),
        Mistake(
            expected * 16,
            en="The places are right, but the numbers still go from 0 to 16.",
            zh="位置都对，但数值仍在 0 到 16 之间。",
        ),
        Mistake(
            expected[:, 0],
            en="The numbers are right; the dimension of the channel is missing.",
            zh="数值都对，但少了通道这一维。",
        ),
    ]
    assert_tensor(submission.to_lenet_input(images), expected, mistakes=mistakes)


@check(
    points=1,
    zh="layer_parameters 数出 LeNet 五个层的参数：156、2416、48120、10164、850。",
    hint="Weights and biases: conv1 holds 6 * 1 * 5 * 5 + 6 numbers.",
    hint_zh="权重和偏置都要数：conv1 有 6 * 1 * 5 * 5 + 6 个数。",
)
def test_parameters_of_the_five_layers(submission):
    """layer_parameters counts the numbers of LeNet's layers: 156, 2416, 48120, 10164, 850."""
    counts = {"conv1": 156, "conv2": 2416, "fc1": 48120, "fc2": 10164, "fc3": 850}
    assert_equal(submission.run(counts_of_lenet), counts)


@check(
    points=2,
    zh="只有一批图像时，一个 epoch 之后的权重正是 Adam 走一步得到的结果。",
    hint="Scores, loss, clear the gradients, backward, step. And return the network.",
    hint_zh="求分数、求损失、清零梯度、反向传播、更新。最后别忘了返回网络。",
)
def test_one_batch_makes_one_step(submission, rng, device):
    """With one batch of pictures, one epoch is one step of Adam from the first weights."""
    images, labels, seed = rng.randint(0, 17, (15, 8, 8)), rng.randint(0, 10, (15,)), rng.seed()
    start, end = submission.run(trained_states, images, labels, [0, 1], seed, device)
    assert_equal({name: tuple(value.shape) for name, value in start.items()}, SHAPES)
    leaves = {name: value.clone().requires_grad_() for name, value in start.items()}
    x = (images / 16).kron(torch.ones(1, 4, 4))[:, None]
    functional.cross_entropy(scores(leaves, features(leaves, x)), labels).backward()
    torch.optim.Adam(leaves.values(), lr=0.003).step()
    for name in SHAPES:
        # Where a gradient is nearly 0, Adam makes a step of the rounding: most must agree.
        difference = (end[name] - leaves[name].detach()).abs()
        share = (difference < 0.0003).double().mean().item()
        assert share > 0.9, f"{name}: {share:.0%} of the numbers are where Adam puts them"
