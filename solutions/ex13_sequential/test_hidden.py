"""Hidden checks of ex13_sequential: other chains, loaded states, and what init must not touch."""

import torch
from torch import nn

from grader.checks import (
    Mistake,
    assert_close,
    assert_equal,
    assert_tensor,
    check,
    module_gradients,
    probe,
    raises,
)


@probe
def linear(state):
    """Return a linear layer with this state."""
    weight = state["weight"]
    layer = nn.Linear(weight.shape[1], weight.shape[0], bias="bias" in state).to(weight)
    layer.load_state_dict(state)
    return layer


@probe
def odd_chains(student, state, x):
    """Return the outputs of a chain without a layer and of one with a layer that stands twice."""
    layer = linear(state)
    twice = student.build_seq((layer, nn.Tanh(), layer))
    return [student.build_seq([])(x), twice(x), twice[1:](x), len(twice)]


@probe
def build_with_names(student, names):
    """Build a chain of layers with these names."""
    student.build_named([(name, nn.Linear(2, 2)) for name in names])


@probe
def shapes_of_nested(student, x):
    """Return layer_shapes of a chain with a chain inside, and of an empty one."""
    inner = nn.Sequential(nn.Linear(5, 7), nn.Linear(7, 2))
    model = nn.Sequential(nn.Flatten(), inner, nn.Unflatten(1, (1, 2)), nn.Sequential())
    return [
        [list(shape) for shape in student.layer_shapes(chain, x)]
        for chain in (model, nn.Sequential())
    ]


@probe
def parts(student, state, x):
    """Return what the first 0, 1, 2 ... layers of a chain with a repeated layer give."""
    layer = linear(state)
    model = nn.Sequential(layer, nn.Tanh(), layer)
    return [student.first_layers(model, n)(x) for n in range(4)]


@probe
def cut(student, length, n):
    """Take the first n of so many layers."""
    student.first_layers(nn.Sequential(*[nn.Linear(2, 2) for _ in range(length)]), n)


@probe
def merged(student, first, second, x):
    """Return the output of a merged layer, its state, and the outputs of both layers after it."""
    a, b = linear(first), linear(second)
    layer = student.merge_linear(a, b)
    return [layer(x), dict(layer.state_dict()), b(a(x))]


@probe
def merge(student, sizes):
    """Merge two linear layers of these sizes."""
    student.merge_linear(nn.Linear(*sizes[0]), nn.Linear(*sizes[1]))


@probe
def nested(channels):
    """Return a network with layers at several depths, not all of which are linear or Conv2d."""
    deep = nn.Sequential(nn.Conv2d(channels, 2, 3, bias=False), nn.BatchNorm2d(2))
    head = nn.ModuleDict({"bias": nn.Linear(3, 4), "norm": nn.LayerNorm(4)})
    return nn.Sequential(nn.Conv2d(2, channels, (1, 2)), nn.Sequential(deep), head)


@probe
def nested_after(student, channels, values):
    """Return the state of such a network, filled with 0.25 before, after init_all."""
    model = nested(channels)
    for value in [*model.parameters(), *model.buffers()]:
        value.data.fill_(0.25)
    student.init_all(model, *values)
    return dict(model.state_dict())


@probe
def single_layer_after(student, values):
    """Return the state of a single linear layer after init_all."""
    model = nn.Linear(3, 2)
    student.init_all(model, *values)
    return dict(model.state_dict())


@probe
def kept_parameters(student, values):
    """Return, for each parameter that a network had before, its values and flags after."""
    model = nn.Sequential(nn.Conv2d(2, 3, 2), nn.Linear(4, 5))
    model[0].bias.requires_grad_(requires_grad=False)
    before = dict(model.named_parameters())
    student.init_all(model, *values)
    return {
        name: [p.detach(), p.requires_grad, p.is_leaf and p.grad_fn is None]
        for name, p in before.items()
    }


@probe
def drawn_layers(student, values):
    """Return the parameters of two equal linear layers after init_all."""
    model = nn.Sequential(nn.Linear(300, 200), nn.Linear(300, 200))
    student.init_all(model, *values)
    return [model[0].weight, model[1].weight, model[0].bias, model[1].bias]


