"""Run the command ``fastinfo`` with ``python -m fastinfo``."""

from fastinfo.cli import main

if __name__ == "__main__":
    main()
