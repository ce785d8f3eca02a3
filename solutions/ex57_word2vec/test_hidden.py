"""Hidden checks of ex57_word2vec: formulas, frequencies, steps, and texts with hidden topics."""

import torch
from torch.nn import functional

from grader.checks import (
    assert_close,
    assert_equal,
    assert_tensor,
    check,
    module_gradients,
    probe,
    raises,
    state_dict,
)


@probe
def output_and_gradients(student, maker, state, inputs, upstream):
    """Return the output of a model with this state, and the gradients of its parameters."""
    model = getattr(student, maker)(*next(iter(state.values())).shape)
    model = model.to(inputs[0].device, upstream.dtype)
    model.load_state_dict(state)
    output = model(*inputs)
    (output * upstream).sum().backward()
    return output, {name: p.grad for name, p in model.named_parameters()}


@probe
def draws(student, positive, k, counts, seeds):
    """Return what is drawn for each seed, and whether global random numbers are as they were."""
    before, found = torch.get_rng_state(), []
    for number, seed in enumerate(seeds):
        generator = torch.Generator(positive.device).manual_seed(seed)
        found.append(student.sample_negatives(positive, k, counts, generator))
        if number == 0:
            untouched = torch.equal(before, torch.get_rng_state())
        torch.rand(3)
    return found, untouched


@probe
def pairs_of(student, sentences, widths):
    """Return both kinds of pairs for each sentence and width."""
    cases = list(zip(sentences, widths, strict=True))
    return [student.cbow_pairs(*case) for case in cases], [
        student.skipgram_pairs(*case) for case in cases
    ]


@probe
def states_after(student, name, sentences, vocab_size, runs):
    """Return the state that each run of a fit function leads to; other numbers are drawn before."""
    states = []
    for number, options in enumerate(runs):
        torch.manual_seed(number)
        model = getattr(student, name)(sentences, vocab_size, **options)
        states.append(dict(model.state_dict()))
    return states


@probe
def cbow_answers(student, sentences, vocab_size, options):
    """Train; then give the vectors, and the scores of contexts that come only now."""
    model = student.fit_cbow(sentences, vocab_size, **options)
    contexts = yield None
    with torch.no_grad():
        return model.embedding.weight, model(contexts.cpu())


@probe
def skipgram_vectors(student, sentences, vocab_size, options):
    """Return the vectors of all words as centres after the training."""
    return student.fit_skipgram(sentences, vocab_size, **options).centre.weight


def windows(tokens, w):
    """Return the pairs of CBOW and those of skip-gram, in their order."""
    cbow, skipgram = [], []
    for place, centre in enumerate(tokens):
        near = [p for p in range(place - w, place + w + 1) if p != place and 0 <= p < len(tokens)]
        skipgram += [(centre, tokens[p]) for p in near]
        if len(near) == 2 * w:
            cbow.append((tuple(tokens[p] for p in near), centre))
    return cbow, skipgram


def skipgram_by_hand(centre, context, words, positive, negatives):
    """Return the loss of negative sampling and its gradients with respect to both tables.

    Equation 4 of Mikolov, Sutskever, Chen, Corrado and Dean, "Distributed representations of words
    and phrases and their compositionality", 2013, with the opposite sign, and the mean over pairs.
    """
    loss, slopes = 0.0, [torch.zeros_like(centre), torch.zeros_like(context)]
    for word, true, drawn in zip(
        words.tolist(), positive.tolist(), negatives.tolist(), strict=True
    ):
        for other, label in [(true, 1.0)] + [(number, 0.0) for number in drawn]:
            product = centre[word] @ context[other]
            probability = 1 / (1 + torch.exp(-product))
            loss -= torch.log(probability if label else 1 - probability).item() / len(words)
            slopes[0][word] += (probability - label) * context[other] / len(words)
            slopes[1][other] += (probability - label) * centre[word] / len(words)
    return loss, slopes


