"""Public checks of ex39_dataloader: small epochs that can be followed by hand."""

import torch
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader

from grader.checks import assert_equal, assert_tensor, check, probe, raises


@probe
def one_epoch(student, items, settings):
    """Return the batches of a MiniLoader, and its length."""
    loader = student.MiniLoader(items, **settings)
    return list(loader), len(loader)


@probe
def shuffled_numbers(student, n, batch_size):
    """Return the numbers below n as one shuffled epoch gives them."""
    loader = student.MiniLoader(list(range(n)), batch_size, shuffle=True)
    return [number for batch in loader for number in batch.tolist()]


@probe
def first_of(student, items, batch_size):
    """Return what first_batch finds in a MiniLoader."""
    return student.first_batch(student.MiniLoader(items, batch_size))


@probe
def padded_batches(student, sequences, batch_size):
    """Return the batches of sequences that a collate_fn fills up with zeros."""

    def padded(items):
        return nn.utils.rnn.pad_sequence(items, batch_first=True)

    return list(student.MiniLoader(sequences, batch_size, collate_fn=padded))


@probe
def stack_pictures_of_pil(student):
    """Try to stack two pictures of PIL."""
    student.default_stack([Image.new("RGB", (4, 3)), Image.new("RGB", (4, 3))])


@probe
def make_loader(student, batch_size):
    """Make a MiniLoader and drop it."""
    student.MiniLoader([1, 2, 3], batch_size)


@probe
def batches_of_torch(student, items, batch_size, num_workers):
    """Return what kind of loader torch_loader makes, its workers, and its batches without any."""
    loader = student.MiniLoader(items, batch_size)
    workers = student.torch_loader(loader, num_workers).num_workers
    made = student.torch_loader(loader)
    return isinstance(made, DataLoader), workers, list(made)


def drawn_pairs(rng, n, size):
    """Return n pairs of a picture and a label."""
    return [(rng.randn(*size), rng.integer(0, 10)) for _ in range(n)]


def stacked(pairs):
    """Return the batch of some pairs."""
    pictures, labels = zip(*pairs, strict=True)
    return [torch.stack(pictures), torch.tensor(labels)]


def listed(value):
    """Return the value with lists for tuples: a batch may be made of either."""
    match value:
        case list() | tuple():
            return [listed(part) for part in value]
        case dict():
            return {key: listed(part) for key, part in value.items()}
    return value


@check(
    points=1,
    zh="8 个样本、每批 3 个：共 3 批；drop_last 为真时是 2 批。",
    hint="Two batches are full and two items are left; they make a batch unless drop_last.",
    hint_zh="满的有两批，还剩两个样本；它们也算一批，除非 drop_last 为真。",
)
def test_count_batches_of_eight_items(submission):
    """Eight items in batches of 3 make 3 batches, and 2 with drop_last."""
    assert_equal(submission.count_batches(8, 3), 3)
    assert_equal(submission.count_batches(8, 3, drop_last=True), 2)


@check(
    points=1,
    zh="四对 (图像, 标签) 拼成形状为 (4, 3, 32, 32) 的图像和形状为 (4,) 的标签。",
    hint="Take all pictures together and all labels together, then make one batch of each.",
    hint_zh="图像归图像、标签归标签，分别拼成一批。",
)
def test_default_stack_on_pictures_with_labels(submission, rng):
    """Four pairs become pictures of shape (4, 3, 32, 32) and labels of shape (4,)."""
    pairs = drawn_pairs(rng, 4, (3, 32, 32))
    assert_equal(listed(submission.default_stack(pairs)), stacked(pairs))


@check(
    points=1,
    zh="字典按键拼批：张量堆叠起来，标签变成张量，名字仍是字符串。",
    hint="For each key make one batch of the items' values; strings are only put in a list.",
    hint_zh="对每个键，把各样本的值拼成一批；字符串只需放进列表。",
)
def test_default_stack_on_dicts(submission, rng):
    """Dicts are stacked key by key: tensors, labels, and names that stay strings."""
    pictures = [rng.randn(2, 5) for _ in range(3)]
    names = ["cat", "dog", "frog"]
    items = [
        {"picture": picture, "label": label, "name": name}
        for picture, label, name in zip(pictures, (3, 5, 6), names, strict=True)
    ]
    expected = {"picture": torch.stack(pictures), "label": torch.tensor([3, 5, 6]), "name": names}
    assert_equal(listed(submission.default_stack(items)), expected)


@check(
    points=1,
    zh="遇到 PIL 图像，default_stack 抛出 TypeError。",
    hint="When the item is none of the kinds that you know, `raise TypeError(...)`.",
    hint_zh="样本不属于任何一种已知的类型时，`raise TypeError(...)`。",
)
def test_default_stack_refuses_pictures_of_pil(submission):
    """default_stack raises TypeError for pictures of PIL."""
    with raises(TypeError):
        submission.run(stack_pictures_of_pil)


