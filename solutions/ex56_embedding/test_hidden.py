"""Hidden checks of ex56_embedding: gradients, padding, empty bags, and texts made at random."""

from collections import Counter

import torch
from torch.nn import functional

from grader.checks import assert_close, assert_equal, assert_tensor, check, probe, raises

SHAPES = [(4, 6), (), (3, 1, 2), (0,), (1,), (2, 0)]


@probe
def look_ups(student, table, idxs, upstreams, padding):
    """Return vectors and gradient of the table for each idx, which arrives transposed."""
    found = []
    for idx, upstream in zip(idxs, upstreams, strict=True):
        embedding = student.MyEmbedding(*table.shape, padding_idx=padding)
        embedding = embedding.to(table.device, table.dtype)
        embedding.load_state_dict({"weight": table})
        vectors = embedding(idx.mT if idx.dim() > 1 else idx)
        (vectors * upstream).sum().backward()
        found.append((vectors, embedding.weight.grad))
    return found


@probe
def first_tables(student, seeds, paddings):
    """Return the first values of a table for each seed and each padding_idx."""
    tables = []
    for seed, padding in zip(seeds, paddings, strict=True):
        torch.manual_seed(seed)
        tables.append(student.MyEmbedding(300, 100, padding_idx=padding).state_dict()["weight"])
    return tables


@probe
def one_hot_of_a_view(student, idx, table, upstream):
    """Return one_hot_lookup of a transposed idx and table, and the gradient of the table."""
    table = table.clone().requires_grad_()
    rows, vectors = student.one_hot_lookup(idx.mT, table.t())
    (vectors * upstream).sum().backward()
    return rows, vectors, table.grad


@probe
def sparse_gradients(student, idxs, upstreams, n):
    """Return what each lookup_gradient consists of; idx and upstream arrive transposed."""
    found = []
    for idx, upstream in zip(idxs, upstreams, strict=True):
        pair = (idx.mT, upstream.transpose(-2, -3)) if idx.dim() > 1 else (idx, upstream)
        gradient = student.lookup_gradient(*pair, n)
        told = {"size": list(gradient.shape), "coalesced": gradient.is_coalesced()}
        found.append((told, gradient.indices(), gradient.values()))
    return found


@probe
def bags(student, table, idxs, offsets, upstreams):
    """Return the means of bags of each idx, every second number of it, and the gradients."""
    found = []
    for idx, starts, upstream in zip(idxs, offsets, upstreams, strict=True):
        leaf = table.clone().requires_grad_()
        means = student.bag_mean(leaf, idx[::2], starts)
        (means * upstream).sum().backward()
        found.append((means, leaf.grad))
    return found


@probe
def vocabularies(student, texts, counts):
    """Return words and numbers of the vocabulary of each text."""
    found = [student.build_vocab(text, count) for text, count in zip(texts, counts, strict=True)]
    return [(list(vocab), list(vocab.values())) for vocab in found]


@probe
def windows_of(student, sentences, sizes):
    """Return the windows of each sentence and size."""
    return [student.windows(words, n) for words, n in zip(sentences, sizes, strict=True)]


def table_gradient(idx, upstream, n):
    """Return the dense gradient of a table of n rows."""
    gradient = upstream.new_zeros(n, upstream.shape[-1])
    return gradient.index_add(0, idx.flatten(), upstream.reshape(-1, upstream.shape[-1]))


def random_text(rng, lengths):
    """Return sentences of these lengths, of some ten words with random names and frequencies."""
    names = [f"w{number}" for number in rng.permutation(1000)[:10].tolist()] + ["<unk>"]
    # The smaller of two numbers: some words are frequent, some are rare.
    draws = [torch.minimum(*rng.randint(0, 11, (2, length))).tolist() for length in lengths]
    order = rng.permutation(11).tolist()
    return [[names[order[number]] for number in sentence] for sentence in draws]