@probe
def draw(student, values, torch_seed, generator_seed=None):
    """Return the weight of a layer after init_all, and what torch draws next on the CPU."""
    layer, generator = nn.Linear(6, 4), None
    if generator_seed is not None:
        generator = torch.Generator(layer.weight.device).manual_seed(generator_seed)
    torch.manual_seed(torch_seed)
    student.init_all(nn.Sequential(layer), *values, generator=generator)
    return [layer.weight, torch.rand(5, device="cpu")]


def linear_state(rng, in_features, out_features, *, has_bias=True):
    """Return a random float64 state of a linear layer."""
    state = {"weight": rng.randn(out_features, in_features, dtype=torch.float64)}
    if has_bias:
        state["bias"] = rng.randn(out_features, dtype=torch.float64)
    return state


def applied(state, x):
    """Return what a linear layer with this state makes of x."""
    return nn.functional.linear(x, state["weight"], state.get("bias"))


def cifar_model():
    """Return the nine layers of the notes, float64."""
    layers = []
    for channels, maps in ((3, 32), (32, 32), (32, 64)):
        layers += [nn.Conv2d(channels, maps, 5, padding=2), nn.MaxPool2d(2)]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(1024, 64), nn.Linear(64, 10)).double()


def with_activations(model, x):
    """Return the scores with a ReLU behind all that has weights, but for the last layer."""
    with torch.no_grad():
        for place, layer in enumerate(model):
            x = layer(x).relu() if place in (0, 2, 4, 7) else layer(x)
    return x


def assert_initialised(state, names, mean, low, high):
    """Check that these weights equal the mean and these biases lie in the interval."""
    for name in names:
        value = state[name]
        if name.endswith("weight"):
            assert_tensor(value, torch.full_like(value, mean))
        else:
            assert_tensor(value, value.clamp(low, high))


@check(
    points=1,
    zh="没有层时，build_seq 原样返回输入；同一层出现两次时，就用两次。",
    hint="Hand all layers to nn.Sequential as they are; it takes none, and the same one twice.",
    hint_zh="把各层原样交给 nn.Sequential 即可：一层也没有，或者同一层出现两次，它都接受。",
)
def test_build_seq_of_no_layer_and_of_a_repeated_one(submission, rng):
    """build_seq makes chains of no layer, which change nothing, and of layers that stand twice."""
    state, x = linear_state(rng, 4, 4), rng.randn(3, 4, dtype=torch.float64)
    empty, twice, part, length = submission.run(odd_chains, state, x)
    assert_tensor(empty, x)
    assert_tensor(twice, applied(state, applied(state, x).tanh()))
    assert_tensor(part, applied(state, x.tanh()))
    assert_equal(length, 3)


@check(
    points=1,
    zh="两层同名时，build_named 抛出 ValueError。",
    hint="A dict keeps the last of two equal keys and says nothing. Compare the lengths.",
    hint_zh="字典遇到两个相同的键，只留下后一个，也不报错。比较一下长度就知道。",
)
def test_build_named_refuses_a_name_that_appears_twice(submission):
    """build_named raises ValueError when two layers have the same name."""
    for names in (["fc", "act", "fc"], ["a", "a"]):
        with raises(ValueError):
            submission.run(build_with_names, names)


@check(
    points=3,
    zh="载入随机参数后，CifarNet 的得分与那九层算出的一致，梯度传到每个参数。",
    hint="Exactly these nine layers: no activation, no dropout, no softmax, nothing left out.",
    hint_zh="恰好是这九层：没有激活函数，没有 dropout，没有 softmax，也不缺哪一层。",
)
def test_cifar_net_computes_what_its_layers_compute(submission, rng):
    """CifarNet gives the scores of the nine layers, and every parameter receives its gradient."""
    model = cifar_model()
    state = {
        f"model.{name}": rng.randn(*value.shape, dtype=torch.float64) * value[0].numel() ** -0.5
        for name, value in model.state_dict().items()
    }
    model.load_state_dict({name.removeprefix("model."): value for name, value in state.items()})
    x, upstream = rng.randn(2, 3, 32, 32, dtype=torch.float64), rng.randn(2, 10).double()
    scores = model(x)
    (scores * upstream).sum().backward()
    received = submission.run(module_gradients, "CifarNet", [], [x], state=state, upstream=upstream)
    activated = Mistake(
        with_activations(model, x),
        en="These are the scores with a ReLU behind each convolution and the first linear layer.",
        zh="这是在每个卷积和第一个线性层后面都加了 ReLU 的得分。",
    )
    assert_tensor(received["output"], scores, mistakes=[activated])
    for name, parameter in model.named_parameters():
        assert_tensor(received["parameters"].get(f"model.{name}"), parameter.grad)


