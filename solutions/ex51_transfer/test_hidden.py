"""Hidden checks of ex51_transfer: exact steps, frozen norms, copies, and digits with new names."""

import contextlib
import functools
import itertools

import torch
from torch import nn
from torch.nn import functional
from torchvision import models

from grader.checks import assert_close, assert_equal, assert_tensor, check, probe


@probe
def adapted(student, settings, mode, x):
    """Return what an adapted classifier is and gives, for classifiers of some sizes."""
    found = []
    for sizes, n, dtype in settings:
        model = nn.Module()
        model.features = nn.Linear(2, 2)
        layers = [nn.Linear(a, b) for a, b in itertools.pairwise(sizes)]
        model.classifier = nn.Sequential(nn.Tanh(), *layers).to(dtype)
        objects = dict(model.named_parameters())
        before = model.classifier.state_dict()
        same = student.adapt_classifier(model, n, mode) is model
        kept = [name for name, value in model.named_parameters() if objects.get(name) is value]
        state = dict(model.classifier.state_dict())
        scores = model.classifier(x[:, : sizes[0]].to(dtype))
        found.append([same, kept, dict(before), state, scores])
    return found


@probe
def places_of_adapted(student, mode, device):
    """Return the devices of all parameters after adapting a classifier there."""
    model = nn.Module()
    model.classifier = nn.Sequential(nn.Linear(4, 3)).to(device)
    student.adapt_classifier(model, 2, mode)
    return sorted({parameter.device.type for parameter in model.parameters()})


@probe
def nested():
    """Return a model whose names begin alike."""
    torch.manual_seed(3)
    block = nn.Sequential(nn.Linear(3, 3), nn.BatchNorm1d(3))
    return nn.ModuleDict(
        {
            "fc": nn.Linear(3, 2),
            "fc2": nn.Linear(2, 3),
            "stage": nn.Sequential(block, nn.Linear(3, 3)),
            "stage_1": nn.Linear(3, 1),
        }
    )


@probe
def flags_and_gradients(student, before, except_):
    """Freeze a model in which some parameters are frozen already and all have gradients."""
    model = nested().eval()
    for name, parameter in model.named_parameters():
        parameter.grad = torch.ones_like(parameter)
        parameter.requires_grad_(name in before)
    values = {name: value.clone() for name, value in model.state_dict().items()}
    told = student.freeze(model, iter(except_))
    flags = [name for name, value in model.named_parameters() if value.requires_grad]
    grads = [name for name, value in model.named_parameters() if value.grad is not None]
    same = all(torch.equal(values[name], value) for name, value in model.state_dict().items())
    return told, flags, grads, same, any(module.training for module in model.modules())


@probe
def flags_after_an_error(student, except_):
    """Return the names of the parameters that require gradients after freeze has raised."""
    model = nested()
    model["fc"].requires_grad_(requires_grad=False)
    with contextlib.suppress(ValueError):
        student.freeze(model, except_)
    return [name for name, value in model.named_parameters() if value.requires_grad]


@probe
def copied(student, src, dtype):
    """Transfer into a model, change the model, and return what happened to all."""
    model = nested().to(dtype)
    model["fc"].requires_grad_(requires_grad=False)
    objects = {name: value.data_ptr() for name, value in model.state_dict().items()}
    answer = list(student.transfer_state(src, model))
    after = {name: value.clone() for name, value in model.state_dict().items()}
    places = {name: value.data_ptr() for name, value in model.state_dict().items()}
    frozen = [name for name, value in model.named_parameters() if not value.requires_grad]
    with torch.no_grad():
        for value in model.state_dict().values():
            value.zero_()
    return answer, after, src, frozen, places == objects


@probe
def network(state, device):
    """Return a network with two norms, in float64, with this state."""
    layers = [nn.Linear(4, 5), nn.BatchNorm1d(5), nn.Tanh(), nn.Linear(5, 6), nn.BatchNorm1d(6)]
    model = nn.Sequential(*layers, nn.Tanh(), nn.Linear(6, 3)).to(device, torch.float64)
    model.load_state_dict(state)
    return model