@check(
    points=3,
    zh="下标是任何形状时，MyEmbedding 的值和梯度都正确：只有查过的行得到梯度，重复查的行得到总和。",
    hint="Index the parameter itself, no copy of it; the result has the shape of idx, and K more.",
    hint_zh="要用参数本身来取行，不要用副本；结果的形状是 idx 的形状再加一个 K。",
)
def test_embedding_values_and_gradients(submission, rng):
    """MyEmbedding is right for indices of any shape: only looked-up rows receive gradients."""
    table = rng.randn(9, 5, dtype=torch.float64)
    idxs = [rng.randint(0, 8, shape) for shape in SHAPES]  # nobody looks row 8 up
    turned = [idx.mT if idx.dim() > 1 else idx for idx in idxs]
    upstreams = [rng.randn(*idx.shape, 5, dtype=torch.float64) for idx in turned]
    found = submission.run(look_ups, table, idxs, upstreams, None)
    for (vectors, gradient), idx, upstream in zip(found, turned, upstreams, strict=True):
        assert_tensor(vectors, table[idx])
        assert_tensor(gradient, table_gradient(idx, upstream, 9))


@check(
    points=2,
    zh="padding_idx 指定的行从零开始，查得到它的值，却永远不学习；它也可以是第 0 行。",
    hint="0 is a row as well: ask `is not None`. And which operation lets values through, but no "
    "gradients?",
    hint_zh="第 0 行也是一行，所以要判断 `is not None`。另外，哪个操作放行数值，却不放行梯度？",
)
def test_padding_does_not_learn(submission, rng):
    """The row of padding_idx starts as zeros, can be looked up, and never learns."""
    table, idx = rng.randn(6, 4, dtype=torch.float64), torch.tensor([[3, 0, 5], [0, 3, 2]])
    for padding in (0, 3):
        upstream = rng.randn(3, 2, 4, dtype=torch.float64)
        ((vectors, gradient),) = submission.run(look_ups, table, [idx], [upstream], padding)
        assert_tensor(vectors, table[idx.mT])
        expected = table_gradient(idx.mT, upstream, 6)
        expected[padding] = 0
        assert_tensor(gradient, expected)
    for first, padding in zip(
        submission.run(first_tables, [1, 2], [0, 299]), (0, 299), strict=True
    ):
        assert_equal(first.abs().sum(1).eq(0).nonzero().tolist(), [[padding]])


@check(
    points=1,
    zh="任何位置上有负下标或过大的下标时，MyEmbedding 都抛出 IndexError。",
    hint="weight[-1] is the last row, without a complaint: look for negative numbers yourself.",
    hint_zh="weight[-1] 会默默取出最后一行：负数要自己检查。",
)
def test_embedding_refuses_indices_outside(submission, rng):
    """MyEmbedding raises IndexError for a negative or too large index at any place."""
    table = rng.randn(6, 2)
    for outside in (-1, -6, 6, 40):
        idx = rng.randint(0, 6, (3, 4))
        idx[rng.integer(0, 3), rng.integer(0, 4)] = outside
        with raises(IndexError):
            submission.run(look_ups, table, [idx], [torch.ones(4, 3, 2)], None)


@check(
    points=1,
    zh="表的初值服从标准正态分布，随种子而变。",
    hint="Equal rows would stay equal words: torch.randn draws each number on its own.",
    hint_zh="相同的行意味着相同的词；torch.randn 会独立地抽取每个数。",
)
def test_first_values_are_drawn(submission, rng):
    """The first values are those of a standard normal distribution, others for another seed."""
    seed = rng.seed()
    one, two, again = submission.run(first_tables, [seed, seed + 1, seed], [None] * 3)
    assert_tensor(again, one)
    assert not torch.allclose(one, two, rtol=0, atol=0.01)
    assert_close(one.mean().item(), 0.0, rtol=0, atol=0.04)
    assert_close(one.std().item(), 1.0, rtol=0, atol=0.03)
    # Two thirds of normal numbers are within one standard deviation; of even ones, fewer.
    assert_close((one.abs() < 1).double().mean().item(), 0.683, rtol=0, atol=0.025)


