"""One thread for everyone, before any library starts its own."""

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "FASTINFO_NUM_THREADS"):
    os.environ[name] = "1"
