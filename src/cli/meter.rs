//! How far a long reading is, told while it lasts.
//! In: what was read so far, asked for at every block. Out: one line on standard error, written over.
//! Never: says anything in the first second, or where nobody looks; slows the reading down.

use crate::run::{Inputs, Tick};
use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Nothing is said of what takes less.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often it is said anew: on a terminal, and in a file.
const OFTEN: Duration = Duration::from_millis(200);
const SELDOM: Duration = Duration::from_secs(5);

/// The line, which is wiped when the reading is over.
pub struct Meter {
    shared: Arc<Shared>,
}

struct Shared {
    began: Instant,
    /// When it was last told; `None` before the first time.
    told: Mutex<Option<Instant>>,
    over: bool,
    taken: Box<dyn Fn() -> u64 + Send + Sync>,
    all: Option<u64>,
}

impl Meter {
    /// A meter for these inputs, if somebody wants one: where nobody says so, who looks at a terminal.
    pub fn new(wanted: Option<bool>, inputs: &Inputs) -> Option<Meter> {
        let terminal = io::stderr().is_terminal();
        let taken = inputs.taken();
        wanted.unwrap_or(terminal).then(|| Meter {
            shared: Arc::new(Shared {
                began: Instant::now(),
                told: Mutex::new(None),
                over: terminal,
                taken: Box::new(move || taken.bytes()),
                all: inputs.size(),
            }),
        })
    }

    /// What is to be called at every block.
    pub fn tick(&self) -> Tick {
        let shared = Arc::clone(&self.shared);
        Tick::new(move || shared.tick())
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        let told = self.shared.told.lock().is_ok_and(|told| told.is_some());
        if told && self.shared.over {
            let _ = io::stderr().write_all(b"\r\x1b[K");
        }
    }
}

impl Shared {
    fn tick(&self) {
        let elapsed = self.began.elapsed();
        // Who finds another telling goes on.
        let (true, Ok(mut told)) = (elapsed >= PATIENCE, self.told.try_lock()) else {
            return;
        };
        let pause = if self.over { OFTEN } else { SELDOM };
        if told.is_some_and(|told| told.elapsed() < pause) {
            return;
        }
        *told = Some(Instant::now());
        let line = line((self.taken)(), self.all, elapsed);
        let line = match self.over {
            true => format!("\r {line}\x1b[K"),
            false => format!("{line}\n"),
        };
        // Nobody can be told that nobody can be told.
        let _ = io::stderr().write_all(line.as_bytes());
    }
}

/// `42 % of 2.9 GiB, 812 MiB/s, 3 s to go`; no share and no end where nobody knows how much will come.
fn line(taken: u64, all: Option<u64>, elapsed: Duration) -> String {
    let seconds = elapsed.as_secs_f64();
    let rate = taken as f64 / seconds;
    let pace = format!("{}/s", bytes(rate as u64));
    let Some(all) = all.filter(|all| *all > 0) else {
        return format!("{} read, {pace}", bytes(taken));
    };
    // A log that grows while it is read is never more than read.
    let taken = taken.min(all);
    let share = taken * 100 / all;
    let left = (all - taken) as f64 / rate;
    let left = match left {
        left if !left.is_finite() => String::new(),
        left if left < 90.0 => format!(", {:.0} s to go", left.ceil()),
        left => format!(", {:.0} min to go", (left / 60.0).ceil()),
    };
    format!("{share} % of {}, {pace}{left}", bytes(all))
}

/// `812 MiB`, `2.9 GiB`.
fn bytes(number: u64) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut value = number as f64;
    let mut unit = 0;
    while value >= 1000.0 && unit + 1 < units.len() {
        value /= 1024.0;
        unit += 1;
    }
    match value < 9.95 && unit > 0 {
        true => format!("{value:.1} {}", units[unit]),
        false => format!("{value:.0} {}", units[unit]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_how_much_how_fast_and_how_long() {
        const MIB: u64 = 1 << 20;
        for (taken, all, seconds, want) in [
            (0, Some(2900 * MIB), 1.0, "0 % of 2.8 GiB, 0 B/s"),
            (
                1200 * MIB,
                Some(2900 * MIB),
                1.5,
                "41 % of 2.8 GiB, 800 MiB/s, 3 s to go",
            ),
            (
                MIB,
                Some(1000 * MIB),
                1.0,
                "0 % of 1.0 GiB, 1.0 MiB/s, 17 min to go",
            ),
            (
                5 * MIB,
                Some(4 * MIB),
                1.0,
                "100 % of 4.0 MiB, 5.0 MiB/s, 0 s to go",
            ),
            (50_000, None, 2.0, "49 KiB read, 24 KiB/s"),
            (7, Some(0), 2.0, "7 B read, 3 B/s"),
        ] {
            let have = line(taken, all, Duration::from_secs_f64(seconds));
            assert_eq!(have, want);
        }
    }
}
