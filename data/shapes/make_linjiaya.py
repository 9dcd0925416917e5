"""Make the synthetic demo district: python data/shapes/make_linjiaya.py [--out FOLDER]."""

import argparse
import sys
from pathlib import Path

from linjiaya import features, output, people


def main() -> None:
    """Write every layer and say what was written."""
    parser = argparse.ArgumentParser(description="Make the synthetic demo district 林家崖.")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent, metavar="FOLDER")
    folder = parser.parse_args().out
    layers = features.layers()
    for path in output.write(layers, folder):
        sys.stdout.write(f"{path.name}: {len(layers[path.stem])} features\n")
    rows = people.people()
    sys.stdout.write(f"{output.write_people(rows, folder).name}: {len(rows)} people\n")


if __name__ == "__main__":
    main()
