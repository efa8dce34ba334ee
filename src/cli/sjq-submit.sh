#!/bin/sh
# sjq-submit: drops a UOW as `sjq submit` does, without Node. Any POSIX shell; what it starts are link and unlink, and sync where
# `durability` is power, because each program started takes as long as all the rest. It judges no field's content: the monitor does.
# The steps are those of src/monitor/submit.ts: written beside, synced, linked in without replacing, its directory synced.
set -fCu
# Bytes are counted; and the programs need not look for a language.
export LC_ALL=C
newline='
'
IFS=" 	$newline"
umask go-w

usage() {
  cat <<'EOF'
Usage: sjq-submit [--root DIR] [-n NAME] [-p] [--field NAME=CONTENT ...] [--] COMMAND...
       sjq-submit [--root DIR] [-n NAME] [-p] -f FILE

Drops a UOW; prints its name when it is safely in the queue. One argument is a shell
command line, several are one command and its arguments. Without Node, so it is quick.

  --root DIR            the queue root (else SJQ_ROOT, the nearest one upward, ./queue-root)
  -n, --name NAME       the UOW's name (default: the command's)
  -p, --priority        into priority-q
  --field NAME=CONTENT  a header field; may be repeated
  -f, --file FILE       a UOW file, or - for standard input, as it stands
  -h, --help            this text

Examples:
  sjq-submit -- rsync -a /home /backup
  sjq-submit -n report --field timeout=2h 'make report | mail -s report ops'
  generate-uow | sjq-submit -n t42 -f -

Exit codes: 0 done, 64 usage, 65 bad UOW, 66 no such file, 73 the root cannot be written, 78 config.yaml.
EOF
}

die() {
  code=$1
  shift
  [ ! -e "$beside" ] || unlink "$beside"
  printf 'sjq-submit: %s\n' "$*" >&2
  exit "$code"
}

is_root() { [ -d "$1/.sjq" ] || { [ -d "$1/wait-q" ] && [ -d "$1/done-q" ]; }; }

# Sets `root`.
find_root() {
  root=${root:-${SJQ_ROOT-}}
  if [ -z "$root" ]; then
    root=$PWD
    while ! is_root "$root"; do
      [ -n "$root" ] || break
      root=${root%/*}
    done
    [ -n "$root" ] || root=$PWD/queue-root
  fi
  is_root "$root" || die 73 "$root is no queue root: make it one with sjq init, or name another with --root or SJQ_ROOT"
}

# A line of config.yaml that may mean more than this program understands is none that it guesses at.
beyond() { die 78 "$root/config.yaml: this line is more than sjq-submit can read, use sjq submit: $line"; }

# Sets `value` to the plain word behind the name on a line.
read_word() {
  value=${1#*:}
  value=${value%%[ 	]#*}
  value=${value#"${value%%[! 	]*}"}
  value=${value%"${value##*[! 	]}"}
  case $value in '' | *[!A-Za-z0-9._+-]* | [!A-Za-z0-9]*) beyond ;; esac
}

# Sets what this program needs of the settings; the other ones are the monitor's affair.
read_config() {
  durability=power wait=wait-q priority=priority-q executing=currently-executing
  done=done-q error=error-q fail=fail-q archive=archive
  [ -e "$root/config.yaml" ] || return 0
  [ -r "$root/config.yaml" ] || die 78 "$root/config.yaml cannot be read"
  group=
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in
      '' | '#'*) ;;
      durability:*) read_word "$line" && durability=$value ;;
      queues: | queues:[\ \	]*\#*) group=queues ;;
      queues:*) beyond ;;
      [a-z]*:*) group= ;;
      ' '* | '- '*)
        [ "$group" = queues ] || continue
        line=${line#"${line%%[! ]*}"}
        case $line in
          '' | '#'* | trash:*) ;;
          wait:*) read_word "$line" && wait=$value ;;
          priority:*) read_word "$line" && priority=$value ;;
          executing:*) read_word "$line" && executing=$value ;;
          done:*) read_word "$line" && done=$value ;;
          error:*) read_word "$line" && error=$value ;;
          fail:*) read_word "$line" && fail=$value ;;
          archive:*) read_word "$line" && archive=$value ;;
          *) beyond ;;
        esac
        ;;
      *) beyond ;;
    esac
  done <"$root/config.yaml"
}

# Adds a word to `command`, so that a shell reads it back as it is.
add_word() {
  case $1 in
    *"$newline"*) die 64 'an argument with a line break cannot stand in a header: write a script file' ;;
    '' | *[!A-Za-z0-9_@%+=:,./-]*)
      rest=$1
      quoted=
      while [ "${rest#*\'}" != "$rest" ]; do
        quoted="$quoted${rest%%\'*}'\\''"
        rest=${rest#*\'}
      done
      command="$command '$quoted$rest'"
      ;;
    *) command="$command $1" ;;
  esac
}

# Adds a `command ::` line to `header` for each line of the command line $1.
add_commands() {
  rest=$1$newline
  while [ -n "$rest" ]; do
    line=${rest%%"$newline"*}
    rest=${rest#*"$newline"}
    [ -z "${line##*[! 	]*}" ] && [ -n "$line" ] && header="${header}command :: $line$newline"
  done
}

# Sets `name` by the program that the words run; assignments before it are passed over.
name_from() {
  for word; do
    case ${word%%=*} in
      "$word" | '' | *[!A-Za-z0-9_]*) break ;;
    esac
    word=
  done
  word=${word##*/}
  name=
  while [ -n "$word" ] && [ "${#name}" -lt 100 ]; do
    char=${word%"${word#?}"}
    word=${word#?}
    case $char in
      [A-Za-z0-9_.@+-]) name=$name$char ;;
      *) name=${name}_ ;;
    esac
  done
  while [ "${name#.}" != "$name" ]; do name=${name#.}; done
  is_looked_at "$name" || name=job
}