@check(
    points=2,
    zh="下标是任何形状时，one_hot_lookup 的行、向量和梯度都正确，dtype 和设备与表相同。",
    hint="nn.functional.one_hot gives integers, and wants to be told how many classes there are; "
    "torch.zeros and torch.arange make tensors on the CPU unless they are told a device.",
    hint_zh="nn.functional.one_hot 给出的是整数，类别总数也要告诉它；torch.zeros 和 torch.arange "
    "默认建在 CPU 上，要用 device= 指定设备。",
)
def test_one_hot_lookup_of_any_shape(submission, rng):
    """one_hot_lookup is right for any shape, with gradients; dtype and device are the table's."""
    for shape in SHAPES:
        idx, table = rng.randint(0, 5, shape), rng.randn(7, 3, dtype=torch.float64)
        rows, vectors = submission.one_hot_lookup(idx, table)
        assert_tensor(rows, torch.eye(7, dtype=torch.float64)[idx])
        assert_tensor(vectors, table[idx])
    idx, table = rng.randint(0, 5, (4, 2)), rng.randn(3, 7)
    upstream = rng.randn(2, 4, 3)
    rows, vectors, gradient = submission.run(one_hot_of_a_view, idx, table, upstream)
    assert_tensor(rows, torch.eye(7)[idx.mT])
    assert_tensor(vectors, table.t()[idx.mT])
    assert_tensor(gradient, table_gradient(idx.mT, upstream, 7).t())
    # "meta" is a device that every machine has: what is made on the CPU shows there.
    rows, vectors = submission.on("meta").one_hot_lookup(idx, table)
    assert_tensor(rows, torch.empty(4, 2, 3, device="meta"))
    assert_tensor(vectors, torch.empty(4, 2, 7, device="meta"))


@check(
    points=2,
    zh="lookup_gradient 是合并过的稀疏张量：每个查过的行恰好一次，值是梯度之和。",
    hint="Bring idx to (1, M) and upstream to (M, K) first; a coalesced tensor names rows once.",
    hint_zh="先把 idx 变成 (1, M)、upstream 变成 (M, K)；合并之后，每一行只出现一次。",
)
def test_lookup_gradient_is_coalesced(submission, rng):
    """lookup_gradient is coalesced: each looked-up row once, with the sum of its gradients."""
    for dtype in (torch.float32, torch.float64):
        idxs = [rng.randint(0, 8, shape) for shape in SHAPES]
        upstreams = [rng.randn(*shape, 3, dtype=dtype) for shape in SHAPES]
        found = submission.run(sparse_gradients, idxs, upstreams, 11)
        for (told, indices, values), idx, upstream in zip(found, idxs, upstreams, strict=True):
            assert_equal(told, {"size": [11, 3], "coalesced": True})
            rows = idx.unique()
            assert_tensor(indices, rows[None])
            assert_tensor(values, table_gradient(idx, upstream, 11)[rows])


@check(
    points=3,
    zh="对随机的词袋（其中有空袋），bag_mean 的值和梯度都与 nn.EmbeddingBag 一致。",
    hint="An empty bag has no mean: 0 / 0 is nan. Divide by the number, but at least by 1.",
    hint_zh="空袋没有平均值：0 / 0 是 nan。除以词数，但至少除以 1。",
)
def test_bag_mean_equals_embedding_bag(submission, rng):
    """bag_mean equals nn.EmbeddingBag for bags of every size, empty ones too, with gradients."""
    for dtype in (torch.float32, torch.float64):
        table = rng.randn(8, 3, dtype=dtype)
        offsets = [[0, 0, 4, 5, 5, 5, 11], [0], [0, 0], [0, 3, 9]]
        offsets = [torch.tensor(starts) for starts in offsets]
        idxs = [rng.randint(0, 7, (2 * length,)) for length in (13, 6, 0, 9)]
        upstreams = [rng.randn(len(starts), 3, dtype=dtype) for starts in offsets]
        found = submission.run(bags, table, idxs, offsets, upstreams)
        for (means, gradient), idx, starts, upstream in zip(
            found, idxs, offsets, upstreams, strict=True
        ):
            leaf = table.clone().requires_grad_()
            expected = functional.embedding_bag(idx[::2], leaf, starts, mode="mean")
            assert_tensor(means, expected.detach())
            assert_tensor(gradient, torch.autograd.grad((expected * upstream).sum(), leaf)[0])


