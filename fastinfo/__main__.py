"""``python -m fastinfo`` is the command ``fastinfo``."""

from fastinfo.cli import main

if __name__ == "__main__":
    main()
