"""Public checks of ex51_transfer: VGG16 on the meta device, and a small network to play with."""

import torch
from torch import nn

from grader.checks import assert_equal, assert_tensor, check, probe, raises


@probe
def small_network(classes):
    """Return a network with a body of two layers and a classifier of three."""
    torch.manual_seed(classes)
    model = nn.Module()
    model.features = nn.Sequential(nn.Linear(5, 6), nn.BatchNorm1d(6))
    model.classifier = nn.Sequential(nn.ReLU(), nn.Linear(6, 4), nn.Linear(4, classes))
    model.forward = lambda x: model.classifier(model.features(x))
    return model


@probe
def adapted_vgg(student, n, mode, shape):
    """Return shapes, names and devices of a VGG16 on meta, and the shape of its scores."""
    with torch.device("meta"):
        model = student.vgg16_for(n, mode)
        x = torch.empty(shape)
    state = model.state_dict()
    last = {name: list(value.shape) for name, value in list(state.items())[-4:]}
    count = sum(parameter.numel() for parameter in model.parameters())
    devices = sorted({value.device.type for value in state.values()})
    return list(dict(model.classifier.named_children())), last, count, devices, model(x).shape


@probe
def frozen(student, except_):
    """Return what freeze returns, and the flags of all parameters."""
    model = small_network(3)
    names = student.freeze(model, except_)
    return names, {name: value.requires_grad for name, value in model.named_parameters()}


@probe
def transferred(student, src):
    """Return what transfer_state returns, and the state before and after it."""
    model = small_network(3)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    answer = student.transfer_state(src, model)
    return list(answer), before, dict(model.state_dict())


@probe
def finetuned(student, x, y, free, epochs, device):
    """Return what finetune returns, and the state before and after it."""
    model = small_network(3).to(device)
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(name.startswith(free))
    before = {name: value.clone() for name, value in model.state_dict().items()}
    losses = student.finetune(model, (x, y), epochs, lr=0.02, batch_size=8)
    return losses, before, dict(model.state_dict())


@probe
def frozen_and_finetuned(student, x, y):
    """Call finetune for a model in which nothing can learn."""
    model = small_network(3).requires_grad_(requires_grad=False)
    return student.finetune(model, (x, y), 1)


@probe
def adapted_wrongly(student, n, mode):
    """Call adapt_classifier for the small network."""
    return len(student.adapt_classifier(small_network(3), n, mode).classifier)


BODY = [
    "features.0.weight",
    "features.0.bias",
    "features.1.weight",
    "features.1.bias",
]
HEAD = ["classifier.1.weight", "classifier.1.bias", "classifier.2.weight", "classifier.2.bias"]
BUFFERS = [f"features.1.{name}" for name in ("running_mean", "running_var", "num_batches_tracked")]


@check(
    points=1,
    zh="weights_meta 说出 VGG16 默认权重的名字、大小、类别数和预处理。",
    hint="torchvision.models.get_weight(name) gives the entry: look at .meta and .transforms().",
    hint_zh="torchvision.models.get_weight(name) 给出对应的条目：看它的 .meta 和 .transforms()。",
)
def test_weights_meta_of_vgg16(submission):
    """weights_meta tells name, size, classes and preprocessing of the default weights of VGG16."""
    expected = {
        "name": "VGG16_Weights.IMAGENET1K_V1",
        "parameters": 138357544,
        "classes": 1000,
        "resize": 256,
        "crop": 224,
        "mean": [0.485, 0.456, 0.406],
        "std": [0.229, 0.224, 0.225],
    }
    for name in ("VGG16_Weights.DEFAULT", "VGG16_Weights.IMAGENET1K_V1"):
        assert_equal(submission.weights_meta(name), expected)


@check(
    points=2,
    zh="vgg16_for 在两种方式下都给出 n 个分数；在 meta 上建，就全部在 meta 上。",
    hint="models.vgg16(weights=None); then its classifier, a Sequential of 7 layers, is adapted.",
    hint_zh="先 models.vgg16(weights=None)，再改造它的 classifier：那是一个 7 层的 Sequential。",
)
def test_vgg16_is_adapted_in_both_ways(submission):
    """vgg16_for gives n scores in both modes, and lies on meta where meta is the default."""
    numbers = [str(place) for place in range(7)]
    for mode, n, names, shapes, count in [
        (
            "append",
            10,
            [*numbers, "add_linear"],
            {
                "classifier.6.weight": [1000, 4096],
                "classifier.6.bias": [1000],
                "classifier.add_linear.weight": [10, 1000],
                "classifier.add_linear.bias": [10],
            },
            138367554,
        ),
        (
            "replace",
            10,
            numbers,
            {
                "classifier.3.weight": [4096, 4096],
                "classifier.3.bias": [4096],
                "classifier.6.weight": [10, 4096],
                "classifier.6.bias": [10],
            },
            134301514,
        ),
    ]:
        answer = submission.on("cpu").run(adapted_vgg, n, mode, [2, 3, 64, 96])
        assert_equal(list(answer), [names, shapes, count, ["meta"], torch.Size([2, n])])


