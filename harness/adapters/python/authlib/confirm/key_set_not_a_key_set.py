"""A key set without its shape raises TypeError or RecursionError."""

import sys

from authlib.jose import JsonWebKey

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

saw = []
for document in ('{"keys":null}', '{"keys":1}', '{"keys":' + "[" * 30000 + "}"):
    try:
        JsonWebKey.import_key_set(document)
    except (TypeError, RecursionError) as error:
        saw.append(type(error).__name__)
    except ValueError:
        pass
shows = bool(saw)
print(saw or "refused")
sys.exit(0 if shows else 1)