@probe
def finetuned(student, state, free, data, options, device):
    """Return what a fine-tuning leaves that begins in evaluation mode, with grads of earlier times.

    Losses, state, modes, and the modes that layers without parameters had meanwhile.
    """
    model, meanwhile = network(state, device).eval(), set()
    for module in model:
        if isinstance(module, nn.Tanh):
            module.register_forward_hook(lambda module, *_: meanwhile.add(module.training))
    for name, parameter in model.named_parameters():
        parameter.grad = torch.ones_like(parameter)
        parameter.requires_grad_(name in free)
    losses = student.finetune(model, data, **options)
    modes = [module.training for module in model.modules()]
    return losses, dict(model.state_dict()), modes, sorted(meanwhile)


@probe
def batches_seen(student, x, y, epochs, seeds, device):
    """Return the inputs of each call of the model, and the losses at a rate of 0."""
    found = []
    for number, seed in enumerate(seeds):
        torch.manual_seed(0)
        model, seen = nn.Linear(x.shape[1], 3).to(device), []
        state = dict(model.state_dict())

        def note(_, inputs, __, seen=seen, number=number):
            seen.append(inputs[0])
            torch.rand(number)  # as a layer with dropout would

        model.register_forward_hook(note)
        torch.manual_seed(number)
        losses = student.finetune(model, (x, y), epochs, lr=0.0, batch_size=8, seed=seed)
        found.append([seen, losses, state])
    return found


@probe
def places_in_finetune(student, x, y, device):
    """Return the devices of a layer's weight and input, as finetune calls it."""
    seen = []

    class Watched(nn.Linear):
        """A layer that notes where its input is."""

        def forward(self, x):
            seen.extend([self.weight.device.type, x.device.type])
            raise InterruptedError  # the rest may need values, and meta has none

    with contextlib.suppress(InterruptedError):
        student.finetune(Watched(x.shape[1], 3).to(device), (x, y), 1)
    return seen


@probe
def digit_network(classes):
    """Return a network of four linear layers for pictures (N, 1, 8, 8)."""
    layers = [nn.Flatten()]
    for _ in range(3):
        layers += [nn.Linear(64, 64), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(64, classes))


@probe
def three_ways(student, src, x, y, classes, seed, device):
    """Train from scratch, from src, and the head alone; then score pictures that come now."""
    torch.set_num_threads(1)  # small tensors: threads would only wait for each other
    trained = []
    for way in ("scratch", "whole", "head"):
        torch.manual_seed(seed)
        model = digit_network(classes).to(device)
        if way != "scratch":
            student.transfer_state(src, model)
        if way == "head":
            student.freeze(model, ["7"])
        student.finetune(model, (x, y), 3, lr=0.005, batch_size=8, seed=seed)
        trained.append(model.eval())
    unseen = yield None
    with torch.no_grad():
        return [model(unseen.to(device)) for model in trained]


NAMES = [f"{layer}.{what}" for layer in (0, 1, 3, 4, 6) for what in ("weight", "bias")]


def random_state(rng):
    """Return random numbers for the parameters and averages of the network."""
    shapes = {"0.weight": (5, 4), "3.weight": (6, 5), "6.weight": (3, 6), "6.bias": (3,)}
    shapes |= dict.fromkeys(["0.bias", "1.weight", "1.bias", "1.running_mean"], (5,))
    shapes |= dict.fromkeys(["3.bias", "4.weight", "4.bias", "4.running_mean"], (6,))
    state = {name: rng.randn(*shape, dtype=torch.float64) for name, shape in shapes.items()}
    for layer, size in ((1, 5), (4, 6)):
        state[f"{layer}.running_var"] = 0.5 + rng.rand(size, dtype=torch.float64)
        state[f"{layer}.num_batches_tracked"] = torch.tensor(11)
    return state


