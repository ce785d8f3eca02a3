"""Hidden checks of ex45_checkpoint: hostile files, other devices, lost bits, a full disk."""

import contextlib
import pickle
import resource
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

from grader.checks import assert_equal, assert_tensor, check, probe


@probe
def layer(weight):
    """Return a linear layer without bias that has this weight, on the CPU."""
    model = nn.Linear(*weight.t().shape, bias=False).to(weight.dtype)
    model.load_state_dict({"weight": weight})
    return model


@probe
def trainer(weight, lr):
    """Return a layer, Adam, and a scheduler."""
    model = layer(weight)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    return model, optimizer, torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=7)


@probe
def entries(model, optimizer, scheduler, epoch):
    """Return what stands in a checkpoint."""
    return {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "scheduler": scheduler.state_dict(),
        "epoch": epoch,
        "rng": torch.get_rng_state(),
    }


@probe
def trap():
    """Return an object that makes a folder `sprung` when a file with it is loaded by pickle."""

    class Trap:
        def __reduce__(self):
            return Path.mkdir, (Path("sprung"),)

    return Trap()


@probe
def spring(load, *arguments):
    """Load a hostile file; return whether its code ran, and whether the file was refused."""
    refused = False
    with contextlib.suppress(Exception):  # of any other kind: too late, or for another reason
        try:
            load(*arguments)
        except pickle.UnpicklingError:
            refused = True
    return Path("sprung").exists(), refused


@probe
def hostile_weights(student, weight, device):
    """Have load_weights open a file that contains a trap."""
    torch.save({"weight": weight, "extra": trap()}, "weights.pt")
    return spring(student.load_weights, layer(weight), "weights.pt", device)


@probe
def hostile_checkpoint(student, weight):
    """Have resume open a file that contains a trap beside all that it should."""
    everything = trainer(weight, 0.1)
    torch.save(entries(*everything, 3) | {"extra": trap()}, "checkpoint.pt")
    return spring(student.resume, "checkpoint.pt", *everything)


@probe
def save_elsewhere(thing, path):
    """Write a file as a machine with eight graphics cards would, from its last one."""
    tag = torch.serialization.location_tag
    torch.serialization.location_tag = lambda _storage: "cuda:7"
    try:
        torch.save(thing, path)
    finally:
        torch.serialization.location_tag = tag


@probe
def weights_from_elsewhere(student, weight, other):
    """Return the weight that load_weights finds in a file made on a graphics card."""
    save_elsewhere({"weight": weight}, "weights.pt")
    model = layer(other)
    student.load_weights(model, "weights.pt", "cpu")
    return model.weight


@probe
def training_from_elsewhere(student, weight, other):
    """Return epoch, weight and momentum that resume finds in a file made on a graphics card."""
    model, optimizer, scheduler = trainer(weight, 0.1)
    model.weight.grad = weight.clone()
    optimizer.step()
    with torch.no_grad():
        model.weight.copy_(weight)
    save_elsewhere(entries(model, optimizer, scheduler, 5), "checkpoint.pt")
    model, optimizer, scheduler = trainer(other, 0.1)
    epoch = student.resume("checkpoint.pt", model, optimizer, scheduler)
    return epoch, model.weight, optimizer.state[model.weight].get("exp_avg")


@probe
def devices_after_loading(student, weight, device):
    """Return the devices of all tensors of a model after load_weights, which began on the CPU."""
    model = nn.Sequential(layer(weight), nn.BatchNorm1d(len(weight)))
    torch.save(model.state_dict(), "weights.pt")
    student.load_weights(model, "weights.pt", device)
    return [value.device.type for value in model.state_dict().values()]


@probe
def whole_from_elsewhere(student, weight):
    """Return what load_whole_trusted finds out about a model that save_whole wrote elsewhere."""
    model = nn.Sequential(nn.Dropout(0.5), layer(weight), nn.Sequential(nn.Tanh(), nn.Dropout(0.5)))
    model[2].eval()
    model[1].requires_grad_(requires_grad=False)
    tag = torch.serialization.location_tag
    torch.serialization.location_tag = lambda _storage: "cuda:7"
    try:
        student.save_whole(model, Path("whole.pt"))
    finally:
        torch.serialization.location_tag = tag
    with torch.no_grad():
        model[1].weight.zero_()
    found = student.load_whole_trusted(Path("whole.pt"))
    modes = [module.training for module in found.modules()]
    return found[1].weight, found[1].weight.requires_grad, modes, str(found) == str(model)


