"""Writes the digits as IDX files from scikit-learn's copy: make_digits.py WHEEL_OR_CSV_GZ (standard library only)."""
import gzip
import io
import random
import struct
import sys
import zipfile


def read_csv(path):
    if path.endswith(".whl"):
        with zipfile.ZipFile(path) as wheel:
            data = wheel.read("sklearn/datasets/data/digits.csv.gz")
    else:
        data = open(path, "rb").read()
    text = gzip.decompress(data).decode()
    return [[int(float(x)) for x in line.split(",")] for line in text.splitlines()]


def write_idx(name, shape, values):
    header = struct.pack(">BBBB", 0, 0, 8, len(shape)) + b"".join(struct.pack(">I", d) for d in shape)
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=buffer, mtime=0) as file:
        file.write(header + bytes(values))
    open(name, "wb").write(buffer.getvalue())


rows = read_csv(sys.argv[1])
random.Random(2018).shuffle(rows)
for part, chosen in (("train", rows[:1437]), ("t10k", rows[1437:])):
    pixels = [round(v * 255 / 16) for row in chosen for v in row[:64]]
    write_idx(f"{part}-images-idx3-ubyte.gz", (len(chosen), 8, 8), pixels)
    write_idx(f"{part}-labels-idx1-ubyte.gz", (len(chosen),), [row[64] for row in chosen])