def steps_of_adam(state, free, data, epochs, lr):
    """Return the losses and the state after some steps of Adam, each with all of the data."""
    layers = [nn.Linear(4, 5), nn.BatchNorm1d(5), nn.Tanh(), nn.Linear(5, 6), nn.BatchNorm1d(6)]
    model = nn.Sequential(*layers, nn.Tanh(), nn.Linear(6, 3)).double()
    model.load_state_dict(state)
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(name in free)
    for norm in (1, 4):
        model[norm].train(f"{norm}.weight" in free or f"{norm}.bias" in free)
    optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=lr)
    losses = []
    for _ in range(epochs):
        loss = functional.cross_entropy(model(data[0]), data[1])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses, model.state_dict()


def digits():
    """Return 1000 pictures and 797 others, each with its labels: the same ones every time."""
    from sklearn.datasets import load_digits  # not above: imports travel with the probes

    data = load_digits()
    pictures = torch.tensor(data.images / 16, dtype=torch.float32)[:, None]
    order = torch.randperm(len(pictures), generator=torch.Generator().manual_seed(3))
    return pictures[order].split([1000, 797]), torch.tensor(data.target)[order].split([1000, 797])


@functools.cache
def pretrained():
    """Return the state of a network that has learned to read 1000 pictures of ten digits."""
    (pictures, _), (labels, _) = digits()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(5)
        layers = [nn.Flatten()]
        for _ in range(3):
            layers += [nn.Linear(64, 64), nn.ReLU()]
        model = nn.Sequential(*layers, nn.Linear(64, 10))
        optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
        for _ in range(10):
            for places in torch.randperm(1000).split(50):
                loss = functional.cross_entropy(model(pictures[places]), labels[places])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
    return {name: value.detach().clone() for name, value in model.state_dict().items()}


@check(
    points=2,
    zh="weights_meta 对其他模型和其他权重同样给出正确的数，包括没有类别的权重。",
    hint="Every set of weights has its own preprocessing: ask .transforms(), write no numbers.",
    hint_zh="每套权重都有自己的预处理：去问 .transforms()，不要写死数字。",
)
def test_weights_meta_of_other_models(submission):
    """weights_meta is right for other models and weights, also where those have no classes."""
    for name in (
        "VGG16_Weights.IMAGENET1K_FEATURES",
        "ResNet50_Weights.DEFAULT",
        "EfficientNet_B3_Weights.IMAGENET1K_V1",
        "ResNet18_Weights.IMAGENET1K_V1",
    ):
        weights = models.get_weight(name)
        settings, categories = weights.transforms(), weights.meta["categories"]
        expected = {
            "name": str(weights),
            "parameters": weights.meta["num_params"],
            "classes": len(categories) if categories else None,
            "resize": settings.resize_size[0],
            "crop": settings.crop_size[0],
            "mean": list(settings.mean),
            "std": list(settings.std),
        }
        assert_equal(submission.weights_meta(name), expected)


