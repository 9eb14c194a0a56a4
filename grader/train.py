"""Train the grader of written answers. See README.md; needs torch, an hour and no GPU."""

from __future__ import annotations

import argparse
import random
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from grader.compose import COMPOSED, composed
from grader.fit import kappa
from grader.labelled import HERE, Labelled, load, near_duplicates, training
from grader.minilm import LAYERS, Encoder, export, pretrained
from grader.model import Head, Reader, Tokens, whole_text
from torch import Tensor, nn

from skillmap.bank import question
from skillmap.written.head import fingerprint
from skillmap.written.rubric import criterion_texts
from skillmap.written.wordpiece import WordPiece

SEED = 20_261
"""Every draw of the training follows from it."""


class Data:
    """Answers and rubrics as tokens, and labels as shares of readers."""

    def __init__(self, answers: list[Labelled], cutter: WordPiece) -> None:
        self.answers = answers
        self.tokens = {a.id: Tokens(a.text, cutter) for a in answers}
        self.rubrics = {id_: question(id_) for id_ in sorted({a.question for a in answers})}
        self.texts = {
            id_: [whole_text(t, cutter) for c in q.criteria for t in criterion_texts(c)]
            for id_, q in self.rubrics.items()
        }
        self.number: dict[str, list[int]] = {}
        count = 0
        for id_, q in self.rubrics.items():
            self.number[id_] = list(range(count, count + len(q.criteria)))
            count += len(q.criteria)
        self.criteria = count

    def targets(self, answer: Labelled) -> Tensor:
        """Return (criteria, 2): the shares of readers who saw level 1 or more, and level 2."""
        return torch.tensor([answer.reached(c.id) for c in self.rubrics[answer.question].criteria])

    def gold(self, answer: Labelled) -> list[int]:
        """Return the level to compare with, by criterion."""
        return [answer.gold(c.id) for c in self.rubrics[answer.question].criteria]


def expected(logits: Tensor) -> np.ndarray:
    """Return the expected level, 0 to 2."""
    p = torch.sigmoid(logits)
    return (p[..., 0] + torch.minimum(p[..., 0], p[..., 1])).detach().numpy()


@torch.no_grad()
def measure(
    reader: Reader, head: Head, data: Data, answers: list[Labelled], own: float
) -> tuple[float, float, float]:
    """Return QWK over all levels, the mean QWK by question, and exact agreement."""
    reader.encoder.eval()
    head.eval()
    by_question: dict[str, tuple[list[int], list[int]]] = {}
    for id_ in sorted({a.question for a in answers}):
        here = [a for a in answers if a.question == id_]
        texts = torch.cat(reader.vectors(data.texts[id_])).view(-1, 5, 384)
        known = torch.tensor(data.number[id_])
        gold, found = [], []
        for n in range(0, len(here), 16):
            for a, parts in zip(
                here[n : n + 16],
                reader.vectors([data.tokens[a.id] for a in here[n : n + 16]]),
                strict=True,
            ):
                out = head(parts, texts, known, torch.full((len(known),), own))
                gold += data.gold(a)
                found += [int(x) for x in np.rint(expected(out))]
        by_question[id_] = (gold, found)
    every = [[x for v in by_question.values() for x in v[k]] for k in (0, 1)]
    qwk = [kappa(*v) for v in by_question.values()]
    exact = float(np.mean(np.equal(*every)))
    return kappa(*every), float(np.nanmean(qwk)), exact


@torch.no_grad()
def rubric_vectors(reader: Reader, data: Data) -> dict[str, Tensor]:
    """Return the vectors of every rubric's texts; they follow the encoder once an epoch."""
    training = reader.encoder.training
    reader.encoder.eval()
    found = {
        id_: torch.cat(reader.vectors(texts)).view(-1, 5, 384) for id_, texts in data.texts.items()
    }
    reader.encoder.train(training)
    return found


def train(data: Data, weights: Path, options: argparse.Namespace) -> tuple[Encoder, Head]:
    """Return the encoder and head with the best QWK on the dev split.

    The head learns first, on the encoder as it came; then the upper layers learn with it.
    """
    random.seed(SEED)
    torch.manual_seed(SEED)
    encoder, head = pretrained(weights), Head(data.criteria)
    wanted = set(training(data.answers, near_duplicates(data.answers)))
    learn = [a for a in data.answers if a.id in wanted]
    watch = {s: [a for a in data.answers if a.split == s] for s in ("dev", "left out")}
    print(f"{len(learn)} to train on", {k: len(v) for k, v in watch.items()}, flush=True)
    best = Best(encoder, head)
    for frozen, epochs in ((LAYERS, options.warm), (options.frozen, options.epochs)):
        phase(data, learn, watch, best, frozen=frozen, epochs=epochs, options=options)
    best.restore()
    return encoder, head


class Best:
    """The weights that did best on the dev split so far."""

    def __init__(self, encoder: Encoder, head: Head) -> None:
        self.encoder, self.head = encoder, head
        self.reached, self.kept = -1.0, (encoder.state_dict(), head.state_dict())

    def offer(self, reached: float) -> None:
        """Keep the weights as they are now if they did better."""
        if reached > self.reached:
            self.reached = reached
            e, h = self.encoder.state_dict(), self.head.state_dict()
            self.kept = ({k: v.clone() for k, v in e.items()}, {k: v.clone() for k, v in h.items()})

    def restore(self) -> None:
        """Put the best weights back."""
        self.encoder.load_state_dict(self.kept[0])
        self.head.load_state_dict(self.kept[1])