@check(
    points=2,
    zh="freeze 冻结除 except_ 之外的全部参数，并返回没有冻结的参数的名字。",
    hint="parameter.requires_grad_(False) freezes; a misspelt attribute is set without complaint.",
    hint_zh="冻结要用 parameter.requires_grad_(False)；属性名拼错了，Python 也照样赋值，不会报错。",
)
def test_freeze_leaves_the_exceptions(submission):
    """Freeze freezes all parameters but the exceptions, and returns the names of those."""
    for except_, free in [
        ([], []),
        (["classifier"], HEAD),
        (["features.1", "classifier.2.bias"], [*BODY[2:], HEAD[3]]),
    ]:
        names, flags = submission.on("cpu").run(frozen, except_)
        assert_equal(names, free)
        assert_equal(flags, {name: name in free for name in BODY + HEAD})


@check(
    points=2,
    zh="transfer_state 拷贝一切名字和形状都相符的，跳过类别数不同的最后一层，并说明各是哪些。",
    hint="load_state_dict refuses other shapes, with strict=False too: choose what fits first.",
    hint_zh="形状不符时 load_state_dict 会拒绝，strict=False 也一样：先挑出相符的条目。",
)
def test_transfer_skips_the_head(submission, rng):
    """transfer_state copies what fits, skips a head with other classes, and names both."""
    src = {"features.0.weight": rng.randn(6, 5), "features.0.bias": rng.randn(6)}
    src |= {name: rng.randn(6) for name in (*BODY[2:], BUFFERS[0])}
    src |= {BUFFERS[1]: rng.rand(6) + 0.5, BUFFERS[2]: torch.tensor(17)}
    src |= {HEAD[0]: rng.randn(4, 6), HEAD[1]: rng.randn(4)}
    src |= {HEAD[2]: rng.randn(9, 4), HEAD[3]: rng.randn(9)}
    answer, before, after = submission.on("cpu").run(transferred, src)
    assert_equal(answer, [[*BODY, *BUFFERS, *HEAD[:2]], HEAD[2:]])
    for name, value in after.items():
        assert_tensor(value, before[name] if name in HEAD[2:] else src[name])


@check(
    points=2,
    zh="finetune 为每个 epoch 返回一个 float，损失下降；冻结的一点不变，最后一层学到了东西。",
    hint="The optimizer gets the parameters with requires_grad; loss.item() is a float.",
    hint_zh="优化器只拿 requires_grad 为 True 的参数；loss.item() 才是 float。",
)
def test_finetune_trains_the_head_alone(submission, rng, device):
    """Finetune gives a falling loss for each epoch; the frozen body stays and the head learns."""
    x = rng.randn(40, 5)
    y = x[:, :3].argmax(1)
    answer = submission.run(finetuned, x, y, "classifier", 6, device)
    losses, before, after = answer
    assert_equal([type(loss).__name__ for loss in losses], ["float"] * 6)
    assert losses[-1] < losses[0], f"from {losses[0]:.3f} to {losses[-1]:.3f}"
    for name in (*BODY, *BUFFERS):
        assert_tensor(after[name], before[name])
    for name in HEAD:
        assert not torch.equal(after[name], before[name]), f"{name} has not changed"


@check(
    points=1,
    zh="方式不存在、名字不存在、没有可学的参数等情形，抛出 ValueError。",
    hint="torchvision raises KeyError for some names: catch it, and raise ValueError yourself.",
    hint_zh="有些名字 torchvision 抛出的是 KeyError：捕获它，自己再抛出 ValueError。",
)
def test_what_cannot_be_done_is_refused(submission, rng):
    """Unknown names and modes, nothing that fits and nothing to learn raise ValueError."""
    submission = submission.on("cpu")
    for name in ("VGG16_Weights.IMAGENET2K", "VGG61_Weights.DEFAULT", "VGG16"):
        with raises(ValueError):
            submission.weights_meta(name)
    for n, mode in ((3, "add"), (0, "append"), (-1, "replace")):
        with raises(ValueError):
            submission.run(adapted_wrongly, n, mode)
    for except_ in (["head"], ["classifier", "features.2"]):
        with raises(ValueError):
            submission.run(frozen, except_)
    for src in ({}, {"module.features.0.bias": rng.randn(6)}, {"features.0.bias": rng.randn(7)}):
        with raises(ValueError):
            submission.run(transferred, src)
    with raises(ValueError):
        submission.run(frozen_and_finetuned, rng.randn(4, 5), rng.randint(0, 3, (4,)))
