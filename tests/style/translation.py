#!/usr/bin/env python3
"""Checks that everything a clerk can see is translated.

Usage: translation.py SOURCE_ROOT.  POTFILES.in must name exactly the files that hold such texts, sorted;
each language of LINGUAS must have a translation, not fuzzy, for each text that is in them now.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

# What makes a source one that speaks to people.
SPEAKS = {
    '.c': r'\b(N?C?_|g_dngettext|ngettext|g_dpgettext2?)\s*\(\s*"',
    '.ui': r'translatable="(yes|true)"',
}
KEYWORDS = ['_', 'N_', 'C_:1c,2', 'NC_:1c,2', 'ngettext:1,2', 'g_dngettext:2,3']


def run(*command):
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return result.returncode, result.stdout.strip()


def find_speakers(root):
    speakers = set()
    for path in [*root.glob('src/**/*.c'), *root.glob('ui/**/*.ui')]:
        if re.search(SPEAKS[path.suffix], path.read_text(encoding='utf-8')):
            speakers.add(str(path.relative_to(root)))
    return speakers


def check_potfiles(root):
    listed = (root / 'po/POTFILES.in').read_text(encoding='utf-8').split()
    speakers = find_speakers(root)
    faults = [f'po/POTFILES.in does not name {name}' for name in sorted(speakers - set(listed))]
    faults += [f'po/POTFILES.in names {name}, which has no text for people' for name in listed
               if name not in speakers]
    if listed != sorted(set(listed), key=str):
        faults.append('po/POTFILES.in is not sorted')
    return faults, [name for name in listed if (root / name).exists()]


def check_language(root, language, template):
    path = root / f'po/{language}.po'
    status, output = run('msgfmt', '--check', '--check-accelerators=_', '--output-file=/dev/null', str(path))
    faults = [output] if status != 0 else []
    status, output = run('msgcmp', str(path), str(template))
    if status != 0:
        faults.append(output)
    return faults


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__.strip())

    root = Path(sys.argv[1]).resolve()
    faults, files = check_potfiles(root)

    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder) / 'tillwatt.pot'
        status, output = run('xgettext', '--from-code=UTF-8', '--directory', str(root), '--force-po',
                             '--output', str(template), *[f'--keyword={word}' for word in KEYWORDS], *files)
        if status != 0:
            faults.append(output)
        for language in (root / 'po/LINGUAS').read_text(encoding='utf-8').split():
            faults += check_language(root, language, template)

    print('\n'.join(faults) or f'{len(files)} files speak to people, all in every language')
    sys.exit(len(faults) > 0)


if __name__ == '__main__':
    main()