def phase(
    data: Data,
    learn: list[Labelled],
    watch: dict[str, list[Labelled]],
    best: Best,
    *,
    frozen: int,
    epochs: int,
    options: argparse.Namespace,
) -> None:
    """Train for some epochs with the lower ``frozen`` layers as they are."""
    encoder, head = best.encoder, best.head
    reader = Reader(encoder, frozen)
    for name, weight in encoder.named_parameters():
        layer = int(name.split(".")[1]) if name.startswith("layers") else -1
        weight.requires_grad_(layer >= frozen)
    general = [p for n, p in head.named_parameters() if n not in ("query", "own", "base")]
    pace = 1.0 if frozen == LAYERS else 0.3
    groups = [
        {"params": [p for p in encoder.parameters() if p.requires_grad], "lr": options.rate},
        {"params": general, "lr": 1e-3 * pace, "weight_decay": 0.05},
        {
            "params": [head.query, head.own],
            "lr": 5e-3 * pace,
            "weight_decay": options.own_decay,
        },
        {"params": [head.base], "lr": 2e-2 * pace},
    ]
    groups = [g for g in groups if g["params"]]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01)
    steps = epochs * len(_batches(learn, options.batch))
    plan = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, [g["lr"] for g in groups], total_steps=steps + 1, pct_start=0.15
    )
    loss_of = nn.BCEWithLogitsLoss()
    begun = time.monotonic()
    for epoch in range(epochs):
        encoder.train(frozen < LAYERS)
        losses = []
        rubrics = rubric_vectors(reader, data)
        head.train()
        for batch in _batches(learn, options.batch):
            id_ = batch[0].question
            with torch.autocast("cpu", torch.bfloat16, enabled=options.half):
                found = reader.vectors([data.tokens[a.id] for a in batch])
            known = torch.tensor(data.number[id_])
            out = []
            for parts in found:
                use = (torch.rand(1) > 0.3).float().expand(len(known))
                out.append(head(parts, rubrics[id_], known, use))
            loss = loss_of(torch.cat(out), torch.cat([data.targets(a) for a in batch]))
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_([p for g in groups for p in g["params"]], 1.0)
            optimizer.step()
            plan.step()
            losses.append(loss.item())
        if frozen == LAYERS and epoch % 4 != 3 and epoch != epochs - 1:
            continue
        got = measure(reader, head, data, watch["dev"], 1.0)
        line = f"frozen {frozen} epoch {epoch} loss {np.mean(losses):.3f} dev {_told(got)}"
        if epoch % 2:
            line += f" | as new {_told(measure(reader, head, data, watch['dev'], 0.0))}"
            line += f" | left out {_told(measure(reader, head, data, watch['left out'], 0.0))}"
        print(f"{line} ({time.monotonic() - begun:.0f} s)", flush=True)
        best.offer(got[0])


def _told(got: tuple[float, float, float]) -> str:
    return f"qwk {got[0]:.3f} by question {got[1]:.3f} exact {got[2]:.3f}"


def _batches(learn: list[Labelled], size: int) -> list[list[Labelled]]:
    by_question: dict[str, list[Labelled]] = {}
    for a in learn:
        by_question.setdefault(a.question, []).append(a)
    batches = []
    for rows in by_question.values():
        random.shuffle(rows)
        batches += [rows[n : n + size] for n in range(0, len(rows), size)]
    random.shuffle(batches)
    return batches


def write(encoder: Encoder, head: Head, data: Data, folder: Path) -> None:
    """Write ``model.onnx`` and ``head.npz``, as ``skillmap.written`` reads them."""
    export(encoder, folder / "model.onnx")
    rows = [fingerprint(id_, c) for id_, q in data.rubrics.items() for c in q.criteria]
    left_out = {a.question for a in data.answers if a.split == "left out"}
    keep = [n for n, row in enumerate(rows) if row.partition("/")[0] not in left_out]
    w = {name: value.detach().numpy() for name, value in head.state_dict().items()}
    np.savez_compressed(
        folder / "head.npz",
        rows=np.asarray([rows[n] for n in keep]),
        mix=w["mix"],
        heat=w["heat"],
        up=w["up.weight"].astype(np.float16),
        up0=w["up.bias"],
        down=w["down.weight"],
        down0=w["down.bias"],
        query=w["query"][keep].astype(np.float16),
        own=w["own"][keep].reshape(len(keep), 2, -1).astype(np.float16),
        base=w["base"][keep],
    )


def main() -> None:
    """Train and write what ``skillmap.written`` ships."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, required=True, help="model.safetensors")
    parser.add_argument("--out", type=Path, required=True, help="where the trained weights go")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--frozen", type=int, default=4, help="layers that stay as they are")
    parser.add_argument("--rate", type=float, default=1e-4)
    parser.add_argument("--own-decay", type=float, default=0.3)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--warm", type=int, default=8, help="epochs for the head alone")
    parser.add_argument("--composed", type=int, default=COMPOSED, help="answers a question")
    parser.add_argument("--half", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--data", type=Path, default=HERE, help="answers and labels")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--reader", help="learn from the levels of this one alone")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    vocab = options.weights.with_name("vocab.txt").read_text(encoding="utf-8").split("\n")
    answers = load(options.data)
    if options.reader:
        answers = [
            replace(a, levels={options.reader: a.levels[options.reader]})
            for a in answers
            if options.reader in a.levels
        ]
    answers += composed(options.composed, SEED, answers, options.data)
    data = Data(answers, WordPiece(word for word in vocab if word))
    encoder, head = train(data, options.weights, options)
    options.out.mkdir(parents=True, exist_ok=True)
    torch.save(
        {"encoder": encoder.state_dict(), "head": head.state_dict()}, options.out / "best.pt"
    )
    write(encoder, head, data, options.out)
    (options.out / "vocab.txt").write_text("\n".join(vocab), encoding="utf-8")


if __name__ == "__main__":
    main()
