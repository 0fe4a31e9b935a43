"""Of two keys with one `kid` only the first is tried."""

import sys

from joserfc.jwk import KeySet, OctKey

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

keys = KeySet([OctKey.import_key(letter * 32, {"kid": "1"}) for letter in (b"a", b"b")])
shows = keys.get_by_kid("1").raw_value == b"a" * 32
print("the kid finds " + ("the first key" if shows else "something else"))
sys.exit(0 if shows else 1)
