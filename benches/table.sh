#!/usr/bin/env bash
# Prints how fast fencepost is beside the tools that are installed: one row per kind of work, as `benches/RESULTS.md` has them.
#
#   benches/table.sh [GIB] [RUNS]        1 GiB and five runs when nothing is said; needs 8 times that on disk, in TARGET/bench
#
# Rows say user + system seconds (or seconds by the clock where they say "wall"): the median of all runs, side by side in one loop,
# warm. The rivals are ripgrep (its `rg -c` is R), zcat, zstd, journalctl, sec; a row without its rival says so. Memory is taken by
# GNU time, and how long a line takes through a pipe by Python.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
gib=${1:-1}
runs=${2:-5}
here=${TMPDIR:-/tmp}/fencepost-bench
mkdir -p "$here"

cargo build --quiet --release --examples --bins
target=${CARGO_TARGET_DIR:-target}/release
fencepost=$target/fencepost
generate=$target/examples/generate
words='corosync|pmxcfs|pve-ha|watchdog-mux'
remote=/lib/systemd/systemd-journal-remote

has() { command -v "$1" >/dev/null; }

# make FILE ARGUMENTS...: a log, unless it is there already.
make() {
    local file=$here/$1
    shift
    [ -s "$file" ] || "$generate" "$@" >"$file.new" && { [ -s "$file" ] || mv "$file.new" "$file"; }
}

# seconds CPU|WALL COMMAND: of one run, in ms.
seconds() {
    local what=$1 TIMEFORMAT='%U %S %R' told
    shift
    told=$({ time bash -c "$1" >"$here/out" 2>/dev/null; } 2>&1) || true
    echo "$told" | tail -1 | awk -v what="$what" '{ printf "%d\n", 1000 * (what == "cpu" ? $1 + $2 : $3) }'
}

median() { sort -n | awk '{ v[NR] = $1 } END { printf "%d", v[int((NR + 1) / 2)] }'; }

# row NAME MUST CPU|WALL OURS [THEIRS]: both, in turn, and the ratio.
row() {
    local name=$1 must=$2 what=$3 ours=$4 theirs=${5:-} mine=() other=() n
    seconds "$what" "$ours" >/dev/null
    [ -z "$theirs" ] || seconds "$what" "$theirs" >/dev/null
    for ((n = 0; n < runs; n++)); do
        mine+=("$(seconds "$what" "$ours")")
        [ -z "$theirs" ] || other+=("$(seconds "$what" "$theirs")")
    done
    local a b
    a=$(printf '%s\n' "${mine[@]}" | median)
    if [ -z "$theirs" ]; then
        printf '| %s | %s | %d ms | not installed | |\n' "$name" "$must" "$a"
        return
    fi
    b=$(printf '%s\n' "${other[@]}" | median)
    printf '| %s | %s | %d ms | %d ms | %s |\n' "$name" "$must" "$a" "$b" \
        "$(awk -v a="$a" -v b="$b" 'BEGIN { if (b == 0) b = 1; printf "%.2f", a / b }')"
}

# memory NAME MUST COMMAND: the most that its last program has at once.
memory() {
    local kib
    if ! [ -x /usr/bin/time ]; then
        printf '| %s | %s | no /usr/bin/time | | |\n' "$1" "$2"
        return
    fi
    kib=$({ bash -c "$3" || true; } 2>&1 >/dev/null | tail -1)
    printf '| %s | %s | %s KiB | | |\n' "$1" "$2" "$kib"
}
timed="/usr/bin/time -f %M"

size=${gib}GiB
part=$((gib * 256))MiB
make classic --bytes "$size" --density 2
make sparse --bytes "$size" --density 0.1
make full --bytes "$part" --density 100
make iso --bytes "$size" --density 2 --format iso
make json --bytes "$part" --density 2 --format json
[ -s "$here/classic.gz" ] || head -c "$((gib * 256 * 1024 * 1024))" "$here/classic" | gzip -1 >"$here/classic.gz"
if has zstd; then
    [ -s "$here/classic.zst" ] || head -c "$((gib * 256 * 1024 * 1024))" "$here/classic" | zstd -q >"$here/classic.zst"
fi
# Rotated files, each of them later than the one before, and files of several nodes.
if ! [ -d "$here/rotated" ]; then
    mkdir "$here/rotated"
    split -n l/64 -d "$here/classic" "$here/rotated/syslog."
fi
if ! [ -d "$here/nodes" ]; then
    for n in 01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16; do
        mkdir -p "$here/nodes/node$n"
        "$generate" --bytes $((gib * 64))MiB --density 2 --seed "$n" | sed "s/ quince / node$n /" |
            split -n l/4 -d - "$here/nodes/node$n/syslog." 2>/dev/null ||
            { "$generate" --bytes $((gib * 64))MiB --density 2 --seed "$n" | sed "s/ quince / node$n /" >"$here/one"
              split -n l/4 -d "$here/one" "$here/nodes/node$n/syslog."; }
    done
fi
[ -s "$here/one-line" ] || head -c "$((gib * 1024 * 1024 * 1024))" /dev/zero | tr '\0' 'x' >"$here/one-line"
[ -s "$here/zeros" ] || head -c "$((gib * 1024 * 1024 * 1024))" /dev/zero >"$here/zeros"
: >"$here/empty"
# Written as a host would write them: it turns to a new file when one is full.
if [ -x $remote ] && ! [ -d "$here/journals" ]; then
    mkdir "$here/journals"
    "$generate" --bytes $((gib * 700))MiB --density 2 --format export | $remote --output="$here/journals/all.journal" - >/dev/null 2>&1 ||
        rm -r "$here/journals"