@probe
def noisy_trainer(seed):
    """Return a network with BatchNorm and Dropout, Adam, and a scheduler, all from this seed."""
    torch.manual_seed(seed)
    model = nn.Sequential(
        nn.Linear(5, 6), nn.BatchNorm1d(6), nn.Dropout(0.4), nn.Linear(6, 3)
    ).double()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05, weight_decay=0.01)
    return model, optimizer, torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=7)


@probe
def train_noisily(model, optimizer, scheduler, x, y, epochs):
    """Train in shuffled batches of 4."""
    for _ in range(epochs):
        for places in torch.randperm(len(x)).split(4):
            loss = functional.cross_entropy(model(x[places]), y[places])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        scheduler.step()


@probe
def straight_and_resumed(student, x, y, seeds, epochs):
    """Return the states of training in one go and of training that was resumed, and the epoch."""
    before, after = epochs
    everything = noisy_trainer(seeds[0])
    train_noisily(*everything, x, y, before)
    student.save_checkpoint(Path("checkpoint.pt"), *everything, before)
    train_noisily(*everything, x, y, after)
    straight = everything[0].state_dict()
    everything = noisy_trainer(seeds[1])
    train_noisily(*everything, x, y, 1)
    epoch = student.resume(Path("checkpoint.pt"), *everything)
    train_noisily(*everything, x, y, after)
    return straight, everything[0].state_dict(), epoch


@probe
def bytes_around_failures(student, weight):
    """Return the bytes of a checkpoint, and again after each save that fails, and the errors."""

    class Unwritable:
        def state_dict(self):
            return {"last_epoch": 4, "function": lambda: 0}  # pickle refuses such a function

    model, optimizer, scheduler = trainer(weight, 0.1)
    path = Path("checkpoint.pt")
    student.save_checkpoint(path, model, optimizer, scheduler, 1)
    files, errors = [path.read_bytes()], 0
    limit, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    for scheduler_now, room in ((Unwritable(), limit), (scheduler, 2000)):
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, most))
        errors += 1
        with contextlib.suppress(Exception):
            student.save_checkpoint(path, model, optimizer, scheduler_now, 2)
            errors -= 1
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, most))
        files.append(path.read_bytes())
    return files, errors


@probe
def folder_after_saving(student, weight):
    """Return the names in a folder after two checkpoints at one path, and the epoch in it."""
    folder = Path("run")
    folder.mkdir(exist_ok=True)
    everything = trainer(weight, 0.1)
    for epoch in (1, 2):
        student.save_checkpoint(str(folder / "last.pt"), *everything, epoch)
    names = [path.name for path in folder.iterdir()]
    return names, torch.load(folder / "last.pt")["epoch"]


@probe
def resume_from_other_files(student, weight, other):
    """Resume from files that hold no checkpoint; return what was refused, and all that is left."""
    whole = entries(*trainer(weight, 0.1), 4)
    files = [{key: value for key, value in whole.items() if key != left} for left in whole]
    files += [whole["model"], [whole]]
    everything = trainer(other, 0.3)
    torch.manual_seed(1)
    before = torch.get_rng_state()
    refused = 0
    for thing in files:
        torch.save(thing, "other.pt")
        try:
            student.resume("other.pt", *everything)
        except ValueError:
            refused += 1
    model, optimizer, _ = everything
    rates = [group["lr"] for group in optimizer.param_groups]
    return refused, model.weight, rates, torch.equal(torch.get_rng_state(), before)


