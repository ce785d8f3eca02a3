"""Public checks of ex56_embedding: the small table and the two sentences of the README."""

import torch

from grader.checks import (
    Mistake,
    assert_equal,
    assert_tensor,
    check,
    module_output,
    parameter_count,
    probe,
    raises,
    state_dict,
)

TABLE = torch.tensor([[0.0, 0], [1, 2], [3, -1], [5, 4], [-2, 6]])
SENTENCES = [["the", "cat", "sees", "the", "dog"], ["the", "dog", "runs"]]
VOCAB = {"<unk>": 0, "the": 1, "dog": 2, "cat": 3, "sees": 4, "runs": 5}


@probe
def dense_gradient(student, idx, upstream, n):
    """Return lookup_gradient with all its zeros written out, and whether it is sparse."""
    gradient = student.lookup_gradient(idx, upstream, n)
    return gradient.to_dense(), gradient.is_sparse


@probe
def numbered_words(student, sentences, **options):
    """Return the words of build_vocab in the order of the dict, and their numbers."""
    vocab = student.build_vocab(sentences, **options)
    return list(vocab), list(vocab.values())


@check(
    points=1,
    zh="MyEmbedding(7, 4) 恰有一个参数：形状为 (7, 4) 的 weight，它是可学习的。",
    hint="The table has to learn, so it is an nn.Parameter; a plain tensor or a buffer is not.",
    hint_zh="这张表要能学习，所以它必须是 nn.Parameter；普通张量和缓冲区都不行。",
)
def test_embedding_has_one_table(submission):
    """MyEmbedding(7, 4) has exactly one parameter, weight of shape (7, 4), and it can learn."""
    state = submission.run(state_dict, "MyEmbedding", [7, 4])
    assert_equal({name: tuple(value.shape) for name, value in state.items()}, {"weight": (7, 4)})
    counts = submission.run(parameter_count, "MyEmbedding", [7, 4])
    assert_equal(counts, {"trainable": 28, "frozen": 0})


@check(
    points=1,
    zh="MyEmbedding 为每个下标查出对应的行，下标超出表的末尾时抛出 IndexError。",
    hint="A tensor may be indexed by a tensor of integers: the shape of idx, then K numbers each.",
    hint_zh="张量可以用整数张量作下标：结果的形状是 idx 的形状，后面再加上 K。",
)
def test_embedding_looks_rows_up(submission):
    """MyEmbedding gives the row of every index, and IndexError past the end of the table."""
    idx, state = torch.tensor([[3, 1, 3], [0, 4, 2]]), {"weight": TABLE}
    vectors = submission.run(module_output, "MyEmbedding", [5, 2], [idx], state=state)
    assert_tensor(vectors, TABLE[idx])
    with raises(IndexError):
        submission.run(module_output, "MyEmbedding", [5, 2], [torch.tensor([2, 5])])


@check(
    points=1,
    zh="one_hot_lookup 给出 README 中的 one-hot 行，以及它们与表的乘积。",
    hint="One row for each index, in their order, as wide as the table is long; then @ table.",
    hint_zh="每个下标一行，按顺序排列，行宽等于表的行数；然后 @ table。",
)
def test_one_hot_lookup_on_the_table_of_the_readme(submission):
    """one_hot_lookup gives the one-hot rows of the README and their product with the table."""
    expected = torch.tensor([[0.0, 0, 0, 1, 0], [0, 1, 0, 0, 0], [0, 0, 0, 1, 0]])
    diagonal = Mistake(
        torch.diag(torch.tensor([0.0, 1, 0, 1, 0])),
        en="This is the N x N matrix of the notes. It knows which words occur, but neither their "
        "order nor that one occurs twice.",
        zh="这是笔记里的 N x N 矩阵。它知道出现了哪些词，却不知道顺序，也不知道有个词出现了两次。",
    )
    rows, vectors = submission.one_hot_lookup(torch.tensor([3, 1, 3]), TABLE)
    assert_tensor(rows, expected, mistakes=[diagonal])
    assert_tensor(vectors, torch.tensor([[5.0, 4], [1, 2], [5, 4]]))


