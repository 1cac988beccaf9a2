"""The programs of the READMEs print what stands beside them."""

import re
import subprocess
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class Readme(unittest.TestCase):
    def programs(self, path: str):
        """Each block of Python with the block of text that follows it."""
        return re.findall(r"```python\n(.*?)```.*?```text\n(.*?)```", (ROOT / path).read_text(), re.DOTALL)

    def check(self, path: str, count: int):
        programs = self.programs(path)
        self.assertEqual(len(programs), count)
        for program, expected in programs:
            with self.subTest(program):
                ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
                self.assertEqual((ran.stdout, ran.stderr, ran.returncode), (expected, "", 0))

    def test_the_programs_of_the_package(self):
        self.check("host/python/README.md", 2)

    def test_the_program_of_the_first_page(self):
        self.check("README.md", 1)


if __name__ == "__main__":
    unittest.main()
