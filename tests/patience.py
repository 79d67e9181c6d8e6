"""How long a test waits for what must happen.

No test measures speed: only a real hang shall end one. A busy machine is slow, and a virtual one may stand
still for a minute, after which every clock has run on though nothing could be done meanwhile.
"""

from __future__ import annotations

#: Seconds until what a test waits for is given up.
PATIENCE = 300