@check(
    points=1,
    zh="lookup_gradient 是稀疏的；同一行被查了两次时，两次的梯度相加。",
    hint="torch.sparse_coo_tensor may name a row twice; coalesce() adds up what belongs together.",
    hint_zh="torch.sparse_coo_tensor 里同一行可以出现两次；coalesce() 会把它们加在一起。",
)
def test_lookup_gradient_adds_up(submission):
    """lookup_gradient is sparse and adds up the gradients of a row that was looked up twice."""
    idx = torch.tensor([3, 1, 3])
    upstream = torch.tensor([[1.0, 1], [2, 0], [10, 20]])
    expected = torch.tensor([[0.0, 0], [2, 0], [0, 0], [11, 21], [0, 0]])
    last = expected.clone()
    last[3] = upstream[2]
    mistake = Mistake(
        last,
        en="The gradient of a row that was looked up twice is only that of its last place.",
        zh="有一行被查了两次，结果里却只有最后一次的梯度。",
    )
    dense, sparse = submission.run(dense_gradient, idx, upstream, 5)
    assert_tensor(dense, expected, mistakes=[mistake])
    assert_equal(sparse, expected=True)


@check(
    points=1,
    zh="bag_mean 求出 README 中三个词袋的平均向量，空袋得到零向量。",
    hint="Bag b is idx[offsets[b] : offsets[b + 1]]. How many words does the second bag have?",
    hint_zh="第 b 个词袋是 idx[offsets[b] : offsets[b + 1]]。第二个词袋里有几个词？",
)
def test_bag_mean_of_three_bags(submission):
    """bag_mean gives the means of the three bags of the README, zeros for the empty one."""
    idx, offsets = torch.tensor([3, 1, 2, 4]), torch.tensor([0, 2, 2])
    expected = torch.tensor([[3.0, 3], [0, 0], [0.5, 2.5]])
    assert_tensor(submission.bag_mean(TABLE, idx, offsets), expected)


@check(
    points=1,
    zh="build_vocab 按词频给两个句子里的词编号，次数相同时先出现的在前；min_count=2 只留下两个词。",
    hint="Count all words first. Of equally frequent ones that which comes first keeps its place.",
    hint_zh="先数清每个词出现的次数。次数相同时，先出现的排在前面。",
)
def test_vocabulary_of_two_sentences(submission):
    """build_vocab numbers the words of the README by frequency; min_count=2 leaves two of them."""
    words, numbers = submission.run(numbered_words, SENTENCES)
    assert_equal((words, numbers), (list(VOCAB), [0, 1, 2, 3, 4, 5]))
    words, numbers = submission.run(numbered_words, SENTENCES, min_count=2)
    assert_equal((words, numbers), (["<unk>", "the", "dog"], [0, 1, 2]))


@check(
    points=1,
    zh="encode 把词换成编号，没见过的词得到 0。",
    hint="dict.get has a second argument: what it returns for a word that is not there.",
    hint_zh="dict.get 有第二个参数：词不在字典里时返回它。",
)
def test_encode_knows_unknown_words(submission):
    """Encode gives the numbers of the words, and 0 for a word that it does not know."""
    sentences = [["the", "bird", "runs"], ["dog"]]
    assert_equal(submission.encode(sentences, VOCAB), [[1, 0, 5], [2]])


@check(
    points=1,
    zh="windows 在 a b c d 上得到两个窗口；句子太短时一个也没有。",
    hint="The last window ends with the last word. With 4 words and n = 3, where may one begin?",
    hint_zh="最后一个窗口以最后一个词结尾。4 个词、n = 3 时，窗口可以从哪里开始？",
)
def test_windows_of_four_words(submission):
    """Windows gives the two windows of "a b c d", and none for a sentence that is too short."""
    assert_equal(submission.windows(["a", "b", "c", "d"]), [(("a", "b"), "c"), (("b", "c"), "d")])
    assert_equal(submission.windows(["a", "b"]), [])


@check(
    points=1,
    zh="training_pairs 由两个句子得到四个窗口，没有一个跨越句子。",
    hint="Windows belong to one sentence: slide along each sentence on its own.",
    hint_zh="窗口只属于一个句子：要在每个句子里分别滑动。",
)
def test_training_pairs_of_two_sentences(submission):
    """training_pairs gives four windows for the two sentences, and none reaches across."""
    inputs, targets = submission.training_pairs(SENTENCES, VOCAB)
    assert_tensor(inputs, torch.tensor([[1, 3], [3, 4], [4, 1], [1, 2]]))
    assert_tensor(targets, torch.tensor([4, 1, 2, 5]))
