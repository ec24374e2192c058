"""Figures over the publications of a corpus as lines and areas: the points of an SVG, and its scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 600
HEIGHT = 160


@dataclass(frozen=True, slots=True)
class Shape:
    """One line or area of a plot: what it shows, and its points as SVG has them."""

    name: str
    points: str


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot: its shapes, the first to be drawn first, what its highest point stands for, and its size."""

    shapes: tuple[Shape, ...]
    top: float
    width: int = WIDTH
    height: int = HEIGHT


def stacked(names: Sequence[str], series: Sequence[Sequence[float]]) -> Plot:
    """Return areas one above the other.

    Args:
        names: of the areas, the lowest first.
        series: their figures, each of as many publications.

    >>> stacked(["one", "two"], [[1, 1], [1, 3]]).shapes[0].points
    '0,160 600,160 600,120 0,120'
    """
    top = max((sum(figures) for figures in zip(*series, strict=True)), default=0.0) or 1.0
    low = [0.0] * len(series[0])
    shapes = []
    for name, figures in zip(names, series, strict=True):
        high = [floor + figure for floor, figure in zip(low, figures, strict=True)]
        edge = [*_points(low, top), *reversed(_points(high, top))]
        shapes.append(Shape(name, " ".join(edge)))
        low = high
    return Plot(tuple(shapes), top)


def line(name: str, figures: Sequence[float]) -> Plot:
    """Return one line.

    >>> line("damage", [0.5, 1.0]).shapes[0].points
    '0,80 600,0'
    """
    top = max(figures, default=0.0) or 1.0
    return Plot((Shape(name, " ".join(_points(figures, top))),), top)


def _points(figures: Sequence[float], top: float) -> list[str]:
    step = WIDTH / max(1, len(figures) - 1)
    return [f"{place * step:.6g},{HEIGHT * (1 - figure / top):.6g}" for place, figure in enumerate(figures)]