@check(
    points=2,
    zh="adapt_classifier 适用于任意长度和大小的分类器，其余参数还是原来的那些，dtype 也一样。",
    hint="Ask the old last layer, classifier[-1], for all that the new one has to fit.",
    hint_zh="新的一层要配得上什么，都去问原来的最后一层 classifier[-1]。",
)
def test_any_classifier_is_adapted(submission, rng):
    """adapt_classifier works for classifiers of any length, and leaves all other parameters."""
    x = rng.randn(7, 9, dtype=torch.float64)
    settings = [
        [[5, 8], 3, torch.float64],
        [[9, 4, 6, 3], 11, torch.float32],
        [[3, 2, 5], 1, torch.float64],
    ]
    for mode in ("append", "replace"):
        answers = submission.on("cpu").run(adapted, settings, mode, x)
        for (same, kept, before, state, scores), setting in zip(answers, settings, strict=True):
            sizes, n, dtype = setting
            assert same, "another model was returned"
            last = len(sizes) - 1
            new = "add_linear" if mode == "append" else str(last)
            width = sizes[-1] if mode == "append" else sizes[-2]
            old = [name for name in before if mode == "append" or not name.startswith(new)]
            assert_equal(list(state), [*old, f"{new}.weight", f"{new}.bias"])
            features = ["features.weight", "features.bias"]
            assert_equal(kept, [*features, *(f"classifier.{name}" for name in old)])
            assert_equal(tuple(state[f"{new}.weight"].shape), (n, width))
            hidden = torch.tanh(x[:, : sizes[0]].to(dtype))
            for layer in range(1, last + (mode == "append")):
                weight, bias = (before[f"{layer}.{name}"] for name in ("weight", "bias"))
                hidden = functional.linear(hidden, weight, bias)
            expected = functional.linear(hidden, state[f"{new}.weight"], state[f"{new}.bias"])
            assert_tensor(scores, expected, rtol=1e-4, atol=1e-5)


@check(
    points=1,
    zh="新加的层与原来的最后一层在同一个设备上。",
    hint="nn.Linear(..., device=...) makes the layer where it is needed.",
    hint_zh="nn.Linear(..., device=...) 直接在需要的设备上建层。",
)
def test_new_layer_is_on_the_device_of_the_old_one(submission, other_device):
    """A new layer is on the device of the old last layer, in both modes."""
    for mode in ("append", "replace"):
        answer = submission.on("cpu").run(places_of_adapted, mode, other_device)
        assert_equal(answer, [other_device])


@check(
    points=2,
    zh="freeze 分得清开头相同的名字；已经冻结的可以重新放开；冻结的参数不留梯度，其余不变。",
    hint="'fc2'.startswith('fc') is True. And a grad that stays moves the parameter once more.",
    hint_zh="'fc2'.startswith('fc') 为 True。另外，留下的 grad 会让参数再动一次。",
)
def test_freeze_knows_names_apart(submission):
    """Freeze tells names apart that begin alike, frees what was frozen, and clears gradients."""
    names = ["fc.weight", "fc.bias", "fc2.weight", "fc2.bias"]
    norm = [f"stage.0.{layer}.{what}" for layer in (0, 1) for what in ("weight", "bias")]
    tail = ["stage.1.weight", "stage.1.bias", "stage_1.weight", "stage_1.bias"]
    for before, except_, free in [
        ([*names, *norm, *tail], ["fc"], names[:2]),
        (names, ["stage_1", "stage.0"], [*norm, *tail[2:]]),
        ([], ["stage", "fc2.bias"], [names[3], *norm, *tail[:2]]),
        (norm, ["stage.0.1.weight", "stage.0.1.weight"], norm[2:3]),
        (tail, [], []),
    ]:
        answer = submission.on("cpu").run(flags_and_gradients, before, except_)
        told, flags, grads, same, training = answer
        assert_equal(told, free)
        assert_equal(flags, free)
        assert_equal(grads, free)
        assert_equal((same, training), (True, False))
    kept = [*names[2:], *norm, *tail]
    for except_ in (["fc", "stage.2"], ["f"], ["stage_"]):
        assert_equal(submission.on("cpu").run(flags_after_an_error, except_), kept)


