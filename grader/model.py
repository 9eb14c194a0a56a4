"""What is trained: the encoder, and a head that finds each criterion's evidence and levels it.

The head, for one criterion with its five texts (three levels, a strong and a weak sentence):

1. cosines of every sentence of the answer with the five texts;
2. a weight for each sentence, from those cosines and a query of the criterion's own;
3. the weighted sentence as evidence, compared with the texts by a small network;
4. for criteria seen in training, weights of their own on the evidence and on the whole answer.

It gives two numbers, the log odds of level 1 or more and of level 2. ``skillmap.written.head``
does the same in NumPy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from grader.minilm import HIDDEN, Encoder
from torch import Tensor, nn

from skillmap.written.encoder import layout
from skillmap.written.words import sentences

if TYPE_CHECKING:
    from collections.abc import Sequence

    from skillmap.written.wordpiece import WordPiece

TEXTS = 5
INNER = 64


class Head(nn.Module):
    """Levels from vectors; ``criteria`` is how many have weights of their own."""

    def __init__(self, criteria: int) -> None:
        super().__init__()
        self.mix = nn.Parameter(torch.tensor([0.0, 0.3, 0.5, 0.7, 0.0]))
        self.heat = nn.Parameter(torch.tensor(2.5))
        self.up = nn.Linear(4 * HIDDEN + 3 * TEXTS + 2, INNER)
        self.down = nn.Linear(INNER, 2)
        self.drop = nn.Dropout(0.35)
        self.query = nn.Parameter(torch.zeros(criteria, HIDDEN))
        self.own = nn.Parameter(torch.zeros(criteria, 2, 2 * HIDDEN))
        self.base = nn.Parameter(torch.zeros(criteria, 2))

    def forward(self, parts: Tensor, texts: Tensor, known: Tensor, use: Tensor) -> Tensor:
        """Return (criteria, 2) log odds for one answer.

        ``parts`` is (sentences, 384), ``texts`` (criteria, 5, 384), ``known`` the criteria's
        numbers, and ``use`` 1 where their own weights count, else 0.
        """
        cosines = torch.einsum("sd,ckd->csk", parts, texts)
        use = use[:, None]
        pull = self.heat.exp() * (cosines @ self.mix)
        pull = pull + use * (self.query[known] @ parts.T)
        evidence = pull.softmax(-1) @ parts
        whole = parts.mean(0).expand_as(evidence)
        length = torch.full((len(texts), 1), len(parts) / 10.0).clamp(max=3.0)
        spread = torch.cat(
            [
                cosines.amax(1),
                cosines.mean(1),
                torch.einsum("cd,ckd->ck", evidence, texts),
                length,
                torch.log1p(length),
            ],
            -1,
        )
        x = torch.cat(
            [
                evidence * texts[:, 2] * 10,
                evidence * texts[:, 3] * 10,
                evidence * (texts[:, 3] - texts[:, 4]) * 10,
                evidence * 3,
                spread,
            ],
            -1,
        )
        general = self.down(self.drop(torch.nn.functional.gelu(self.up(self.drop(x)))))
        seen = torch.cat([evidence, whole], -1)
        special = torch.einsum("cod,cd->co", self.own[known], seen) * 3 + self.base[known]
        return general + use * special


class Tokens:
    """One answer cut into windows: token ids, and where each sentence stands in them."""

    def __init__(self, text: str, cutter: WordPiece) -> None:
        parts = [cutter.ids(s.text)[:254] or [cutter.unknown] for s in sentences(text)]
        parts = parts or [[cutter.unknown]]
        self.windows: list[list[int]] = []
        self.spans: list[list[tuple[int, int]]] = []
        for window in layout([len(p) for p in parts]):
            ids, spans = [cutter.first], []
            for n in window:
                spans.append((len(ids), len(ids) + len(parts[n])))
                ids += parts[n]
            self.windows.append([*ids, cutter.last])
            self.spans.append(spans)

    @property
    def length(self) -> int:
        """Tokens in all windows."""
        return sum(map(len, self.windows))


def whole_text(text: str, cutter: WordPiece) -> Tokens:
    """Return a text read as one sentence, as criteria are."""
    tokens = Tokens("", cutter)
    ids = cutter.ids(text)[:254]
    tokens.windows = [[cutter.first, *ids, cutter.last]]
    tokens.spans = [[(1, 1 + len(ids))]]
    return tokens


class Reader:
    """Reads texts with the encoder; layers below ``frozen`` run once and are remembered."""

    def __init__(self, encoder: Encoder, frozen: int) -> None:
        self.encoder, self.frozen = encoder, frozen
        self._lower: dict[tuple[int, ...], Tensor] = {}

    def vectors(self, texts: Sequence[Tokens]) -> list[Tensor]:
        """Return the unit vectors of every text's sentences, read in one batch."""
        windows = [tuple(ids) for text in texts for ids in text.windows]
        for window in windows:
            if window not in self._lower:
                self._lower[window] = self._below(window)
        longest = max(map(len, windows))
        states = torch.zeros(len(windows), longest, HIDDEN)
        mask = torch.zeros(len(windows), longest, dtype=torch.long)
        for n, window in enumerate(windows):
            states[n, : len(window)] = self._lower[window]
            mask[n, : len(window)] = 1
        states = self.encoder.upper(states, mask, self.frozen).float()
        found, n = [], 0
        for text in texts:
            rows = []
            for spans in text.spans:
                rows += [states[n, low:high].mean(0) for low, high in spans]
                n += 1
            found.append(nn.functional.normalize(torch.stack(rows), dim=-1))
        return found

    @torch.no_grad()
    def _below(self, window: tuple[int, ...]) -> Tensor:
        training = self.encoder.training
        self.encoder.eval()
        ids = torch.tensor([window])
        states: Tensor = self.encoder.lower(ids, torch.ones_like(ids), self.frozen)[0].float()
        self.encoder.train(training)
        return states
