# The program itself: help, version, what it does not know.
. "$(dirname "$0")/common.sh"

ok --version
same "$(echo "$out" | cut -d ' ' -f 1)" bittrue "first word of --version"
echo "$out" | grep -Eq '^bittrue [0-9.]+ [(]isa [a-z0-9]+ of portable[a-z0-9 ]*; [0-9]+ threads?[)]$' ||
  wrong "--version does not tell the instruction set and the threads: $out"
export BITTRUE_ISA=portable
ok --version
echo "$out" | grep -q '(isa portable of portable' || wrong "BITTRUE_ISA=portable: $out"
export BITTRUE_ISA=bad
refused "BITTRUE_ISA bad: expected portable, avx2, avx512 or vnni" --version
unset BITTRUE_ISA
ok --help
for command in quantize gemm data; do
  echo "$out" | grep -q "^  $command " || wrong "--help does not list $command"
  help=$("$bittrue" $command --help) || wrong "$command --help fails"
  echo "$help" | grep -q "^Usage: bittrue $command " || wrong "$command --help has no synopsis"
  echo "$help" | tr '\n' ' ' | grep -q 'Exit status:' || wrong "$command --help has no exit status"
done

refused "unknown command 'quantise', expected one of:" quantise
refused "unknown command '', expected one of:" ''
"$bittrue" >"$root/log/out" 2>"$root/log/err"
same $? 2 "status without a command"
grep -q '^Usage: bittrue COMMAND' "$root/log/err" || wrong "no usage on stderr without a command"
"$bittrue" quantize --bogus >"$root/log/out" 2>"$root/log/err"
same $? 2 "status of an unknown option"
"$bittrue" --version >/dev/full 2>"$root/log/err"
same $? 2 "status on a full standard output"
grep -q 'standard output cannot be written: No space left' "$root/log/err" ||
  wrong "a full standard output is not told"
finish
