#!/usr/bin/env bash
# Prints how fast fencepost is beside the tools that are installed: one row per kind of work, as `benches/RESULTS.md` has them.
#
#   benches/table.sh [GIB] [RUNS]        1 GiB and five runs when nothing is said; needs 8 times that on disk, in TARGET/bench
#
# Rows say user + system seconds (or seconds by the clock where they say "wall"): the median of all runs, side by side in one loop,
# warm. The rivals are ripgrep (its `rg -c` is R), zcat, zstd, journalctl; a row without its rival says so.
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

# memory NAME MUST COMMAND: the most that a run has at once.
memory() {
    local kib
    if ! [ -x /usr/bin/time ]; then
        printf '| %s | %s | no /usr/bin/time | | |\n' "$1" "$2"
        return
    fi
    kib=$(bash -c "/usr/bin/time -f %M $3 2>&1 >/dev/null | tail -1")
    printf '| %s | %s | %s KiB | | |\n' "$1" "$2" "$kib"
}

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
# Eight rotated files, each of them later than the one before.
if ! [ -d "$here/rotated" ]; then
    mkdir "$here/rotated"
    split -n l/64 -d "$here/classic" "$here/rotated/syslog."
fi
[ -s "$here/one-line" ] || head -c "$((gib * 1024 * 1024 * 1024))" /dev/zero | tr '\0' 'x' >"$here/one-line"
[ -s "$here/zeros" ] || head -c "$((gib * 1024 * 1024 * 1024))" /dev/zero >"$here/zeros"
: >"$here/empty"
if [ -x $remote ] && ! [ -s "$here/all.journal" ]; then
    "$generate" --bytes $((gib * 160))MiB --density 2 --format export | $remote --output="$here/all.journal" - >/dev/null 2>&1 ||
        rm -f "$here/all.journal"
fi

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
if [ -s "$here/all.journal" ]; then
    row "P8 journalctl -o json into it, our CPU of journalctl's" '0.10' cpu \
        "journalctl --file $here/all.journal -o json >$here/entries; $fencepost $here/entries" \
        "journalctl --file $here/all.journal -o json >$here/entries"
    row "P9, P10 the journal itself, against journalctl -o short" '0.01' cpu "$(f all.journal)" "journalctl --file $here/all.journal -o short"
fi
row "P11 gzip, against zcat | wc -l" '0.55' cpu "$(f classic.gz)" "zcat $here/classic.gz | wc -l"
[ ! -s "$here/classic.zst" ] || row "P12 zstd, against zstd -dc" '4' cpu "$(f classic.zst)" "zstd -dc $here/classic.zst"
memory "P14 memory, file" '32 MiB' "$(f classic)"
memory "P14 memory, gzip" '32 MiB' "$(f classic.gz)"
memory "P15 memory at 100 %" '64 MiB' "$(f full)"
row "P16 64 rotated files, against one" '1.15' cpu "$(f rotated)" "$(f classic)"
row "P19 an empty file" '5 ms' wall "$(f empty)" "true"
memory "P19 memory" '8 MiB' "$(f empty)"
row "P20 one line of $size, against P1" '2' cpu "$(f one-line)" "$(f classic)"
row "P20 zeros, against P1" '2' cpu "$(f zeros)" "$(f classic)"
