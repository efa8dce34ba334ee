#!/bin/bash
# The launcher and, forked from it, each job's guardian. The monitor starts one launcher with the directory .sjq/runs as its
# working directory and an almost empty environment, and writes one attempt ID a line to its stdin; everything else stands in
# the run record ID.run (format/run-record.ts). Nothing but builtins runs here besides the job and its tee: every exec costs half
# a millisecond. No text of a record is ever evaluated. Time is counted by the machine's uptime: the wall clock may be set.
#
# A guardian's life (protocol.md, "Launch", "Run", "End"):
#   1. opens ID.run on descriptor 8 and keeps it: that is how the kernel tells that it lives
#   2. creates ID/started exclusively: whoever creates it owns the attempt
#   3. starts tee on ../claimed/ID.uow, then the job in a process group of its own
#   4. waits; at the timeout, or when TERM comes from the monitor, ends the tree
#   5. ends what the job left behind, waits for tee, and overwrites the record's first line with what it cost and the result,
#      whose line is the commit point
#
# argument: $1 the path of tee
set -m
LC_ALL=C
export -n LC_ALL
unset SHLVL OLDPWD
shopt -u checkwinsize
tee_program=$1
# What the monitor itself inherited (an admin's `flock 200`, a service manager's socket) would stay open in every job. No
# redirection of the loop: what bash then saves stderr on would be among the closed.
for fd in /proc/self/fd/*; do
  fd=${fd##*/}
  if ((fd > 2)) && [[ ! /proc/self/fd/$fd -ef $0 ]]; then exec {fd}>&-; fi
done

# Gives in `last` the id that a process was given last.
read_last_id() {
  read -r _ _ _ _ last < /proc/loadavg
}

