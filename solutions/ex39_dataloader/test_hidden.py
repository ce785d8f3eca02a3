"""Hidden checks of ex39_dataloader: what an epoch promises, and how long one takes."""

import torch
from torch.utils.data import DataLoader, default_collate

from grader.checks import assert_equal, assert_tensor, check, probe, raises


@probe
def counts(student, settings):
    """Return count_batches for every setting (n, b, drop_last)."""
    return [student.count_batches(n, b, drop_last=drop) for n, b, drop in settings]


@probe
def epochs_of(student, settings):
    """Return length and batches of a MiniLoader for every setting (items, b, drop_last)."""
    loaders = [student.MiniLoader(items, b, drop_last=drop) for items, b, drop in settings]
    return [(len(loader), list(loader)) for loader in loaders]


@probe
def stack_each(student, lists):
    """Return default_stack of every list of items."""
    return [student.default_stack(items) for items in lists]


@probe
def gradients_of_items(student, items, upstream):
    """Return the gradients that reach the items from their stacked batch."""
    items = [item.clone().requires_grad_() for item in items]
    batch = student.default_stack(items)
    if batch.requires_grad:
        (batch * upstream).sum().backward()
    return [item.grad for item in items]


@probe
def stack_strange_items(student, kind):
    """Try to stack two items of a kind that has no batch."""
    items = {
        "objects": [object(), object()],
        "sets": [{1, 2}, {3, 4}],
        "nothing": [None, None],
        "nothing inside": [(torch.zeros(2), None), (torch.zeros(2), None)],
    }
    student.default_stack(items[kind])


@probe
def stack_uneven_items(student, items):
    """Try to stack items of different lengths."""
    student.default_stack(items)


@probe
def shuffled_epochs(student, n, batch_size, seed):
    """Return three shuffled epochs over the numbers below n; None is no generator."""
    generator = None if seed is None else torch.Generator().manual_seed(seed)
    loader = student.MiniLoader(list(range(n)), batch_size, shuffle=True, generator=generator)
    return [[batch.tolist() for batch in loader] for _ in range(3)]


@probe
def seeded_epochs(student, n, batch_size, seeds, maker):
    """Return two shuffled epochs for each pair of seeds: the generator's (or None) and torch's."""
    found = []
    for own, common in seeds:
        torch.manual_seed(common)
        generator = None if own is None else torch.Generator().manual_seed(own)
        loader = student.MiniLoader(list(range(n)), batch_size, shuffle=True, generator=generator)
        if maker == "torch_loader":
            loader = student.torch_loader(loader)
        found.append([[batch.tolist() for batch in loader] for _ in range(2)])
    return found


@probe
def batches_by_place(student, items):
    """Return the batches of a data set that knows whole numbers and nothing else, twice."""
    items = dict(enumerate(items))
    return list(student.MiniLoader(items)), list(student.MiniLoader(items, 2, shuffle=True))


@probe
def places_read(student, n, batch_size, only_first):
    """Return which places were read after one batch, and after the epoch unless only_first."""
    read = []

    class Watched:
        def __len__(self):
            return n

        def __getitem__(self, place):
            read.append(int(place))
            return read[-1]

    loader = student.MiniLoader(Watched(), batch_size, shuffle=True)
    if only_first:
        student.first_batch(loader)
        return list(read), []
    epoch = iter(loader)
    next(epoch)
    begun = list(read)
    while next(epoch, None) is not None:
        pass
    return begun, read


@probe
def two_epochs_at_once(student, n, batch_size):
    """Return the batches of two epochs that take turns."""
    loader = student.MiniLoader(list(range(n)), batch_size)
    return [(one.tolist(), other.tolist()) for one, other in zip(loader, loader, strict=False)]


@probe
def collected_batches(student, items, batch_size):
    """Return what a collate_fn got for each batch, and of which type that was."""

    def collected(batch):
        return {"type": type(batch).__name__, "items": list(batch)}

    return list(student.MiniLoader(items, batch_size, collate_fn=collected))


@probe
def settings_of_torch(student, n, batch_size):
    """Return the batches of torch_loader with settings of its own, and its numbers of workers."""

    def doubled(batch):
        return [2 * number for number in batch]

    numbers = list(range(n))
    loader = student.MiniLoader(numbers, batch_size, drop_last=True, collate_fn=doubled)
    made = student.torch_loader(loader)
    return list(made), made.num_workers, student.torch_loader(loader, 3).num_workers


@probe
def load_epoch(student, pictures, labels, batch_size, seed):
    """Load one shuffled epoch; return the sizes of its batches and all that they hold."""
    samples = list(zip(pictures, labels.tolist(), strict=True))
    generator = torch.Generator().manual_seed(seed)
    loader = student.MiniLoader(samples, batch_size, shuffle=True, generator=generator)
    batches = list(loader)
    sizes = [(len(some), len(theirs)) for some, theirs in batches]
    return sizes, torch.cat([some for some, _ in batches]), torch.cat([some for _, some in batches])