# False for names that the monitor passes over.
is_looked_at() {
  case $1 in
    '' | .* | *'~' | *.swp | *.tmp | *.part | *.filepart | 4913 | README | README.* | README~*) return 1 ;;
  esac
}

# True if a UOW of that name stands in any queue but $2.
is_taken() {
  for queue in "$wait" "$priority" "$executing" "$done" "$error" "$fail" "$archive" flows; do
    [ "$queue" != "${2-}" ] || continue
    [ ! -e "$root/$queue/$1" ] || return 0
  done
  return 1
}

# Sets `free` to the first free name. Doubling, then halving: a thousand of one name must not cost a million looks.
find_free() {
  free=$name
  is_taken "$free" || return 0
  low=1 step=1
  while is_taken "$name~$((low + step))"; do
    low=$((low + step))
    step=$((step * 2))
  done
  high=$((low + step))
  while [ $((low + 1)) -lt "$high" ]; do
    middle=$(((low + high) / 2))
    if is_taken "$name~$middle"; then low=$middle; else high=$middle; fi
  done
  free=$name~$high
}

# Creates `beside` with $text in it, or with the file's content.
write_beside() {
  tries=1
  beside=$dir/.sjq-submit-$$
  while [ -e "$beside" ] && [ "$tries" -lt 100 ]; do
    tries=$((tries + 1))
    beside=$dir/.sjq-submit-$$-$tries
  done
  if [ -z "$file" ]; then
    { printf '%s' "$text" >"$beside"; } 2>/dev/null
  elif [ "$file" = - ]; then
    cat >"$beside"
  else
    cat <"$file" >"$beside"
  fi || die 73 "cannot write to $dir: look at its permissions and the room on its disk"
}

# Sets `free` to a free name and gives the file that name, besides its hidden one. Replaces nothing.
link_in() {
  while :; do
    find_free
    # Taken in this very instant, unless the directory refuses.
    if ! link "$beside" "$dir/$free" 2>/dev/null; then
      if is_taken "$free"; then continue; fi
      die 73 "cannot link into $dir: look at its permissions and the room on its disk"
    fi
    # One of the same name may have passed by between the look and the link. No monitor starts one that has two names.
    # shellcheck disable=SC3013
    if is_taken "$free" "$into" && [ "$beside" -ef "$dir/$free" ]; then
      unlink "$dir/$free"
    else
      return
    fi
  done
}

# It is not acknowledged, so it must not be run either: its second name first. If a monitor was faster, it is that monitor's.
take_back() {
  # POSIX has no -ef; dash and busybox have.
  # shellcheck disable=SC3013
  link "$dir/$free" "$beside" 2>/dev/null && [ "$beside" -ef "$dir/$free" ] || return 0
  unlink "$dir/$free"
  die 73 "$dir cannot be synced: look at the kernel log (dmesg)"
}