# Puts a process into `found` of find_tree if it is of the attempt's group or holds its token, else its parent's id into `parent`.
# Read by -N: up to another end than a newline bash reads byte by byte. It leaves the NULs between variables out; the token is
# no part of anything else.
look_at() {
  local pid=$1 stat='' environment=''
  [[ -z ${found[$pid]-} ]] || return
  ((pid != me && pid != tee_pid && pid != sleeper)) || return
  IFS= read -r -N 4096 stat < "/proc/$pid/stat"
  [[ -n $stat ]] || return
  # behind the last ")": state, parent, group (a program's name may hold blanks and parentheses)
  stat=${stat##*) }
  [[ $stat =~ ^([^ ]+)\ ([0-9]+)\ ([0-9]+) ]] || return
  [[ ${BASH_REMATCH[1]} != [ZX] ]] || return
  if ((BASH_REMATCH[3] == job_pid || pid == job_pid)); then
    found[$pid]=1
    return
  fi
  parent[$pid]=${BASH_REMATCH[2]}
  for _ in 1 2 3 4 5; do
    IFS= read -r -N 4194304 environment < "/proc/$pid/environ"
    # In the midst of an exec a process has none yet; the kernel's own (of parent 2) never have.
    [[ -z $environment && ${parent[$pid]} != [02] && -r /proc/$pid/environ ]] || break
    pause 0.002
  done
  if [[ $environment == *"SJQ_TOKEN=$token"* ]]; then
    found[$pid]=1
    unset "parent[$pid]"
  fi
}

# Gives in `tree` every live process of the attempt: members of its control group where it has one, of the job's process group,
# holders of its token, and their descendants. Zombies, this guardian and its own helpers are left out. `oldest` bounds the look to processes whose id is at
# least that: for a job of some seconds no id can have come round, and a machine may run thousands of others.
find_tree() {
  local oldest=$1 pid last=0 upto grown
  local -a members=()
  local -A parent=() found=()
  tree=()
  if [[ -n $cgroup ]]; then
    mapfile -t members < "$cgroup/cgroup.procs"
    for pid in "${members[@]}"; do found[$pid]=1; done
  fi
  ((oldest)) && read_last_id
  if ((oldest && last - oldest < 1000)); then
    # Few ids were given since: each is tried, and those that were given meanwhile.
    pid=$oldest
    for _ in 1 2 3; do
      for ((upto = last; pid <= upto; pid++)); do
        [[ ! -e /proc/$pid ]] || look_at "$pid"
      done
      read_last_id
      ((last > upto)) || break
    done
  else
    for pid in /proc/[0-9]*; do
      pid=${pid#/proc/}
      ((pid < oldest)) || look_at "$pid"
    done
  fi
  grown=1
  while ((grown)); do
    grown=0
    for pid in "${!parent[@]}"; do
      if [[ -n ${found[${parent[$pid]}]-} ]]; then
        found[$pid]=1
        unset "parent[$pid]"
        grown=1
      fi
    done
  done
  tree=("${!found[@]}")
}

# Sends a signal to the job's group and to every process of its tree.
signal_tree() {
  find_tree "$2"
  ((${#tree[@]})) || return 1
  { kill -s "$1" -- "-$job_pid"; kill -s "$1" "${tree[@]}"; } 2> /dev/null
  return 0
}

# Ends the tree: TERM (and CONT, for a stopped one), the grace, then KILL until nothing is left or 10 s are over. A process
# that the kernel cannot end (state D) is left then; `left` says how many were.
end_tree() {
  local oldest=$1 uptime until
  signal_tree TERM "$oldest" || { left=0; return; }
  signal_tree CONT "$oldest"
  read_uptime
  until=$((uptime + grace_micros))
  while :; do
    find_tree "$oldest"
    left=${#tree[@]}
    ((left == 0)) && return
    read_uptime
    ((uptime >= until)) && break
    pause 0.02
  done
  until=$((uptime + 10000000))
  while read_uptime; ((uptime < until)); do
    { [[ -n $cgroup ]] && echo 1 > "$cgroup/cgroup.kill"; } 2> /dev/null
    signal_tree KILL "$oldest" || { left=0; return; }
    pause 0.02
  done
  find_tree "$oldest"
  left=${#tree[@]}
}

# Gives in `uptime` how many microseconds the machine has been up, to 10 ms, suspended time included.
read_uptime() {
  # What is refused once (no descriptor, no memory) is tried again: a span from the one clock to the other is none.
  for _ in 1 2 3; do
    IFS=' ' read -r uptime _ < /proc/uptime || continue
    uptime=$((10#${uptime/./} * 10000))
    return 0
  done
  uptime=${EPOCHREALTIME/./}
}

# Opens a pipe down which nothing ever comes.
open_silence() {
  [[ -n ${silence-} ]] || exec {silence}<> <(:)
}

# Waits without a program.
pause() {
  open_silence
  read -r -t "$1" -u "$silence" _
}

# Says in the job's log why it cannot start, and ends it with a code: 126, or 127 for what is not there.
refuse() {
  echo "sjq: cannot start: $2" >&2
  exit "$1"
}

# Becomes the job. What keeps it from starting is said in its log; 126 and 127 mean "cannot start". What bash itself would say of it
# goes to stdin, which only reads: /dev/null would have to be opened.
become_job() {
  local entry value
  trap - TERM HUP INT
  [[ -z $umask ]] || umask "$umask"
  for entry in "${secrets[@]}"; do
    value=
    { IFS= read -r -d '' value < "${entry#*=}"; } 2>&0 || [[ -n $value ]] \
      || refuse 126 "secret ${entry%%=*} cannot be read from ${entry#*=}"
    environment+=("${entry%%=*}=${value%$'\n'}")
  done
  [[ -d $directory ]] || refuse 126 "no directory $directory to run in"
  { cd -- "$directory"; } 2>&0 || refuse 126 "the directory $directory may not be entered"
  unset OLDPWD
  if [[ -n $input ]]; then
    [[ -r $input ]] || refuse 126 "stdin cannot be read from $input"
    exec < "$input" || exit 126
  fi
  if [[ -n $cgroup ]]; then echo 0 > "$cgroup/cgroup.procs" || exit 126; fi
  # From here on by position only: the job's variables may have the names of ours, and an array is never exported.
  set -- "${#environment[@]}" "${environment[@]}" "${argv[@]}"
  unset -v record tree environment secrets argv TEE
  { export -- "${@:2:$1}"; } 2>&0
  shift $(($1 + 1))
  # bash's own words for these would name this file and a line of it.
  if [[ $1 != */* ]]; then
    { hash -- "$1"; } 2>&0 || refuse 127 "$1: not found"
  elif [[ ! -e $1 ]]; then
    refuse 127 "$1: no such file"
  elif [[ -d $1 || ! -x $1 ]]; then
    refuse 126 "$1 is not executable"
  fi
  exec -- "$@" 8>&-
}

# Sleeps until `deadline`, or for a slice of that, in a process of its own, without a program. In slices, because the time that the
# machine is suspended counts, and no sleep counts it; and because `wait -n` of bash 5.2 misses a job that ends in the instant in
# which it begins to wait: the next slice's end finds that. The guardian alone holds the pipe's writing end: should it be killed,
# this ends with it.
start_sleeper() {
  open_silence
  read_uptime
  rest=$((deadline - uptime < slice ? deadline - uptime : slice))
  # A silence is found out a quarter of its time late at most.
  ((!idle || rest <= idle / 4)) || rest=$((idle / 4))
  ((rest > 0)) || rest=1
  printf -v rest '%d.%06d' $((rest / 1000000)) $((rest % 1000000))
  slice=$((slice < 8000000 ? slice * 2 : slice))
  {
    trap - TERM
    exec {held}< "/proc/self/fd/$silence" {silence}>&-
    read -r -t "$rest" -u "$held" _
  } 6<&- 8>&- &
  sleeper=$!
}

# Reads what stands behind the first word of `output`, which few ask for.
read_options() {
  local word
  for word in ${output#* }; do
    case $word in
      idle=*) printf -v idle %.0f "${word#idle=}e6" ;;
      keep=*) keep=${word#keep=} ;;
    esac
  done
  output=${output%% *}
}

# Appends what it reads to the UOW as tee does, up to a size of the file; of what is more, the end, behind a line that says how much is
# left out (docs/decisions/0055). It reads on whatever becomes of the file: a job never waits for it. What keeps the end is told
# where the head ended before it is told that there is no more.
keep_ends() {
  local blocks=${keep%%:*} tail=${keep##*:} room=${keep#*:} total status keeper decision data
  room=${room%:*}
  trap '' TERM
  exec {decision}<> <(:)
  exec {data}> >(tail -c "$tail" | append_tail "$tail" "$decision")
  keeper=$!
  total=$(
    (
      trap - TERM
      trap '' XFSZ
      ulimit -f "$blocks"
      exec "$tee_program" -a "../claimed/$id.uow" "/dev/fd/$data"
    ) | wc -c
    exit "${PIPESTATUS[0]}"
  )
  status=$?
  ((total <= room)) || status=0
  echo "$((total - room))" >&"$decision"
  exec {data}>&-
  wait "$keeper" || status=1
  exit "$status"
}

# Reads the end of an output of which so much was to be kept, and appends as much of it as is not there yet.
append_tail() {
  local left
  read -r left <&"$2"
  ((left > 0)) || exec cat > /dev/null
  if ((left > $1)); then
    printf '\n==== LEFT OUT %d bytes\n' $((left - $1)) >> "../claimed/$id.uow" || exit 1
    left=$1
  fi
  exec tail -c "$left" >> "../claimed/$id.uow"
}

# True if neither the UOW nor its progress was written for as long as `idle` says, as far as the looks at them tell. A job that is
# stopped cannot speak. The mark is made anew at each look, so that a clock that is set costs one of them.
is_silent() {
  local mark=../claimed/$id.idle stat=''
  IFS= read -r -N 4096 stat < "/proc/$job_pid/stat"
  if [[ ! ../claimed/$id.uow -ot $mark || ! $id/progress -ot $mark || ${stat##*) } == [Tt]* ]]; then
    heard_at=$uptime
  fi
  : > "$mark"
  ((uptime - heard_at >= idle))
}

guardian() {
  local id=$1 me=$BASHPID
  local job_pid=0 tee_pid=0 sleeper=0 tee_status=0 left=0 code=0 why=exit asked=0 told=0
  local started ended took uptime up_at deadline slice=0 who rest is_stuck=0 idle=0 heard_at keep=''
  local -a record tree environment secrets argv
  # Nothing of the launcher's may be held by a job: the request pipe least of all. What bash says of killed jobs is no news.
  exec < /dev/null 2> /dev/null
  [[ -f $id.run ]] || return
  exec 8<> "$id.run" || return
  # Two lines are the monitor's and the result's. Behind them each field is a line, or, where one holds a newline, a newline, the
  # bytes, and a NUL, which bash reads byte by byte.
  mapfile -s 2 -t record < "$id.run"
  if [[ ${record[0]-} != 2 ]]; then
    record=()
    { IFS= read -r _; IFS= read -r _; mapfile -d '' -t record; } < "$id.run"
    record=("${record[@]#$'\n'}")
  fi
  # the order of format/run-record.ts
  local token=${record[1]} directory=${record[2]} input=${record[3]} output=${record[4]} leftovers=${record[5]}
  local timeout=${record[6]} grace_micros=${record[7]} umask=${record[8]} cgroup=${record[9]}
  local environments=${record[10]} secret_count=${record[11]} words=${record[12]}
  [[ ${record[0]} == [12] && -n $token && $words -gt 0 ]] || return
  [[ $output != *' '* ]] || read_options
  environment=("${record[@]:13:environments}")
  secrets=("${record[@]:13+environments:secret_count}")
  argv=("${record[@]:13+environments+secret_count:words}")

  # TERM is a request to end the job. It may come as soon as `started` is there, so it is heard from before that on.
  trap 'asked=1' TERM
  trap '' HUP INT
  set -C
  # $$ is the launcher: its session is the job's, and tells the job's group from a later one of the same number.
  # Opened once: the directory is the job's user's, who may put a symlink there as soon as it runs, and the guardian may be root.
  # What is no regular file is opened for all of noclobber: a FIFO would hold the guardian, a link lead it to a device.
  [[ -e $id/started || -L $id/started ]] && return
  { exec 9> "$id/started"; } 2> /dev/null || return
  set +C
  # From here on the attempt is this guardian's, also if the disk took the name and is too full for the words. Without them the
  # monitor asks who has the record open.
  echo "$me $$" >&9 && told=1
  set -m
  started=${EPOCHREALTIME/./}
  read_uptime
  up_at=$uptime
  # A job whose output has nowhere to go (tee was killed in this instant) does not start, and that is no exit code of its own.
  if [[ $output == append ]]; then
    { exec >> "../claimed/$id.uow" 2>&1 9>&- || exit 126; become_job; } &
    job_pid=$!
  else
    # tee keeps its end of the second pipe (descriptor 3) as long as it lives: reading it to its end waits for tee.
    if [[ -z $keep ]]; then
      coproc TEE { exec "$tee_program" -a "../claimed/$id.uow" 3>&1 > /dev/null 8>&- 9>&-; }
    else
      coproc TEE { keep_ends 3>&1 > /dev/null 8>&- 9>&-; }
    fi
    tee_pid=$!
    local reads=${TEE[0]} writes=${TEE[1]}
    # Where the machine had only one of the two pipes left, tee would wait for ever, and the guardian for tee.
    exec 6<&"$reads" 7>&"$writes" {reads}<&- {writes}>&- || kill -s KILL "$tee_pid"
    { exec >&7 2>&1 6<&- 7>&- 9>&- || exit 126; become_job; } &
    job_pid=$!
    exec 7>&-
  fi
  ((!told)) || echo "$job_pid" >&9
  exec 9>&-
  if [[ -n $timeout ]]; then
    printf -v rest %.0f "${timeout}e6"
    # One step of the uptime more: it may have been about to take it.
    deadline=$((up_at + rest + 10000)) slice=500000
  fi
  if ((idle)); then
    : > "../claimed/$id.idle"
    heard_at=$up_at slice=${slice/#0/500000} deadline=${deadline:-$((up_at + 1000000000000000))}
  fi
  ((!slice)) || start_sleeper
  while kill -0 "$job_pid"; do
    who=
    # A request that came before this line ends no wait. (One between it and the wait is lost: the monitor repeats it.)
    if ((!asked)); then
      if ((sleeper)); then
        wait -f -n -p who "$job_pid" "$sleeper"
      else
        # Not -f: bash 5.2 would look then at memory that it has freed, and now and then wait for ever for what has ended.
        wait "$job_pid"
      fi
    fi
    # Whatever came at the same time: a job that ended by itself was ended by nobody.
    kill -0 "$job_pid" || break
    if ((asked)); then
      # Nothing but a kill is asked for. What ID/end says is not read: the job may have put there whatever it likes.
      why=killed
    elif ((sleeper)) && [[ $who == "$sleeper" ]]; then
      sleeper=0
      # A slice of the time is over, or somebody killed what counts it.
      read_uptime
      if ((uptime >= deadline)); then
        why=timeout
      elif ((idle)) && is_silent; then
        why=idle
      else
        start_sleeper
        continue
      fi
    else
      # Nothing known comes here. Whatever does: bash is not asked in a circle.
      pause 0.1
      continue
    fi
    end_tree 0
    break
  done
  trap '' TERM
  if kill -0 "$job_pid"; then
    # Not even KILL ended it (state D): no code is to be had.
    code=137 is_stuck=1
  else
    # A request in the very instant of the job's end makes bash 5.2 forget every code (-1) or say 143 for it once; and with -f
    # it would spin for ever here. A code that nobody knows must not be more hopeful than the truth: killed.
    wait "$job_pid"
    code=$?
    if ((asked && code == 143)); then
      wait "$job_pid"
      code=$?
    fi
    ((code >= 0)) || { code=137 why=killed; }
  fi
  ended=${EPOCHREALTIME/./}
  read_uptime
  took=$((uptime - up_at))
  # The wall clock was set meanwhile: the start is told by the clock as it is now, and the two are as far apart as they were.
  if ((ended < started || ended - started - took > 1000000 || took - (ended - started) > 1000000)); then
    started=$((ended > took ? ended - took : 0))
  fi
  if ((sleeper)); then
    kill -s KILL "$sleeper"
    wait "$sleeper"
    sleeper=0
  fi 2> /dev/null
  if [[ $leftovers == kill ]]; then
    # Ids come round after 32,768 at the soonest: within 10 s and without a smaller last id only later ids can be the job's.
    local oldest=0 last
    read_last_id
    ((took < 10000000 && last >= job_pid)) && oldest=$job_pid
    # If no id was given since the job's own, it has no children.
    if ((oldest == 0 || last > job_pid || is_stuck)); then
      find_tree "$oldest"
      local alive=${#tree[@]}
      if ((alive)); then
        end_tree "$oldest"
        left=$alive
      fi
    fi
  fi
  if ((tee_pid)); then
    read -r -t 5 -u 6 _
    if (($? > 128)); then
      if [[ -n $keep ]]; then
        # What reads is ended, so that the end of what it kept comes.
        kill -s TERM -- "-$tee_pid" 2> /dev/null
        read -r -t 5 -u 6 _
        kill -s KILL -- "-$tee_pid" 2> /dev/null
      fi
      kill -s KILL "$tee_pid" 2> /dev/null
      tee_status=open
    else
      wait "$tee_pid"
      tee_status=$?
      # Forgotten together with the job's code, see above.
      ((tee_status >= 0)) || tee_status=0
    fi
    exec 6<&-
  fi
  # What the job and its tee cost, two short lines before the result (format/run-record.ts); no program, no file, no fork.
  times >&8
  # A disk that is read-only or failing just then: the code is kept here for an hour, and until then the attempt runs.
  local tries=3600
  until printf 'result code=%s why=%s started=%d.%06d ended=%d.%06d tee=%s left=%s .\n' "$code" "$why" \
    $((started / 1000000)) $((started % 1000000)) $((ended / 1000000)) $((ended % 1000000)) "$tee_status" "$left" >&8; do
    ((tries--)) || return
    pause 1
  done
}

# One compound command: bash has read it whole, so that an upgrade may replace this file while it runs.
{
  while IFS= read -r request; do
    guardian "$request" &
    disown
  done
  exit 0
}
