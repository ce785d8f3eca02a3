"""Hidden checks of ex42_tb_media: pictures of every kind, odd numbers of channels, mixed modes."""

import tempfile
from collections import OrderedDict
from pathlib import Path

import torch
from PIL import Image
from torch import nn
from torch.utils.tensorboard import SummaryWriter

from grader.checks import (
    assert_close,
    assert_equal,
    assert_tensor,
    check,
    probe,
    raises,
    read_events,
)


@probe
def files_in(student, folder):
    """Return the bytes of every file under a folder."""
    files = sorted(path for path in Path(folder).rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@probe
def log_kinds(student, grey, tall, crops, pil):
    """Log arrays, tensors and pictures of PIL of many kinds; return files and an input."""
    folder = tempfile.mkdtemp()
    modes = [Image.fromarray(pil).convert(mode) for mode in ("L", "RGBA", "CMYK")]
    palette = Image.fromarray(grey % 4)
    palette.putpalette([9, 200, 30, 250, 60, 0, 0, 90, 170, 120, 10, 230])
    calls = [(grey, False), (grey[:, :, None], False), (tall.transpose(1, 0, 2)[::2], False)]
    calls += [(tall.transpose(1, 0, 2)[::2], True), (tall / 255, False)]
    crops[1].requires_grad_()
    calls += [(crop, False) for crop in crops] + [(crops[0].transpose(1, 2), False)]
    calls += [(picture, False) for picture in [*modes, palette]]
    with SummaryWriter(folder) as writer:
        for i, (img, bgr) in enumerate(calls):
            student.log_image(writer, f"kind {i}", img, 3 * i, bgr=bgr)
    return files_in(student, folder), tall


@probe
def log_one(student, img, bgr):
    """Log one picture; return the files."""
    folder = tempfile.mkdtemp()
    with SummaryWriter(folder) as writer:
        student.log_image(writer, "picture", img, 0, bgr=bgr)
    return files_in(student, folder)


@probe
def log_strange_object(student, kind):
    """Try to log what is no picture."""
    with SummaryWriter(tempfile.mkdtemp()) as writer:
        objects = {"path": "cat.png", "list": [[[0.5, 0.1, 0.2]]], "nothing": None}
        student.log_image(writer, "picture", objects[kind], 0)


@probe
def log_batches(student, batches):
    """Log several batches of maps; return the pictures and the files."""
    folder = tempfile.mkdtemp()
    with SummaryWriter(folder) as writer:
        pictures = [
            student.log_feature_maps(writer, f"maps {i}", maps.transpose(2, 3), i)
            for i, maps in enumerate(batches)
        ]
    return pictures, files_in(student, folder)


@probe
def log_maps_of_layer(student, maps):
    """Log maps that require gradients; return the pictures, whether they do, and the maps."""
    maps = maps.clone().requires_grad_()
    with SummaryWriter(tempfile.mkdtemp()) as writer:
        pictures = student.log_feature_maps(writer, "maps", maps * 1, 0)
    return pictures, pictures.requires_grad


@probe
def log_constant_maps(student, maps):
    """Log maps of one value; return the pictures and the maps as they are then."""
    with SummaryWriter(tempfile.mkdtemp()) as writer:
        pictures = student.log_feature_maps(writer, "maps", maps, 0)
    return pictures, maps


@probe
def log_weights_of_net(student, state, steps):
    """Log the weights of a network with a frozen layer and buffers; a weight grows at each step."""
    folder = tempfile.mkdtemp()
    block = nn.Sequential(
        OrderedDict([("conv", nn.Conv2d(2, 3, (1, 2))), ("norm", nn.BatchNorm2d(3))])
    )
    model = nn.Sequential(OrderedDict([("block", block), ("head", nn.Linear(3, 2).double())]))
    model.load_state_dict(state)
    block.conv.requires_grad_(requires_grad=False)
    with SummaryWriter(folder) as writer:
        for i, step in enumerate(steps):
            student.log_weights(writer, model, step)
            with torch.no_grad():
                model.head.weight += i + 1
    return files_in(student, folder)


@probe
def log_embeddings(student, table, labels, step):
    """Log the table of an nn.Embedding under two steps, with labels of a list and of a tensor."""
    folder = tempfile.mkdtemp()
    layer = nn.Embedding.from_pretrained(table, freeze=False)
    with SummaryWriter(folder) as writer:
        student.log_embedding(writer, layer.weight, labels, step)
        student.log_embedding(writer, layer.weight[1:], torch.tensor(labels[1:]), step + 1)
        student.log_embedding(writer, layer.weight[:1], ["a cat"], step + 2)
    return files_in(student, folder)


@probe
def refused_embedding(student, mat, labels):
    """Return whether ValueError was raised, and which files there are that are no event file."""
    folder = tempfile.mkdtemp()
    refused = False
    with SummaryWriter(folder) as writer:
        try:
            student.log_embedding(writer, mat, labels, 0)
        except ValueError:
            refused = True
    return refused, [path.name for path in Path(folder).iterdir() if path.is_dir()]


@probe
def log_graph_of_mixed_modes(student, x, state, training):
    """Log the graph of a network, the frozen half of it in evaluation mode, after a backward."""
    folder = tempfile.mkdtemp()
    frozen = nn.Sequential(nn.Linear(x.shape[1], 4), nn.BatchNorm1d(4)).double()
    model = nn.Sequential(
        frozen, nn.Dropout(0.5), nn.BatchNorm1d(4).double(), nn.Linear(4, 2).double()
    )
    model.to(x.device).load_state_dict(state)
    model.train(training)(x).square().sum().backward()
    frozen.train(not training)
    model[1].train(not training)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    modes = [module.training for module in model.modules()]
    gradients = [parameter.grad.clone() for parameter in model.parameters()]
    with SummaryWriter(folder) as writer:
        student.log_graph(writer, model, x[:1])
    files = files_in(student, folder)
    now = [module.training for module in model.modules()]
    then = [parameter.grad for parameter in model.parameters()]
    return files, (modes, now), (before, model.state_dict()), (gradients, then)


@probe
def log_graph_that_fails(student, x):
    """Log a graph for x, then for a part of it; return whether that raised, and the modes."""
    model = nn.Sequential(nn.Linear(x.shape[1], 4), nn.Sequential(nn.Dropout(0.5), nn.ReLU()))
    model.to(x.device)
    model.train()
    model[1].eval()
    raised = False
    with SummaryWriter(tempfile.mkdtemp()) as writer:
        student.log_graph(writer, model, x)
        try:
            student.log_graph(writer, model, x[:, 1:])
        except RuntimeError:
            raised = True
    return raised, [module.training for module in model.modules()]


def events_of(files, kind):
    """Return the entries of the only event file, which are all of one kind."""
    assert isinstance(files, dict), "a folder with files was expected"
    names = [name for name in files if "tfevents" in name]
    assert len(names) == 1, f"one event file was expected, and there are {len(names)}"
    events = read_events(files[names[0]])
    others = sorted({event.kind for event in events} - {kind})
    assert not others, f"only entries of kind {kind} were expected; there is also {others[0]}"
    return events


def assert_shows(picture, expected):
    """Demand the pixels (H, W, 3), up to 1 of 255; grey ones may have one channel."""
    if picture.dim() == 2:
        picture = picture[:, :, None].expand(-1, -1, 3)
    assert_tensor(picture.int(), expected.int(), rtol=0, atol=1)


def regrouped(maps):
    """Return the pictures of a batch of feature maps."""
    lowest, highest = maps.min(), maps.max()
    scaled = (maps - lowest) / (highest - lowest)
    pictures = []
    for sample in scaled:
        black = torch.zeros_like(sample[0])
        channels = [*sample, black, black][: -(-len(sample) // 3) * 3]
        pictures += [torch.stack(channels[i : i + 3]) for i in range(0, len(channels), 3)]
    return torch.stack(pictures)


def in_rows_of_eight(pictures):
    """Return pictures (N, 3, H, W) as one (rows, columns, 3), eight in a row, black at the end."""
    n, _, h, w = pictures.shape
    columns = min(n, 8)
    whole = torch.zeros(-(-n // columns) * h, columns * w, 3)
    for i, picture in enumerate(pictures):
        y, x = divmod(i, columns)
        whole[y * h : (y + 1) * h, x * w : (x + 1) * w] = picture.permute(1, 2, 0)
    return whole


def text_of(files, name):
    """Return a file's lines; the last line break may be there or not."""
    assert isinstance(files, dict), "a folder with files was expected"
    assert name in files, f"there is no file {name}"
    return files[name].decode(errors="replace").removesuffix("\n").split("\n")


def numbers_of(lines):
    """Return a table of numbers with tabs between them."""
    cells = [line.split("\t") for line in lines]
    try:
        return [[float(cell) for cell in row] for row in cells]
    except ValueError:
        raise AssertionError("a table of numbers with tabs between them was expected") from None


@check(
    points=2,
    zh="灰度与彩色、uint8 与浮点、数组与张量、各种模式的 PIL 图像，像素都正确，输入不被改动。",
    hint="Only four things differ: the layout, the range, a missing axis, and the mode of PIL.",
    hint_zh="差别只有四处：轴的顺序、取值范围、缺少的一维，以及 PIL 的模式。",
)
def test_log_image_of_every_kind(submission, rng):
    """Grey, colour, uint8, float, arrays, tensors and all modes of PIL look as they should."""
    grey = rng.randint(0, 256, (6, 5)).to(torch.uint8)
    tall = rng.randint(0, 256, (9, 8, 3)).to(torch.uint8)
    pixels = rng.randint(0, 256, (3, 5, 7))
    crops = [pixels.to(torch.uint8), pixels.double() / 255, pixels[:1].float() / 255]
    pil = rng.randint(0, 256, (4, 6, 3)).to(torch.uint8)
    files, after = submission.run(log_kinds, grey.numpy(), tall.numpy(), crops, pil.numpy())
    turned, upright = tall.transpose(0, 1)[::2], pixels.permute(1, 2, 0)
    expected = [grey[:, :, None].expand(-1, -1, 3)] * 2
    expected += [turned, turned.flip(2), tall]
    expected += [upright, upright, upright[:, :, :1].expand(-1, -1, 3), upright.transpose(0, 1)]
    luma = (pil.double() @ torch.tensor([0.299, 0.587, 0.114], dtype=torch.float64)).round()
    expected += [luma[:, :, None].expand(-1, -1, 3), pil, pil]
    colours = torch.tensor([[9, 200, 30], [250, 60, 0], [0, 90, 170], [120, 10, 230]])
    expected += [colours[grey.long() % 4]]
    events = events_of(files, "picture")
    names = [(f"kind {i}", 3 * i) for i in range(len(expected))]
    assert_equal([(event.tag, event.step) for event in events], names)
    for event, picture in zip(events, expected, strict=True):
        assert_shows(event.value, picture)
    assert_equal(after, tall.numpy())


@check(
    points=2,
    zh="浮点值小于 0、大于 1 或为 nan 时，log_image 抛出 ValueError。",
    hint="add_image cuts such values off in silence; nan fails every comparison.",
    hint_zh="add_image 会悄悄截断这些值；nan 与任何数比较都为假。",
)
def test_log_image_refuses_other_ranges(submission, rng):
    """log_image raises ValueError for floats below 0, above 1, and for nan."""
    good = 0.1 + 0.8 * rng.rand(3, 4, 6)
    strange = [good * 255, good.double(), good.clone(), good.clone(), good.permute(1, 2, 0).numpy()]
    for picture, value in zip(strange[1:4], (1.5, -0.25, float("nan")), strict=True):
        picture[1, 2, 3] = value
    strange[4] = strange[4] * 2 - 1
    for picture in strange:
        with raises(ValueError):
            submission.run(log_one, picture, bgr=False)


@check(
    points=1,
    zh="一批图像、缺一维的张量或其他通道数，log_image 都抛出 ValueError。",
    hint="Compare the number of axes and of channels yourself: torch raises other errors or none.",
    hint_zh="轴数和通道数要自己检查：PyTorch 抛出的是别的异常，甚至不报错。",
)
def test_log_image_refuses_other_shapes(submission, rng):
    """log_image raises ValueError for batches, missing axes, and other numbers of channels."""
    shapes = [(2, 3, 4, 6), (4, 6), (4, 5, 3), (2, 4, 6)]
    strange = [rng.rand(*shape) for shape in shapes]
    strange += [rng.rand(*shape).numpy() for shape in [(2, 5, 4, 3), (3, 5, 4), (5, 4, 4), (5,)]]
    for picture in strange:
        with raises(ValueError):
            submission.run(log_one, picture, bgr=False)


@check(
    points=1,
    zh="路径、列表，以及 uint8 以外的整数或 bool，log_image 都抛出 TypeError。",
    hint="Ask isinstance for the three kinds, and look at the dtype of arrays and tensors.",
    hint_zh="用 isinstance 判断三种对象，再看数组和张量的 dtype。",
)
def test_log_image_refuses_other_kinds(submission, rng):
    """log_image raises TypeError for other objects and for other integers or bools."""
    for kind in ("path", "list", "nothing"):
        with raises(TypeError):
            submission.run(log_strange_object, kind)
    numbers = rng.randint(0, 2, (3, 4, 3))
    for picture in (numbers, numbers.numpy(), numbers.bool(), numbers.int().numpy()):
        with raises(TypeError):
            submission.run(log_one, picture, bgr=False)


@check(
    points=3,
    zh="任意通道数的特征图都先缩放、再逐样本补黑、再分组，拼成的图像也一致。",
    hint="Scale over the whole tensor; fill up along the axis of channels; only then reshape.",
    hint_zh="先对整个张量缩放，再沿通道维补零，最后才 reshape。",
)
def test_log_feature_maps_of_any_number_of_channels(submission, rng):
    """Maps with any number of channels are scaled, filled up sample by sample, and regrouped."""
    shapes = [(2, 6, 4, 3), (3, 4, 2, 5), (5, 1, 3, 4), (1, 3, 5, 2), (4, 8, 2, 3)]
    batches = [3 * rng.randn(*shape) - 4 for shape in shapes[:-1]]
    batches.append(0.1 * rng.rand(*shapes[-1]) + 0.2)
    pictures, files = submission.run(log_batches, batches)
    assert_equal(len(pictures), len(batches))
    events = events_of(files, "picture")
    assert_equal([(e.tag, e.step) for e in events], [(f"maps {i}", i) for i in range(len(batches))])
    for maps, found, event in zip(batches, pictures, events, strict=True):
        expected = regrouped(maps.transpose(2, 3))
        assert_tensor(found, expected)
        assert_shows(event.value, in_rows_of_eight(expected) * 255)


@check(
    points=1,
    zh="结果保持 dtype 并与计算图分离；值全相等的特征图变成黑色，输入不被改动。",
    hint="Where all values are equal, 0 / 0 is nan: ask before you divide. Detach first.",
    hint_zh="值全相等时 0 / 0 得 nan，除之前要判断。先 detach。",
)
def test_log_feature_maps_keeps_what_is_promised(submission, rng):
    """The pictures keep the dtype and are detached; equal values become 0, maps stays the same."""
    maps = rng.randn(2, 3, 4, 5, dtype=torch.float64)
    pictures, requires_grad = submission.run(log_maps_of_layer, maps)
    assert_tensor(pictures, regrouped(maps))
    assert_equal(requires_grad, expected=False)
    constant = torch.full((2, 6, 3, 2), 2.5)
    pictures, after = submission.run(log_constant_maps, constant)
    assert_tensor(pictures, torch.zeros(4, 3, 3, 2))
    assert_tensor(after, constant)
    _, after = submission.run(log_constant_maps, maps)
    assert_tensor(after, maps)


@check(
    points=1,
    zh="不是四维或没有元素的特征图，log_feature_maps 抛出 ValueError。",
    hint="Look at maps.dim() and maps.numel() first.",
    hint_zh="开头先看 maps.dim() 和 maps.numel()。",
)
def test_log_feature_maps_refuses_other_shapes(submission, rng):
    """log_feature_maps raises ValueError for maps that are not 4-d or have no element."""
    for shape in [(6, 4, 5), (4, 5), (1, 2, 3, 4, 5), (0, 6, 4, 5), (2, 0, 4, 5), (2, 6, 0, 5)]:
        with raises(ValueError):
            submission.run(log_constant_maps, rng.randn(*shape))


@check(
    points=2,
    zh="冻结的参数也有直方图，缓冲区没有；每一步的个数、最值与总和都是当时的参数。",
    hint="named_parameters has all parameters and nothing else; state_dict has buffers as well.",
    hint_zh="named_parameters 恰好是全部参数；state_dict 里还有缓冲区。",
)
def test_log_weights_of_frozen_layers_and_buffers(submission, rng):
    """Frozen parameters have histograms, buffers have none, and each step shows its own values."""
    shapes = {"block.conv.weight": (3, 2, 1, 2), "block.conv.bias": (3,), "block.norm.weight": (3,)}
    shapes |= {"block.norm.bias": (3,), "head.weight": (2, 3), "head.bias": (2,)}
    weights = {name: rng.randn(*shape) for name, shape in shapes.items()}
    buffers = {"running_mean": rng.randn(3), "running_var": 1 + rng.rand(3)}
    buffers["num_batches_tracked"] = torch.tensor(5)
    state = weights | {f"block.norm.{name}": value for name, value in buffers.items()}
    steps = [2, 30]
    events = events_of(submission.run(log_weights_of_net, state, steps), "histogram")
    expected = {}
    for step in steps:
        for name, weight in weights.items():
            values = weight.double() + (step == 30 and name == "head.weight")
            moments = (values.min(), values.max(), values.sum(), values.square().sum())
            expected[f"{name} {step}"] = [float(weight.numel()), *(m.item() for m in moments)]
    assert_equal(len(events), len(expected))
    keys = ("num", "min", "max", "sum", "sum_squares")
    found = {f"{e.tag} {e.step}": [e.value[key] for key in keys] for e in events}
    assert_close(found, expected, rtol=1e-4, atol=1e-4)


@check(
    points=2,
    zh="标签可以是整数列表、张量或字符串，矩阵可以是参数；每一步各有自己的文件夹。",
    hint="The elements of a tensor print as tensor(3): make a list of plain numbers first.",
    hint_zh="张量的元素会写成 tensor(3)，要先变成普通数字的列表。",
)
def test_log_embedding_of_a_layer(submission, rng):
    """Labels may be ints, a tensor or strings, the matrix a parameter; each step has its folder."""
    step, table = rng.integer(10, 90), rng.randn(5, 3)
    labels = rng.randint(0, 100, (5,)).tolist()
    files = submission.run(log_embeddings, table, labels, step)
    rows = {
        step: (table, labels),
        step + 1: (table[1:], labels[1:]),
        step + 2: (table[:1], ["a cat"]),
    }
    for number, (mat, names) in rows.items():
        folder = f"{number:05d}/default"
        assert_equal(text_of(files, f"{folder}/metadata.tsv"), [str(name) for name in names])
        assert_close(numbers_of(text_of(files, f"{folder}/tensors.tsv")), mat.tolist())
        config = "\n".join(text_of(files, "projector_config.pbtxt"))
        assert f"{folder}/tensors.tsv" in config, "the projector is not told of every folder"


@check(
    points=1,
    zh="行数与标签数不同，或矩阵不是二维时，log_embedding 抛出 ValueError，不留下文件夹。",
    hint="Compare before add_embedding, which makes its folder first and then complains.",
    hint_zh="要在调用 add_embedding 之前检查：它会先建文件夹，再报错。",
)
def test_log_embedding_refuses_what_does_not_fit(submission, rng):
    """log_embedding raises ValueError for other numbers of labels or axes, and makes no folder."""
    cases = [((4, 2), ["a", "b", "c"]), ((2, 3), [1, 2, 3]), ((2, 3, 2), [5, 6]), ((3,), [1, 2, 3])]
    for shape, labels in cases:
        refused, folders = submission.run(refused_embedding, rng.randn(*shape), labels)
        assert_equal(refused, expected=True)
        assert_equal(folders, [])


@check(
    points=2,
    zh="log_graph 之后，每个模块的模式、参数、缓冲区和梯度都与之前相同。",
    hint="add_graph sets one mode for the whole model at its end; note the mode of every module.",
    hint_zh="add_graph 结束时会给整个模型设同一种模式；先记下每个模块各自的模式。",
)
def test_log_graph_leaves_the_model_as_it_was(submission, rng):
    """After log_graph mode, parameters, buffers and gradients of every module are as before."""
    x = rng.randn(6, 3, dtype=torch.float64)
    frozen = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4))
    model = nn.Sequential(frozen, nn.Dropout(), nn.BatchNorm1d(4), nn.Linear(4, 2)).double()
    state = {
        name: value + rng.rand(*value.shape).to(value) for name, value in model.state_dict().items()
    }
    for training in (True, False):
        answer = submission.run(log_graph_of_mixed_modes, x, state, training)
        files, (modes, now), (before, after), (gradients, then) = answer
        assert_equal(len(events_of(files, "graph")), 1)
        assert_equal(now, modes)
        assert_equal(after, before)
        assert_equal(then, gradients)


@check(
    points=1,
    zh="输入与模型不合时，异常照常传出，各模块的模式也不变。",
    hint="Restore the modes in a finally clause.",
    hint_zh="在 finally 里恢复各模块的模式。",
)
def test_log_graph_restores_the_modes_after_an_error(submission, rng):
    """If the model cannot compute with x, the error goes on and all modes are as before."""
    raised, modes = submission.run(log_graph_that_fails, rng.randn(2, 5))
    assert_equal(raised, expected=True)
    assert_equal(modes, [True, True, False, False, False])