def topics_text(rng, topics, size, count):
    """Return sentences that are each about one topic, and the words of every topic (T, S).

    Each topic has `size` words of its own; which numbers they have is drawn.
    """
    names = rng.permutation(topics * size).view(topics, size)
    subjects = torch.arange(count) % topics
    places = rng.randint(0, size, (count, 8))
    return names[subjects[:, None], places].tolist(), names


def gap(table, names):
    """Return by how much the mean cosine within topics exceeds that across them."""
    vectors = functional.normalize(table[names.flatten()].double(), dim=1)
    cosines = vectors @ vectors.t()
    topic = torch.arange(len(names)).repeat_interleave(names.shape[1])
    same = topic[:, None] == topic
    across = cosines[~same].mean()
    same.fill_diagonal_(fill_value=False)
    return (cosines[same].mean() - across).item()


@check(
    points=2,
    zh="对各种长度的句子和各种 w，两种词对都正确，包括太短的句子和重复的词。",
    hint="Leave out the place itself, not every equal word; a slice must not begin below 0.",
    hint_zh="要去掉的是这个位置本身，而不是所有相同的词；切片的起点不能小于 0。",
)
def test_pairs_of_random_sentences(submission, rng):
    """Both kinds of pairs are right for sentences of every length, equal words among them."""
    sentences, widths = [], []
    for length in (0, 1, 2, 3, 5, 6, 9):
        for w in (1, 2, 4):
            sentences.append(rng.randint(0, 4, (length,)).tolist())
            widths.append(w)
    cbow, skipgram = submission.run(pairs_of, sentences, widths)
    expected = [windows(*case) for case in zip(sentences, widths, strict=True)]
    assert_equal(cbow, [pairs for pairs, _ in expected])
    assert_equal(skipgram, [pairs for _, pairs in expected])


@check(
    points=2,
    zh="CBOW 的分数和两张表的梯度都与公式一致，一批只有一个上下文、词有重复时也是。",
    hint="The mean divides by 2w; a word that stands in the context twice receives both shares.",
    hint_zh="平均要除以 2w；在上下文中出现两次的词得到两份梯度。",
)
def test_cbow_scores_and_gradients(submission, rng):
    """The scores of CBOW and the gradients of both tables are those of the formula."""
    for count, width in [(5, 4), (1, 2), (3, 6)]:
        table, output = (rng.randn(7, 3, dtype=torch.float64) for _ in range(2))
        context, upstream = rng.randint(0, 6, (count, width)), rng.randn(count, 7).double()
        counts = functional.one_hot(context, 7).sum(1).double() / width
        scores, gradients = submission.run(
            output_and_gradients,
            "CBOW",
            {"embedding.weight": table, "output.weight": output},
            [context],
            upstream,
        )
        assert_tensor(scores, counts @ table @ output.t())
        assert_tensor(gradients["output.weight"], upstream.t() @ counts @ table)
        assert_tensor(gradients["embedding.weight"], counts.t() @ upstream @ output)


@check(
    points=1,
    zh="两个模型的参数名字和形状都对，词向量表的初值来自标准差为 0.1 的正态分布。",
    hint="nn.Embedding begins with a standard deviation of 1; nn.init.normal_ has an argument std.",
    hint_zh="nn.Embedding 初值的标准差是 1；nn.init.normal_ 有参数 std。",
)
def test_models_have_their_tables(submission):
    """Both models have their parameters, with first values of standard deviation 0.1."""
    cbow = submission.run(state_dict, "CBOW", [300, 50])
    skipgram = submission.run(state_dict, "SkipGramNS", [300, 50])
    assert_equal(sorted(cbow), ["embedding.weight", "output.weight"])
    assert_equal(sorted(skipgram), ["centre.weight", "context.weight"])
    for table in (*cbow.values(), *skipgram.values()):
        assert_equal(tuple(table.shape), (300, 50))
    for table in (cbow["embedding.weight"], *skipgram.values()):
        assert_close(table.mean().item(), 0.0, rtol=0, atol=0.008)
        assert_close(table.std().item(), 0.1, rtol=0, atol=0.006)
    assert not torch.allclose(*skipgram.values(), rtol=0, atol=0.001)


