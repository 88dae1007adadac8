"""Write a model of random weights that llama.cpp serves: `python tiny_model.py FILE.gguf`.

It is a Llama of two layers with a vocabulary of a few hundred pieces, half a megabyte in the GGUF format. What it
says is noise, and the same seed makes the same noise: all that a served model has, but sense.

It never writes a byte above 127: half a character at the end of an answer is left out of a stream by llama.cpp, not
of an answer that comes whole, and the two could not be compared.
"""

import string
import struct
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SEED = 20261120
LAYERS, WIDTH, HEADS, INNER, CONTEXT = 2, 64, 4, 128, 512
WORDS = ("the", "and", "of", "to", "in", "is", "it", "you", "that", "was", "for", "on", "are", "as", "with")
TEMPLATE = (
    "{% for message in messages %}<|{{ message.role }}|>\n{{ message.content }}\n{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>\n{% endif %}"
)
SIGNS = 3
"""Pieces before those of the bytes."""
NORMAL, UNKNOWN, CONTROL, BYTE = 1, 2, 3, 6
"""Kinds of pieces."""
ALIGNMENT = 32
"""Bytes: each tensor begins at a multiple of this."""
Value = int | float | bool | str | Sequence[int] | Sequence[float] | Sequence[str]


def pieces() -> list[tuple[str, int]]:
    """Return the vocabulary: three signs, all bytes, what can be printed, and a few words with their beginnings."""
    texts = ["▁", *string.ascii_letters, *string.digits, *string.punctuation]
    # Pieces are merged from pairs: a word is found only where each of its beginnings is a piece.
    for word in WORDS:
        texts += [f"▁{word[:end]}" for end in range(1, len(word) + 1) if f"▁{word[:end]}" not in texts]
    signs = [("<unk>", UNKNOWN), ("<s>", CONTROL), ("</s>", CONTROL)]
    return [*signs, *((f"<0x{byte:02X}>", BYTE) for byte in range(256)), *((text, NORMAL) for text in texts)]


def settings(vocabulary: Sequence[tuple[str, int]]) -> dict[str, Value]:
    """Return what the file says about the model and its vocabulary."""
    return {
        "general.architecture": "llama",
        "general.name": "tiny random model",
        "llama.context_length": CONTEXT,
        "llama.embedding_length": WIDTH,
        "llama.block_count": LAYERS,
        "llama.feed_forward_length": INNER,
        "llama.attention.head_count": HEADS,
        "llama.attention.head_count_kv": HEADS,
        "llama.attention.layer_norm_rms_epsilon": 1e-5,
        "llama.rope.dimension_count": WIDTH // HEADS,
        "llama.vocab_size": len(vocabulary),
        "tokenizer.ggml.model": "llama",
        "tokenizer.ggml.tokens": [text for text, _ in vocabulary],
        "tokenizer.ggml.scores": [-float(rank) for rank in range(len(vocabulary))],
        "tokenizer.ggml.token_type": [kind for _, kind in vocabulary],
        "tokenizer.ggml.unknown_token_id": 0,
        "tokenizer.ggml.bos_token_id": 1,
        "tokenizer.ggml.eos_token_id": 2,
        "tokenizer.ggml.add_bos_token": True,
        "tokenizer.chat_template": TEMPLATE,
    }


def weights(vocabulary: int, rng: np.random.Generator) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """Yield the name and the values of each tensor."""

    def noise(*shape: int) -> NDArray[np.float32]:
        return np.asarray(rng.standard_normal(shape) * shape[-1] ** -0.5, dtype=np.float32)

    ones = np.ones(WIDTH, dtype=np.float32)
    yield "token_embd.weight", noise(vocabulary, WIDTH)
    for layer in range(LAYERS):
        block = f"blk.{layer}"
        yield f"{block}.attn_norm.weight", ones
        for part in ("q", "k", "v", "output"):
            yield f"{block}.attn_{part}.weight", noise(WIDTH, WIDTH)
        yield f"{block}.ffn_norm.weight", ones
        yield f"{block}.ffn_gate.weight", noise(INNER, WIDTH)
        yield f"{block}.ffn_up.weight", noise(INNER, WIDTH)
        yield f"{block}.ffn_down.weight", noise(WIDTH, INNER)
    yield "output_norm.weight", ones
    output = noise(vocabulary, WIDTH)
    # Rows of zeros: always 0, and something else is always above it.
    output[SIGNS + 128 : SIGNS + 256] = 0
    yield "output.weight", output


def gguf(said: Mapping[str, Value], tensors: Sequence[tuple[str, NDArray[np.float32]]]) -> bytes:
    """Return a file of the GGUF format, version 3: header, settings, list of tensors, their values."""
    parts = [b"GGUF", struct.pack("<IQQ", 3, len(tensors), len(said))]
    for name, value in said.items():
        kind, packed = _packed(value)
        parts += [_text(name), struct.pack("<I", kind), packed]
    data = b""
    for name, values in tensors:
        shape = values.shape[::-1]
        parts += [_text(name), struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, 0, len(data))]
        data += _aligned(values.tobytes())
    return _aligned(b"".join(parts)) + data


def _packed(value: Value) -> tuple[int, bytes]:
    """Return the number of a value's type, and its bytes."""
    if isinstance(value, bool):
        return 7, struct.pack("<?", value)
    if isinstance(value, int):
        return 4, struct.pack("<I", value)
    if isinstance(value, float):
        return 6, struct.pack("<f", value)
    if isinstance(value, str):
        return 8, _text(value)
    packed = [_packed(item) for item in value]
    # Numbers in a list are signed, those by themselves are not: so llama.cpp wants them.
    kind = 5 if isinstance(value[0], int) else packed[0][0]
    return 9, struct.pack("<IQ", kind, len(packed)) + b"".join(item for _, item in packed)


def _text(text: str) -> bytes:
    return struct.pack("<Q", len(text.encode())) + text.encode()


def _aligned(data: bytes) -> bytes:
    return data + bytes(-len(data) % ALIGNMENT)


def write(path: Path, seed: int = SEED) -> None:
    """Write the model."""
    vocabulary = pieces()
    tensors = list(weights(len(vocabulary), np.random.default_rng(seed)))
    path.write_bytes(gguf(settings(vocabulary), tensors))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python tiny_model.py FILE.gguf")
    write(Path(sys.argv[1]))
