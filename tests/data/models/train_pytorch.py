"""Trains the PyTorch digits model of the tests and exports it: `python train_pytorch.py`.

Run by hand, where torch 2.13, onnxscript and scikit-learn are installed; what it writes is kept
beside it, so that the tests can compare ONNX Runtime's labels with PyTorch's own.
"""

import json
from pathlib import Path

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn

_HERE = Path(__file__).parent


def main() -> None:
    """Write digits_pytorch.onnx and digits_pytorch.json."""
    torch.manual_seed(0)
    images, labels = load_digits(return_X_y=True)
    held_out = np.arange(len(labels)) % 4 == 0
    pixels = torch.tensor(images / 16, dtype=torch.float32).reshape(-1, 1, 8, 8)
    wanted = torch.tensor(labels)
    model = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(8, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Dropout(0.2),
        nn.Linear(256, 10),
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
    train = torch.tensor(~held_out)
    for _ in range(60):
        for rows in torch.randperm(int(train.sum())).split(64):
            loss = nn.functional.cross_entropy(model(pixels[train][rows]), wanted[train][rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        found = model(pixels[torch.tensor(held_out)]).argmax(1).numpy()
    torch.onnx.export(
        model,
        (pixels[:2],),
        _HERE / "digits_pytorch.onnx",
        input_names=["image"],
        output_names=["scores"],
        dynamic_shapes=({0: torch.export.Dim("batch")},),
        external_data=False,
    )
    accuracy = float((found == labels[held_out]).mean())
    about = {"accuracy": round(accuracy, 4), "labels": found.tolist()}
    (_HERE / "digits_pytorch.json").write_text(json.dumps(about) + "\n")


if __name__ == "__main__":
    main()