fi

[ ! -d "$here/journals" ] || [ -s "$here/entries" ] || journalctl --file "$here/journals/all.journal" -o json >"$here/entries"

# Rules as a rule engine would have them: each names a message and prints it.
rules() {
    local message
    for message in 'link: host: \d+ link: \d+ is down' 'host: \d+ link: \d+ is up' 'has no active links' 'Token has not been received' \
        'A processor failed' 'A new membership' 'Failed to receive the leave' 'Retransmit List' 'Sync members' 'Sync left' \
        'Members\[\d+\]' 'non-primary component' 'primary component' 'node lost quorum' 'node has quorum' 'cpg_send_message failed' \
        'lost lock' 'status change' 'watchdog expired' 'fencing: acknowledged'; do
        printf 'type=Single\nptype=RegExp\npattern=^(\S+ +\S+ \S+) (\S+) .*%s\ndesc=$0\naction=write - $2\n\n' "$message"
    done
}

# How long a line takes from the pipe to its event, of 300 lines, each written when the one before is answered.
latency() {
    python3 - "$fencepost" <<'PYTHON'
import subprocess, sys, time
told = subprocess.Popen([sys.argv[1], "events"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
took = []
for n in range(300):
    line = f"2026-01-05T00:00:{n % 60:02}+00:00 quince corosync[7]:   [KNET  ] link: host: {n % 9 + 1} link: 0 is down\n"
    began = time.perf_counter()
    told.stdin.write(line.encode())
    told.stdin.flush()
    told.stdout.readline()
    took.append(time.perf_counter() - began)
    time.sleep(0.002)
told.stdin.close()
took.sort()
print(f"| P17 a line through a pipe, 99 of 100 | 20 ms | {1000 * took[296]:.2f} ms | | |")
PYTHON
}

rg=
has rg && rg="rg -j1 -c '$words'"
f() { echo "$fencepost --year 2026 --threads ${2:-1} $here/$1"; }
r() { [ -z "$rg" ] || echo "$rg $here/$1"; }

echo "$("$fencepost" --version), $size, median of $runs; $(has rg && rg --version | head -1)"
echo
echo '| work | must | fencepost | rival | ratio |'
echo '|---|---|---|---|---|'
row "P1 classic, 2 %" '1.8 R' cpu "$(f classic)" "$(r classic)"
row "P2 the same, two threads, wall" '1.0 R' wall "$(f classic 2)" "$(r classic)"
row "P3 0.1 %" '1.5 R' cpu "$(f sparse)" "$(r sparse)"
row "P4 100 %, against rg printing" '3' cpu "$(f full)" "${rg:+rg -j1 '$words' $here/full}"
row "P5 ISO stamps, against P1" '1.2' cpu "$(f iso)" "$(f classic)"
row "P6 cat into it, wall" '1.15' wall "cat $here/classic | $fencepost --year 2026 --threads 1" "${rg:+cat $here/classic | $rg}"
row "P7 journal JSON, $part" '3 R' cpu "$(f json)" "$(r json)"
if [ -d "$here/journals" ]; then
    row "P8 what journalctl -o json prints, our CPU of journalctl's" '0.10' cpu \
        "cat $here/entries | $fencepost" "journalctl --file $here/journals/all.journal -o json"
    row "P9 programs of the cluster in the journals, against journalctl -o short of all" '0.01' cpu \
        "$(f journals) -t cluster" "journalctl -D $here/journals -o short"
    row "P10 the journals, every entry looked at, against the same" '0.067' cpu \
        "$(f journals)" "journalctl -D $here/journals -o short"
fi
row "P11 gzip, against zcat | wc -l" '0.55' cpu "$(f classic.gz)" "zcat $here/classic.gz | wc -l"
[ ! -s "$here/classic.zst" ] || row "P12 zstd, against zstd -dc" '4' cpu "$(f classic.zst)" "zstd -dc $here/classic.zst"
if has sec && [ -n "$rg" ]; then
    rules >"$here/rules"
    row "P13 against rg and 20 rules of sec" '0.083' cpu "$(f classic)" \
        "rg -j1 '$words' $here/classic | sec --conf=$here/rules --input=- --notail --log=/dev/null --quiet"
fi
memory "P14 memory, file" '32 MiB' "$timed $(f classic)"
memory "P14 memory, a pipe of 8 $size" '32 MiB' "for n in 1 2 3 4 5 6 7 8; do cat $here/classic; done | $timed $fencepost --year 2026"
memory "P14 memory, gzip" '32 MiB' "$timed $(f classic.gz)"
memory "P15 memory at 100 %" '64 MiB' "$timed $(f full)"
row "P16 64 rotated files, against one" '1.15' cpu "$(f rotated)" "$(f classic)"
row "P16 16 nodes of 4 files, against their sum" '1.15' cpu "$fencepost --year 2026 --threads 1 $here/nodes" \
    "for n in $here/nodes/*; do $fencepost --year 2026 --threads 1 \$n; done"
if has python3; then
    latency
fi
row "P18 first finding of a pipe" '50 ms' wall "cat $here/classic | $fencepost --year 2026 -o jsonl | head -1" "true"
row "P19 an empty file" '5 ms' wall "$(f empty)" "true"
memory "P19 memory" '8 MiB' "$timed $(f empty)"
row "P20 one line of $size, against P1" '2' cpu "$(f one-line)" "$(f classic)"
row "P20 zeros, against P1" '2' cpu "$(f zeros)" "$(f classic)"
