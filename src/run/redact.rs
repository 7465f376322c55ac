//! Logs whose names gave way to pseudonyms: written out, or kept for an analysis.
//! In: the inputs of a plan. Out: their lines, one for one; inputs in memory under names that tell nothing.
//! Never: hands a byte of an input on that did not come through `redact`.

use super::{Inputs, Plan};
use crate::input::{self, Source};
use crate::model::Name;
use crate::redact::Redactor;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

/// Writes the lines of all inputs with pseudonyms, each to a file `log1.log` of its own in a folder, or else to standard
/// output as they come. What could not be read or written is handed back.
pub fn write(plan: &Plan, inputs: Inputs, folder: Option<&Path>) -> io::Result<Vec<input::Error>> {
    let mut redactor = Redactor::default();
    let mut failures = inputs.failures;
    if let Some(Err(why)) = folder.map(input::create_folder) {
        failures.push(why);
        return Ok(failures);
    }
    for (n, source) in inputs.sources.iter().enumerate() {
        let decoded = match source.open() {
            Ok(decoded) => decoded,
            Err(why) => {
                failures.push(why);
                continue;
            }
        };
        let file = folder.map(|folder| input::create(&folder.join(format!("log{}.log", n + 1))));
        let mut out: Box<dyn Write> = match file {
            Some(Ok(file)) => file,
            Some(Err(why)) => {
                failures.push(why);
                break;
            }
            None => Box::new(io::stdout().lock()),
        };
        let mut out = BufWriter::new(&mut out);
        let mut lines = Lines::new(decoded.reader, plan);
        while let Some(line) = lines.next(&mut redactor) {
            match line {
                Ok(line) => out.write_all(&line)?,
                Err(why) => {
                    failures.push(source.failed(why));
                    break;
                }
            }
            if lines.waits() {
                out.flush()?;
            }
        }
        out.flush()?;
    }
    Ok(failures)
}

/// The same inputs with pseudonyms, in memory; what only could be shown with names is left out. The plan names them so.
pub fn keep(plan: &mut Plan, inputs: Inputs) -> Inputs {
    let mut redactor = Redactor::default();
    let mut kept = Inputs {
        taken: inputs.taken.clone(),
        ..Inputs::default()
    };
    let (mut names, mut folders) = (Vec::new(), Vec::new());
    for (n, source) in inputs.sources.into_iter().enumerate() {
        let name = format!("log{}", n + 1);
        let whose = |known: &[(Name, PathBuf)]| {
            let path = source.path();
            let found = known.iter().find(|(_, of)| path.starts_with(of));
            found.map(|(name, _)| name.clone())
        };
        let of = |whose: Option<Name>, redactor: &mut Redactor, into: &mut Vec<_>| {
            if let Some(whose) = whose {
                let whose = redactor.node(&whose);
                into.push((Name::from(&*whose), PathBuf::from(&name)));
            }
        };
        of(whose(&plan.read.names), &mut redactor, &mut names);
        of(
            whose(&plan.read.folders).or_else(|| source.node.clone()),
            &mut redactor,
            &mut folders,
        );
        match kept_source(&source, &name, plan, &mut redactor) {
            Ok(source) => kept.sources.push(source),
            Err(why) => kept.failures.push(why),
        }
    }
    (plan.read.names, plan.read.folders) = (names, folders);
    let unread = inputs.failures.into_iter();
    kept.failures
        .extend(unread.map(|why| why.renamed("an input")));
    let left_out = inputs.settings.len() + inputs.left_out.len();
    if left_out > 0 {
        kept.remarks.push(format!(
            "{left_out} file{} no log, and left out with names",
            if left_out == 1 { " is" } else { "s are" }
        ));
    }
    kept
}

fn kept_source(
    source: &Source,
    name: &str,
    plan: &Plan,
    redactor: &mut Redactor,
) -> Result<Source, input::Error> {
    let decoded = source.open().map_err(|why| why.renamed(name))?;
    let mut text = Text {
        lines: Lines::new(decoded.reader, plan),
        redactor,
        line: Vec::new(),
        at: 0,
    };
    let kept = Source::kept(Path::new(name), source.modified, &mut text);
    kept.map_err(|why| source.failed(why).renamed(name))
}

/// Lines one after the other, each not longer than is looked at.
struct Lines {
    reader: BufReader<input::Reader>,
    most: usize,
}

impl Lines {
    fn new(reader: input::Reader, plan: &Plan) -> Lines {
        Lines {
            reader: BufReader::with_capacity(1 << 16, reader),
            most: plan.read.limits.line_bytes,
        }
    }

    /// The next line with pseudonyms and its end.
    fn next(&mut self, redactor: &mut Redactor) -> Option<io::Result<Vec<u8>>> {
        let mut line = Vec::new();
        let most = self.most as u64;
        match (&mut self.reader).take(most).read_until(b'\n', &mut line) {
            Ok(0) => return None,
            Ok(_) => {}
            Err(why) => return Some(Err(why)),
        }
        let whole = line.last() == Some(&b'\n');
        if whole {
            line.pop();
        } else if let Err(why) = self.skip_rest() {
            return Some(Err(why));
        }
        let mut said = redactor.line(&line);
        said.push(b'\n');
        Some(Ok(said))
    }

    /// Whether the next line must be waited for.
    fn waits(&self) -> bool {
        memchr::memchr(b'\n', self.reader.buffer()).is_none()
    }

    fn skip_rest(&mut self) -> io::Result<()> {
        loop {
            let there = self.reader.fill_buf()?;
            if there.is_empty() {
                return Ok(());
            }
            let end = memchr::memchr(b'\n', there);
            let length = end.map_or(there.len(), |end| end + 1);
            self.reader.consume(length);
            if end.is_some() {
                return Ok(());
            }
        }
    }
}

/// Redacted lines as a stream of bytes.
struct Text<'a> {
    lines: Lines,
    redactor: &'a mut Redactor,
    line: Vec<u8>,
    at: usize,
}

impl Read for Text<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.at == self.line.len() {
            match self.lines.next(self.redactor) {
                None => return Ok(0),
                Some(line) => self.line = line?,
            }
            self.at = 0;
        }
        let rest = &self.line[self.at..];
        let length = rest.len().min(into.len());
        into[..length].copy_from_slice(&rest[..length]);
        self.at += length;
        Ok(length)
    }
}
