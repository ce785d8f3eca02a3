"""Public checks of ex42_tb_media: what ends up in the event file and beside it."""

import tempfile
from collections import OrderedDict
from pathlib import Path

import torch
from PIL import Image
from torch import nn
from torch.utils.tensorboard import SummaryWriter

from grader.checks import (
    Mistake,
    assert_close,
    assert_equal,
    assert_tensor,
    check,
    probe,
    read_events,
)


@probe
def files_in(student, folder):
    """Return the bytes of every file under a folder."""
    files = sorted(path for path in Path(folder).rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@probe
def log_pictures(student, calls):
    """Log pictures of kind "pil" or as they are: (tag, img, kind, step, bgr)."""
    folder = tempfile.mkdtemp()
    with SummaryWriter(folder) as writer:
        for tag, img, kind, step, bgr in calls:
            picture = Image.fromarray(img) if kind == "pil" else img
            student.log_image(writer, tag, picture, step, **({"bgr": True} if bgr else {}))
    return files_in(student, folder)


@probe
def log_maps(student, maps, step):
    """Log feature maps; return what log_feature_maps returns, and the files."""
    folder = tempfile.mkdtemp()
    with SummaryWriter(folder) as writer:
        pictures = student.log_feature_maps(writer, "maps", maps, step)
    return pictures, files_in(student, folder)


@probe
def log_weights_of_mlp(student, state, step):
    """Log the weights of a network of two layers with this state."""
    folder = tempfile.mkdtemp()
    sizes = [state["hidden.weight"].shape, state["output.weight"].shape]
    layers = [("hidden", nn.Linear(*sizes[0][::-1])), ("relu", nn.ReLU())]
    model = nn.Sequential(OrderedDict([*layers, ("output", nn.Linear(*sizes[1][::-1]))]))
    model.load_state_dict(state)
    with SummaryWriter(folder) as writer:
        student.log_weights(writer, model, step)
    return files_in(student, folder)


@probe
def log_rows(student, mat, labels, step):
    """Log the rows of a matrix."""
    folder = tempfile.mkdtemp()
    with SummaryWriter(folder) as writer:
        student.log_embedding(writer, mat, labels, step)
    return files_in(student, folder)


@probe
def log_graph_of_mlp(student, x):
    """Log the graph of a small network; return the files and the names of its layers."""
    folder = tempfile.mkdtemp()
    layers = [
        ("hidden", nn.Linear(x.shape[1], 4)),
        ("relu", nn.ReLU()),
        ("output", nn.Linear(4, 2)),
    ]
    model = nn.Sequential(OrderedDict(layers)).to(x.device)
    with SummaryWriter(folder) as writer:
        student.log_graph(writer, model, x)
    return files_in(student, folder)


def events_of(files, kind):
    """Return the entries of the only event file, which are all of one kind."""
    assert isinstance(files, dict), "a folder with files was expected"
    names = [name for name in files if "tfevents" in name]
    assert len(names) == 1, f"one event file was expected, and there are {len(names)}"
    events = read_events(files[names[0]])
    others = sorted({event.kind for event in events} - {kind})
    assert not others, f"only entries of kind {kind} were expected; there is also {others[0]}"
    return events


def assert_shows(picture, expected, mistakes=()):
    """Demand the pixels (H, W, 3), up to 1 of 255."""
    if picture.dim() == 2:
        picture = picture[:, :, None].expand(-1, -1, 3)
    named = [Mistake(m.value.int(), en=m.en, zh=m.zh) for m in mistakes]
    assert_tensor(picture.int(), expected.int(), rtol=0, atol=1, mistakes=named)


@check(
    points=1,
    zh="同一张图像，无论是 PIL 图像还是数组 (H, W, 3)，写进文件的像素和步数都相同。",
    hint="An array is (H, W, 3): tell add_image with dataformats; PIL becomes an array first.",
    hint_zh="数组是 (H, W, 3)，要用 dataformats 告诉 add_image；PIL 图像先转成数组。",
)
def test_log_image_of_pil_and_of_an_array(submission, rng):
    """A picture of PIL and an array (H, W, 3) are logged pixel by pixel, under their steps."""
    array = rng.randint(0, 256, (5, 8, 3)).to(torch.uint8)
    calls = [("a", array.numpy(), "pil", 1, False), ("a", array.numpy(), "array", 2, False)]
    events = events_of(submission.run(log_pictures, calls), "picture")
    assert_equal([(event.tag, event.step) for event in events], [("a", 1), ("a", 2)])
    for event in events:
        assert_shows(event.value, array)


@check(
    points=1,
    zh="取值 0 到 1 的浮点张量 (3, H, W) 得到正确的像素。",
    hint="A float tensor (3, H, W) is what add_image takes by default, values from 0 to 1.",
    hint_zh="add_image 默认接受的就是 (3, H, W) 的浮点张量，取值 0 到 1。",
)
def test_log_image_of_a_float_tensor(submission, rng):
    """A float tensor (3, H, W) with values from 0 to 1 is logged with the right pixels."""
    pixels = rng.randint(0, 256, (3, 6, 9))
    calls = [("crop", pixels.float() / 255, "tensor", 7, False)]
    events = events_of(submission.run(log_pictures, calls), "picture")
    assert_equal([(event.tag, event.step) for event in events], [("crop", 7)])
    assert_shows(events[0].value, pixels.permute(1, 2, 0))


@check(
    points=1,
    zh="bgr=True 时，按 cv2 的顺序（蓝、绿、红）给出的红色，在文件里仍是红色。",
    hint="Turn the last axis around: TensorBoard wants red, green, blue.",
    hint_zh="把最后一维倒过来：TensorBoard 要的是红、绿、蓝。",
)
def test_log_image_keeps_red_red(submission):
    """With bgr=True what is red in the order of cv2 is red in the file."""
    red = torch.tensor([250, 20, 10], dtype=torch.uint8).expand(4, 7, 3)
    calls = [("red", red.flip(2).numpy(), "array", 0, True)]
    events = events_of(submission.run(log_pictures, calls), "picture")
    assert_equal(len(events), 1)
    swapped = Mistake(
        red.flip(2),
        en="Red has become blue: the channels are still in the order of cv2.",
        zh="红色变成了蓝色：通道仍是 cv2 的顺序。",
    )
    assert_shows(events[0].value, red, [swapped])


@check(
    points=2,
    zh="六个通道的特征图 (8, 6, 5, 7) 变成 (16, 3, 5, 7)，一行八张拼成一张图像。",
    hint="Each sample has two pictures of three channels: reshape, and keep the result.",
    hint_zh="每个样本有两张三通道图像：用 reshape，并且保存它返回的结果。",
)
def test_log_feature_maps_of_six_channels(submission, rng):
    """Maps (8, 6, 5, 7) become pictures (16, 3, 5, 7), shown as one with eight in a row."""
    pictures, files = submission.run(log_maps, rng.rand(8, 6, 5, 7), 4)
    assert_equal(tuple(pictures.shape), (16, 3, 5, 7))
    events = events_of(files, "picture")
    assert_equal([(event.tag, event.step) for event in events], [("maps", 4)])
    assert_equal(tuple(events[0].value.shape), (2 * 5, 8 * 7, 3))


@check(
    points=1,
    zh="log_weights 给每个参数写一个直方图，标签就是参数的名字。",
    hint="Loop over model.named_parameters() and use the name as the tag.",
    hint_zh="对 model.named_parameters() 循环，用参数名作标签。",
)
def test_log_weights_of_two_layers(submission, rng):
    """log_weights logs a histogram for each parameter, under the parameter's name."""
    shapes = {"hidden.weight": (3, 5), "hidden.bias": (3,), "output.weight": (2, 3)}
    shapes["output.bias"] = (2,)
    state = {name: rng.randn(*shape) for name, shape in shapes.items()}
    events = events_of(submission.run(log_weights_of_mlp, state, 6), "histogram")
    found = {event.tag: (event.step, event.value["num"]) for event in events}
    assert_equal(len(events), 4)
    assert_equal(found, {name: (6, float(value.numel())) for name, value in state.items()})


@check(
    points=1,
    zh="log_embedding 写出 tensors.tsv 和 metadata.tsv，位置由步数决定，一行对应矩阵的一行。",
    hint="add_embedding writes both files if it gets the labels as metadata; hand on the step.",
    hint_zh="把标签作为 metadata 传给 add_embedding，它就会写出两个文件；步数也要传。",
)
def test_log_embedding_writes_two_tables(submission, rng):
    """log_embedding writes tensors.tsv and metadata.tsv, a line for each row of the matrix."""
    mat = rng.randn(3, 2)
    files = submission.run(log_rows, mat, ["cat", "dog", "frog"], 3)
    assert isinstance(files, dict), "a folder with files was expected"
    for name in ("00003/default/tensors.tsv", "00003/default/metadata.tsv"):
        assert name in files, f"there is no file {name}"
    assert_equal(files["00003/default/metadata.tsv"].split(), [b"cat", b"dog", b"frog"])
    numbers = [float(number) for number in files["00003/default/tensors.tsv"].split()]
    assert_close(numbers, mat.flatten().tolist())


@check(
    points=1,
    zh="log_graph 把计算图写进文件，图中有每一层的名字。",
    hint="add_graph wants the model and an input that fits it.",
    hint_zh="add_graph 需要模型和一个尺寸合适的输入。",
)
def test_log_graph_names_the_layers(submission, rng):
    """log_graph writes a graph in which every layer has its name."""
    events = events_of(submission.run(log_graph_of_mlp, rng.randn(2, 3)), "graph")
    assert_equal(len(events), 1)
    for layer in ("hidden", "relu", "output"):
        named = [node for node in events[0].value if f"[{layer}]" in node]
        assert named, f"no node of the graph belongs to the layer {layer}"