@check(
    points=2,
    zh="transfer_state 真的是拷贝：dtype 随 dst，张量还是 dst 自己的，src 不受以后的变化影响。",
    hint="load_state_dict copies into the tensors of dst; setting parameter.data shares them.",
    hint_zh="load_state_dict 把数拷进 dst 自己的张量；给 parameter.data 赋值则是两边共用。",
)
def test_transfer_copies(submission, rng):
    """transfer_state copies values with the dtype of dst, and shares nothing with src."""
    names = ["fc.weight", "fc.bias", "stage.0.1.running_var", "stage.0.1.num_batches_tracked"]
    shapes = [(2, 3), (2,), (3,), ()]
    for dtype, other in ((torch.float64, torch.float32), (torch.float32, torch.float32)):
        src = {
            name: 2 + rng.rand(*shape, dtype=other)
            for name, shape in zip(names[:3], shapes[:3], strict=True)
        }
        src[names[3]] = torch.tensor(29)
        extra = {"fc2.weight": rng.randn(2, 3), "stage.0.0.bias": rng.randn(3, 1)}
        extra |= {"fc3.weight": rng.randn(2, 3)}
        answer = submission.on("cpu").run(copied, src | extra, dtype)
        (loaded, skipped), after, src_after, frozen, places = answer
        assert_equal(loaded, names)
        assert_equal(skipped, [name for name in after if name not in names])
        assert places, "a tensor of dst was exchanged instead of filled"
        assert_equal(frozen, ["fc.weight", "fc.bias"])
        for name, value in src.items():
            assert_tensor(src_after[name], value)
            whole = not value.is_floating_point()
            assert_tensor(after[name], value if whole else value.to(dtype))


@check(
    points=3,
    zh="每一步都是可学参数的 Adam；冻结的 BatchNorm 用存下的统计量，没冻结的照常更新。",
    hint="model.train() first, then eval() for each BatchNorm whose parameters are all frozen.",
    hint_zh="先 model.train()，再让参数全部冻结的 BatchNorm 进入 eval()。",
)
def test_steps_are_those_of_adam(submission, rng, device):
    """Steps are those of Adam; frozen norms use their statistics, and the others learn theirs."""
    for free, epochs in [
        (NAMES, 2),
        (NAMES[4:], 3),
        ([*NAMES[3:6], *NAMES[8:]], 3),
        (NAMES[6:8], 1),
        (NAMES[9:], 2),
    ]:
        x = 1 + 2 * rng.randn(9, 4, dtype=torch.float64)
        state, data = random_state(rng), (x, rng.randint(0, 3, (9,)))
        options = {"epochs": epochs, "lr": 0.02, "batch_size": 16, "seed": rng.seed()}
        answer = submission.run(finetuned, state, free, data, options, device)
        losses, expected = steps_of_adam(state, free, data, epochs, 0.02)
        assert_close(answer[0], losses, rtol=1e-6, atol=1e-8)
        for name, value in expected.items():
            # A bias in front of a norm has no gradient but rounding, of which Adam makes steps.
            if name not in ("0.bias", "3.bias") or name not in free:
                assert_tensor(answer[1][name], value, rtol=1e-6, atol=1e-6)
        assert not any(answer[2]), "in training mode at the end"
        assert_equal(answer[3], [True])


@check(
    points=2,
    zh="分许多批训练之后，冻结的参数和它们的 BatchNorm 统计量一个数都没变，默认设置也一样。",
    hint="Let the optimizer know only what may learn: a grad of earlier times moves the rest.",
    hint_zh="只把可以学的参数交给优化器：以前留下的 grad 会推动其余的参数。",
)
def test_what_is_frozen_does_not_move(submission, rng, device):
    """After many batches nothing frozen has changed, not even where it had a gradient before."""
    for free, options in [(NAMES[8:], {}), (NAMES[4:], {"lr": 0.1, "batch_size": 5})]:
        x = 1 + 2 * rng.randn(43, 4, dtype=torch.float64)
        state, data = random_state(rng), (x, rng.randint(0, 3, (43,)))
        settings = {"epochs": 2, **options}
        _, after, _, _ = submission.run(finetuned, state, free, data, settings, device)
        if not options:  # what is left out has the values of the task
            settings |= {"lr": 3e-3, "batch_size": 16, "seed": 0}
            _, again, _, _ = submission.run(finetuned, state, free, data, settings, device)
            assert_tensor(again["6.weight"], after["6.weight"])
        learned = {f"{layer}.running_mean" for layer in (1, 4) if f"{layer}.weight" in free}
        for name, value in state.items():
            part = name.split(".")[0]
            if f"{part}.weight" not in free:
                assert_tensor(after[name], value)
            elif name in learned or name.endswith("weight"):
                assert not torch.equal(after[name], value), f"{name} has not changed"


