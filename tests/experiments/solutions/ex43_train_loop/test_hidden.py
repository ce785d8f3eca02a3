"""Hidden checks of ex43_train_loop: exact weights, the device, and what was really learned."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from grader.checks import assert_equal, assert_tensor, check, probe


@probe
def state_after_one_epoch(student, state, x, y, lr, device):
    """Return the state of a BatchNorm network after train_one_epoch on batches of 4."""
    model = nn.Sequential(nn.Linear(5, 7), nn.BatchNorm1d(7), nn.Linear(7, 3)).double()
    model.load_state_dict(state)
    model.eval()
    optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9)
    loader = DataLoader(TensorDataset(x, y), batch_size=4)
    student.train_one_epoch(model, loader, nn.CrossEntropyLoss(), optimizer, device)
    return dict(model.state_dict())


@probe
def devices_of_the_criterion(student, x, y, device):
    """Return the device types of output and target; the loss itself stays on the CPU."""
    seen = []

    def criterion(output, target):
        seen.append([output.device.type, target.device.type])
        return torch.zeros((), requires_grad=True)

    model = nn.Linear(x.shape[1], 3)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    loader = DataLoader(TensorDataset(x, y), batch_size=4)
    student.train_one_epoch(model, loader, criterion, optimizer, device)
    return seen


@probe
def fit_then_predict(student, x, y, seed, device):
    """Train an MLP, then return its scores for inputs that are sent only then."""
    torch.manual_seed(seed)
    model = student.MLP(x.shape[1], 32, 10)
    loader = DataLoader(TensorDataset(x, y), batch_size=32, shuffle=True)
    student.fit(model, {"train": loader}, 5, 0.1, device)
    model.eval()
    inputs = yield None
    with torch.no_grad():
        return model(inputs)


@check(
    points=4,
    zh="一个 epoch 后的权重与参考循环完全一致。",
    hint="model.train(), zero_grad, backward, step: each once per batch, or once before them.",
    hint_zh="model.train()、zero_grad、backward、step 缺一不可，顺序也要对。",
)
def test_one_epoch_leaves_the_weights_of_the_reference_loop(submission, rng, device):
    """One epoch leaves exactly the weights of a loop that takes the same batches in that order."""
    model = nn.Sequential(nn.Linear(5, 7), nn.BatchNorm1d(7), nn.Linear(7, 3)).double()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(rng.randn(*parameter.shape, dtype=torch.float64))
    state = {name: value.clone() for name, value in model.state_dict().items()}
    x, y = rng.randn(14, 5, dtype=torch.float64), rng.randint(0, 3, (14,))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    for batch_x, batch_y in zip(x.split(4), y.split(4), strict=True):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(batch_x), batch_y).backward()
        optimizer.step()
    trained = submission.run(state_after_one_epoch, state, x, y, 0.1, device)
    for name, expected in model.state_dict().items():
        assert_tensor(trained[name], expected)


@check(
    points=1,
    zh="模型与每个批次都移到指定的设备上。",
    hint="x.to(device) returns the moved tensor; it does not move x.",
    hint_zh="x.to(device) 返回移动后的张量，x 本身不动。",
)
def test_model_and_batches_move_to_the_device(submission, rng, other_device):
    """The model and every batch are moved to the device that is asked for."""
    x, y = rng.randn(6, 5), rng.randint(0, 3, (6,))
    devices = submission.on("cpu").run(devices_of_the_criterion, x, y, other_device)
    assert_equal(devices, [[other_device, other_device]] * 2)


@check(
    points=4,
    zh="训练 5 个 epoch 后，在从未见过的图像上准确率不低于 93%。",
    hint="Does the loss of each epoch fall? Train on every batch of loaders['train'].",
    hint_zh="每个 epoch 的损失在下降吗？要在 loaders['train'] 的每一批上训练。",
)
def test_fit_learns_to_read_unseen_pictures(submission, rng, device):
    """After 5 epochs the model reads at least 93 % of pictures that it has never seen."""
    prototypes = rng.randn(10, 64)
    labels = rng.randint(0, 10, (1200,))
    pictures = prototypes[labels] + 1.5 * rng.randn(1200, 64)
    training = submission.start(fit_then_predict, pictures[:800], labels[:800], rng.seed(), device)
    scores = training.send(pictures[800:])
    accuracy = (scores.argmax(1) == labels[800:]).double().mean().item()
    assert accuracy >= 0.93, f"accuracy {accuracy:.3f} on unseen pictures"
