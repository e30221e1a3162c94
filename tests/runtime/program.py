# SPDX-License-Identifier: Apache-2.0
"""From a test to the words of a command line: placeholders and program."""
import re
import subprocess


def fill(text, test, fixtures, tmp):
    """Replaces the placeholders of README.md."""
    def address(match):
        listing = subprocess.run(["nm", fixtures / match[1]], capture_output=True, text=True, check=True).stdout
        line = next(line for line in listing.split("\n") if line.split()[-1:] == [match[2]])
        return hex(int(line.split()[0], 16))
    text = text.replace("{tag}", test.tag).replace("{tmp}", str(tmp)).replace("{fixtures}", str(fixtures))
    return re.sub(r"\{(target)\.(\w+)\}", address, text)


def program_words(test, fixtures, directory):
    """What gives the program and its parameters; a script becomes a file in directory."""
    def filled(text):
        return fill(text, test, fixtures, directory)
    if test.kind == "run":
        program = ["-e", filled(test.once["run"])]
    else:
        (directory / "script.bt").write_text(filled(test.once["script"]) + "\n")
        program = ["script.bt"]
    return [*program, *map(filled, test.words("arguments"))]