@check(
    points=2,
    zh="每个 epoch 给出每个样本一次，顺序只由 seed 决定；损失是对样本的平均。",
    hint="A generator with the seed for the orders; weigh each batch's loss by its samples.",
    hint_zh="用 seed 设定一个发生器来排顺序；每批损失按样本数计算份量。",
)
def test_every_sample_once_in_an_epoch(submission, rng, device):
    """An epoch gives every sample once, in an order of the seed; its loss is the samples' mean."""
    x, y, seed = rng.randn(19, 4), rng.randint(0, 3, (19,)), rng.seed()
    answers = submission.run(batches_seen, x, y, 2, [seed, seed, seed + 1], device)
    orders = []
    for seen, losses, state in answers:
        assert_equal([len(batch) for batch in seen], [8, 8, 3] * 2)
        places = (torch.cat(seen)[:, None] == x).all(2).int().argmax(1).split(19)
        for epoch in places:
            assert_tensor(epoch.sort().values, torch.arange(19))
        loss = functional.cross_entropy(functional.linear(x, state["weight"], state["bias"]), y)
        assert_close(losses, [loss.item()] * 2, rtol=1e-4)
        orders.append([epoch.tolist() for epoch in places])
    assert_equal(orders[0], orders[1])
    assert orders[0] != orders[2], "one order for two seeds"
    assert orders[0][0] != orders[0][1], "the same order in both epochs"


@check(
    points=1,
    zh="finetune 把数据移到模型所在的设备上。",
    hint="A parameter's .device says where the model is; x.to(...) returns a moved x.",
    hint_zh="参数的 .device 说明模型在哪里；x.to(...) 返回移动后的张量。",
)
def test_batches_move_to_the_device_of_the_model(submission, rng, other_device):
    """Finetune moves the data to the device of the model."""
    x, y = rng.randn(3, 4), rng.randint(0, 3, (3,))
    seen = submission.on("cpu").run(places_in_finetune, x, y, other_device)
    assert_equal(seen, [other_device] * 2)


@check(
    points=3,
    zh="只有几十张图像、三个 epoch 时，从预训练权重出发，比从头训练认得更准。",
    hint="If this alone fails, look at what transfer_state has really copied.",
    hint_zh="如果只有这一项不通过，看看 transfer_state 到底拷贝了什么。",
)
def test_fine_tuning_beats_scratch(submission, rng, device):
    """With few pictures and three epochs, pre-trained weights read better than new ones."""
    (_, pictures), (_, labels) = digits()
    # Seven digits under other names, in another order: nobody can know the answers.
    order, names = rng.permutation(797), rng.permutation(10)
    answers = names[labels][order]
    pictures, answers = pictures[order][answers < 7], answers[answers < 7]
    rank = torch.stack([(answers[:place] == answers[place]).sum() for place in range(len(answers))])
    x, y = pictures[rank < 8], answers[rank < 8]
    conversation = submission.start(three_ways, pretrained(), x, y, 7, rng.seed(), device)
    scores = conversation.send(pictures[rank >= 8])
    shares = []
    for each in scores:
        assert_equal(tuple(each.shape), ((rank >= 8).sum().item(), 7))
        shares.append((each.argmax(1) == answers[rank >= 8]).double().mean().item())
    scratch, whole, head = shares
    assert whole >= 0.7, f"fine-tuned {whole:.3f}"
    assert whole >= scratch + 0.05, f"fine-tuned {whole:.3f}, from scratch {scratch:.3f}"
    assert head >= 0.5, f"the head alone {head:.3f}"
