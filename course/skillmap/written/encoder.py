"""Vectors of sentences, by the small encoder where onnxruntime is installed."""

from __future__ import annotations

from functools import cache
from importlib.resources import as_file, files
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

from skillmap.written.wordpiece import WordPiece

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from skillmap.written.words import Sentence

    Floats = NDArray[np.float32]

__all__ = ["WINDOW", "Encoder", "encoder", "layout"]

WINDOW = 254
"""Tokens that are read together, without the two marks; the encoder was made for 256."""


class Encoder:
    """Reads text with an ONNX model: token ids and a mask in, a state for each token out."""

    def __init__(self, session: Any, cutter: WordPiece) -> None:
        self._session, self._cutter = session, cutter

    def answer(self, parts: Sequence[Sentence]) -> Floats:
        """Return one vector of length 1 for each sentence, read in the light of its neighbors."""
        tokens = [self._cutter.ids(part.text)[:WINDOW] or [self._cutter.unknown] for part in parts]
        vectors = np.zeros((len(parts), 384), dtype=np.float32)
        for window in layout([len(t) for t in tokens]):
            ids = [self._cutter.first, *(i for n in window for i in tokens[n]), self._cutter.last]
            states = self._states([ids])[0]
            start = 1
            for n in window:
                end = start + len(tokens[n])
                vectors[n] = states[start:end].mean(axis=0)
                start = end
        return _unit(vectors)

    def texts(self, texts: Sequence[str]) -> Floats:
        """Return one vector of length 1 for each text, each read on its own."""
        found = []
        for text in texts:
            ids = [self._cutter.first, *self._cutter.ids(text)[:WINDOW], self._cutter.last]
            states = self._states([ids])[0]
            found.append(states[1:-1].mean(axis=0) if len(ids) > 2 else states.mean(axis=0))
        return _unit(np.asarray(found, dtype=np.float32))

    def _states(self, ids: list[list[int]]) -> Floats:
        batch = np.asarray(ids, dtype=np.int64)
        states: Floats = self._session.run(None, {"ids": batch, "mask": np.ones_like(batch)})[0]
        return states


def layout(lengths: Sequence[int]) -> list[list[int]]:
    """Group neighbors into windows of at most ``WINDOW`` tokens.

    >>> layout([100, 100, 100, 20])
    [[0, 1], [2, 3]]
    """
    windows: list[list[int]] = []
    room = 0
    for n, length in enumerate(lengths):
        if not windows or length > room:
            windows.append([])
            room = WINDOW
        windows[-1].append(n)
        room -= length
    return windows


def _unit(vectors: Floats) -> Floats:
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Floats = vectors / np.maximum(norms, 1e-9)
    return unit


@cache
def encoder() -> Encoder | None:
    """Return the encoder, or ``None`` where onnxruntime or the weights are missing."""
    data = files("skillmap.written").joinpath("data")
    if find_spec("onnxruntime") is None or not data.joinpath("model.onnx").is_file():
        return None
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        with as_file(data.joinpath("model.onnx")) as path:
            session = onnxruntime.InferenceSession(
                str(path), options, providers=["CPUExecutionProvider"]
            )
    except Exception:  # weights that cannot be read: the lexical measures still can be taken
        return None
    words = data.joinpath("vocab.txt").read_text(encoding="utf-8").split("\n")
    return Encoder(session, WordPiece(word for word in words if word))
