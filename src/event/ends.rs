//! How many lines a stretch of a block has, and whether one of them may be blank or a note.
//! In: whole lines. Out: their number, in one look at each byte.
//! Never: says which line it is; whoever has to know looks at each.

use pulp::{Arch, Simd, WithSimd};
use std::sync::LazyLock;

/// Bytes that are looked at in one go: as many as the widest registers that are asked for hold.
const AT_ONCE: usize = 32;

/// What the processor can do, which is asked once.
static ARCH: LazyLock<Arch> = LazyLock::new(Arch::new);

/// The line ends in `lines`, and whether a line of them may be blank or a note.
pub fn count(lines: &[u8]) -> (u64, bool) {
    let (ends, odd) = ARCH.dispatch(Look(lines));
    (
        ends,
        odd || lines.first().is_some_and(|byte| begins_odd(*byte)),
    )
}

/// Whether a line that begins so may be blank or a note.
fn begins_odd(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r' | b'/')
}

struct Look<'b>(&'b [u8]);

impl WithSimd for Look<'_> {
    type Output = (u64, bool);

    // The compiler makes of plain loops what the processor has: only what is inlined here is made anew for it.
    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> (u64, bool) {
        let mut left = self.0;
        let mut ends = 0;
        let mut odd = false;
        while left.len() > AT_ONCE {
            // A byte counts no further.
            let turns = ((left.len() - 1) / AT_ONCE).min(255);
            let here = &left[..turns * AT_ONCE];
            let behind = &left[1..=turns * AT_ONCE];
            let mut counts = [0_u8; AT_ONCE];
            let mut odds = [0_u8; AT_ONCE];
            let parts = here.as_chunks::<AT_ONCE>().0.iter();
            for (part, next) in parts.zip(behind.as_chunks::<AT_ONCE>().0) {
                for n in 0..AT_ONCE {
                    let end = mask(part[n] == b'\n');
                    counts[n] = counts[n].wrapping_sub(end);
                    let begins = [b'\n', b'\r', b'/'].map(|byte| mask(next[n] == byte));
                    odds[n] |= end & (begins[0] | begins[1] | begins[2]);
                }
            }
            ends += counts.iter().map(|n| u64::from(*n)).sum::<u64>();
            odd |= odds.iter().any(|n| *n != 0);
            left = &left[turns * AT_ONCE..];
        }
        for two in left.windows(2) {
            ends += u64::from(two[0] == b'\n');
            odd |= two[0] == b'\n' && begins_odd(two[1]);
        }
        ends += u64::from(left.last() == Some(&b'\n'));
        (ends, odd)
    }
}

/// All bits or none.
#[inline(always)]
fn mask(is: bool) -> u8 {
    if is { 0xff } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn each_line_is_counted_once(
            parts in proptest::collection::vec("(\n|\r\n|//|a|[a-z /]{1,70})", 0..200),
            repeat in 1usize..40,
        ) {
            let text = parts.concat().repeat(repeat).into_bytes();
            let ends = text.iter().filter(|byte| **byte == b'\n').count() as u64;
            let odd = text.split_inclusive(|byte| *byte == b'\n').any(|line| begins_odd(line[0]));
            prop_assert_eq!(count(&text), (ends, odd));
        }
    }

    #[test]
    fn many_ends_are_counted_in_full() {
        let text = b"x\n".repeat(100_000);
        assert_eq!(count(&text), (100_000, false));
        let text = vec![b'\n'; 100_000];
        assert_eq!(count(&text), (100_000, true));
        assert_eq!(count(b""), (0, false));
    }
}