add_field() {
  field=${1%%=*}
  case $1 in *"$newline"*) die 64 'a field is one line' ;; esac
  case $field in
    "$1" | '' | '#'* | *[\ \	:]*) die 64 "--field $1: write NAME=CONTENT, for instance --field timeout=2h" ;;
    [Jj][Oo][Bb]) job=${1#*=} ;;
    [Cc][Oo][Mm][Mm][Aa][Nn][Dd]) has_command=yes ;;
    [Dd][Ii][Rr][Ee][Cc][Tt][Oo][Rr][Yy]) has_directory=yes ;;
  esac
  fields="$fields$field :: ${1#*=}$newline"
}

root='' name='' file='' fields='' job='' has_command='' has_directory='' beside='' into=wait
while [ $# -gt 0 ]; do
  case $1 in
    --root | -n | --name | --field | -f | --file) [ $# -ge 2 ] || die 64 "$1 needs a value behind it" ;;
  esac
  case $1 in
    --) shift && break ;;
    -h | --help) usage && exit ;;
    -p | --priority) into=priority && shift && continue ;;
    --root) root=$2 ;;
    -n | --name) name=$2 ;;
    -f | --file) file=$2 ;;
    --field) add_field "$2" ;;
    -*) die 64 "unknown option $1: sjq-submit --help lists them; a command with options of its own stands behind --" ;;
    *) break ;;
  esac
  shift 2
done

if [ -n "$file" ]; then
  [ $# -eq 0 ] || die 64 'write either a command behind -- or -f FILE, not both'
  [ -z "$fields" ] || die 64 'a file is taken as it stands: use sjq submit for --field'
  [ "$file" = - ] || { [ -f "$file" ] && [ -r "$file" ]; } || die 66 "$file cannot be read: name a UOW file"
  base=${file##*/}
  [ "$file" != - ] || base=stdin
  case ${base##*'~'} in '' | *[!0-9]*) ;; *) base=${base%'~'*} ;; esac
  name=${name:-$base}
else
  header=
  if [ $# -eq 1 ]; then
    add_commands "$1"
    # Split as a shell line's words are.
    # shellcheck disable=SC2086
    [ -n "$name" ] || name_from $1 "$job"
  elif [ $# -gt 1 ]; then
    command=
    for word; do add_word "$word"; done
    header="command ::$command$newline"
    [ -n "$name" ] || name_from "$@"
  fi
  [ -n "$name" ] || name_from "$job"
  [ -n "$header$has_command$job" ] || die 64 'nothing to submit: write a command behind --, or -f FILE, or --field job=TYPE'
  if [ -n "$header$has_command" ] && [ -z "$has_directory" ]; then
    case $PWD in *"$newline"*) die 64 'the name of this directory holds a line break: say --field directory=DIR' ;; esac
    header="${header}directory :: $PWD$newline"
  fi
  text="$newline==== UNIT OF WORK$newline$newline$header$fields"
  # The first line tells the size of the whole: that is how the monitor knows that it is, and that it is to stamp it.
  rest=$((${#text} + 29))
  size=$((rest + ${#rest}))
  [ "${#size}" -eq "${#rest}" ] || size=$((rest + ${#size}))
  text="timestamp: 0 submitted size=$size$newline$text"
fi
case $name in
  *[!A-Za-z0-9._@+~:,=%-]* | by=*) die 64 "$name is a name that sjq-submit does not take: use letters, digits and ._@+~:,=%- only, or sjq submit" ;;
esac
is_looked_at "$name" || die 64 "$name is a name that the monitor does not look at: use another"
[ "${#name}" -le 250 ] || die 64 "the name is too long: at most 250 bytes"

find_root
read_config
[ "$into" = priority ] && into=$priority || into=$wait
dir=$root/$into
trap 'die 130 interrupted' INT
trap 'die 143 terminated' TERM HUP
write_beside
[ "$durability" = process ] || sync "$beside" || die 73 "$beside cannot be synced: look at the kernel log (dmesg)"
link_in
unlink "$beside"
[ "$durability" = process ] || sync "$dir" || take_back
printf '%s\n' "$free"
