"""Public checks of ex57_word2vec: the numbers of the README, and two short trainings."""

import torch
from torch.nn import functional

from grader.checks import (
    Mistake,
    assert_close,
    assert_equal,
    assert_tensor,
    check,
    module_output,
    probe,
)


@probe
def negatives_of(student, positive, k, counts, seed):
    """Return what sample_negatives draws with a generator of this seed."""
    generator = torch.Generator(positive.device).manual_seed(seed)
    return student.sample_negatives(positive, k, counts, generator)


@probe
def tables(student, sentences, vocab_size, options):
    """Return the vectors that fit_cbow and fit_skipgram find."""
    cbow = student.fit_cbow(sentences, vocab_size, **options)
    skipgram = student.fit_skipgram(sentences, vocab_size, **options)
    return cbow.embedding.weight, skipgram.centre.weight


@check(
    points=1,
    zh="cbow_pairs 在 10 11 12 13 14 上得到 README 中的窗口：w = 1 时三个，w = 2 时一个。",
    hint="The centre has w words on both sides: it runs from place w to place len - w - 1.",
    hint_zh="中心词两边各有 w 个词：它的位置从 w 到 len - w - 1。",
)
def test_cbow_pairs_of_five_words(submission):
    """cbow_pairs gives the windows of the README: three for w = 1, one for w = 2, else none."""
    tokens = [10, 11, 12, 13, 14]
    three = [((10, 12), 11), ((11, 13), 12), ((12, 14), 13)]
    assert_equal(submission.cbow_pairs(tokens, 1), three)
    assert_equal(submission.cbow_pairs(tokens, 2), [((10, 11, 13, 14), 12)])
    assert_equal(submission.cbow_pairs(tokens, 3), [])


@check(
    points=1,
    zh="skipgram_pairs 在四个词上得到所有的邻居，边界上的词邻居较少。",
    hint="Neighbours of place i are the places from i - w to i + w, without i, inside the list.",
    hint_zh="位置 i 的邻居是 i - w 到 i + w 中除 i 以外、没有越出列表的位置。",
)
def test_skipgram_pairs_of_four_words(submission):
    """skipgram_pairs gives all neighbours in a sentence of four words, fewer at the borders."""
    near = [(10, 11), (11, 10), (11, 12), (12, 11), (12, 13), (13, 12)]
    assert_equal(submission.skipgram_pairs([10, 11, 12, 13], 1), near)
    wide = [(10, 11), (10, 12), (11, 10), (11, 12), (11, 13)]
    wide += [(12, 10), (12, 11), (12, 13), (13, 11), (13, 12)]
    assert_equal(submission.skipgram_pairs([10, 11, 12, 13], 2), wide)


@check(
    points=1,
    zh="CBOW 的分数是上下文向量的平均经过 output 得到的，形状是 (B, V)。",
    hint="embedding gives (B, 2w, dim). Over which of the three dimensions is the mean?",
    hint_zh="embedding 给出 (B, 2w, dim)。要对这三个维度中的哪一个求平均？",
)
def test_cbow_scores(submission):
    """CBOW gives the scores (B, V) of the mean of the context's vectors."""
    state = {
        "embedding.weight": torch.tensor([[1.0, 0], [0, 1], [3, 3]]),
        "output.weight": torch.tensor([[1.0, 0], [0, 2], [-1, 1]]),
    }
    context = torch.tensor([[0, 2], [1, 1]])
    expected = torch.tensor([[2.0, 3, -0.5], [0, 2, 1]])
    scores = submission.run(module_output, "CBOW", [3, 2], [context], state=state)
    assert_tensor(scores, expected)