def listed(value):
    """Return the value with lists for tuples: a batch may be made of either."""
    match value:
        case list() | tuple():
            return [listed(part) for part in value]
        case dict():
            return {key: listed(part) for key, part in value.items()}
    return value


def flat(epoch):
    """Return the numbers of all batches."""
    return [number for batch in epoch for number in batch]


def is_mixed(epoch):
    """Whether an epoch's batches take their numbers from everywhere; chance is no excuse."""
    return sum(max(batch) - min(batch) < len(batch) for batch in epoch) < len(epoch) / 2


@check(
    points=1,
    zh="在各种 n 和 b 之下，count_batches 都正确，整除时也不例外。",
    hint="When b divides n, the last batch is complete, and drop_last leaves nothing out.",
    hint_zh="b 整除 n 时，最后一批是满的，drop_last 不会去掉任何一批。",
)
def test_count_batches_in_many_settings(submission):
    """count_batches is right for many n and b, also where nothing is left over."""
    settings = [
        (n, b, drop_last) for n in range(15) for b in range(1, 8) for drop_last in (False, True)
    ]
    expected = [n // b + (n % b > 0 and not drop_last) for n, b, drop_last in settings]
    assert_equal(submission.run(counts, settings), expected)


@check(
    points=1,
    zh="各种设置下，MiniLoader 的长度和每一批都与 PyTorch 的 DataLoader 一致。",
    hint="Try an empty data set, one item, a batch larger than the data, and sizes that divide.",
    hint_zh="试试空数据集、单个样本、比数据还大的批，以及刚好整除的情形。",
)
def test_epochs_equal_those_of_torch(submission, rng):
    """A MiniLoader has the length and the batches of torch's DataLoader in many settings."""
    settings = [([], 3, False)]
    for n, b in [(1, 1), (1, 4), (6, 3), (7, 3), (7, 6), (5, 1), (4, 9)]:
        pairs = [(rng.randn(3, 2), rng.integer(-9, 10)) for _ in range(n)]
        settings += [(pairs, b, False), (pairs, b, True)]
    loaders = [DataLoader(items, b, drop_last=drop) for items, b, drop in settings]
    expected = [[len(loader), list(loader)] for loader in loaders]
    assert_equal(listed(submission.run(epochs_of, settings)), listed(expected))


@check(
    points=1,
    zh="元组、列表和字典互相嵌套时，default_stack 的结果也与 PyTorch 一致。",
    hint="Let default_stack call itself for each place and each key; look at dtypes of numbers.",
    hint_zh="对每个位置、每个键再调用 default_stack 自身；并留意各种数的 dtype。",
)
def test_default_stack_on_nested_items(submission, rng):
    """default_stack does as torch does for items within items, with numbers of every type."""

    def drawn(name):
        size = (rng.integer(0, 99), rng.rand(1).item())
        about = {"name": name, "is_new": rng.integer(0, 2) == 1, "size": size}
        return {"picture": rng.randn(2, 3), "about": about, "parts": [rng.randn(4), (name, 0.5)]}

    lists = [[drawn(name) for name in names] for names in (["a", "b", "c"], ["d"])]
    lists += [[True, False, True], [0.25, 1.5], [2, -3, 4, 2**40]]
    expected = [default_collate(items) for items in lists]
    assert_equal(listed(submission.run(stack_each, lists)), listed(expected))


@check(
    points=1,
    zh="堆叠后的张量与各样本 dtype 相同，没有维度的和空的张量也能堆叠。",
    hint="torch.stack keeps what the items are; torch.tensor, numpy and .float() do not.",
    hint_zh="torch.stack 会保持样本的类型；torch.tensor、numpy 和 .float() 则不会。",
)
def test_default_stack_keeps_the_dtype(submission, rng):
    """A stacked tensor has the dtype of its items, also of items without dimensions or numbers."""
    kinds = [torch.uint8, torch.int64, torch.bool, torch.float16, torch.float64]
    lists = [[rng.randint(0, 200, (2, 3)).to(kind) for _ in range(4)] for kind in kinds]
    lists += [[rng.randn(dtype=torch.float64) for _ in range(3)], [torch.zeros(0, 3)]]
    for batch, items in zip(submission.run(stack_each, lists), lists, strict=True):
        assert_tensor(batch, torch.stack(items))


@check(
    points=1,
    zh="梯度能从拼成的批传回每个样本。",
    hint=".detach(), .data, .tolist() and numpy cut the graph; torch.stack does not.",
    hint_zh=".detach()、.data、.tolist() 和 numpy 都会切断计算图，torch.stack 不会。",
)
def test_gradients_reach_the_items(submission, rng):
    """Gradients pass from a batch to each of its items."""
    items = [rng.randn(3, 2, dtype=torch.float64) for _ in range(4)]
    upstream = rng.randn(4, 3, 2, dtype=torch.float64)
    received = submission.run(gradients_of_items, items, upstream)
    for gradient, expected in zip(received, upstream, strict=True):
        assert_tensor(gradient, expected)


@check(
    points=1,
    zh="拼成的批与样本在同一设备上。",
    hint="Make the batch from the items themselves, without .cpu(), numpy or lists of numbers.",
    hint_zh="直接由样本张量拼成，不要经过 .cpu()、numpy 或数的列表。",
)
def test_default_stack_stays_on_the_device(submission, rng):
    """A batch of tensors is on the device of its items."""
    # "meta" is a device that every machine has; a result made elsewhere shows there as on a GPU.
    result = submission.on("meta").default_stack([rng.randn(4, 2) for _ in range(3)])
    assert_tensor(result, torch.empty(3, 4, 2, device="meta"))


@check(
    points=1,
    zh="各样本的元组或列表长度不一时，default_stack 抛出 ValueError。",
    hint="zip stops in silence at the shortest one, unless it is told to be strict.",
    hint_zh="zip 默认会在最短的那个结束时悄悄停下，除非让它严格检查。",
)
def test_default_stack_refuses_different_lengths(submission):
    """default_stack raises ValueError when tuples or lists differ in length."""
    for items in ([(1, 2, 3), (4, 5)], [(1,), (4, 5)], [[0.5, 1.5], [2.5, 3.5], [4.5]]):
        with raises(ValueError):
            submission.run(stack_uneven_items, items)


@check(
    points=1,
    zh="遇到其他任何类型的样本，default_stack 都抛出 TypeError，夹在元组里也一样。",
    hint="List the kinds that have a batch; all others end at the same `raise`.",
    hint_zh="只列出能拼批的类型，其余的都走到同一个 `raise`。",
)
def test_default_stack_refuses_all_other_kinds(submission):
    """default_stack raises TypeError for items of any other kind, also within tuples."""
    for kind in ("objects", "sets", "nothing", "nothing inside"):
        with raises(TypeError):
            submission.run(stack_strange_items, kind)


@check(
    points=1,
    zh="打乱时，每一轮都是全部样本的新顺序，各批的样本来自整个数据集。",
    hint="Draw the order of all items anew whenever an epoch begins, also with a generator.",
    hint_zh="每一轮开始时，重新产生全部样本的顺序；有 generator 时也一样。",
)
def test_every_shuffled_epoch_is_new(submission, rng):
    """Each shuffled epoch is a new order, and its batches take items from the whole data set."""
    for seed in (None, rng.seed()):
        epochs = submission.run(shuffled_epochs, 48, 6, seed)
        for epoch in epochs:
            assert_equal(sorted(flat(epoch)), list(range(48)))
            assert_equal(is_mixed(epoch), expected=True)
        first, second, third = epochs
        assert_equal(first in (second, third) or second == third, expected=False)


@check(
    points=1,
    zh="同样的 generator 种子重现同样的各轮；没有 generator 时由 torch.manual_seed 决定。",
    hint="Hand self.generator on to what draws the order; Python's random is no part of torch.",
    hint_zh="产生顺序时要用上 self.generator；Python 的 random 与 PyTorch 互不相干。",
)
def test_a_seed_repeats_the_epochs(submission, rng):
    """The same seed of the generator gives the same epochs; without one torch.manual_seed does."""
    own, common = rng.seed(), rng.seed()
    seeds = [(own, common), (own, common + 1), (own + 1, common)]
    seeds += [(None, common), (None, common), (None, common + 1)]
    epochs = submission.run(seeded_epochs, 40, 8, seeds, "MiniLoader")
    assert_equal(epochs[1], epochs[0])
    assert_equal(epochs[4], epochs[3])
    assert_equal(epochs[2] == epochs[0] or epochs[5] == epochs[3], expected=False)


@check(
    points=1,
    zh="MiniLoader 只用 len(dataset) 和 dataset[i]，i 是普通的 int。",
    hint="Not every data set can be sliced or looped over, or takes a tensor as i.",
    hint_zh="不是每个数据集都能切片、能遍历，或接受张量作为 i。",
)
def test_a_data_set_is_read_by_whole_numbers(submission, rng):
    """A MiniLoader asks a data set for its length and for dataset[i] with ints, no more."""
    items = [rng.randn(3) for _ in range(6)]
    in_order, shuffled = submission.run(batches_by_place, items)
    assert_equal(in_order, [item[None] for item in items])
    assert_equal(sorted(torch.cat(shuffled).tolist()), sorted(torch.stack(items).tolist()))


@check(
    points=1,
    zh="取到某一批时才读这一批的样本，每个样本每轮只读一次。",
    hint="Read inside the loop that gives the batches, just before each is given.",
    hint_zh="在逐批给出的循环里读取，读一批给一批。",
)
def test_items_are_read_when_their_batch_is_asked_for(submission):
    """The items of a batch are read when it is asked for, and each once in an epoch."""
    begun, read = submission.run(places_read, 20, 4, only_first=False)
    assert_equal(len(begun), 4)
    assert_equal(sorted(read), list(range(20)))


@check(
    points=1,
    zh="同一个加载器的两轮可以同时进行，互不干扰。",
    hint="Keep an epoch's place in local variables of __iter__ or in an object of its own.",
    hint_zh="一轮走到哪里，应记在 __iter__ 的局部变量里，或另建一个对象来记。",
)
def test_two_epochs_at_the_same_time(submission):
    """Two epochs of one loader can be under way at the same time."""
    pieces = [[0, 1, 2], [3, 4, 5], [6, 7, 8]]
    expected = [[piece, piece] for piece in pieces]
    assert_equal(listed(submission.run(two_epochs_at_once, 9, 3)), expected)


@check(
    points=1,
    zh="collate_fn 收到未经处理的样本列表，它返回的就是这一批。",
    hint="Hand over a list, and give on what comes back without touching it.",
    hint_zh="交给它一个列表，返回什么就原样给出什么。",
)
def test_collate_fn_gets_the_items(submission, rng):
    """A collate_fn gets a list of untouched items, and what it returns is the batch."""
    items = [(rng.randn(length), "x" * length) for length in (3, 1, 2, 5, 4, 2)]
    batches = submission.run(collected_batches, items, 2)
    expected = [{"type": "list", "items": items[k : k + 2]} for k in (0, 2, 4)]
    assert_equal(batches, expected)


@check(
    points=1,
    zh="first_batch 只读第一批的样本。",
    hint="list(loader) goes through the whole epoch; ask for one batch and stop.",
    hint_zh="list(loader) 会把整轮走完；只取一批就停下。",
)
def test_first_batch_reads_no_further(submission):
    """first_batch reads the items of one batch and no more."""
    begun, _ = submission.run(places_read, 20, 4, only_first=True)
    assert_equal(len(begun), 4)


@check(
    points=1,
    zh="first_batch 适用于任何能遍历的对象；一批也没有时抛出 ValueError。",
    hint="Use nothing but iteration, and think of a loop whose body never runs.",
    hint_zh="只靠遍历来取，并想一想循环体一次也不执行的情形。",
)
def test_first_batch_of_any_loader(submission, rng):
    """first_batch takes whatever can be looped over, and raises ValueError if nothing comes."""
    batches = [rng.randn(3, 2), rng.randn(2, 2)]
    assert_tensor(submission.first_batch(batches), batches[0])
    with raises(ValueError):
        submission.first_batch([])


@check(
    points=1,
    zh="torch_loader 沿用 MiniLoader 的全部设置，默认由主进程读取。",
    hint="Each setting of the loader has a parameter of the same name in torch's DataLoader.",
    hint_zh="加载器的每项设置，在 DataLoader 里都有同名的参数。",
)
def test_torch_loader_takes_over_all_settings(submission, rng):
    """torch_loader takes over every setting, and loads in the main process by default."""
    batches, by_default, workers = submission.run(settings_of_torch, 8, 3)
    assert_equal(batches, [[0, 2, 4], [6, 8, 10]])
    assert_equal([by_default, workers], [0, 3])
    seeds = [(7, rng.seed()), (7, rng.seed())]
    epochs = submission.run(seeded_epochs, 40, 8, seeds, "torch_loader")
    assert_equal(epochs[1], epochs[0])
    assert_equal(flat(epochs[0][0]) == list(range(40)), expected=False)


@check(
    points=4,
    zh="许多小样本的一轮所用时间与朴素的写法相近，而且每一批都正确。",
    hint="Make the order once in an epoch, cut it by slices, and stack a batch in one operation.",
    hint_zh="每轮只产生一次顺序，用切片分段，一次操作堆叠一批。",
)
def test_an_epoch_is_quick(timed, rng):
    """An epoch over many small samples takes about as long as plain code, every batch right."""
    n, batch_size = 14_000, 64
    expected_sizes = [(64, 64)] * 218 + [(48, 48)]
    for run in timed:
        pictures, labels = rng.randn(n, 1, 6, 5), rng.permutation(n)
        answer = run.submission.run(load_epoch, pictures, labels, batch_size, rng.seed())
        sizes, found_pictures, found_labels = answer
        run.samples = n
        assert_equal(sizes, expected_sizes)
        assert_tensor(found_labels.sort().values, torch.arange(n))
        assert_tensor(found_pictures, pictures[labels.argsort()[found_labels]])
