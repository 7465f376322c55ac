//! Which entries of a journal are written: those that may say something, and those that stand around the beginning of a boot.
//! In: entries in their order, each with what it says as far as that was asked. Out: a line for each; one passed over is empty.
//! Never: knows a program or a message; who opens the journal does.

use super::entries::Entries;
use std::collections::VecDeque;
use std::io;
use std::sync::Arc;

/// What decides whether an entry is worth a line.
#[derive(Clone, Debug)]
pub struct Sieve {
    /// The programs that are asked for, where not all are.
    pub only: Option<Only>,
    /// What the lines of a program are worth; of one without a name where nobody knows it.
    pub program: fn(&[u8]) -> Worth,
    /// What a message of so many bytes says, which the bytes begin with, of a speaker as `program` calls it.
    pub message: fn(u8, &[u8], usize) -> Says,
}

impl Sieve {
    /// What the lines of a program are worth.
    pub fn worth(&self, program: &[u8]) -> Worth {
        match &self.only {
            Some(only) if !only.takes(program) => Worth::Nothing,
            _ => (self.program)(program),
        }
    }
}

/// The names of some programs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Only(pub Arc<[Box<str>]>);

impl Only {
    /// Whether a program is one of them.
    pub fn takes(&self, program: &[u8]) -> bool {
        self.0.iter().any(|name| name.as_bytes() == program)
    }
}

/// What the lines of a program are worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worth {
    /// Each is written.
    Everything,
    /// None is.
    Nothing,
    /// The message decides, by whom it is.
    ByMessage(u8),
}

/// What one entry says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
    /// Nothing that is understood.
    Nothing,
    /// Perhaps something.
    Something,
    /// Perhaps that a boot begins: then the last lines before it tell when the node was alive.
    Boot,
}

/// Bytes that are written of every journal, whatever they say: its beginning is looked at for stamps.
const BEGINNING: usize = 64 * 1024;
/// Entries before a boot and before the end that are written, whatever they say. A line has more than 70 bytes, and nobody
/// looks back further than 8 KiB.
const AROUND: usize = 128;

/// A way through the entries of a journal.
pub trait Route: Send {
    /// Where the next entry is, and what it says.
    fn next(&mut self) -> io::Result<Option<(u64, Says)>>;
    /// Writes the entry at a place that `next` gave.
    fn write(&mut self, place: u64, out: &mut Vec<u8>) -> io::Result<()>;
}

/// The entries of a journal, each as a line or, if it is passed over, as an empty one.
pub struct Sifted<R> {
    route: R,
    /// How many are held back until it is known what comes behind them.
    around: usize,
    /// Places of those, and whether they are written.
    held: VecDeque<(u64, bool)>,
    ended: bool,
    /// Bytes that are still to be written whatever they say.
    beginning: usize,
}

impl<R: Route> Sifted<R> {
    /// Those that say something. Where everything does, none needs to wait.
    pub fn new(route: R, all: bool) -> Sifted<R> {
        Sifted {
            route,
            around: if all { 0 } else { AROUND },
            held: VecDeque::new(),
            ended: false,
            beginning: BEGINNING,
        }
    }

    /// Takes entries until one has as many behind it as are held back.
    fn fill(&mut self) -> io::Result<()> {
        while !self.ended && self.held.len() <= self.around {
            match self.route.next() {
                Ok(Some((place, says))) => {
                    if says == Says::Boot {
                        self.keep_held();
                    }
                    self.held.push_back((place, says != Says::Nothing));
                }
                Ok(None) => {
                    self.keep_held();
                    self.ended = true;
                }
                Err(why) if self.held.is_empty() => return Err(why),
                // What came before is handed on; then it is asked again.
                Err(_) => {
                    self.keep_held();
                    break;
                }
            }
        }
        Ok(())
    }

    fn keep_held(&mut self) {
        for (_, written) in &mut self.held {
            *written = true;
        }
    }
}

impl<R: Route> Entries for Sifted<R> {
    fn next(&mut self, out: &mut Vec<u8>) -> io::Result<bool> {
        self.fill()?;
        let Some((place, written)) = self.held.pop_front() else {
            return Ok(false);
        };
        let before = out.len();
        match written || self.beginning > 0 {
            true => self.route.write(place, out)?,
            false => out.push(b'\n'),
        }
        self.beginning = self.beginning.saturating_sub(out.len() - before);
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Entries that say this, each of which is written as its number.
    struct Told(Vec<Says>, usize);

    impl Route for Told {
        fn next(&mut self) -> io::Result<Option<(u64, Says)>> {
            self.1 += 1;
            let says = self.0.get(self.1 - 1);
            Ok(says.map(|says| (self.1 as u64, *says)))
        }

        fn write(&mut self, place: u64, out: &mut Vec<u8>) -> io::Result<()> {
            out.extend_from_slice(format!("{place:070}\n").as_bytes());
            Ok(())
        }
    }

    /// Which entries are written, by their numbers.
    fn written(says: Vec<Says>) -> Vec<usize> {
        let count = says.len();
        let mut sifted = Sifted::new(Told(says, 0), false);
        let mut out = Vec::new();
        while sifted.next(&mut out).expect("no error") {}
        let text = String::from_utf8(out).expect("text");
        assert_eq!(text.lines().count(), count);
        let lines = text.lines().enumerate();
        let full = lines.filter(|(_, line)| !line.is_empty());
        full.map(|(n, line)| {
            assert_eq!(line.parse(), Ok(n + 1));
            n
        })
        .collect()
    }

    #[test]
    fn what_says_nothing_is_passed_over_but_at_the_ends_and_before_boots() {
        let mut says = vec![Says::Nothing; 4000];
        says[1500] = Says::Something;
        says[2000] = Says::Boot;
        let beginning = BEGINNING.div_ceil(71);
        let mut want: Vec<usize> = (0..beginning).collect();
        want.push(1500);
        want.extend(2000 - AROUND..=2000);
        want.extend(4000 - AROUND..4000);
        assert_eq!(written(says), want);
    }

    #[test]
    fn few_are_all_written() {
        assert_eq!(written(vec![]).len(), 0);
        assert_eq!(written(vec![Says::Nothing; 500]).len(), 500);
    }
}