@check(
    points=3,
    zh="SkipGramNS 的损失和两张表的梯度都与公式一致。",
    hint="One term for the true neighbour and one for each negative; the mean is over the pairs.",
    hint_zh="真邻居一项，每个负样本一项；平均只对词对求。",
)
def test_skipgram_loss_and_gradients(submission, rng):
    """The loss of SkipGramNS and the gradients of both tables are those of the formula."""
    for count, k in [(6, 3), (1, 1), (4, 9)]:
        tables = [rng.randn(8, 5, dtype=torch.float64) for _ in range(2)]
        words = [rng.randint(0, 7, shape) for shape in [(count,), (count,), (count, k)]]
        loss, slopes = skipgram_by_hand(*tables, *words)
        state = dict(zip(["centre.weight", "context.weight"], tables, strict=True))
        upstream = torch.tensor(1.0, dtype=torch.float64)
        received, gradients = submission.run(
            output_and_gradients, "SkipGramNS", state, words, upstream
        )
        assert_tensor(received, torch.tensor(loss, dtype=torch.float64))
        for name, slope in zip(state, slopes, strict=True):
            assert_tensor(gradients[name], slope)


@check(
    points=1,
    zh="点积很大时，SkipGramNS 的损失和梯度仍是有限的正确值。",
    hint="sigmoid(-1000) is 0, and its logarithm -inf. logsigmoid knows a better way.",
    hint_zh="sigmoid(-1000) 等于 0，取对数就是 -inf。logsigmoid 有更好的办法。",
)
def test_loss_stays_finite(submission):
    """Loss and gradients of SkipGramNS are right and finite where products are large."""
    centre = torch.tensor([[20.0, -10], [30, 0]])
    context = torch.tensor([[-40.0, 20], [10, 5]])
    # Products: -1000 of (0, 0), 150 of (0, 1), -1200 of (1, 0), 300 of (1, 1).
    words = [torch.tensor([0, 1]), torch.tensor([0, 1]), torch.tensor([[1, 1], [0, 0]])]
    received = submission.run(
        module_gradients,
        "SkipGramNS",
        [2, 2],
        words,
        state={"centre.weight": centre, "context.weight": context},
    )
    assert_tensor(received["output"], torch.tensor((1000.0 + 2 * 150) / 2))
    slopes = torch.stack([2 * context[1] - context[0], torch.zeros(2)]) / 2
    assert_tensor(received["parameters"]["centre.weight"], slopes)
    slopes = torch.stack([-centre[0], 2 * centre[0]]) / 2
    assert_tensor(received["parameters"]["context.weight"], slopes)


@check(
    points=3,
    zh="负样本的频率与 counts 的 0.75 次方成正比，只在正样本以外的词中分配。",
    hint="A word in place of the positive one must be drawn anew, with all chances as before.",
    hint_zh="抽中正样本时，要按原来的概率重新抽一个，不能换成固定的某个词。",
)
def test_negatives_have_their_frequencies(submission, rng):
    """Negatives occur in proportion to counts ** 0.75, among all words but the positive one."""
    counts = torch.tensor([1000, 300, 100, 30, 10, 3, 0])[rng.permutation(7)]
    positive = torch.arange(7).repeat(1500)[rng.permutation(10500)]
    (drawn,), _ = submission.run(draws, positive, 12, counts, [rng.seed()])
    assert_equal((tuple(drawn.shape), drawn.dtype), ((10500, 12), torch.int64))
    assert not torch.equal(drawn, drawn[:, :1].expand(-1, 12)), "one word, twelve times"
    for word in range(7):
        chances = counts.double() ** 0.75
        chances[word] = 0
        expected = chances / chances.sum() * 18000
        seen = drawn[positive == word].flatten().bincount(minlength=7).double()
        possible = expected > 0
        assert_equal(seen[~possible].tolist(), [0.0] * int((~possible).sum()))
        # Chi-square with 4 or 5 degrees of freedom: right draws exceed 100 once in 1e19 runs.
        distance = ((seen - expected).square() / expected)[possible].sum().item()
        assert distance < 100, f"{distance:.0f}"