@check(
    points=1,
    zh="里面的 Sequential 算一层，层可以改变维数；没有层时，layer_shapes 返回空列表。",
    hint="One shape for each place of the chain itself, not for the layers inside of a layer.",
    hint_zh="只对这条链本身的每个位置给出一个形状，层内部的层不算。",
)
def test_layer_shapes_of_chains_in_a_chain(submission, rng):
    """layer_shapes counts a chain inside as one layer, and gives an empty list for no layer."""
    count = rng.integer(2, 7)
    shapes, none = submission.run(shapes_of_nested, rng.randn(count, 1, 5))
    assert_equal(shapes, [[count, 5], [count, 2], [count, 1, 2], [count, 1, 2]])
    assert_equal(none, [])


@check(
    points=1,
    zh="从 0 层到全部，first_layers 都取得对，同一层用在两处时也是。",
    hint="n counts places of the chain, so a layer that stands twice counts twice.",
    hint_zh="n 数的是链上的位置，所以同一层出现两次就算两个。",
)
def test_first_layers_of_every_length(submission, rng):
    """first_layers takes any number of layers, from none to all, repeated ones too."""
    state, x = linear_state(rng, 3, 3), rng.randn(4, 3, dtype=torch.float64)
    outputs = submission.run(parts, state, x)
    expected = [x, applied(state, x)]
    expected += [expected[1].tanh(), applied(state, expected[1].tanh())]
    for output, value in zip(outputs, expected, strict=True):
        assert_tensor(output, value)


@check(
    points=1,
    zh="n 为负数，或者超过层数时，first_layers 抛出 ValueError。",
    hint="A slice never complains: model[:-1] and model[:99] are something. Compare n yourself.",
    hint_zh="切片从不报错：model[:-1] 和 model[:99] 都会给出结果。请自己比较 n。",
)
def test_first_layers_refuses_what_is_not_there(submission):
    """first_layers raises ValueError for a negative n and for more layers than there are."""
    for length, n in [(3, -1), (3, 4), (0, 1)]:
        with raises(ValueError):
            submission.run(cut, length, n)


@check(
    points=2,
    zh="各种尺寸、两层各有无偏置，merge_linear 都与先后两层一致，而且不改动它们。",
    hint="The first bias passes through the second weight before it meets the second bias.",
    hint_zh="第一个偏置要先经过第二个权重，才与第二个偏置相加。",
)
def test_merge_linear_equals_two_layers(submission, rng):
    """merge_linear equals the two layers in all sizes, with and without biases, in float64."""
    for sizes, biases in [
        ((5, 3, 4), (True, True)),
        ((2, 6, 1), (True, False)),
        ((3, 3, 3), (False, True)),
        ((4, 2, 5), (False, False)),
    ]:
        first = linear_state(rng, sizes[0], sizes[1], has_bias=biases[0])
        second = linear_state(rng, sizes[1], sizes[2], has_bias=biases[1])
        x = rng.randn(7, sizes[0], dtype=torch.float64)
        output, state, after = submission.run(merged, first, second, x)
        expected = applied(second, applied(first, x))
        assert_tensor(output, expected)
        assert_equal(sorted(state), ["bias", "weight"])
        assert_tensor(after, expected)


@check(
    points=1,
    zh="两层接不上时，merge_linear 抛出 ValueError。",
    hint="Compare first.out_features with second.in_features before you multiply.",
    hint_zh="相乘之前，先比较 first.out_features 与 second.in_features。",
)
def test_merge_linear_refuses_layers_that_do_not_fit(submission):
    """merge_linear raises ValueError when the second layer does not take what the first gives."""
    for sizes in [((3, 4), (5, 2)), ((4, 2), (4, 2)), ((3, 5), (1, 2))]:
        with raises(ValueError):
            submission.run(merge, sizes)


