"""The cost of a token grows with the periods in it."""

import sys
import time

from cryptojwt.jwt import JWT
from cryptojwt.key_jar import KeyJar

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

jar = KeyJar()
began = time.process_time()
try:
    JWT(key_jar=jar).unpack("." * 100_000)
except Exception:
    pass
many = time.process_time() - began
began = time.process_time()
try:
    JWT(key_jar=jar).unpack("a" * 100_000)
except Exception:
    pass
one = time.process_time() - began
shows = many > 20 * one
print(f"100,000 periods: {many:.3f} s, as many letters: {one:.3f} s")
sys.exit(0 if shows else 1)
