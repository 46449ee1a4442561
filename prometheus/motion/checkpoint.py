"""Checkpoint: the state of a training on disk, whole at every moment, and the weights that it gives."""

from __future__ import annotations

import json
import os
import pickle
import shutil
from pathlib import Path
from typing import Any

import torch

from prometheus.errors import MotionError
from prometheus.motion.model import MotionDiT
from prometheus.motion.scheduler import TriangularScheduler

STATE, LOG, WEIGHTS = "last.pt", "log.jsonl", "ema"


def save(state: dict[str, Any], folder: Path) -> None:
    """Write a state; whoever is killed meanwhile leaves the one before.

    Raises:
        MotionError: it cannot be written.
    """
    part = folder / f"{STATE}.part"
    try:
        torch.save(state, part)
        os.replace(part, folder / STATE)
    except (OSError, RuntimeError) as error:
        part.unlink(missing_ok=True)
        raise MotionError(f"cannot save the training to {folder}: {error}") from error


def load(folder: Path) -> dict[str, Any] | None:
    """Return the state in a folder, None where there is none; nothing but tensors and numbers is believed.

    Raises:
        MotionError: the file is broken.
    """
    file = folder / STATE
    if not file.exists():
        return None
    try:
        state = torch.load(file, weights_only=True, map_location="cpu")
        if not isinstance(state, dict) or not {"step", "seconds", "model", "average", "optimiser"} <= state.keys():
            raise ValueError("something is missing")
    except (OSError, RuntimeError, ValueError, EOFError, KeyError, TypeError, pickle.UnpicklingError) as error:
        raise MotionError(
            f"{file} is not a whole state of training: remove it to begin anew, or give another --out"
        ) from error
    return state


def export(model: MotionDiT, scheduler: TriangularScheduler, folder: Path) -> None:
    """Write weights (fp16 safetensors) and configs as `MotionPipeline.load` reads them, each file whole at all times.

    Raises:
        MotionError: they cannot be written.
    """
    half = MotionDiT.from_config(model.config)
    half.load_state_dict(model.state_dict())
    part = folder.with_name(f".{folder.name}.part")
    try:
        shutil.rmtree(part, ignore_errors=True)
        half.half().save_pretrained(part / "model")
        scheduler.save_pretrained(part / "scheduler")
        for file in sorted(part.rglob("*"), key=lambda path: path.suffix, reverse=True):
            if file.is_file():
                target = folder / file.relative_to(part)
                target.parent.mkdir(parents=True, exist_ok=True)
                os.replace(file, target)
    except OSError as error:
        raise MotionError(f"cannot write weights to {folder}: {error.strerror}; choose another --out") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def append(row: dict[str, Any], folder: Path) -> None:
    """Add a line to the log."""
    with (folder / LOG).open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")


def rows(folder: Path) -> list[dict[str, Any]]:
    """Return the log's lines; one that a kill cut short is passed over."""
    file = folder / LOG
    found = []
    for line in file.read_text(encoding="utf-8", errors="replace").splitlines() if file.exists() else []:
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if isinstance(row, dict) and isinstance(row.get("step"), int):
            found.append(row)
    return found


def rewind(step: int, folder: Path) -> None:
    """Take from the log what came after a step: it is about to be done again."""
    kept = [row for row in rows(folder) if row["step"] <= step]
    part = folder / f"{LOG}.part"
    part.write_text("".join(json.dumps(row) + "\n" for row in kept), encoding="utf-8")
    os.replace(part, folder / LOG)
