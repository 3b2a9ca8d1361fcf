"""Flips single bits of an export, one at a time, and prints those that the verifier overlooks: mutate.py FOLDER FILE KEY COUNT"""
import io
import random
import sys

sys.path.insert(0, sys.argv[1])
import notify_verify

path, keys, count = sys.argv[2], [notify_verify.Key(sys.argv[3])], int(sys.argv[4])
good = open(path, "rb").read()


def accepted(data):
    file = io.BytesIO(data)
    try:
        notify_verify.check(notify_verify.csv_lines(file) if path.endswith(".csv") else file, keys)
        return True
    except notify_verify.Bad:
        return False


if not accepted(good):
    sys.exit("The export itself is refused.")
chance = random.Random(4711)
for _ in range(count):
    bit = chance.randrange(len(good) * 8)
    changed = bytearray(good)
    changed[bit // 8] ^= 1 << (bit % 8)
    if accepted(bytes(changed)):
        print(bit)
print("done")