@probe
def snapshot_of_many_kinds(student, weight):
    """Return a snapshot and the state, after each was changed, and what the snapshot requires."""
    model = nn.Sequential(layer(weight), nn.BatchNorm1d(len(weight)))
    first = {name: value.clone() for name, value in model.state_dict().items()}
    copy = student.snapshot(model)
    requires = [value.requires_grad for value in copy.values()]
    with torch.no_grad():
        for value in model.state_dict().values():
            value.add_(1)
    kept = {name: value.clone() for name, value in copy.items()}
    state = {name: value.clone() for name, value in model.state_dict().items()}
    for value in copy.values():
        value.zero_()
    return first, kept, state, model.state_dict(), requires


def assert_state(actual, expected):
    """Compare two states, tensor by tensor, to the last bit."""
    assert_equal(sorted(actual), sorted(expected))
    for name, value in expected.items():
        assert_tensor(actual[name], value, rtol=0, atol=0)


@check(
    points=2,
    zh="load_weights 拒绝会运行代码的文件（pickle.UnpicklingError），代码也没有运行。",
    hint="torch.load runs no code of a file, unless it is told that the file can be trusted.",
    hint_zh="torch.load 不会运行文件里的代码，除非你告诉它这个文件可信。",
)
def test_load_weights_runs_no_code(submission, rng, device):
    """load_weights refuses a file that would run code: pickle.UnpicklingError, and none runs."""
    ran, refused = submission.run(hostile_weights, rng.randn(3, 5), device)
    assert_equal([ran, refused], [False, True])


@check(
    points=2,
    zh="resume 拒绝会运行代码的文件（pickle.UnpicklingError），代码也没有运行。",
    hint="A checkpoint holds numbers, dicts and tensors: nothing for which a file must be trusted.",
    hint_zh="检查点里只有数、字典和张量，根本不需要信任文件。",
)
def test_resume_runs_no_code(submission, rng):
    """Resume refuses a file that would run code: pickle.UnpicklingError, and none runs."""
    ran, refused = submission.on("cpu").run(hostile_checkpoint, rng.randn(3, 5))
    assert_equal([ran, refused], [False, True])


@check(
    points=1,
    zh="在显卡上存的权重，load_weights 在没有这块显卡的机器上也能读。",
    hint="A file remembers the device of each tensor. Which argument of torch.load says another?",
    hint_zh="文件记着每个张量所在的设备。torch.load 的哪个参数可以指定别的设备？",
)
def test_weights_of_another_machine(submission, rng):
    """load_weights reads on the CPU what was saved on a graphics card that is not here."""
    weight, other = rng.randn(2, 3, 5)
    loaded = submission.on("cpu").run(weights_from_elsewhere, weight, other)
    assert_tensor(loaded, weight, rtol=0, atol=0)


@check(
    points=1,
    zh="在显卡上存的检查点，没有这块显卡也能用 resume 恢复：epoch、权重和动量。",
    hint="Load to the CPU: load_state_dict brings each tensor to where it belongs.",
    hint_zh="先读到 CPU：load_state_dict 会把每个张量放到该去的地方。",
)
def test_checkpoint_of_another_machine(submission, rng):
    """Resume restores epoch, weight and momentum of a checkpoint from a graphics card not here."""
    weight, other = rng.randn(2, 3, 5, dtype=torch.float64)
    epoch, loaded, momentum = submission.on("cpu").run(training_from_elsewhere, weight, other)
    assert_equal(epoch, 5)
    assert_tensor(loaded, weight, rtol=0, atol=0)
    assert_tensor(momentum, 0.1 * weight)


@check(
    points=1,
    zh="load_weights 之后，模型的每个张量都在指定的设备上。",
    hint="load_state_dict copies values into the tensors that are there; it moves no model.",
    hint_zh="load_state_dict 只把数值复制进已有的张量，并不移动模型。",
)
def test_loading_moves_the_model(submission, rng, other_device):
    """After load_weights every tensor of the model is on the device that was asked for."""
    devices = submission.on("cpu").run(devices_after_loading, rng.randn(3, 5), other_device)
    assert_equal(devices, [other_device] * 6)