@check(
    points=1,
    zh="offsets 不从 0 开始、有下降或超过词数时，bag_mean 抛出 ValueError。",
    hint="A slice like idx[5:3] is empty and says nothing; compare the borders yourself.",
    hint_zh="idx[5:3] 这样的切片只是空的，不会报错；边界要自己比较。",
)
def test_bag_mean_refuses_impossible_offsets(submission, rng):
    """bag_mean raises ValueError for offsets that do not begin with 0, go down, or go too far."""
    table, idx = rng.randn(5, 2), rng.randint(0, 5, (6,))
    for offsets in ([1, 3], [2], [0, 4, 3], [0, 2, 7], [0, 5, 1, 6]):
        with raises(ValueError):
            submission.bag_mean(table, idx, torch.tensor(offsets))


@check(
    points=2,
    zh="在随机的文本上，词表都按词频排列，次数相同时按首次出现的先后；文本里的 <unk> 始终是 0。",
    hint="A set forgets the order, and sorting by the word makes up another one. Where counts are "
    "equal, Python's sorting leaves things as they were.",
    hint_zh="集合会丢掉顺序，按词本身排序则是另造顺序。次数相同时，Python 的排序会保持原来的先后。",
)
def test_vocabulary_of_random_texts(submission, rng):
    """Vocabularies of random texts are in the order of frequency, then of first appearance."""
    texts = [random_text(rng, [7, 0, 12, 1, 9, 6]) for _ in range(6)] + [[], [["a", "b", "b"]]]
    counts = [1, 2, 3, 1, 2, 4, 1, 3]
    expected = []
    for text, least in zip(texts, counts, strict=True):
        words = [word for sentence in text for word in sentence if word != "<unk>"]
        tally = Counter(words)
        known = sorted({w for w in words if tally[w] >= least}, key=words.index)
        known = ["<unk>", *sorted(known, key=lambda word: -tally[word])]
        expected.append((known, list(range(len(known)))))
    assert_equal(submission.run(vocabularies, texts, counts), expected)


@check(
    points=1,
    zh="从 2 到句子长度，windows 对每个 n 都正确；n 小于 2 时抛出 ValueError。",
    hint="There are len(tokens) - n + 1 windows, if that is not negative.",
    hint_zh="窗口一共有 len(tokens) - n + 1 个，前提是这个数不为负。",
)
def test_windows_of_every_size(submission, rng):
    """Windows is right for every n from 2 on, and raises ValueError for a smaller one."""
    words = [f"w{number}" for number in rng.permutation(9).tolist()]
    numbers = rng.permutation(50)[:7].tolist()
    cases = [(words, n) for n in (2, 3, 4, 8, 9, 10, 12)] + [
        (numbers, 5),
        (numbers[:1], 2),
        ([], 2),
    ]
    expected = [
        [
            (tuple(tokens[start : start + n - 1]), tokens[start + n - 1])
            for start in range(max(0, len(tokens) - n + 1))
        ]
        for tokens, n in cases
    ]
    found = submission.run(windows_of, [tokens for tokens, _ in cases], [n for _, n in cases])
    assert_equal(found, expected)
    for n in (1, 0, -2):
        with raises(ValueError):
            submission.windows(words, n)


@check(
    points=2,
    zh="在随机的文本上，training_pairs 都不跨句子，略去短句，生词是 <unk>；没有窗口时形状也对。",
    hint="Sentences that are too short give nothing. What shape has torch.tensor([])?",
    hint_zh="太短的句子不产生窗口。torch.tensor([]) 是什么形状？",
)
def test_training_pairs_of_random_texts(submission, rng):
    """training_pairs keeps sentences apart, leaves short ones out, and has its shape for none."""
    for n, lengths in [(3, [5, 2, 9, 0, 3]), (2, [1, 4, 1, 2]), (5, [4, 8, 5, 3]), (4, [3, 1])]:
        text = random_text(rng, lengths)
        names = sorted({word for sentence in text for word in sentence if word != "<unk>"})
        # Some words are unknown, and <unk> need not be 0.
        vocab = {word: number for number, word in enumerate([*names[::2], "<unk>"])}
        rows = [
            [vocab.get(word, vocab["<unk>"]) for word in sentence[start : start + n]]
            for sentence in text
            for start in range(len(sentence) - n + 1)
        ]
        expected = torch.tensor(rows, dtype=torch.int64).reshape(-1, n)
        inputs, targets = submission.training_pairs(text, vocab, n)
        assert_tensor(inputs, expected[:, :-1])
        assert_tensor(targets, expected[:, -1])
