"""The words in a network's figures: shapes, notes, and what the pointer shows."""

from __future__ import annotations

from cnnviz.architectures import LayerSummary
from cnnviz.specs import AveragePooling2D, Conv2D, MaxPooling2D


def shape_of(shape: tuple[int, ...]) -> str:
    """`(6, 6, 64)` → `6×6×64`, `(2304,)` → `2,304`."""
    return f"{shape[0]:,}" if len(shape) == 1 else "×".join(str(side) for side in shape)


def note_of(layer: LayerSummary) -> tuple[str, ...]:
    """What shrinks the maps, beside the kernel: `stride 2`, `valid`."""
    spec = layer.spec
    if isinstance(spec, Conv2D):
        notes = [f"stride {spec.strides}"] if spec.strides > 1 else []
        notes += ["valid"] if spec.padding == "valid" else []
        return (", ".join(notes),) if notes else ()
    if isinstance(spec, MaxPooling2D | AveragePooling2D):
        # 2×2 is what everybody expects, and the shapes show it.
        return (f"{spec.pool_size}×{spec.pool_size}",) if spec.pool_size != 2 else ()
    return ()


def hover_text(layer: LayerSummary) -> str:
    """Everything about a layer, in a few lines."""
    name = f"<b>{layer.name}</b> · {layer.type}"
    sees = (
        f"{layer.receptive_field}×{layer.receptive_field} pixels"
        if layer.receptive_field
        else "the whole image"
    )
    lines = [
        f"{name}<br>{layer.settings}" if layer.settings else name,
        f"{shape_of(layer.input_shape)} → {shape_of(layer.output_shape)}",
        f"{layer.params:,} parameters · {layer.macs:,} multiply-adds",
        f"sees {sees}",
    ]
    return "<br>".join(lines)