@check(
    points=2,
    zh="init_all 到达任意深度的线性层和 Conv2d（模型本身也算），别的层保持原样。",
    hint="Ask for the kind of the layer, not for the name of the parameter: a BatchNorm has a "
    "weight and a bias too.",
    hint_zh="要看层的类型，不要看参数的名字：BatchNorm 也有 weight 和 bias。",
)
def test_init_all_reaches_these_layers_and_no_others(submission, rng):
    """init_all sets linear layers and Conv2d at any depth, and leaves every other layer alone."""
    mean, low = 2.0 + rng.integer(0, 9), 20.0 + rng.integer(0, 9)
    values = [mean, 0.0, low, low + 0.5]
    state = submission.run(nested_after, rng.integer(1, 5), values)
    reached = ["0.weight", "0.bias", "1.0.0.weight", "2.bias.weight", "2.bias.bias"]
    assert_initialised(state, reached, mean, low, low + 0.5)
    for name in state.keys() - set(reached):
        if state[name].is_floating_point():
            assert_tensor(state[name], torch.full_like(state[name], 0.25))
    state = submission.run(single_layer_after, values)
    assert_initialised(state, ["weight", "bias"], mean, low, low + 0.5)


@check(
    points=2,
    zh="init_all 之后参数还是原来的对象：没有 grad_fn，requires_grad 也和原来一样。",
    hint="An optimizer holds the old objects. Write into them, as the functions with an underscore "
    "at the end do, and set nothing new on the layer.",
    hint_zh="优化器手里是原来的对象。要往里面写，带下划线后缀的函数就是这样；不要给层换上新的参数。",
)
def test_init_all_writes_into_the_parameters(submission):
    """After init_all the parameters are the same objects, leaves, and frozen if they were."""
    kept = submission.run(kept_parameters, [3.0, 0.0, -2.0, -1.0])
    frozen = {name for name, (_, requires_grad, _) in kept.items() if not requires_grad}
    assert_equal(frozen, {"0.bias"})
    assert all(is_leaf for _, _, is_leaf in kept.values()), "a parameter is no leaf any more"
    assert_initialised({name: value[0] for name, value in kept.items()}, kept, 3.0, -2.0, -1.0)


@check(
    points=2,
    zh="init_all 的权重服从给定均值和标准差的正态分布，偏置在区间上均匀分布，两层各不相同。",
    hint="normal_ takes the standard deviation, not the variance; each layer gets its own draws.",
    hint_zh="normal_ 接收的是标准差，不是方差；每一层都要重新抽取。",
)
def test_init_all_draws_from_both_distributions(submission):
    """init_all draws normal weights and uniform biases, new ones for each layer."""
    mean, std, low, high = -1.5, 0.25, 2.0, 6.0
    *weights, first, second = submission.run(drawn_layers, [mean, std, low, high])
    for weight in weights:
        assert_close(weight.mean().item(), mean, rtol=0, atol=0.01)
        assert_close(weight.std().item(), std, rtol=0, atol=0.01)
        within = ((weight - mean).abs() < std).float().mean()  # 0.683 of a normal distribution
        assert_close(within.item(), 0.683, rtol=0, atol=0.02)
    biases = torch.cat([first, second])
    assert_tensor(biases, biases.clamp(low, high))
    assert_close(biases.mean().item(), 4.0, rtol=0, atol=0.5)
    assert_close(biases.std().item(), 1.155, rtol=0, atol=0.3)
    assert not torch.equal(weights[0], weights[1]), "both layers have got the same weights"
    assert not torch.equal(first, second), "both layers have got the same biases"


@check(
    points=2,
    zh="给了 generator，init_all 就只用它，不动全局随机数；没有给，才用全局的。",
    hint="Both calls that draw need generator=generator; torch.manual_seed belongs to the caller.",
    hint_zh="两处抽取都要写 generator=generator；torch.manual_seed 是调用者的事。",
)
def test_init_all_draws_from_the_generator_alone(submission, rng):
    """With a generator init_all leaves torch's own alone; without one it draws from torch's."""
    values, seeds = [0.0, 1.0, 5.0, 6.0], [rng.seed() for _ in range(4)]
    drawn = [
        submission.run(draw, values, torch_seed, generator_seed)
        for torch_seed, generator_seed in [(0, 2), (1, 2), (1, 3)]
        for torch_seed, generator_seed in [(seeds[torch_seed], seeds[generator_seed])]
    ]
    assert_tensor(drawn[0][0], drawn[1][0])
    assert not torch.equal(drawn[1][0], drawn[2][0]), "another generator drew the same"
    untouched = torch.rand(5, generator=torch.Generator().manual_seed(seeds[0]))
    assert_tensor(drawn[0][1], untouched)
    drawn = [submission.run(draw, values, seeds[i])[0] for i in (0, 0, 1)]
    assert_tensor(drawn[0], drawn[1])
    assert not torch.equal(drawn[1], drawn[2]), "another seed of torch drew the same"
