#!/bin/sh
# Whether every C file is written as .uncrustify.cfg says. Prints the files that are not.
# Usage: format.sh SOURCE_ROOT
set -eu
cd "$1"

files=$(git ls-files '*.c' '*.h' 2>/dev/null) || files=
[ -n "$files" ] || files=$(find src tests -name '*.[ch]' | sort)

# shellcheck disable=SC2086
if ! uncrustify -q -l C -c .uncrustify.cfg --check $files 2>&1 | { ! grep -v '^PASS'; }; then
  echo 'Mend them with: uncrustify -q -l C -c .uncrustify.cfg --replace --no-backup FILES'
  exit 1
fi