@check(
    points=1,
    zh="SkipGramNS 算出 README 中的损失 1.1333。",
    hint="A negative product of a drawn word is good: the minus stands inside the sigmoid.",
    hint_zh="抽来的词，点积为负才好：负号要写在 sigmoid 里面。",
)
def test_skipgram_loss_of_the_readme(submission):
    """SkipGramNS gives the loss 1.1333 of the README."""
    state = {
        "centre.weight": torch.tensor([[1.0, 2], [9, 9], [9, 9], [9, 9]]),
        "context.weight": torch.tensor([[9.0, 9], [1, 0.5], [-2, 1], [1, -1]]),
    }
    words = [torch.tensor([0]), torch.tensor([1]), torch.tensor([[2, 3]])]
    without_minus = Mistake(
        torch.tensor(2.1333),
        en="The minus is missing inside the sigmoid of the negatives, so they are pulled closer.",
        zh="负样本的 sigmoid 里少了负号，它们反而被拉近了。",
    )
    loss = submission.run(module_output, "SkipGramNS", [4, 2], words, state=state)
    assert_tensor(loss, torch.tensor(1.1333), atol=1e-3, mistakes=[without_minus])


@check(
    points=1,
    zh="sample_negatives 为每个词抽 k 个别的词，绝不会抽到它自己，也不会抽到次数为 0 的词。",
    hint="Give the positive word of a row the weight 0, or draw again where it was hit.",
    hint_zh="把每一行正样本的权重设为 0，或者抽中它时重新抽。",
)
def test_negatives_are_other_words(submission, rng):
    """sample_negatives draws k words for each row, neither its positive nor an absent one."""
    counts, positive = torch.tensor([50, 20, 0, 9, 1]), torch.tensor([0, 1, 3, 4] * 60)
    drawn = submission.run(negatives_of, positive, 7, counts, rng.seed())
    assert_equal((tuple(drawn.shape), drawn.dtype), ((240, 7), torch.int64))
    assert_equal(sorted(drawn.unique().tolist()), [0, 1, 3, 4])
    assert_equal((drawn == positive[:, None]).sum().item(), 0)


@check(
    points=1,
    zh="nearest 按余弦找出 README 中 king 的邻居，向量的长度不起作用。",
    hint="The cosine divides by both lengths. Largest first, and the word itself is left out.",
    hint_zh="余弦要除以两个向量的长度。从大到小排列，词本身不算。",
)
def test_nearest_words_of_the_readme(submission):
    """nearest finds the neighbours of "king" by the cosine, not by the length of the vectors."""
    table = torch.tensor([[3.0, 4], [4, 3], [-10, 50], [1, 0]])
    vocab = {"king": 0, "queen": 1, "river": 2, "boat": 3}
    found = submission.nearest("king", table, vocab, 2)
    assert_equal([word for word, _ in found], ["queen", "river"])
    assert_close([cosine for _, cosine in found], [0.96, 0.6668], rtol=0, atol=1e-3)


@check(
    points=2,
    zh="fit_cbow 和 fit_skipgram 的词向量能把两个话题分开：同一话题的词更相近。",
    hint="Look at the loss after each epoch: it has to fall. Does every batch take a step?",
    hint_zh="看看每个 epoch 之后的损失：它应当下降。每一批都更新了吗？",
)
def test_two_topics_come_apart(submission, rng):
    """The vectors of fit_cbow and fit_skipgram tell two topics apart."""
    # Words 0 to 5 are one topic, 6 to 11 the other; each sentence is about one.
    sentences = (rng.randint(0, 6, (120, 8)) + torch.tensor([[0], [6]] * 60)).tolist()
    options = {"dim": 6, "epochs": 8, "batch_size": 128, "lr": 0.05, "seed": rng.seed()}
    for table in submission.run(tables, sentences, 12, options):
        assert_equal(tuple(table.shape), (12, 6))
        vectors = functional.normalize(table, dim=1)
        cosines = (vectors @ vectors.t()).view(2, 6, 2, 6)
        within = (cosines[0, :, 0].sum() + cosines[1, :, 1].sum() - 12) / 60
        assert (within - cosines[0, :, 1].mean()).item() >= 0.4