@check(
    points=1,
    zh="所有随机数都来自给定的 generator：状态相同，抽到的词就相同；torch 的全局随机数不受影响。",
    hint="torch.multinomial, torch.rand and torch.randint all have the argument generator.",
    hint_zh="torch.multinomial、torch.rand 和 torch.randint 都有参数 generator。",
)
def test_negatives_come_from_the_generator(submission, rng):
    """All random numbers come from the generator; the global ones stay as they are."""
    counts, positive, seed = rng.randint(1, 50, (9,)), rng.randint(0, 9, (40,)), rng.seed()
    seeds = [seed, seed + 1, seed]
    (one, two, again), untouched = submission.run(draws, positive, 15, counts, seeds)
    assert_tensor(again, one)
    assert_equal(tuple(two.shape), (40, 15))
    assert not torch.equal(one, two), "two seeds, the same words"
    assert_equal(untouched, expected=True)


@check(
    points=2,
    zh="nearest 对随机的表都正确：余弦从大到小，不含词本身，n 可以很大；不认识的词抛出 KeyError。",
    hint="vocab says which row is whose. Leave word out by its name: another may be just as near.",
    hint_zh="vocab 说明哪一行属于哪个词。要按名字去掉词本身：别的词可能与它一样近。",
)
def test_nearest_in_random_tables(submission, rng):
    """nearest is right for random tables, equal vectors, zeros, and more words than there are."""
    for count, size, n in [(9, 4, 3), (6, 3, 5), (5, 2, 20), (4, 6, 1)]:
        table = rng.randn(count, size, dtype=torch.float64)
        table = table * torch.exp(2 * rng.randn(count, 1, dtype=torch.float64))
        rows = rng.permutation(count).tolist()
        vocab = {f"w{number}": row for number, row in enumerate(rows)}
        word = f"w{count - 1}"
        table[rows[0]] = table[rows[-1]]  # the first word has the very vector of this one
        if count > 5:
            table[rows[2]] = 0
        lengths = table.norm(dim=1)
        products = table @ table[vocab[word]]
        cosines = products / (lengths * lengths[vocab[word]]).clamp(min=1e-30)
        expected = [(name, cosines[row].item()) for name, row in vocab.items() if name != word]
        expected = sorted(expected, key=lambda pair: -pair[1])[:n]
        found = submission.nearest(word, table, vocab, n)
        assert_equal([name for name, _ in found], [name for name, _ in expected])
        assert_close([value for _, value in found], [value for _, value in expected])
    with raises(KeyError):
        submission.nearest("w99", table, vocab, 1)


@check(
    points=3,
    zh="fit_cbow 走的正是 Adam 的步子：每个 epoch 用到每个句子的所有词对，各一次。",
    hint="Mean cross entropy, torch.optim.Adam with lr, made once; pairs of each sentence alone.",
    hint_zh="平均交叉熵；用 lr 创建一次 torch.optim.Adam；词对要在每个句子里分别取。",
)
def test_cbow_takes_the_steps_of_adam(submission, rng):
    """fit_cbow takes the steps of Adam on all pairs of every sentence, each once in an epoch."""
    sentences = [rng.randint(0, 9, (length,)).tolist() for length in (9, 4, 7, 5, 1, 12)]
    lr, seed = 0.02 + 0.03 * rng.rand(1).item(), rng.seed()
    still = {"dim": 5, "w": 2, "epochs": 3, "batch_size": 500, "lr": 0.0, "seed": seed}
    states = submission.run(states_after, "fit_cbow", sentences, 11, [still, still | {"lr": lr}])
    names = {"embedding.weight": (11, 5), "output.weight": (11, 5)}
    for state in states:
        assert_equal({name: tuple(value.shape) for name, value in state.items()}, names)
    pairs = [pair for tokens in sentences for pair in windows(tokens, 2)[0]]
    contexts = torch.tensor([context for context, _ in pairs])
    centres = torch.tensor([centre for _, centre in pairs])
    leaves = [states[0][name].clone().requires_grad_() for name in names]
    optimizer = torch.optim.Adam(leaves, lr=lr)
    for _ in range(3):
        optimizer.zero_grad()
        scores = leaves[0][contexts].mean(1) @ leaves[1].t()
        functional.cross_entropy(scores, centres).backward()
        optimizer.step()
    for name, leaf in zip(names, leaves, strict=True):
        # Where a gradient is nearly 0, Adam makes a step of the rounding: most must agree.
        difference = (states[1][name] - leaf.detach()).abs()
        assert (difference < 0.1 * lr).double().mean().item() > 0.9, name


