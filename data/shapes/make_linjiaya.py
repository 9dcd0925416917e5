"""Make the synthetic demo district: python data/shapes/make_linjiaya.py [--out FOLDER]."""

import argparse
import sys
from pathlib import Path

from linjiaya import features, output, people


def main() -> None:
    """Write every layer and register and say what was written."""
    parser = argparse.ArgumentParser(description="Make the synthetic demo district 林家崖.")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent, metavar="FOLDER")
    folder = parser.parse_args().out
    now = folder / "now"
    written = [
        *output.write(features.layers(), folder),
        *output.write_registers(features.registers(), folder),
        *output.write(features.layers_of_now(), now),
        *output.write_registers(features.registers_of_now(), now),
        output.write_people(people.people(), folder),
    ]
    for path in written:
        sys.stdout.write(f"{path.relative_to(folder)}\n")


if __name__ == "__main__":
    main()
