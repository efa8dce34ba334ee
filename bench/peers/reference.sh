#!/bin/bash
# The same process tree as reference.c, for machines without a compiler: a guardian forked from this shell, and from it the job and,
# where it is in use, its tee. Slower than the C program by what a shell's fork costs more.
#
#   reference.sh COUNT SLOTS append|tee DIR PROGRAM ARGUMENT...
set -m
count=$1 slots=$2 manner=$3 dir=$4
shift 4

guardian() {
  local file=$1 code
  shift
  set -m
  if [[ $manner == append ]]; then
    { exec "$@" >> "$file" 2>&1; } &
    wait -f $!
    return
  fi
  coproc TEE { exec tee -a "$file" > /dev/null; }
  local tee=$TEE_PID reads=${TEE[0]} writes=${TEE[1]}
  # A coproc's descriptors are not handed on to what is forked behind it: these are.
  exec 7>&"$writes" {reads}<&- {writes}>&-
  { exec "$@" >&7 2>&1 7>&-; } &
  wait -f $!
  code=$?
  exec 7>&-
  wait -f "$tee"
  return $code
}

good=0
running=0
for ((at = 0; at < count || running > 0;)); do
  if ((at < count && running < slots)); then
    guardian "$dir/u$at" "$@" < /dev/null 2> /dev/null &
    ((++at, ++running))
  else
    wait -f -n && ((++good))
    ((running--))
  fi
done 2> /dev/null
echo "$good"
