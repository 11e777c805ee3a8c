"""Whole training runs, from one seed: the same losses and parameters as torch's, step for step."""

import numpy as np
import pytest

import pullback

torch = pytest.importorskip("torch", reason="torch is not installed, nothing to compare with")


def _mlp(nn):
    return nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.BatchNorm1d(16), nn.Linear(16, 4))


def _cnn(nn):
    return nn.Sequential(
        nn.Unflatten(1, (1, 8, 8)),
        nn.Conv2d(1, 4, 3, padding=1, bias=False),  # a bias would have no gradient but noise
        nn.BatchNorm2d(4),
        nn.GELU(),
        nn.MaxPool2d(2),
        nn.Conv2d(4, 8, 3, padding=1, groups=2),
        nn.SiLU(),
        nn.AdaptiveAvgPool2d(2),
        nn.Flatten(),
        nn.LayerNorm(32),
        nn.Linear(32, 4),
    )


CASES = [
    (_mlp, 8, lambda o, p: o.SGD(p, lr=0.1, momentum=0.9, nesterov=True, weight_decay=1e-3)),
    (_mlp, 8, lambda o, p: o.AdamW(p, lr=0.01)),
    (_cnn, 64, lambda o, p: o.Adam(p, lr=0.01)),
]


def _train(lib, build, width, make, epochs=3):
    rng = np.random.default_rng(0)
    images, labels = rng.standard_normal((50, width)).astype(np.float32), rng.integers(0, 4, 50)
    lib.manual_seed(1)
    model = build(lib.nn)
    optimizer = make(lib.optim, model.parameters())
    schedule = lib.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
    dataset = lib.utils.data.TensorDataset(lib.from_numpy(images), lib.from_numpy(labels))
    criterion = lib.nn.CrossEntropyLoss(label_smoothing=0.1)
    losses = []
    for _ in range(epochs):
        for batch, target in lib.utils.data.DataLoader(dataset, batch_size=16, shuffle=True):
            optimizer.zero_grad()
            loss = criterion(model(batch), target)
            loss.backward()
            lib.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            losses.append(loss.item())
        schedule.step()
    model.eval()
    with lib.no_grad():
        scores = model(lib.from_numpy(images))
    return losses, scores.numpy(), [t.numpy() for t in model.state_dict().values()]


@pytest.mark.parametrize(("build", "width", "make"), CASES)
def test_runs_agree(build, width, make):
    ours, theirs = _train(pullback, build, width, make), _train(torch, build, width, make)
    np.testing.assert_allclose(ours[0], theirs[0], rtol=2e-4, atol=2e-5)
    np.testing.assert_allclose(ours[1], theirs[1], rtol=5e-3, atol=5e-3)
    for a, b in zip(ours[2], theirs[2], strict=True):
        np.testing.assert_allclose(a, b, rtol=5e-3, atol=2e-3)


def test_dropout_and_embedding_draw_alike():
    def run(lib):
        lib.manual_seed(3)
        nn = lib.nn
        model = nn.Sequential(nn.Embedding(10, 6, padding_idx=0), nn.Dropout(0.3), nn.Flatten(), nn.Linear(24, 2))
        loss = model(lib.tensor([[1, 2, 0, 3], [4, 5, 6, 0]])).pow(2).sum()
        loss.backward()
        return [loss.detach().numpy(), *[p.grad.numpy() for p in model.parameters()]]

    for a, b in zip(run(pullback), run(torch), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