@check(
    points=1,
    zh="8 个样本、每批 3 个：按顺序得到 3、3、2 个；drop_last 为真时是 3、3 个。",
    hint="Batch k has the items k * b to (k + 1) * b - 1; only the last may have fewer.",
    hint_zh="第 k 批是第 k * b 到 (k + 1) * b - 1 个样本，只有最后一批可以不足。",
)
def test_batches_of_eight_items_in_order(submission, rng):
    """Eight items come in order, as batches of 3, 3 and 2, and as 3 and 3 with drop_last."""
    pairs = drawn_pairs(rng, 8, (2, 3))
    expected = [stacked(pairs[:3]), stacked(pairs[3:6]), stacked(pairs[6:])]
    batches, length = submission.run(one_epoch, pairs, {"batch_size": 3})
    assert_equal(listed(batches), expected)
    assert_equal(length, 3)
    batches, length = submission.run(one_epoch, pairs, {"batch_size": 3, "drop_last": True})
    assert_equal(listed(batches), expected[:2])
    assert_equal(length, 2)


@check(
    points=1,
    zh="打乱后的一轮里每个样本恰好出现一次，顺序与原来不同。",
    hint="Draw one order of all the items (torch.randperm) and cut it into batches.",
    hint_zh="先产生全部样本的一个随机顺序（torch.randperm），再切成批。",
)
def test_a_shuffled_epoch_has_every_item_once(submission):
    """A shuffled epoch has every item exactly once, in another order."""
    numbers = submission.run(shuffled_numbers, 30, 4)
    assert_equal(sorted(numbers), list(range(30)))
    assert_equal(numbers == list(range(30)), expected=False)


@check(
    points=1,
    zh="给了 collate_fn，就由它来拼批：长短不一的序列补零后合成一个张量。",
    hint="Call collate_fn with the list of items as they are; default_stack is only for None.",
    hint_zh="把样本的列表原样交给 collate_fn；只有它是 None 时才用 default_stack。",
)
def test_collate_fn_makes_the_batch(submission, rng):
    """A collate_fn makes the batches: sequences of different lengths are filled up with zeros."""
    sequences = [rng.randn(length, 2) for length in (4, 1, 2, 5)]
    first, second = submission.run(padded_batches, sequences, 2)
    assert_tensor(first, nn.utils.rnn.pad_sequence(sequences[:2], batch_first=True))
    assert_tensor(second, nn.utils.rnn.pad_sequence(sequences[2:], batch_first=True))


@check(
    points=1,
    zh="批的大小为 0 时，MiniLoader 和 count_batches 都抛出 ValueError。",
    hint="Compare with 1 first and write `raise ValueError(...)` yourself.",
    hint_zh="开头先与 1 比较，不合适就自己 `raise ValueError(...)`。",
)
def test_a_batch_size_of_zero_is_refused(submission):
    """MiniLoader and count_batches raise ValueError for a batch size of 0."""
    with raises(ValueError):
        submission.run(make_loader, 0)
    with raises(ValueError):
        submission.count_batches(5, 0)


@check(
    points=1,
    zh="first_batch 返回第一批：图像 (4, 3, 32, 32)，标签 (4,)。",
    hint="Ask the loader, not the data set: iter(loader) begins an epoch.",
    hint_zh="要遍历的是加载器而不是数据集：iter(loader) 开始新的一轮。",
)
def test_first_batch_of_pictures_with_labels(submission, rng):
    """first_batch returns the first batch, pictures (4, 3, 32, 32) and labels (4,)."""
    pairs = drawn_pairs(rng, 8, (3, 32, 32))
    assert_equal(listed(submission.run(first_of, pairs, 4)), stacked(pairs[:4]))


@check(
    points=1,
    zh="torch_loader 返回 PyTorch 的 DataLoader，批的内容相同，进程数也照设。",
    hint="Read the settings from the MiniLoader and name each one as DataLoader calls it.",
    hint_zh="从 MiniLoader 取出各项设置，按 DataLoader 的参数名逐一传进去。",
)
def test_torch_loader_gives_the_same_batches(submission, rng):
    """torch_loader returns a DataLoader of torch with the same batches and so many workers."""
    pairs = drawn_pairs(rng, 8, (2, 3))
    is_of_torch, workers, batches = submission.run(batches_of_torch, pairs, 3, 2)
    assert_equal(is_of_torch, expected=True)
    assert_equal(workers, 2)
    assert_equal(listed(batches), [stacked(pairs[:3]), stacked(pairs[3:6]), stacked(pairs[6:])])