@check(
    points=1,
    zh="load_whole_trusted 恢复结构、各模块的模式、冻结的参数和数值，都放在 CPU 上。",
    hint="The file may come from a graphics card, and the model is wanted on the CPU.",
    hint_zh="文件可能来自显卡，而模型要放到 CPU 上。",
)
def test_whole_model_of_another_machine(submission, rng):
    """load_whole_trusted brings structure, modes, frozen parameters and values to the CPU."""
    weight = rng.randn(3, 5)
    arguments = submission.on("cpu").run(whole_from_elsewhere, weight)
    loaded, learns, modes, same = arguments
    assert_tensor(loaded, weight, rtol=0, atol=0)
    assert_equal([learns, same], [False, True])
    assert_equal(modes, [True, True, True, False, False, False])


@check(
    points=3,
    zh="恢复之后的训练与不间断的训练逐位相同，包括 Dropout、打乱、BatchNorm 与 Adam。",
    hint="Shuffling and Dropout draw random numbers, and these go on from a state as well.",
    hint_zh="打乱和 Dropout 都要抽随机数，而随机数也是从某个状态接着往下产生的。",
)
def test_resumed_training_is_the_same_to_the_last_bit(submission, rng):
    """Resumed training equals uninterrupted training to the last bit, with all that is random."""
    x, y = rng.randn(10, 5, dtype=torch.float64), rng.randint(0, 3, (10,))
    seeds, epochs = [rng.integer(0, 1000), rng.integer(1000, 2000)], [rng.integer(2, 5), 2]
    straight, resumed, epoch = submission.on("cpu").run(straight_and_resumed, x, y, seeds, epochs)
    assert_equal(epoch, epochs[0])
    assert_state(resumed, straight)


@check(
    points=2,
    zh="存盘失败（磁盘满，或有无法存的东西）时抛出异常，原来的文件一个字节也不变。",
    hint="Opening the old file for writing empties it. When is it safe to replace it?",
    hint_zh="以写方式打开旧文件，它立刻就被清空。什么时候替换它才是安全的？",
)
def test_failing_leaves_the_old_file(submission, rng):
    """A save that fails, on a full disk too, raises and leaves each byte of the old file."""
    files, errors = submission.on("cpu").run(bytes_around_failures, rng.randn(30, 50))
    assert_equal(errors, 2)
    assert len(files[0]) > 2000
    assert files[1] == files[0], "the old file has changed"
    assert files[2] == files[0], "the old file has changed"


@check(
    points=1,
    zh="再次存盘会替换旧的检查点，文件夹里不留下别的文件。",
    hint="What was only needed on the way has to be gone when all is well.",
    hint_zh="中途用到的文件，成功之后不应该还留着。",
)
def test_saving_leaves_one_file(submission, rng):
    """A second checkpoint at the same path replaces the first and leaves no other file."""
    names, epoch = submission.on("cpu").run(folder_after_saving, rng.randn(3, 5))
    assert_equal(names, ["last.pt"])
    assert_equal(epoch, 2)


@check(
    points=2,
    zh="文件缺少五项中的任何一项时，resume 抛出 ValueError，什么都不改变。",
    hint="Look for all five before you load the first.",
    hint_zh="先确认五项都在，再恢复第一项。",
)
def test_resume_refuses_what_is_no_checkpoint(submission, rng):
    """Resume raises ValueError for a file without all five entries, and changes nothing."""
    weight, other = rng.randn(2, 3, 5)
    arguments = submission.on("cpu").run(resume_from_other_files, weight, other)
    refused, left, rates, same_random_numbers = arguments
    assert_equal(refused, 7)
    assert_tensor(left, other, rtol=0, atol=0)
    assert_equal(rates, [0.3])
    assert_equal(same_random_numbers, expected=True)


@check(
    points=1,
    zh="快照有全部参数和缓冲区，不需要梯度；它与模型，谁改变都不影响对方。",
    hint="Buffers belong to the state too, also those that hold integers.",
    hint_zh="缓冲区也属于状态，包括存整数的缓冲区。",
)
def test_snapshot_is_a_copy_of_everything(submission, rng):
    """A snapshot has all parameters and buffers, needs no gradients, and shares nothing."""
    weight = rng.randn(3, 5)
    arguments = submission.on("cpu").run(snapshot_of_many_kinds, weight)
    first, kept, state, after, requires = arguments
    assert_state(kept, first)
    assert_state(after, state)
    assert_equal(requires, [False] * 6)
