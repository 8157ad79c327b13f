"""3D models of what is turned on a wheel: an outline goes round an axis, and a GLB file of real size comes out.

Source: glTF 2.0 (ISO/IEC 12113). Lengths in metres, so that one sees a vase on one's own table as large as it is.
"""

import json
import struct

import numpy as np
from numpy.typing import NDArray

from kanava.demo.model import Model

SEGMENTS = 40
ROUGHNESS = 0.45

# From the middle of the foot up the outside, over the rim and down inside: (radius, height), shares of the whole.
_OUTLINES: dict[str, tuple[tuple[tuple[float, float], ...], ...]] = {
    "vase": (
        ((0, 0), (0.55, 0), (0.8, 0.12), (1, 0.34), (0.92, 0.52), (0.5, 0.74), (0.42, 0.86), (0.56, 1), (0.48, 1),
         (0.34, 0.86), (0.42, 0.73), (0.84, 0.5), (0.92, 0.34), (0.5, 0.06), (0, 0.05)),
        ((0, 0), (0.62, 0), (0.7, 0.3), (1, 0.58), (0.94, 0.72), (0.5, 0.88), (0.6, 1), (0.52, 1), (0.42, 0.88),
         (0.86, 0.7), (0.92, 0.58), (0.6, 0.28), (0.5, 0.05), (0, 0.05)),
        ((0, 0), (0.9, 0), (1, 0.06), (0.86, 0.5), (0.62, 0.9), (0.7, 1), (0.62, 1), (0.54, 0.9), (0.78, 0.5),
         (0.9, 0.08), (0, 0.05)),
    ),
    "bowl": (
        ((0, 0), (0.4, 0), (0.42, 0.08), (0.78, 0.36), (0.96, 0.76), (1, 1), (0.95, 1), (0.9, 0.76), (0.72, 0.42),
         (0.36, 0.16), (0, 0.14)),
        ((0, 0), (0.5, 0), (0.52, 0.06), (0.9, 0.2), (1, 1), (0.95, 1), (0.85, 0.28), (0.46, 0.14), (0, 0.13)),
        ((0, 0), (0.36, 0), (0.36, 0.14), (0.6, 0.24), (1, 1), (0.94, 1), (0.56, 0.34), (0, 0.28)),
    ),
}  # fmt: skip
MODELLED = frozenset(_OUTLINES)


def draw_model(model: Model) -> bytes:
    """Give the GLB file of a model; the same model is the same bytes."""
    outline = np.array(_OUTLINES[model.product_type][model.style], dtype=np.float64)
    outline *= np.array([model.width_mm / 2000, model.height_mm / 1000])
    places, normals = _turned(_smoothed(outline))
    corners = _triangles(len(places) // (SEGMENTS + 1))
    return _glb(places.astype("<f4"), normals.astype("<f4"), corners.astype("<u2"), model.hex)


def _smoothed(outline: NDArray[np.float64]) -> NDArray[np.float64]:
    """Cut the corners off (Chaikin), twice; the ends stay."""
    for _ in range(2):
        first, second = outline[:-1], outline[1:]
        cut = np.stack([0.75 * first + 0.25 * second, 0.25 * first + 0.75 * second], axis=1).reshape(-1, 2)
        outline = np.vstack([outline[:1], cut, outline[-1:]])
    return outline


def _turned(outline: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    along = np.gradient(outline, axis=0)
    outward = np.stack([along[:, 1], -along[:, 0]], axis=1)
    outward /= np.maximum(np.linalg.norm(outward, axis=1, keepdims=True), 1e-9)
    angles = np.linspace(0, 2 * np.pi, SEGMENTS + 1)
    around = np.stack([np.cos(angles), np.sin(angles)], axis=1)

    def turn(flat: NDArray[np.float64]) -> NDArray[np.float64]:
        radius, height = flat[:, :1], np.repeat(flat[:, 1:], SEGMENTS + 1, axis=1)
        return np.stack([radius * around[:, 0], height, radius * around[:, 1]], axis=2).reshape(-1, 3)

    return turn(outline), turn(outward)


def _triangles(rings: int) -> NDArray[np.int64]:
    row = SEGMENTS + 1
    here = (np.arange(rings - 1)[:, None] * row + np.arange(SEGMENTS)[None, :]).ravel()
    above = here + row
    return np.stack([here, above, here + 1, here + 1, above, above + 1], axis=1).ravel()


def _glb(places: NDArray[np.float32], normals: NDArray[np.float32], corners: NDArray[np.uint16], colour: str) -> bytes:
    parts = [places.tobytes(), normals.tobytes(), corners.tobytes()]
    data = b"".join(parts)
    data += b"\0" * (-len(data) % 4)
    starts = [0, len(parts[0]), len(parts[0]) + len(parts[1])]
    document = {
        "asset": {"version": "2.0", "generator": "kanava demo"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0, "NORMAL": 1}, "indices": 2, "material": 0}]}],
        "materials": [
            {
                "doubleSided": True,
                "pbrMetallicRoughness": {
                    "baseColorFactor": [*_linear(colour), 1],
                    "metallicFactor": 0,
                    "roughnessFactor": ROUGHNESS,
                },
            }
        ],
        "buffers": [{"byteLength": len(data)}],
        "bufferViews": [
            {"buffer": 0, "byteOffset": start, "byteLength": len(part)}
            for start, part in zip(starts, parts, strict=True)
        ],
        "accessors": [
            {
                "bufferView": 0,
                "componentType": 5126,
                "count": len(places),
                "type": "VEC3",
                "min": places.min(axis=0).tolist(),
                "max": places.max(axis=0).tolist(),
            },
            {"bufferView": 1, "componentType": 5126, "count": len(normals), "type": "VEC3"},
            {"bufferView": 2, "componentType": 5123, "count": len(corners), "type": "SCALAR"},
        ],
    }
    text = json.dumps(document, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", len(data), b"BIN\0") + data
    return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks


def _linear(colour: str) -> list[float]:
    """Give red, green and blue of `#8a3b2f` as light adds up (sRGB's curve undone)."""
    shares = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    return [round(x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4, 5) for x in shares]