@check(
    points=2,
    zh="fit_cbow 学会了话题：对没见过的上下文，平均交叉熵不超过 2.3；同一话题的词向量更相近。",
    hint="ln 16 = 2.77 is guessing among all words, ln 8 = 2.08 among those of the right topic.",
    hint_zh="在全部词里瞎猜是 ln 16 = 2.77，在正确话题的词里猜是 ln 8 = 2.08。",
)
def test_cbow_guesses_the_topic(submission, rng):
    """fit_cbow has learned the topics: unseen contexts cost 2.3 at most, vectors gather by 0.4."""
    sentences, names = topics_text(rng, 2, 8, 160)
    options = {"dim": 8, "w": 2, "epochs": 5, "batch_size": 100, "lr": 0.05, "seed": rng.seed()}
    conversation = submission.start(cbow_answers, sentences, 16, options)
    topic = torch.arange(400) % 2
    unseen = names[topic[:, None], rng.randint(0, 8, (400, 5))]
    table, scores = conversation.send(unseen[:, 1:].contiguous())
    loss = functional.cross_entropy(scores, unseen[:, 0]).item()
    assert loss <= 2.3, f"{loss:.2f} for unseen contexts"
    difference = gap(table, names)
    assert difference >= 0.4, f"{difference:.2f} between the mean cosines"


@check(
    points=2,
    zh="种子和设置相同，两种训练的结果就相同，不管之前抽过什么随机数；种子不同，结果就不同。",
    hint="torch.manual_seed(seed) before the model is made; every generator by the same seed.",
    hint_zh="建模型之前调用 torch.manual_seed(seed)；每个发生器也都用同一个 seed。",
)
def test_training_depends_on_the_seed_alone(submission, rng):
    """The same seed and settings, given or left out, give the same vectors, another seed others."""
    sentences, seed = [rng.randint(0, 6, (9,)).tolist() for _ in range(20)], rng.seed()
    cbow = {"dim": 8, "w": 2, "epochs": 5, "batch_size": 256, "lr": 0.05}
    for name, settings in [("fit_cbow", cbow), ("fit_skipgram", cbow | {"k": 5})]:
        runs = [settings | {"seed": 0}, {"seed": 1 + seed}, {}]
        first, other, again = submission.run(states_after, name, sentences, 6, runs)
        for key, value in first.items():
            assert_tensor(again[key], value)
            assert not torch.allclose(other[key], value, rtol=0.01, atol=0.001)


@check(
    points=4,
    zh="skip-gram 的训练没有多花时间，而且词向量找出了话题。",
    hint="Make the pairs once, draw the negatives of a batch at once, and hand whole batches over.",
    hint_zh="词对只做一次，一批的负样本一次抽完，整批交给模型。",
)
def test_skipgram_is_quick_and_finds_the_topics(timed, rng):
    """Training skip-gram takes no longer than it has to, and its vectors find the topics."""
    for run in timed:
        sentences, names = topics_text(rng, 3, 6, 180)
        options = {"dim": 8, "w": 2, "k": 5, "epochs": 5, "batch_size": 512, "lr": 0.05}
        options["seed"] = rng.seed()
        table = run.submission.run(skipgram_vectors, sentences, 18, options)
        run.samples = 5 * sum(len(windows(tokens, 2)[1]) for tokens in sentences)
        assert_equal(tuple(table.shape), (18, 8))
        difference = gap(table, names)
        assert difference >= 0.4, f"{difference:.2f} between the mean cosines"
